// One posting: its text and facts, what to do with it, how long it was read, and others like it.

import { Trouble } from "../api.js";
import { act, askFor, trace } from "../decisions.js";
import { h, heading, icon } from "../dom.js";
import { track } from "../events.js";
import { age, CARD_FIELDS, closing, fetchJob, knownJob, lineOf, pay, place, word } from "../jobs.js";
import { card } from "../parts/jobcard.js";
import { marks } from "../parts/marks.js";
import { prose } from "../sanitise.js";
import * as shelf from "../shelf.js";
import { mainReason } from "../words.js";
import { afterApplying, applyDialog } from "./apply.js";

const LONGEST_READ_S = 1800;

export function showPosting(main, [id]) {
  const article = h("article.posting", h("p.soft", { role: "status" }, "Fetching the posting…"));
  const similar = h("section", { hidden: true, "aria-labelledby": "similar-title" });
  main.replaceChildren(h("p.back", h("a", { href: "#/" }, icon("back"), "Your line")), article, similar);

  // A job that came from a list is told before its text has arrived: the playlist need not wait for that.
  const told = Boolean(knownJob(id));
  if (told) act("Job Viewed", { job_id: id, ...trace(id) });
  fetchJob(id).then((job) => {
    if (!article.isConnected) return;
    if (!told) act("Job Viewed", { job_id: id });
    draw(article, job);
    drawSimilar(similar, id);
  }).catch((trouble) => { drawTrouble(article, trouble); });
  return dwell(id);
}

function draw(article, job) {
  const [applyBox, after] = [h("div.posting__apply"), h("div.after")];
  const applied = async (told) => {
    applyBox.replaceChildren(h("p.applied", icon("check"), "You applied. Good luck!"));
    await told;
    afterApplying(after, job);
  };
  const dialog = applyDialog(job, applied);
  applyBox.append(h("button.button", { dataset: { action: "apply" }, onclick: dialog.begin }, "Apply for this job"));
  document.title = `${job.title} · Cityline careers`;
  article.style.setProperty("--stop", lineOf(job));
  article.replaceChildren(
    h("header.posting__head",
      h("p.card__field", h("span.dot", { "aria-hidden": "true" }), job.categories?.join(" · ") ?? "Open posting"),
      h("h1", { tabindex: "-1" }, job.title),
      h("p.soft", [job.employer, job.department].filter(Boolean).join(" · "))),
    h("div.posting__body",
      h("aside.posting__side", { "aria-label": "Facts and actions" }, applyBox, factList(job), marks(job, { share: true, labels: true })),
      h("div.posting__main", after, h("div.prose", prose(job.description ?? "The employer has posted no text. Its facts stand beside this line.")), skills(job), source(job))),
    dialog);
  article.querySelector("h1").focus({ preventScroll: true });
  if (shelf.has("applied", job.id)) applied();
}

function factList(job) {
  const offer = pay(job);
  const facts = {
    Pay: offer && `${offer.amount} ${offer.unit}`,
    Place: place(job),
    Workplace: job.workplace && word(job.workplace),
    Type: job.employment_types?.map(word).join(", "),
    Level: job.seniority && word(job.seniority),
    "Must have": job.must_haves?.map(word).join(", "),
    Openings: job.openings > 1 && String(job.openings),
    Dates: [age(job), closing(job)].filter(Boolean).join(" · "),
  };
  return h("dl.facts-list", Object.entries(facts).filter(([, value]) => value).map(([name, value]) => [h("dt", name), h("dd", value)]));
}

const skills = ({ skills: named }) => named && h("section.skills",
  h("h2", "Skills it names"), h("ul.chips", named.map((one) => h("li.tag", one))));

const source = ({ id, url }) => h("p.posting__source",
  `Posting ${id}. `, /^https?:/.test(url) && h("a", { href: url, rel: "noopener nofollow", target: "_blank" }, "See the original"));

async function drawSimilar(section, id) {
  const found = await askFor([{ name: "jobs", count: 6, item: { jobId: id }, properties: CARD_FIELDS }]);
  const items = found.get("jobs")?.items ?? [];
  section.hidden = !items.length;
  section.replaceChildren(
    heading("similar-title", "Similar jobs"),
    h("ul.row", { tabindex: "0", "aria-label": "Similar jobs" }, items.map((item) => card(knownJob(item.id), { reason: mainReason(item) }))));
}

function drawTrouble(article, trouble) {
  if (!(trouble instanceof Trouble)) throw trouble;
  const gone = trouble.status === 404;
  article.replaceChildren(
    h("h1", { tabindex: "-1" }, gone ? "This posting has left the station" : "The posting is not here yet"),
    h("p.calm", trouble.sentence),
    gone ? h("a.button", { href: "#/" }, "Back to your line") : h("button.button", { onclick: () => dispatchEvent(new HashChangeEvent("hashchange")) }, "Try again"));
}

/** Count the seconds a posting is on screen, told whenever the reader looks away, even when the page closes. Answers what ends it. */
function dwell(id) {
  let since = document.hidden ? null : performance.now();
  const pause = (say) => {
    const seconds = since === null ? 0 : Math.round((performance.now() - since) / 100) / 10;
    since = null;
    if (seconds >= 1 && knownJob(id)) say("Job Read", { job_id: id, seconds: Math.min(seconds, LONGEST_READ_S), ...trace(id) }, { keepalive: true });
  };
  const closing = (...happening) => { track(...happening).catch(() => {}); };
  const look = () => {
    if (document.hidden) pause(closing);
    else since = performance.now();
  };
  const hide = () => pause(closing);
  document.addEventListener("visibilitychange", look);
  addEventListener("pagehide", hide);
  return () => {
    document.removeEventListener("visibilitychange", look);
    removeEventListener("pagehide", hide);
    pause(act);
  };
}
