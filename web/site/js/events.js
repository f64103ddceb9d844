// Telling the API what happened. What it cannot take now waits in an outbox and keeps its own time.

import { post, Trouble } from "./api.js";
import { keep, recall } from "./memory.js";
import { tell } from "./signals.js";
import { anonymousId, circumstances, personalisation, randomId } from "./visitor.js";

const OUTBOX_LIMIT = 200;
const BATCH = 50;
const FIRST_WAIT_MS = 2000;
const LONGEST_WAIT_MS = 30_000;

/** Told whatever the visitor allows: what they hand in themselves, and the answer about consent. */
const ALWAYS_TOLD = /^(Application |Segment Consent|Survey )/;

const offsets = new Map();
let wait = FIRST_WAIT_MS;
let timer = null;

/** Send one track event. Answers `{after, ms}`, or null when the visitor does not want it told. */
export const track = (event, properties = {}, options) => deliver([{ type: "track", event, properties }], options);

/** Send several track events in one call, such as impressions: nobody waits for them. */
export const trackAll = (happenings, options) => quietly(deliver(happenings.map((one) => ({ type: "track", ...one })), options));

export function page(name) {
  const { path, title, url } = circumstances().page;
  return quietly(deliver([{ type: "page", name, properties: { name, path, title, url } }]));
}

/** The newest position in each partition that this page has written: a decision asked with it has seen all of it. */
export const after = () => Array.from(offsets, (place) => place.join("-")).join(".") || undefined;

export const forgetAfter = () => offsets.clear();

async function deliver(happenings, options) {
  const sentAt = new Date().toISOString();
  const messages = happenings
    .filter(({ event = "" }) => personalisation() !== false || ALWAYS_TOLD.test(event))
    .map((one) => ({ ...one, messageId: randomId(), anonymousId: anonymousId(), context: circumstances(), timestamp: sentAt }));
  if (!messages.length) return null;
  const [first] = messages;
  try {
    return await (messages.length === 1 ? take(`/v1/${first.type}`, { ...first, sentAt }, options) : take("/v1/batch", { batch: messages, sentAt }, options));
  } catch (trouble) {
    if (trouble instanceof Trouble && trouble.passing) putAside(messages, trouble);
    throw trouble;
  }
}

async function take(path, message, options) {
  const { body, ms } = await post(path, message, options);
  for (const [, partition, offset] of (body.after ?? "").matchAll(/([a-z]\d+)-(\d+)/g)) {
    if (Number(offset) > (offsets.get(partition) ?? -1)) offsets.set(partition, Number(offset));
  }
  return { after: body.after, ms };
}

function putAside(messages, trouble) {
  keep("outbox", [...recall("outbox", []), ...messages].slice(-OUTBOX_LIMIT));
  tell("trouble", trouble);
  later(trouble.retryAfterMs);
}

function later(askedMs) {
  clearTimeout(timer);
  timer = setTimeout(flush, askedMs ?? wait);
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
}

/** Send what waits. Message ids stay, so a message that did arrive is not counted twice. */
export async function flush() {
  const batch = recall("outbox", []).slice(0, BATCH);
  if (!batch.length) return;
  try {
    await take("/v1/batch", { batch, sentAt: new Date().toISOString() });
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    if (trouble.passing) return later(trouble.retryAfterMs);
    // Refused for good: sending it again would be refused again.
  }
  const done = new Set(batch.map(({ messageId }) => messageId));
  keep("outbox", recall("outbox", []).filter(({ messageId }) => !done.has(messageId)));
  wait = FIRST_WAIT_MS;
  tell("delivered");
  return flush();
}

/** For what nobody waits for: trouble has been told already. */
const quietly = (sending) => sending.catch((trouble) => {
  if (!(trouble instanceof Trouble)) throw trouble;
  return null;
});

addEventListener("online", flush);
