// The field to search with, on the front page and above the results.

import { h, icon } from "../dom.js";

export function searchField(look, value = "") {
  return h(`div.find.${look}`,
    h("label.visually-hidden", { for: "query" }, "Search all postings"),
    icon("search"),
    h("input", { id: "query", name: "query", type: "search", value, placeholder: "Engineer, case manager, SQL…", autocomplete: "off", enterkeyhint: "search" }),
    h("button.button", { type: "submit" }, "Search"));
}
