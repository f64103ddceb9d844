// The greeting at the top, its search, and the map of lines behind it.

import { h, shape } from "../dom.js";
import { go } from "../router.js";
import { contentLink, seen } from "./content.js";
import { searchField } from "./searchfield.js";

const MAP = [
  ["var(--signal)", "M-20 250 H120 q40 0 40 -40 V150 q0 -40 40 -40 H330 q40 0 40 -40 V-20", [[160, 190], [262, 110]]],
  ["#ff8f73", "M-20 60 H70 q40 0 62 28 L236 214 q22 28 62 28 H480", [[112, 68], [330, 242]]],
  ["#7cc4ff", "M60 340 V262 q0 -40 28 -66 L262 34 q28 -28 66 -28 H480", [[120, 166], [208, 84]]],
  ["#6fe0bb", "M240 340 V300 q0 -30 30 -30 H340 q40 0 40 -40 V160 q0 -30 30 -30 H480", [[300, 270], [380, 190]]],
];

export function hero() {
  const words = h("div", h("h1", { tabindex: "-1" }, "Work that keeps a city running"), h("p.hero__text", "Open a posting and watch the list answer."), h("div.hero__more"));
  const form = h("form", { role: "search", onsubmit: (event) => { event.preventDefault(); searchFrom(form); } }, searchField("find--hero"));
  return h("section.hero", { "aria-label": "Welcome" }, map(), h("div.hero__inner", words, form));
}

export function renewHero(section, item) {
  if (!item || section.dataset.shown === item.id) return;
  section.dataset.shown = item.id;
  section.querySelector("h1").textContent = item.title;
  section.querySelector(".hero__text").textContent = item.text;
  section.querySelector(".hero__more").replaceChildren(contentLink("hero__link", item, "Content Clicked") ?? "");
  seen(section, item);
}

function searchFrom(form) {
  const words = new FormData(form).get("query").trim();
  go(words ? `#/search?query=${encodeURIComponent(words)}` : "#/search");
}

function map() {
  const lines = MAP.map(([stroke, d, stations]) => [
    shape("path", { d, stroke, class: "hero__track", pathLength: 1 }),
    stations.map(([cx, cy]) => shape("circle", { cx, cy, r: 8, stroke, class: "hero__station" })),
  ]);
  return shape("svg", { viewBox: "0 0 460 320", class: "hero__map", preserveAspectRatio: "xMaxYMid slice" }, ...lines.flat(2));
}
