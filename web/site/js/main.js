// The front door: puts the page together and starts the conversation with the API.

import { refresh } from "./decisions.js";
import { announce, h, icon } from "./dom.js";
import { flush } from "./events.js";
import { troubleBar } from "./parts/trouble.js";
import { route } from "./router.js";
import * as shelf from "./shelf.js";
import { on } from "./signals.js";
import { showHome } from "./views/home.js";
import { showPosting } from "./views/posting.js";
import { showSaved } from "./views/saved.js";
import { showSearch } from "./views/search.js";
import { arrive } from "./visitor.js";
import { openWhy } from "./why.js";

const VIEWS = [
  { pattern: /^\/$/, name: "Home", title: "Your line", show: showHome },
  { pattern: /^\/jobs\/([^/]+)$/, name: "Job", title: "Job", show: showPosting },
  { pattern: /^\/search$/, name: "Search", title: "Search", show: showSearch },
  { pattern: /^\/saved$/, name: "Saved", title: "Saved jobs", show: showSaved },
  { pattern: /^\/preferences$/, name: "Preferences", title: "Preferences", show: onDemand(() => import("./views/preferences.js"), "showPreferences") },
  { pattern: /^\/privacy$/, name: "Privacy", title: "Your data", show: onDemand(() => import("./views/privacy.js"), "showPrivacy") },
];
/** A view's name, its icon and its words. */
const TABS = [["Home", "home", "Your line"], ["Search", "search", "Search"], ["Saved", "save", "Saved"], ["Preferences", "tune", "Preferences"]];

const main = document.getElementById("main");
const tabs = document.getElementById("tabs");
const count = h("span.count-badge", { hidden: true });

tabs.append(...TABS.map(([name, symbol, label]) => {
  const href = name === "Home" ? "#/" : `#/${name.toLowerCase()}`;
  return h("a.tab", { href, dataset: { tab: name } }, icon(symbol), h("span", label), name === "Saved" && count);
}));
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});

await arrive();
troubleBar(document.getElementById("trouble"));
openWhy(document.getElementById("why"), document.getElementById("why-toggle"));
const draw = route(VIEWS, main, markTab);
on("shelf", countSaved);
on("anew", draw);
on("decided", ({ change, entries }) => { if (entries.length && change.changed) announce(change.sentence); });
countSaved();
refresh();
flush();

/** A view that few visitors open, so nobody else loads it. */
function onDemand(load, show) {
  return (main, ...rest) => {
    let leave = null;
    let here = true;
    main.replaceChildren();
    load().then((view) => {
      if (!here) return;
      leave = view[show](main, ...rest);
      if (document.activeElement === main) main.querySelector("h1").focus({ preventScroll: true });
    });
    return () => {
      here = false;
      leave?.();
    };
  };
}

function markTab(name) {
  for (const tab of tabs.querySelectorAll("a.tab")) {
    if (tab.dataset.tab === name) tab.setAttribute("aria-current", "page");
    else tab.removeAttribute("aria-current");
  }
}

function countSaved() {
  const number = shelf.ids("saved").length;
  count.hidden = number === 0;
  count.replaceChildren(String(number), h("span.visually-hidden", " jobs"));
}
