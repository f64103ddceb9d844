// The playlist, ten stops on a line that is laid again after each thing the visitor does, and the other lists of jobs.

import { choice, jobsOf, lastChange, lastDecided, playlist, PLAYLIST } from "../decisions.js";
import { h, heading } from "../dom.js";
import { reorder } from "../flip.js";
import { watch } from "../impressions.js";
import { on } from "../signals.js";
import { personalisation } from "../visitor.js";
import { difference, milliseconds, origin } from "../words.js";
import { card, jobHref, stop } from "./jobcard.js";

const LOOK_MS = 450;
/** What was on show when the visitor last saw the list: coming back starts from there, so the change can be followed. */
let lastSeen = [];

export function playlistSection() {
  const list = h("ol.line", { id: "playlist", "aria-label": "Your ten jobs, best first" });
  const status = h("p.pulse", { id: "pulse" });
  const section = h("section", { "aria-labelledby": "playlist-title" },
    heading("playlist-title", "Your line", "Open, save or set a job aside: the rest move at once.", status), list);

  const draw = (items, steps, animate) => {
    lay(list, items,
      (item, index) => watched(stop(item, index, steps?.get(item.id), (element) => leaveNow(list, element)), PLAYLIST),
      (element, item, index) => element.renew(item, index, steps?.get(item.id)), animate);
    drawPulse(status);
    lastSeen = items;
  };
  const update = (animate = true) => {
    list.removeAttribute("aria-busy");
    const change = difference(lastSeen.map(({ id }) => id), playlist().map(({ id }) => id));
    draw(playlist(), lastSeen.length ? (change.changed ? change : lastChange())?.steps : null, animate);
  };

  if (lastSeen.length) {
    draw(lastSeen, null, false);
    list.setAttribute("aria-busy", "true");
    setTimeout(() => section.isConnected && update(), LOOK_MS);
  } else {
    update(false);
  }
  return { section, leave: on("decided", () => update()) };
}

export function forgetSeenList() {
  lastSeen = [];
}

/** A row of another variant; hidden while the API has nothing for it. */
export function rowSection(name, title, subtitle) {
  const list = h("ul.row", { tabindex: "0", "aria-label": title });
  const section = h("section", { "aria-labelledby": `row-${name}` }, heading(`row-${name}`, title, subtitle), list);
  const update = () => {
    const items = jobsOf(name);
    section.hidden = !items.length;
    lay(list, items, ({ job }) => watched(card(job, { dismissed: (element) => leaveNow(list, element) }), name));
  };
  update();
  return { section, leave: on("decided", update) };
}

/** A short list of what leads now, for pages whose choices move it. */
export function leaders(count = 5) {
  const list = h("ol.leaders", { "aria-label": `Your first ${count} jobs now` });
  const status = h("p.pulse");
  const update = () => {
    lay(list, playlist().slice(0, count), ({ job }) => h("li.leader", { dataset: { key: job.id } }, h("a", { href: jobHref(job) }, job.title), h("span", job.employer)));
    drawPulse(status);
  };
  update();
  return { section: h("div.leading", h("h2", "Your line now"), status, list), leave: on("decided", update) };
}

function lay(list, items, make, renew = () => {}, animate = true) {
  const byId = new Map(items.map((item) => [item.id, item]));
  reorder(list, [...byId.keys()], (id, index) => make(byId.get(id), index), (element, id, index) => renew(element, byId.get(id), index), { animate });
}

function watched(element, list) {
  const id = element.dataset.key;
  return watch(element, () => {
    const items = choice(list)?.items ?? [];
    const index = items.findIndex((item) => item.id === id);
    return index >= 0 && { kind: "jobs", id, list, position: index + 1, decisionId: items[index].decisionId };
  });
}

/** Set aside: it goes before the answer comes. */
function leaveNow(list, element) {
  const keys = Array.from(list.children, (child) => child.dataset.key).filter(Boolean);
  (element.nextElementSibling ?? element.previousElementSibling)?.querySelector("a")?.focus({ preventScroll: true });
  reorder(list, keys.filter((key) => key !== element.dataset.key), null, () => {});
}

function drawPulse(status) {
  const decided = lastDecided();
  const [headline] = origin(choice(PLAYLIST), personalisation());
  const [ms, words] = decided?.roundTripMs ? [decided.roundTripMs, "after your click"] : [decided?.serverMs, ""];
  status.classList.toggle("pulse--on", Boolean(decided));
  status.replaceChildren(
    h("span.pulse__dot", { "aria-hidden": "true" }),
    h("span.pulse__origin", decided ? headline : "Putting your list together"),
    ms ? h("span.pulse__ms", `${words ? "" : "in "}${milliseconds(ms)} ${words}`) : "");
}
