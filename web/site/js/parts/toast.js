// A sentence at the foot of the page, sometimes with a way back.

import { h } from "../dom.js";

const STAY_MS = 3500;
const STAY_WITH_ACTION_MS = 8000;

export function toast(sentence, { label, action } = {}) {
  const region = document.getElementById("toasts");
  const note = h("p.toast", h("span", sentence));
  if (label) {
    note.append(h("button", { onclick: () => { note.remove(); action(); } }, label));
  }
  region.replaceChildren(note);
  setTimeout(() => note.remove(), label ? STAY_WITH_ACTION_MS : STAY_MS);
}
