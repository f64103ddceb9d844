// What the visitor put aside: saved jobs, and where they applied.

import { h } from "../dom.js";
import { fetchJob } from "../jobs.js";
import { card } from "../parts/jobcard.js";
import * as shelf from "../shelf.js";
import { on } from "../signals.js";

export function showSaved(main) {
  const saved = shelfSection("Saved", "Nothing saved yet. Press the bookmark on a job and it waits for you here.");
  const applied = shelfSection("Applied", "No applications yet.", "You applied");
  main.replaceChildren(h("h1", { tabindex: "-1" }, "Saved jobs"), saved.section, applied.section);
  saved.draw();
  applied.draw();
  return on("shelf", (name) => { if (name !== "applied") saved.draw(); });
}

function shelfSection(title, empty, note) {
  const list = h("ul.results");
  const shelfName = title.toLowerCase();
  const section = h("section", { "aria-labelledby": `${shelfName}-title` }, h("h2", { id: `${shelfName}-title` }, title), list);
  return {
    section,
    async draw() {
      const jobs = await Promise.all(shelf.ids(shelfName).map((id) => fetchJob(id).catch(() => ({ id, gone: true }))));
      list.replaceChildren(...(jobs.length ? jobs.map((job) => (job.gone ? gone(job) : card(job, { note }))) : [h("li.empty", empty)]));
    },
  };
}

const gone = (job) => h("li.card",
  h("p", `Posting ${job.id} is not to be had right now; it may be closed.`),
  h("button.chip", { onclick: () => shelf.put("saved", job.id, false) }, "Take it off the list"));
