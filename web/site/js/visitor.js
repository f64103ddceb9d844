// Who is visiting, as far as the site knows: a random number, a session, and what they allowed.

import { post } from "./api.js";
import { keep, recall } from "./memory.js";

const SESSION_GAP_MS = 30 * 60 * 1000;

/** Have a number made that nobody can guess; where the server makes none, one of our own does. */
export async function arrive() {
  if (recall("visitor")) return;
  const made = await post("/v1/visitors", {}).catch(() => null);
  if (made && !recall("visitor")) keep("visitor", made.body.anonymousId);
}

export const visitorId = () => anonymousId().split(".")[0];

export function anonymousId() {
  let id = recall("visitor");
  if (!id) {
    id = randomId();
    keep("visitor", id);
  }
  return id;
}

/** The session's id; thirty quiet minutes begin a new one. */
export function sessionId() {
  const now = Date.now();
  const session = recall("session");
  const current = session && now - session.at < SESSION_GAP_MS ? session.id : randomId();
  keep("session", { id: current, at: now });
  return current;
}

/** true, false, or null while the visitor has not been asked; a browser that signals GPC has answered. */
export function personalisation() {
  const answer = recall("personalisation", null);
  return answer === null && navigator.globalPrivacyControl === true ? false : answer;
}

export function allow(personalised) {
  keep("personalisation", personalised);
}

/** The circumstances, under the same names for events and for decisions. */
export function circumstances() {
  const path = location.hash.slice(1).split("?")[0] || "/";
  const context = {
    page: { path, url: `${location.origin}${location.pathname}#${path}`, title: document.title, referrer: document.referrer },
    locale: navigator.language,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    device: { type: matchMedia("(max-width: 46rem)").matches ? "mobile" : "desktop" },
    sessionId: sessionId(),
  };
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name.startsWith("utm_")) context.campaign = { ...context.campaign, [name.slice(4).replace("campaign", "name")]: value };
  }
  const allowed = personalisation();
  // A whole answer: what is not in it is not granted.
  if (allowed !== null) context.consent = { categoryPreferences: { personalization: allowed, analytics: allowed, research: allowed && recall("research", false) } };
  return context;
}

export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
