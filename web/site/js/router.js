// Hash routes: one view at a time, each leaves tidily, focus and scroll go where a reader expects them.

import { page } from "./events.js";

const SCROLL_LIMIT = 50;
const scrolls = new Map();
let leave = () => {};
let current = null;
let byLink = false;

/** Draw the view of the address and of every later one. A view is `{pattern, name, title, show(main, params, query)}`; show may answer a function called on leaving. */
export function route(views, main, arrived) {
  const draw = () => {
    const [path, query = ""] = (location.hash.replace(/^#/, "") || "/").split("?");
    if (current !== null) rememberScroll(current);
    const view = views.find(({ pattern }) => pattern.test(path)) ?? views[0];
    const params = (view.pattern.exec(path) ?? []).slice(1).map(decodeURIComponent);
    leave();
    const first = current === null;
    current = location.hash;
    document.title = `${view.title} · Cityline careers`;
    main.dataset.view = view.name;
    leave = view.show(main, params, new URLSearchParams(query)) ?? (() => {});
    arrived(view.name, path);
    settle(main, first);
    page(view.name);
  };
  addEventListener("hashchange", draw);
  history.scrollRestoration = "manual";
  document.addEventListener("click", (click) => { if (click.target.closest?.('a[href^="#"]')) byLink = true; });
  draw();
  return draw;
}

export function go(hash) {
  byLink = true;
  location.hash = hash;
}

/** Change the address without leaving the view. */
export function rewrite(hash) {
  history.replaceState(null, "", hash);
  current = location.hash;
}

function rememberScroll(hash) {
  scrolls.delete(hash);
  scrolls.set(hash, scrollY);
  if (scrolls.size > SCROLL_LIMIT) scrolls.delete(scrolls.keys().next().value);
}

function settle(main, first) {
  if (first) return;
  const heading = main.querySelector("h1");
  (heading ?? main).focus({ preventScroll: true });
  scrollTo(0, byLink ? 0 : scrolls.get(current) ?? 0);
  byLink = false;
}
