// What is held about the visitor, and what they may do about it: see, correct, switch off, take along, have erased.

import { call, Trouble } from "../api.js";
import { act } from "../decisions.js";
import { h } from "../dom.js";
import { word } from "../jobs.js";
import { keep } from "../memory.js";
import { beNew } from "../parts/privacy.js";
import { toast } from "../parts/toast.js";
import { tell } from "../signals.js";
import { allow, anonymousId, personalisation, visitorId } from "../visitor.js";

const SWITCHES = [
  ["personalization", "Put postings in an order of my own", "Without it you get the list that everyone gets."],
  ["ai_scoring", "Let a trained model rank postings for me", "Without it, weights that people set and published do."],
  ["analytics", "Count what I do in figures about postings", "Nobody is told apart in them."],
  ["research", "Let models learn from what I do", "Off until you switch it on."],
  ["behaviour", "Use what I look at on this site", "Pages, searches and clicks. Without it only what you say outright counts."],
  ["resume", "Use what my résumé says", "This demo asks for none, so nothing comes from there."],
  ["advertising", "Tell ad servers which audiences I belong to", "Only audiences of fifty people and more, never a name."],
  ["email", "Write to me by e-mail", "This demo does not know your address."],
];
const OUTCOMES = { uphold: "Looked at: it stays.", overturn: "Looked at: it was changed.", correct: "Looked at: it was corrected." };
const GRANTED = new Set(["personalization", "ai_scoring", "analytics", "behaviour"]);
const COUNTS = [["interactions", "things done with postings", "thing done with postings"], ["saved", "saved"], ["dismissed", "set aside"], ["searches", "searches", "search"], ["applications", "applications", "application"]];

export function showPrivacy(main) {
  const held = h("div", { "aria-live": "polite" }, h("p.soft", "Looking up what is held…"));
  const looked = h("div", { "aria-live": "polite" });
  main.replaceChildren(
    h("h1", { tabindex: "-1" }, "Your data"),
    h("p.lead", "This site knows you by a random number kept in this browser: no name, no e-mail, nothing from other sites. It uses what you do here to put postings in order."),
    h("section.privacy", { "aria-labelledby": "held-title" }, h("h2", { id: "held-title" }, "What is held"), held),
    h("section.privacy", { "aria-labelledby": "allow-title" }, h("h2", { id: "allow-title" }, "What you allow"), ...SWITCHES.map((each) => toggle(each, held))),
    h("section.privacy", { "aria-labelledby": "looked-title" }, h("h2", { id: "looked-title" }, "What you asked a person to look at"), looked),
    h("section.privacy", { "aria-labelledby": "take-title" }, h("h2", { id: "take-title" }, "Take it along, or have it erased"),
      h("p", "The file has everything that is held, what was shown to you and why, and your answers about consent."),
      h("div.chips", h("button.chip.chip--big", { dataset: { action: "export" }, onclick: takeAlong }, "Download my data"), eraser())));
  draw(held);
  drawAppeals(looked);
}

async function drawAppeals(box) {
  const asked = (await ask("GET", "/v1/appeals").catch(nothing))?.appeals ?? [];
  box.replaceChildren(asked.length
    ? h("ul.guesses", asked.map(({ id, reason, status, outcome, why }) => h("li", { dataset: { appeal: id, status } },
      h("span", reason, why && h("span.soft", ` “${why}”`)), h("span", OUTCOMES[outcome] ?? "Nobody has looked yet."))))
    : h("p.soft", "Nothing. “Why am I seeing this?” has the place to ask."));
}

async function draw(held) {
  const known = await ask("GET", "").catch(nothing);
  if (!known) {
    held.replaceChildren(h("p", { dataset: { held: "nothing" } }, "Nothing. You are a stranger here, and get the list that everyone gets."));
    for (const box of document.querySelectorAll("[data-consent-name]")) box.checked = starting(box.dataset.consentName);
    return;
  }
  const counts = COUNTS.map(([name, many, one = many]) => [size(known[name]), many, one]).filter(([count]) => count);
  const inferred = Object.entries(known.preferences.inferred).flatMap(([dimension, values]) =>
    Object.entries(values).filter(([, weight]) => weight > 0.1).slice(0, 3).map(([value]) => [dimension, value]));
  held.replaceChildren(...[
    h("p", { dataset: { held: "something" } }, counts.length ? counts.map(([count, many, one]) => `${count} ${count === 1 ? one : many}`).join(", ") + "." : "That you were here, and nothing you did with postings."),
    inferred.length > 0 && h("p", "Guessed from that:"),
    h("ul.guesses", inferred.map(([dimension, value]) => guess(dimension, value, held))),
    known.segments.length > 0 && h("p", `Audiences: ${known.segments.map(({ key }) => key).join(", ")}.`),
  ].filter(Boolean));
  for (const box of document.querySelectorAll("[data-consent-name]")) box.checked = known.consents[box.dataset.consentName] ?? starting(box.dataset.consentName);
}

const guess = (dimension, value, held) => h("li", h("span", word(value)), h("span.soft", dimension),
  h("button.quiet", { dataset: { wrong: value }, onclick: async () => {
    await act("Inference Corrected", { dimension, value });
    toast("Noted: this guess does not count any more.");
    draw(held);
  } }, "That’s wrong"));

function toggle([name, title, hint], held) {
  const box = h("input", { type: "checkbox", role: "switch", dataset: { consentName: name }, checked: starting(name) });
  box.addEventListener("change", async () => {
    box.disabled = true;
    const done = await ask("POST", "/v1/consents", { anonymousId: visitorId(), consents: { [name]: box.checked }, method: "privacy page", language: navigator.language }).catch(sorry);
    box.disabled = false;
    if (!done) {
      box.checked = !box.checked;
      return;
    }
    if (name === "personalization") {
      allow(box.checked);
      tell("allowed", box.checked);
    }
    if (name === "research") keep("research", box.checked);
    toast(box.checked ? "Switched on, from this moment." : "Switched off, from this moment.");
    draw(held);
  });
  return h("label.switch", box, h("span", title, h("span.soft", hint)));
}

const starting = (name) => GRANTED.has(name) && personalisation() !== false;

async function takeAlong() {
  const document_ = await ask("GET", "/export").catch(nothing);
  if (!document_) {
    toast("Nothing is held about you, so there is nothing to take along.");
    return;
  }
  const address = URL.createObjectURL(new Blob([JSON.stringify(document_, null, 2)], { type: "application/json" }));
  const link = h("a", { href: address, download: "my-data.json" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}

function eraser() {
  const button = h("button.chip.chip--big", { dataset: { action: "erase" } }, "Erase everything");
  button.addEventListener("click", async () => {
    if (!button.dataset.sure) {
      button.dataset.sure = "yes";
      button.textContent = "Yes, erase it for good";
      return;
    }
    button.disabled = true;
    const erased = await ask("DELETE", "").catch(sorry);
    if (erased) beNew("Erased. You are a new visitor, and the old number leads nowhere.");
    else button.disabled = false;
  });
  return button;
}

async function ask(method, path, body) {
  const whole = path.startsWith("/v1/") ? path : `/v1/profiles/anonymous_id:${visitorId()}${path}`;
  return (await call(method, whole, body, { proven: anonymousId() })).body;
}

const size = (held) => (Array.isArray(held) ? held.length : Object.keys(held ?? {}).length);

function nothing(trouble) {
  if (!(trouble instanceof Trouble)) throw trouble;
  if (trouble.status !== 404) toast(trouble.sentence);
  return null;
}

function sorry(trouble) {
  if (!(trouble instanceof Trouble)) throw trouble;
  toast(trouble.sentence);
  return null;
}
