// One calm sentence when something is away, and a button for the impatient.

import { refresh } from "../decisions.js";
import { h } from "../dom.js";
import { flush } from "../events.js";
import { on } from "../signals.js";

export function troubleBar(region) {
  let current = "";
  on("trouble", (trouble) => {
    if (trouble.sentence === current) return;
    current = trouble.sentence;
    const retry = h("button.chip", { hidden: !trouble.passing, onclick: () => { flush(); refresh(); } }, "Try now");
    region.replaceChildren(h("p", trouble.sentence), retry);
  });
  on("calm", () => {
    current = "";
    region.replaceChildren();
  });
  // What waited has arrived: the list should know it.
  on("delivered", () => { refresh(); });
}
