// The decisions on show: asked after each interaction, and compared with what was shown before.

import { post, Trouble } from "./api.js";
import * as events from "./events.js";
import { CARD_FIELDS, knownJob, readJob } from "./jobs.js";
import * as shelf from "./shelf.js";
import { tell } from "./signals.js";
import { anonymousId, circumstances, personalisation, sessionId } from "./visitor.js";
import { difference } from "./words.js";

const BUDGET_MS = 400;
/** How often one ask is repeated while the answer lacks the event. */
const PATIENCE = 3;
const FIRST_RETRY_MS = 1500;
const LONGEST_RETRY_MS = 20_000;
const LOG_LIMIT = 40;

export const PLAYLIST = "jobs";
const ROWS = ["weekly-discoveries", "fresh-releases"];
const SELECTORS = [
  { name: PLAYLIST, count: 10, properties: CARD_FIELDS },
  ...ROWS.map((name) => ({ name, count: 6, properties: CARD_FIELDS })),
  { name: "hero" },
  { name: "message" },
  { name: "benefits", count: 4 },
  { name: "media", count: 4, properties: ["title", "kind", "starts_at"] },
];

let choices = new Map();
let change = null;
let decided = null;
let log = [];
/** Events that were accepted and wait for the decision that knows them. */
let accepted = [];
let visit = 0;
let running = null;
let again = false;
let retryMs = FIRST_RETRY_MS;

export const choice = (name) => choices.get(name);
export const jobsOf = (name) => (choice(name)?.items ?? []).map((item) => ({ ...item, job: knownJob(item.id) })).filter(({ job }) => job?.title);
export const playlist = () => jobsOf(PLAYLIST);
export const lastChange = () => change;
export const lastDecided = () => decided;
export const eventLog = () => log;

/** Where a job is on show: what an event says about the decision that showed it. */
export function trace(id) {
  for (const list of [PLAYLIST, ...ROWS]) {
    const items = choice(list)?.items ?? [];
    const index = items.findIndex((item) => item.id === id);
    if (index >= 0) return { list_id: list, position: index + 1, decision_id: items[index].decisionId, slot_id: items[index].slotId };
  }
  return {};
}

/** Something the visitor did: tell it, then ask what follows from it. Resolves when that is on show; what failed is tried again later. */
export async function act(event, properties = {}, options) {
  const entry = { event, about: properties, startedAt: performance.now(), state: "sent" };
  log = [entry, ...log].slice(0, LOG_LIMIT);
  tell("log");
  try {
    const told = await events.track(event, properties, options);
    Object.assign(entry, told ? { state: "accepted", after: told.after, acceptedMs: told.ms } : { state: "untold" });
    if (told) accepted.push(entry);
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    entry.state = trouble.passing ? "waits" : "refused";
  }
  tell("log");
  await refresh();
}

/** Ask again; asks that come while one is under way become one more ask after it. */
export function refresh() {
  again = running !== null;
  running ??= ask().finally(() => { running = null; });
  return running;
}

async function ask() {
  do {
    again = false;
    const [asked, entries] = [visit, accepted];
    accepted = [];
    try {
      const answer = await request(SELECTORS);
      if (asked === visit) show(answer, answer.missing ? [] : entries);
      tell("calm");
      if (answer.missing) {
        // On show is what there is; the events stay "deciding" until an answer knows them.
        if (asked === visit) accepted = [...entries, ...accepted];
        return retryLater();
      }
      retryMs = FIRST_RETRY_MS;
    } catch (trouble) {
      if (!(trouble instanceof Trouble)) throw trouble;
      accepted = [...entries, ...accepted];
      tell("trouble", trouble);
      if (trouble.passing) retryLater(trouble.retryAfterMs);
      return;
    }
  } while (again);
}

function retryLater(askedMs) {
  setTimeout(refresh, askedMs ?? retryMs);
  retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
}

/** Ask for selectors that one view needs; answers choices by name, none when the API is away. The playlist stays. */
export async function askFor(selectors) {
  try {
    return choicesOf((await request(selectors)).body);
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    return new Map();
  }
}

/** Begin again as a new visitor: no answer that is under way may still be shown. */
export function forget() {
  visit += 1;
  [choices, change, decided, log, accepted] = [new Map(), null, null, [], []];
  events.forgetAfter();
}

async function request(selectors) {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await post("/v1/decide", question(selectors));
    const missing = answer.body.warnings.some(({ code }) => code === "after_not_reached");
    if (!missing || attempt === PATIENCE) return { ...answer, missing };
  }
}

function question(selectors) {
  const personal = personalisation() !== false;
  // Without a profile the server cannot know what was set aside here.
  const exclude = personal ? [] : shelf.dismissed().map(({ id }) => id);
  return {
    selectors: exclude.length ? selectors.map((one) => ({ ...one, exclude })) : selectors,
    user: { anonymousId: anonymousId() },
    session: { id: sessionId() },
    context: circumstances(),
    options: { explain: true, budgetMs: BUDGET_MS },
    after: personal ? events.after() : undefined,
  };
}

function show({ body, ms, serverMs }, entries) {
  const before = playlist().map(({ id }) => id);
  choices = choicesOf(body);
  const made = difference(before, playlist().map(({ id }) => id));
  const now = performance.now();
  for (const entry of entries) Object.assign(entry, { state: "decided", decideMs: ms, serverMs, roundTripMs: now - entry.startedAt, change: made });
  if (before.length && (made.changed || entries.length)) change = made;
  decided = { at: body.decidedAt, profile: body.profile, serverMs, roundTripMs: entries.at(-1)?.roundTripMs };
  tell("decided", { change: made, entries });
}

function choicesOf(body) {
  return new Map(body.choices.map(({ items = [], ...made }) => {
    if (made.type === "RECS") items.forEach(({ id, properties }) => readJob(properties, id));
    return [made.selector, { ...made, items: items.map((item) => ({ ...item, decisionId: made.decisionId })) }];
  }));
}
