// What was really seen: half of a card on screen for a second, told in batches.

import { trackAll } from "./events.js";

const SEEN_MS = 1000;
const BATCH_MS = 2500;
const told = new Set();
const subjects = new WeakMap();
const timers = new WeakMap();
let seen = [];
let pending = null;

const watcher = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    clearTimeout(timers.get(target));
    if (isIntersecting) timers.set(target, setTimeout(notice, SEEN_MS, target));
  }
}, { threshold: 0.5 });

/** Watch a card. `subject()` answers `{kind, id, list, position, decisionId}` when it was seen: a kept card's rank may have changed. */
export function watch(element, subject) {
  subjects.set(element, subject);
  // Observing anew reports a card that is on screen already, for a slot whose content has changed.
  watcher.unobserve(element);
  watcher.observe(element);
  return element;
}

export function forgetSeen() {
  told.clear();
  seen = [];
}

function notice(element) {
  const subject = element.isConnected && subjects.get(element)();
  const name = subject && `${subject.decisionId}/${subject.list}/${subject.id}`;
  if (!name || told.has(name)) return;
  told.add(name);
  seen.push(subject);
  pending ??= setTimeout(tellSeen, BATCH_MS);
}

function tellSeen(options) {
  clearTimeout(pending);
  pending = null;
  const lists = new Map();
  for (const one of seen) {
    const name = `${one.decisionId}/${one.list}`;
    lists.set(name, [...(lists.get(name) ?? []), one]);
  }
  seen = [];
  trackAll([...lists.values()].flatMap(happenings), options);
}

function happenings(shown) {
  const [{ kind, list, decisionId }] = shown;
  const common = { list_id: list, decision_id: decisionId };
  if (kind === "content") return shown.map(({ id }) => ({ event: "Content Shown", properties: { content_id: id, ...common } }));
  return { event: "Job List Viewed", properties: { job_ids: shown.map(({ id }) => id), positions: shown.map(({ position }) => position), ...common } };
}

addEventListener("visibilitychange", () => document.visibilityState === "hidden" && tellSeen({ keepalive: true }));
