// What a visitor can do with a posting besides reading it: save, like, set aside, share.

import { act, trace } from "../decisions.js";
import { h, icon } from "../dom.js";
import * as shelf from "../shelf.js";
import { DISMISSALS } from "../words.js";
import { toast } from "./toast.js";

/** The buttons for a job and the menu they may open. `dismissed` is called when it was set aside. */
export function marks(job, { dismissed, share = false, labels = false } = {}) {
  const menu = dismissMenu(job, dismissed);
  const toggle = mark(job, "dismiss", "Not for me", labels, () => open(toggle, menu, menu.hidden));
  toggle.setAttribute("aria-expanded", "false");
  menu.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    open(toggle, menu, false);
    toggle.focus();
  });
  const save = pressable(job, "save", labels, ["Save", "Saved"]);
  const like = pressable(job, "like", labels, ["Like", "Liked"]);
  return [h("div.marks", save, like, share && mark(job, "share", "Share", labels, () => shareJob(job)), toggle), menu];
}

function mark(job, name, words, labels, onclick) {
  return h("button.mark", { title: words, "aria-label": `${words}: ${job.title}`, dataset: { mark: name }, onclick }, icon(name), labels && h("span", words));
}

function open(toggle, menu, show) {
  menu.hidden = !show;
  toggle.setAttribute("aria-expanded", String(show));
  if (show) menu.querySelector("button").focus();
}

/** A mark that is on or off: `Job Saved` when pressed, `Job Unsaved` when pressed again. */
function pressable(job, name, labels, [off, on]) {
  const pressed = () => shelf.has(on.toLowerCase(), job.id);
  const button = mark(job, name, off, labels, () => {
    shelf.put(on.toLowerCase(), job.id, !pressed());
    draw();
    act(pressed() ? `Job ${on}` : `Job Un${on.toLowerCase()}`, { job_id: job.id, ...trace(job.id) });
  });
  const draw = () => {
    button.setAttribute("aria-pressed", String(pressed()));
    button.title = pressed() ? on : off;
    if (labels) button.lastChild.textContent = button.title;
  };
  draw();
  return button;
}

async function shareJob(job) {
  const url = `${location.origin}${location.pathname}#/jobs/${encodeURIComponent(job.id)}`;
  try {
    if (navigator.share) await navigator.share({ title: job.title, url });
    else await navigator.clipboard.writeText(url);
  } catch (refusal) {
    if (refusal.name === "AbortError") return;
    toast(`Copying is switched off here. The address is ${url}`);
    return;
  }
  if (!navigator.share) toast("The link is copied.");
  act("Job Shared", { job_id: job.id, ...trace(job.id) });
}

function dismissMenu(job, dismissed) {
  const choose = (reason) => {
    dismissed?.();
    setAside(job, reason);
  };
  return h("div.reasons", { hidden: true, role: "group", "aria-label": `Why is ${job.title} not for you?` },
    h("span.reasons__lead", "What does not fit?"),
    Object.entries(DISMISSALS).map(([reason, words]) => h("button.chip", { dataset: { reason }, onclick: () => choose(reason) }, words)));
}

function setAside(job, reason) {
  shelf.dismiss({ id: job.id, title: job.title, reason });
  toast(`Left out: ${job.title} (${DISMISSALS[reason].toLowerCase()}).`, { label: "Undo", action: () => bringBack(job.id) });
  return act("Job Dismissed", { job_id: job.id, reason, ...trace(job.id) });
}

export function bringBack(id) {
  shelf.restore(id);
  return act("Job Restored", { job_id: id });
}
