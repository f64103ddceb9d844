// Content that fills a slot beside jobs: read from the API's payload, drawn, and told when it was touched.

import { act } from "../decisions.js";
import { h, icon } from "../dom.js";
import { watch } from "../impressions.js";

/** The content items of a choice, payload and all: `[{id, title, text, link, kind, starts_at, …}]`, empty when nothing was chosen. */
export function contentOf({ items = [], selector, decisionId } = {}) {
  return items.map(({ id, payload, properties }) => {
    const facts = { ...properties, ...payload?.data };
    const title = facts.headline ?? facts.title ?? facts.subject;
    return { ...facts, id, title, link: safeLink(facts.link), list: selector, decisionId };
  });
}

/** A link inside the site, or to the web: nothing that could run. */
function safeLink(link) {
  const { href = "", label = "Find out more" } = typeof link === "string" ? { href: link } : link ?? {};
  if (/^\/(?!\/)/.test(href)) return { href: `#${href}`, label };
  return /^(#|https?:)/i.test(href) ? { href, label } : null;
}

export const touched = (event, { id, list, decisionId }) => act(event, { content_id: id, list_id: list, decision_id: decisionId });

export const seen = (element, { id, list, decisionId }) => watch(element, () => ({ kind: "content", id, list, decisionId }));

export function contentLink(look, item, event) {
  return item.link && h(`a.${look}`, { href: item.link.href, onclick: () => touched(event, item) }, item.link.label);
}

const BENEFIT_ICONS = { home: /home|desk/i, place: /commut|location|work$/i, like: /health|child|care/i, clock: /hours|time/i };

export function benefit(item) {
  const [symbol = "gift"] = Object.entries(BENEFIT_ICONS).find(([, words]) => words.test(`${item.id} ${item.title}`)) ?? [];
  return seen(h("li.benefit", h("span.benefit__icon", icon(symbol)), h("h3", item.title), h("p", item.text), contentLink("more", item, "Benefit Clicked")), item);
}

const MEDIA = { event: ["Live event", "calendar"], video: ["Video", "play"], article: ["Article", "text"] };

export function medium(item) {
  const [kind, symbol] = MEDIA[item.kind] ?? MEDIA.video;
  return seen(h("li.medium",
    h("div.medium__art", icon(symbol), item.starts_at && calendarLeaf(item.starts_at)),
    h("p.soft", [kind, item.place, item.duration].filter(Boolean).join(" · ")),
    h("h3", item.title),
    h("p", item.text),
    item.kind === "event" ? registration(item) : item.body ? reading(item) : contentLink("more", item, "Content Clicked")), item);
}

function registration(item) {
  const button = h("button.quiet", "Tell me when it starts");
  button.onclick = () => {
    touched("Event Registered", item);
    button.disabled = true;
    button.replaceChildren(icon("check"), "Noted. It counts for your list");
  };
  return button;
}

function reading(item) {
  const opened = ({ target }) => target.open && touched("Content Viewed", item);
  return h("details", { ontoggle: opened }, h("summary.more", "Read it here"), [item.body].flat().map((paragraph) => h("p", paragraph)));
}

function calendarLeaf(starts) {
  const part = (shape) => new Date(starts).toLocaleDateString("en-US", shape);
  return h("span.leaf", h("b", part({ day: "numeric" })), part({ month: "short" }));
}
