// Applying, as a demo that says so: two steps, nothing typed leaves the page; and what follows an application.

import { act, askFor } from "../decisions.js";
import { announce, closer, h, icon } from "../dom.js";
import { contentOf, touched } from "../parts/content.js";
import * as shelf from "../shelf.js";
import { randomId } from "../visitor.js";

/** The form for a job, closed at first: `begin()` on it opens it, `submitted` is called with the telling of it. */
export function applyDialog(job, submitted) {
  const [title, progress, stage] = [h("h2", { id: "apply-title", tabindex: "-1" }), h("p.soft"), h("div")];
  const dialog = h("dialog.apply", { "aria-labelledby": "apply-title" },
    h("div.apply__bar", progress, closer("Close the form", () => dialog.close())), title, stage);
  let application = null;

  const show = (number, words, ...content) => {
    progress.textContent = `Step ${number} of 2`;
    title.textContent = words;
    stage.replaceChildren(...content);
    title.focus();
  };
  const second = () => {
    act("Application Step Completed", { ...application, step: 1 });
    show(2, "Anything you want to add?", form("Send application", send,
      h("div.field", h("label", { for: "apply-note" }, "Two sentences about why (optional)"), h("textarea", { id: "apply-note", rows: 4 })),
      h("p.soft", "Sending tells the server one thing: that this visitor applied for this job.")));
  };
  const send = () => {
    const sent = application;
    application = null;
    dialog.close();
    shelf.put("applied", job.id);
    announce(`You applied for ${job.title}.`);
    submitted(act("Application Submitted", { ...sent, step: 2 }));
  };
  dialog.begin = () => {
    application = { job_id: job.id, application_id: randomId() };
    dialog.showModal();
    show(1, `Apply: ${job.title}`,
      h("p.calm", h("strong", "This is a demo."), " What you type stays on this page and is gone when you leave it. No employer is told."),
      form("Next", second, field("apply-name", "Your name"), field("apply-reach", "E-mail or phone")));
    act("Application Started", { ...application, step: 1 });
  };
  dialog.addEventListener("close", () => { if (application) act("Application Abandoned", application); });
  return dialog;
}

const form = (label, next, ...fields) => h("form", { onsubmit: (event) => { event.preventDefault(); next(); } }, fields, h("button.button", { type: "submit" }, label));

const field = (id, label) => h("div.field", h("label", { for: id }, label), h("input", { id, type: "text", autocomplete: "off", required: true }));

/** What helps after applying: a prep pack and one question. */
export async function afterApplying(box, job) {
  const item = { jobId: job.id };
  const found = await askFor([{ name: "prep", item }, { name: "survey", item }]);
  const [[pack], [question]] = [contentOf(found.get("prep")), contentOf(found.get("survey"))];
  box.replaceChildren(pack ? prepPack(pack) : "", question ? survey(question, job) : "");
}

function prepPack(pack) {
  const opened = ({ target }) => target.open && touched("Content Viewed", pack);
  return h("section.prep", { "aria-labelledby": "prep-title" },
    h("p.prep__lead", "Your prep pack"), h("h2", { id: "prep-title" }, pack.title), pack.text && h("p", pack.text),
    pack.points && h("ol.prep__points", pack.points.map((point) => h("li", point))),
    pack.question && h("details", { ontoggle: opened }, h("summary", "A question they may ask"), h("p", pack.question)));
}

function survey({ id, title, question = title, low = "Hard", high = "Easy", decisionId }, job) {
  const box = h("section.survey", { "aria-labelledby": "survey-title" });
  const answer = (score) => {
    act("Survey Answered", { survey_id: id, score, job_id: job.id, decision_id: decisionId });
    box.replaceChildren(h("p.applied", { role: "status" }, icon("check"), `Thank you. You gave it ${score} of 5.`));
  };
  box.append(
    h("h2", { id: "survey-title" }, question),
    h("div.scale", { role: "group", "aria-labelledby": "survey-title" }, [1, 2, 3, 4, 5].map((score) =>
      h("button.scale__step", { "aria-label": `${score} of 5`, onclick: () => answer(score) }, String(score)))),
    h("p.scale__ends", { "aria-hidden": "true" }, h("span", low), h("span", high)));
  return box;
}
