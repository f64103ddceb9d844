// Search and filters over the whole catalogue.

import { get, Trouble } from "../api.js";
import { act } from "../decisions.js";
import { h } from "../dom.js";
import { readJob, word } from "../jobs.js";
import { facets } from "../parts/facets.js";
import { card } from "../parts/jobcard.js";
import { searchField } from "../parts/searchfield.js";
import { rewrite } from "../router.js";

const PAGE = 20;
const TYPING_MS = 300;
const FILTERS = { category: "Field", place: "Place", workplace: "Workplace", employment: "Type", employer: "Employer" };

export function showSearch(main, _, query) {
  const filters = h("div.filters");
  const form = h("form.searchform", { role: "search" }, searchField("find--plain", query.get("query") ?? ""), filters);
  const count = h("p.count", { role: "status" });
  const list = h("ul.results", { id: "results", "aria-label": "Found postings" });
  const more = h("button.button.button--quiet", { hidden: true, onclick: () => load(cursor) }, "Show more");
  main.replaceChildren(h("h1", { tabindex: "-1" }, "Search all jobs"), form, count, list, more);

  let [cursor, asked, typing] = [null, 0, null];
  const chosen = () => Object.fromEntries(Array.from(new FormData(form)).filter(([, value]) => value));
  const run = () => {
    clearTimeout(typing);
    rewrite(`#/search?${new URLSearchParams(chosen())}`);
    load();
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    run();
  });
  form.addEventListener("input", ({ target }) => {
    clearTimeout(typing);
    typing = setTimeout(run, target.type === "search" ? TYPING_MS : 0);
  });

  async function load(from) {
    asked += 1;
    const [mine, wanted] = [asked, chosen()];
    try {
      const { body } = await get("/v1/jobs", { ...wanted, order: wanted.query ? "best" : "newest", limit: PAGE, cursor: from });
      if (mine !== asked || !list.isConnected) return;
      if (!from) list.replaceChildren();
      list.append(...body.jobs.map((job) => card(readJob(job))));
      cursor = body.next;
      more.hidden = !cursor;
      count.textContent = found(body.total, wanted.query, body.unindexed);
      const { query: words = "", ...filtered } = wanted;
      if (!from && Object.keys(wanted).length) act("Job Searched", { query: words, filters: filtered, results: body.total });
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      count.textContent = trouble.sentence;
    }
  }

  facets().then((known) => {
    filters.append(...Object.entries(FILTERS).map(([name, label]) => filter(name, label, known[name] ?? [], query.get(name))));
    load();
  });
  return () => clearTimeout(typing);
}

function found(total, words, unread) {
  if (unread) return `${total.toLocaleString("en-US")} found; ${unread.toLocaleString("en-US")} new jobs are still being read.`;
  if (!total) return "Nothing fits all of that. Take one filter away, or search for a single word.";
  return `${total.toLocaleString("en-US")} ${total === 1 ? "job" : "jobs"}${words ? ` for “${words}”` : ""}`;
}

function filter(name, label, values, current) {
  const listed = current && !values.some(({ value }) => value === current) ? [{ value: current }, ...values] : values;
  const options = listed.map(({ value, count }) => h("option", { value, selected: value === current }, count ? `${word(value)} (${count})` : word(value)));
  return h("div.filter", h("label", { for: `f-${name}` }, label), h("select", { id: `f-${name}`, name }, h("option", { value: "" }, "Any"), options));
}
