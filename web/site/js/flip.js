// FLIP: remember where things were, change the list, and let each travel from its old place to the new one.

import { calmMotion } from "./dom.js";

const TRAVEL_MS = 520;
const EASE = "cubic-bezier(.2,.8,.2,1)";

/**
 * Bring a list's children into the order of `keys`. `make(key, index)` builds what is new; `renew(element, key, index)` refreshes
 * what stays. Nodes are kept, so focus and open menus survive.
 */
export function reorder(list, keys, make, renew, { animate = true } = {}) {
  const focused = document.activeElement;
  const old = new Map(Array.from(list.children).filter((child) => child.dataset.key).map((child) => [child.dataset.key, child]));
  const places = new Map(Array.from(old, ([key, child]) => [key, child.getBoundingClientRect()]));
  const ground = list.getBoundingClientRect();

  const wanted = new Set(keys);
  const gone = Array.from(old).filter(([key]) => !wanted.has(key));
  const elements = keys.map((key, index) => {
    const known = old.get(key);
    if (known) renew(known, key, index);
    return known ?? make(key, index);
  });
  gone.forEach(([, child]) => child.remove());
  elements.forEach((element, index) => {
    if (list.children[index] !== element) list.insertBefore(element, list.children[index] ?? null);
  });
  if (focused && list.contains(focused) && document.activeElement !== focused) focused.focus({ preventScroll: true });

  if (animate && old.size && !calmMotion()) {
    elements.forEach((element, index) => travel(element, places.get(keys[index])));
    gone.forEach(([key, child]) => leave(list, child, places.get(key), ground));
  }
}

function travel(element, from) {
  if (!from) {
    element.animate([{ opacity: 0, transform: "translateY(14px) scale(.985)" }, { opacity: 1, transform: "none" }], { duration: TRAVEL_MS, easing: EASE });
    return;
  }
  // Measured at rest: an earlier journey may not have ended.
  element.getAnimations().forEach((journey) => journey.cancel());
  const to = element.getBoundingClientRect();
  const [dx, dy] = [from.left - to.left, from.top - to.top];
  if (Math.abs(dx) < 1 && Math.abs(dy) < 1) return;
  // What rises passes over what sinks.
  element.style.zIndex = dy > 0 ? 2 : 1;
  const move = element.animate([{ transform: `translate(${dx}px, ${dy}px)` }, { transform: "none" }], { duration: TRAVEL_MS, easing: EASE });
  move.onfinish = () => element.style.removeProperty("z-index");
}

function leave(list, child, from, ground) {
  const ghost = child.cloneNode(true);
  ghost.inert = true;
  ghost.setAttribute("aria-hidden", "true");
  ghost.removeAttribute("data-key");
  ghost.querySelectorAll("[id]").forEach((named) => named.removeAttribute("id"));
  Object.assign(ghost.style, {
    position: "absolute", margin: 0, zIndex: 0,
    left: `${from.left - ground.left + list.scrollLeft}px`, top: `${from.top - ground.top}px`, width: `${from.width}px`, height: `${from.height}px`,
  });
  list.append(ghost);
  ghost.animate([{ opacity: 1, transform: "none" }, { opacity: 0, transform: "translateX(-28px) scale(.97)" }], { duration: 320, easing: "ease-in" })
    .finished.finally(() => ghost.remove());
}
