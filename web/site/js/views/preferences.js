// What the visitor wants, said outright: each choice is told at once, and the list beside it answers.

import { act } from "../decisions.js";
import { h } from "../dom.js";
import { word } from "../jobs.js";
import { facets } from "../parts/facets.js";
import { leaders } from "../parts/playlist.js";
import { consentSwitch, startOverButton } from "../parts/privacy.js";
import * as shelf from "../shelf.js";
import { on } from "../signals.js";
import { personalisation } from "../visitor.js";

const MANY = 12;
const GROUPS = [
  { key: "workplace", facet: "workplace", title: "Where the work is done" },
  { key: "employment_type", facet: "employment", title: "Kind of employment" },
  { key: "category", facet: "category", title: "Fields" },
  { key: "place", facet: "place", title: "Places" },
  { key: "credentials", title: "Credentials you hold", hint: "Jobs that require another one are left out." },
];
/** The catalogue counts no credentials as a facet: these are what its postings demand. */
const CREDENTIALS = ["licence:driver", "licence:cdl", "licence:pe", "licence:rn", "certificate:ra", "bar:ny", "residency:nys", "residency:nyc"];
const PAY = { min: 0, max: 160_000, step: 5_000 };

export function showPreferences(main) {
  const line = leaders();
  const fields = h("fieldset.wishes", h("legend.visually-hidden", "Your preferences"));
  const off = h("p.calm", { hidden: true }, "Personalising is off, so these choices rest. Switch it on below and they count again.");
  main.replaceChildren(
    h("h1", { tabindex: "-1" }, "Preferences"),
    h("p.lead", "Say it outright: a choice counts at once and weighs more than anything guessed from your clicks."),
    off,
    h("div.prefs", fields, h("div.prefs__side", line.section)),
    h("section.privacy", { "aria-labelledby": "privacy-title" }, h("h2", { id: "privacy-title" }, "Your data"),
      consentSwitch(), h("p", h("a", { href: "#/privacy" }, "See, take along or erase what is held")), startOverButton()));

  const rest = () => {
    const resting = personalisation() === false;
    fields.disabled = resting;
    off.hidden = !resting;
  };
  rest();
  facets().then((known) => { fields.append(...GROUPS.map((group) => wish(group, known)).filter(Boolean), pay()); });
  const stop = on("allowed", rest);
  return () => {
    stop();
    line.leave();
  };
}

function wish({ key, facet, title, hint }, known) {
  const listed = facet ? known[facet]?.map(({ value }) => value) ?? [] : CREDENTIALS;
  if (!listed.length) return null;
  const chosen = new Set(shelf.choices()[key] ?? []);
  const options = (values) => values.map((value) => option(key, value, chosen));
  const box = h("div.options", options(listed.slice(0, MANY)));
  if (listed.length > MANY) {
    box.append(h("button.chip", { onclick: ({ target }) => target.replaceWith(...options(listed.slice(MANY))) }, `${listed.length - MANY} more…`));
  }
  return h("fieldset.wish", { dataset: { key } }, h("legend", title), hint && h("p.soft", hint), box);
}

function option(key, value, chosen) {
  const id = `wish-${key}-${value}`.replace(/[^\w-]+/g, "_");
  const box = h("input", { type: "checkbox", id, value, checked: chosen.has(value) });
  box.addEventListener("change", () => {
    if (box.checked) chosen.add(value);
    else chosen.delete(value);
    choose(key, chosen.size ? Array.from(chosen) : null);
  });
  return h("span.option", box, h("label", { for: id }, word(value)));
}

function pay() {
  const current = shelf.choices().salary_min ?? 0;
  const shown = h("output", { for: "wish-pay" }, inWords(current));
  const range = h("input", { type: "range", id: "wish-pay", ...PAY, value: String(current), "aria-describedby": "wish-pay-hint" });
  range.addEventListener("input", () => { shown.textContent = inWords(Number(range.value)); });
  range.addEventListener("change", () => choose("salary_min", Number(range.value) || null));
  return h("fieldset.wish", { dataset: { key: "salary_min" } }, h("legend", "Pay"),
    h("div.payrange", h("label", { for: "wish-pay" }, "At least, a year before tax"), shown, range,
      h("p.soft", { id: "wish-pay-hint" }, "Hourly and daily pay is reckoned for a full-time year.")));
}

function choose(key, value) {
  shelf.choose(key, value);
  act("Preference Set", { key, value });
}

const inWords = (amount) => (amount ? `$${(amount / 1000).toFixed(0)}k` : "Any");
