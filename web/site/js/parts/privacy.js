// The visitor's own switches: personalise or not, and begin again as somebody new.

import { act, forget, refresh } from "../decisions.js";
import { h, icon } from "../dom.js";
import { forgetSeen } from "../impressions.js";
import { forgetEverything } from "../memory.js";
import { on, tell } from "../signals.js";
import { allow, arrive, personalisation } from "../visitor.js";
import { forgetSeenList } from "./playlist.js";
import { toast } from "./toast.js";

/** A switch that says "do not personalise"; every copy of it on the page agrees. */
export function consentSwitch() {
  const box = h("input", { type: "checkbox", role: "switch", dataset: { switch: "no-personalising" } });
  const draw = () => { box.checked = personalisation() === false; };
  box.addEventListener("change", () => answer(!box.checked));
  const stop = on("allowed", () => (box.isConnected ? draw() : stop()));
  draw();
  return h("label.switch", box, h("span", "Do not personalise", h("span.soft", "The same list for everyone, and no clicks are told.")));
}

function answer(personalised) {
  allow(personalised);
  tell("allowed", personalised);
  toast(personalised ? "Your list now follows what you do here." : "Personalising is off. The list is the same for everyone.");
  return act("Segment Consent Preference Updated");
}

export function startOverButton() {
  return h("button.quiet", { dataset: { action: "start-over" }, onclick: () => beNew("You are a new visitor: this browser has forgotten the old number.") }, "Start over as a new visitor");
}

export async function beNew(sentence) {
  forgetEverything();
  await arrive();
  forget();
  forgetSeen();
  forgetSeenList();
  tell("allowed", personalisation());
  tell("shelf", "all");
  tell("anew");
  toast(sentence);
  refresh();
}

/** The first question, asked once and beside the content; both answers are equally easy. Hidden once there is an answer. */
export function consentQuestion() {
  const choose = (consent, symbol, words) => h("button.chip.chip--big", { dataset: { consent }, onclick: () => answer(consent === "yes") }, icon(symbol), words);
  const box = h("section.question", { "aria-label": "Personalisation", hidden: personalisation() !== null },
    h("p", h("strong", "May your clicks put this list in order?"),
      " They are told to this site’s server under a random number, and you can change your answer at any time."),
    h("div.chips", choose("yes", "check", "Yes, personalise"), choose("no", "close", "No, don’t")));
  const stop = on("allowed", () => {
    box.hidden = personalisation() !== null;
    if (!box.isConnected) stop();
  });
  return box;
}
