// Each job of the playlist with its reasons in words and bars; the list moves with the playlist.

import { lastChange, playlist } from "../decisions.js";
import { h } from "../dom.js";
import { reorder } from "../flip.js";
import { lineOf } from "../jobs.js";
import { because } from "../words.js";
import { drawStep, jobHref } from "./jobcard.js";

export function drawReasons(list) {
  const items = new Map(playlist().map((item) => [item.id, item]));
  const step = (id) => lastChange()?.steps.get(id);
  reorder(list, [...items.keys()],
    (id, index) => entry(items.get(id), index, step(id)),
    (element, id, index) => element.renew(items.get(id), index, step(id)));
  // Until somebody opens another, the leader's reasons are on show.
  list.onclick ??= () => { list.dataset.touched = "yes"; };
  if (!list.dataset.touched) list.querySelectorAll("details").forEach((details, index) => { details.open = index === 0; });
}

/** Show the reasons of one job and fold the others. */
export function unfold(list, id) {
  list.dataset.touched = "yes";
  for (const { dataset, firstChild } of list.children) firstChild.open = dataset.key === id;
  const summary = list.querySelector("details[open] > summary");
  summary?.focus({ preventScroll: true });
  summary?.scrollIntoView({ block: "nearest" });
}

function entry(item, index, step) {
  const { job } = item;
  const [rank, badge, body] = [h("span.whys__rank"), h("span.step"), h("div.whys__body")];
  const element = h("li", { dataset: { key: job.id }, style: { "--stop": lineOf(job) } },
    h("details", h("summary", rank, h("span.whys__title", job.title), badge), body));
  element.renew = (now, place, moved) => {
    rank.textContent = place + 1;
    drawStep(badge, moved);
    body.replaceChildren(...explanation(now));
  };
  element.renew(item, index, step);
  return element;
}

function explanation({ reasons = [], score, propensity, source, job }) {
  const largest = Math.max(...reasons.map(({ weight = 0 }) => Math.abs(weight)), 0.01);
  return [
    reasons.length
      ? h("ul.bars", reasons.map((reason) => bar(reason, largest)))
      : h("p.soft", "No reason stands out for this one."),
    h("p.whys__facts", [`score ${score.toFixed(2)}`, source && `proposed by ${source}`, `shown with probability ${propensity.toFixed(2)}`].filter(Boolean).join(" · ")),
    h("a.more", { href: jobHref(job) }, "Open this posting"),
  ];
}

function bar(reason, largest) {
  const { code, weight } = reason;
  const share = Math.round((Math.abs(weight) / largest) * 100);
  return h("li.bar", { dataset: { code } },
    h("span.bar__words", because(reason)),
    weight !== undefined && [
      h("span.bar__number", `${weight < 0 ? "−" : "+"}${Math.abs(weight).toFixed(2)}`),
      h("span.bar__track", { "aria-hidden": "true" }, h(`span.bar__fill${weight < 0 ? ".bar__fill--down" : ""}`, { style: { width: `${Math.max(share, 2)}%` } })),
    ]);
}
