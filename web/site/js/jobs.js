// The postings this page has met, and the words for their facts.

import { get } from "./api.js";

/** What cards need; asked for as a selector's `properties`. */
export const CARD_FIELDS = ["title", "employer", "places", "workplace", "employment_types", "salary", "posted_at", "valid_through", "categories"];

const LINES = 6;
const known = new Map();

/** Read a job out of an answer and remember it; facts learnt earlier are kept. */
export function readJob(answer, id = answer.id) {
  const job = { ...known.get(id), ...answer, id };
  known.set(id, job);
  return job;
}

/** The whole posting, text included. */
export async function fetchJob(id) {
  if (known.get(id)?.whole) return known.get(id);
  const { body } = await get(`/v1/jobs/${encodeURIComponent(id)}`);
  return readJob({ ...body, whole: true }, id);
}

export const knownJob = (id) => known.get(id);

export function pay(job) {
  const { minimum, maximum, currency = "USD", unit = "YEAR" } = job.salary ?? {};
  const [low, high] = [minimum ?? maximum, maximum ?? minimum];
  if (!low) return null;
  const shape = low >= 10_000 ? { notation: "compact", maximumFractionDigits: 0 } : { maximumFractionDigits: 2 };
  const money = new Intl.NumberFormat("en-US", { style: "currency", currency, ...shape });
  const amount = low === high ? money.format(low) : `${money.format(low)} – ${money.format(high)}`;
  return { amount, unit: unit === "HOUR" ? "an hour" : `a ${unit.toLowerCase()}` };
}

export function place({ places = [], workplace }) {
  if (!places.length) return workplace === "REMOTE" ? "Anywhere" : null;
  return places.length > 1 ? `${places[0]} + ${places.length - 1} more` : places[0];
}

export function age({ posted_at: posted }) {
  if (!posted) return null;
  const days = Math.max(0, Math.floor((Date.now() - posted) / 86_400_000));
  if (days === 0) return "Posted today";
  if (days === 1) return "Posted yesterday";
  return days < 60 ? `Posted ${days} days ago` : `Posted ${new Date(posted).toLocaleDateString("en-US", { month: "short", year: "numeric" })}`;
}

/** The last day to apply, when it is near enough to matter. */
export function closing({ valid_through: until = 0 }) {
  const days = (until - Date.now()) / 86_400_000;
  return days > 0 && days < 45 && `Closes ${new Date(until).toLocaleDateString("en-US", { month: "short", day: "numeric" })}`;
}

const WORDS = {
  ON_SITE: "On site", HYBRID: "Hybrid", REMOTE: "Remote",
  FULL_TIME: "Full time", PART_TIME: "Part time", CONTRACTOR: "Contract", TEMPORARY: "Temporary", INTERN: "Internship",
  VOLUNTEER: "Volunteer", PER_DIEM: "Per diem", OTHER: "Other",
  "licence:driver": "Driver licence", "licence:cdl": "Commercial driver licence", "licence:pe": "Professional engineer", "licence:rn": "Registered nurse",
  "certificate:ra": "Registered architect", "bar:ny": "New York bar", "residency:nys": "New York State residency", "residency:nyc": "New York City residency",
  STUDENT: "Student", ENTRY: "Entry level", EXPERIENCED: "Experienced", MANAGER: "Manager", EXECUTIVE: "Executive",
};

/** A code as a person reads it: `FULL_TIME` is full time. */
export const word = (code) => WORDS[code] ?? code.replace(/^(licence|certificate|bar|residency):/, "$1: ");

/** The field of work picks the colour of a job's line. */
export function lineOf(job) {
  const field = job.categories?.[0] ?? job.department ?? job.employer ?? "";
  let sum = 0;
  for (const letter of field) sum = (sum * 31 + letter.codePointAt(0)) % 9973;
  return `var(--line-${sum % LINES})`;
}
