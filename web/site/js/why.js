// "Why am I seeing this?": where the list came from, how fast it answered, each job's reasons, and everything that was told.

import { choice, eventLog, lastDecided, PLAYLIST } from "./decisions.js";
import { closer, h, icon } from "./dom.js";
import { knownJob } from "./jobs.js";
import { appealBox } from "./parts/appeal.js";
import { bringBack } from "./parts/marks.js";
import { consentSwitch, startOverButton } from "./parts/privacy.js";
import { drawReasons, unfold } from "./parts/reasons.js";
import * as shelf from "./shelf.js";
import { on } from "./signals.js";
import { personalisation } from "./visitor.js";
import { DISMISSALS, milliseconds, origin } from "./words.js";

const WIDE = matchMedia("(min-width: 72rem)");
const LOG_SHOWN = 14;
const LEFT_OUT_SHOWN = 8;

/** Draw the panel and keep it current. */
export function openWhy(panel, toggle) {
  const [from, speed, leftOut] = [h("div.why__origin"), h("div.speed"), h("div.why__aside")];
  const [list, log, facts] = [h("ol.whys"), h("ol.log", { "aria-label": "What was told, newest first" }), h("dl.why__facts")];
  const title = h("h2", { id: "why-title", tabindex: "-1" }, "Why am I seeing this?");
  panel.replaceChildren(
    h("div.why__bar", title, closer("Close this panel", () => show(false, true))),
    h("div.why__body", from, speed,
      h("div.why__switches", consentSwitch(), startOverButton()),
      h("h3", "Each job and its reasons"), list, leftOut, appealBox(),
      h("h3", "Live event log"), log,
      h("details.why__versions", h("summary", "For auditors: ids and versions"), facts)));

  const show = (open, focus = false) => {
    panel.hidden = !open;
    toggle.setAttribute("aria-expanded", String(open));
    document.documentElement.classList.toggle("with-why", open);
    if (focus) (open ? title : toggle).focus({ preventScroll: true });
  };
  toggle.replaceChildren(icon("why"), h("span", "Why this?"));
  toggle.addEventListener("click", () => show(panel.hidden, true));
  panel.addEventListener("keydown", ({ key }) => { if (key === "Escape") show(false, true); });

  const draw = () => {
    drawOrigin(from);
    drawSpeed(speed);
    drawReasons(list);
    drawLeftOut(leftOut);
    drawLog(log);
    drawFacts(facts);
  };
  on("decided", draw);
  on("log", () => drawLog(log));
  on("shelf", () => drawLeftOut(leftOut));
  on("why", (id) => {
    show(true);
    unfold(list, id);
  });
  draw();
  show(WIDE.matches);
}

function drawOrigin(box) {
  const [headline, explanation] = origin(choice(PLAYLIST), personalisation());
  box.replaceChildren(h("p.why__headline", headline), h("p", explanation));
}

function drawSpeed(box) {
  const last = eventLog().find(({ state }) => state === "decided");
  if (!last) {
    box.replaceChildren(h("p", "Open, save or set aside a job: here you see how long it takes until the list has changed."));
    return;
  }
  const { roundTripMs, acceptedMs, decideMs, serverMs } = last;
  const spans = { told: acceptedMs, decided: decideMs, waited: Math.max(roundTripMs - acceptedMs - decideMs, 0.5) };
  box.replaceChildren(
    h("p", h("strong", { id: "round-trip" }, milliseconds(roundTripMs)), " from your click to the list that knows it"),
    h("div.speed__bar", { "aria-hidden": "true" }, Object.entries(spans).map(([name, ms]) => h(`span.speed__${name}`, { style: { "flex-grow": ms } }))),
    h("p.speed__legend", `told ${milliseconds(acceptedMs)} · asked and decided ${milliseconds(decideMs)}${serverMs === null ? "" : ` (server ${milliseconds(serverMs)})`}`),
    h("p.speed__change", last.change.sentence));
}

function drawLeftOut(box) {
  const out = shelf.dismissed().slice(0, LEFT_OUT_SHOWN);
  box.replaceChildren(...(out.length ? [h("h3", "Left out because you said so"), h("ul.asides", { id: "left-out" }, out.map(leftOutLine))] : []));
}

const leftOutLine = ({ id, title, reason }) => h("li", { dataset: { job: id } },
  h("span", title, h("em", DISMISSALS[reason])), h("button.chip", { "aria-label": `Bring back ${title}`, onclick: () => bringBack(id) }, "Bring back"));

function drawLog(list) {
  const entries = eventLog().slice(0, LOG_SHOWN);
  list.replaceChildren(...(entries.length ? entries.map(logLine) : [h("li.soft", "Nothing was told yet but your visit to this page.")]));
}

function logLine({ event, about, state, ...entry }) {
  const subject = knownJob(about.job_id)?.title ?? about.query ?? about.key;
  return h("li", { dataset: { state, event } },
    h("p", h("strong", event), subject && ` ${subject}`, about.reason && ` (${DISMISSALS[about.reason].toLowerCase()})`),
    h("p.log__path", path(state, entry).join(" → ")));
}

function path(state, { after, acceptedMs, decideMs, serverMs, roundTripMs }) {
  if (state === "sent") return ["on its way…"];
  if (state === "untold") return ["not told: personalising is off"];
  if (state === "waits") return ["waits in this browser and is sent later"];
  if (state === "refused") return ["refused by the service"];
  const steps = [`accepted ${after} in ${milliseconds(acceptedMs)}`];
  if (state === "decided") return [...steps, `decided in ${milliseconds(serverMs ?? decideMs)}`, `on show after ${milliseconds(roundTripMs)}`];
  return [...steps, "deciding…"];
}

function drawFacts(list) {
  const { decisionId, rung, source, model, degraded } = choice(PLAYLIST) ?? {};
  const { at, profile } = lastDecided() ?? {};
  const facts = { Decision: decisionId, Rung: rung, Source: source, Model: model, Degraded: degraded && "yes", "Profile version": profile?.version, "Decided at": at };
  list.replaceChildren(...Object.entries(facts).filter(([, value]) => value || value === 0).flatMap(([name, value]) => [h("dt", name), h("dd", String(value))]));
}
