// A posting in a list: the stops of the playlist, and the plain cards of rows and results.

import { h, icon } from "../dom.js";
import { age, closing, lineOf, pay, place, word } from "../jobs.js";
import { tell } from "../signals.js";
import { because, mainReason } from "../words.js";
import { marks } from "./marks.js";

export const jobHref = (job) => `#/jobs/${encodeURIComponent(job.id)}`;

/** One stop of the playlist; `renew(item, index, step)` on the element takes its place after a change. */
export function stop(item, index, step, dismissed) {
  const { job } = item;
  const badge = h("span.step");
  const bullet = h("span.stop__bullet", { "aria-hidden": "true" });
  const why = h("button.because", { onclick: () => tell("why", job.id) });
  const offer = pay(job);
  const element = h("li.stop", ...identity(job),
    bullet,
    h("article.job",
      h("div.job__text", title(job, badge), h("p.job__employer", job.employer), facts(job)),
      h("p.job__pay", offer ? [h("strong", offer.amount), h("span", offer.unit)] : h("span", "Pay not posted")),
      why,
      marks(job, { dismissed: () => dismissed(element) })));
  element.renew = (now, rank, moved) => {
    bullet.textContent = rank + 1;
    drawStep(badge, moved);
    const reason = mainReason(now);
    const words = reason ? because(reason) : "Why this one?";
    why.replaceChildren(icon("why"), h("span", words));
    why.setAttribute("aria-label", `${words}. All reasons for ${job.title}`);
  };
  element.renew(item, index, step);
  return element;
}

/** A card that needs no rank: rows, search results, saved jobs. */
export function card(job, { reason, note, dismissed = (element) => element.remove() } = {}) {
  const offer = pay(job);
  const element = h("li.card", ...identity(job),
    h("article",
      h("p.card__field", h("span.dot", { "aria-hidden": "true" }), job.categories?.[0] ?? "Open posting"),
      title(job), h("p.job__employer", job.employer),
      offer && h("p.card__pay", h("strong", offer.amount), ` ${offer.unit}`),
      facts(job),
      note && h("p.card__note", note),
      reason && h("p.card__note", because(reason)),
      marks(job, { dismissed: () => dismissed(element) })));
  return element;
}

const identity = (job) => [{ dataset: { key: job.id, job: job.id }, style: { "--stop": lineOf(job) } }];

const title = (job, badge) => h("h3.job__title", h("a", { href: jobHref(job) }, job.title), badge);

function facts(job) {
  const { workplace, employment_types: [type] = [] } = job;
  const parts = [place(job), workplace !== "ON_SITE" && workplace && word(workplace), type && word(type), closing(job) || age(job)];
  return h("ul.facts", parts.filter(Boolean).map((one) => h("li", one)));
}

/** `step` is how many places up (or, below zero, down), or "new". */
export function drawStep(badge, step) {
  const look = step === "new" ? "new" : step > 0 ? "up" : "down";
  const places = Math.abs(step);
  badge.className = `step step--${look}`;
  if (!step || look === "new") badge.replaceChildren(step ? "New" : "");
  else badge.replaceChildren(h("span", { "aria-hidden": "true" }, `${step > 0 ? "▲" : "▼"} ${places}`), h("span.visually-hidden", `moved ${look} ${places}`));
}
