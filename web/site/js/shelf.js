// What this visitor put aside in this browser: ids under `saved`, `liked` and `applied`, what they set aside, what they chose.

import { keep, recall } from "./memory.js";
import { tell } from "./signals.js";

const LIMIT = 200;

/** The ids on a shelf, newest first. */
export const ids = (shelf) => recall(shelf, []);
export const has = (shelf, id) => ids(shelf).includes(id);
export const put = (shelf, id, on = true) => store(shelf, [...(on ? [id] : []), ...ids(shelf).filter((one) => one !== id)]);

/** `[{id, title, reason}]`, newest first. */
export const dismissed = () => recall("dismissed", []);
export const dismiss = (entry) => store("dismissed", [entry, ...dismissed()]);
export const restore = (id) => store("dismissed", dismissed().filter((one) => one.id !== id));

export const choices = () => recall("choices", {});

export function choose(key, value) {
  keep("choices", { ...choices(), [key]: value });
}

function store(shelf, entries) {
  keep(shelf, entries.slice(0, LIMIT));
  tell("shelf", shelf);
}
