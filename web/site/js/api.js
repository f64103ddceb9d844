// The way to the Careerstream API: one call, one deadline, and errors that are a sentence with a next step.

const DEADLINE_MS = 8000;
const key = document.querySelector('meta[name="careerstream-key"]')?.content || "pk_demo";
const authorization = "Basic " + btoa(`${key}:`);

/** Why the API did not answer as hoped; `sentence` may be shown as it is. */
export class Trouble extends Error {
  constructor(sentence, status = 0, retryAfterMs = null) {
    super(sentence);
    Object.assign(this, { sentence, status, retryAfterMs });
  }

  /** Whether the same call may succeed later. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** Query members that are undefined, null or empty are left out. */
export function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value || value === 0);
  return call("GET", given.length ? `${path}?${new URLSearchParams(given)}` : path);
}

/** Post JSON; `keepalive` lets it outlive the page. Answers `{body, ms, serverMs}`. */
export const post = (path, body, options) => call("POST", path, body, options);

/** `proven` sends the proof that the visitor's number is this browser's: what is held is answered to nobody else. */
export async function call(method, path, body, { keepalive = false, proven } = {}) {
  const started = performance.now();
  const response = await reach(path, {
    method,
    keepalive,
    headers: { Authorization: authorization, ...(body && { "Content-Type": "application/json" }), ...(proven && { "X-Visitor": proven }) },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  if (!response.ok) throw refused(response);
  return { body: await response.json(), ms: performance.now() - started, serverMs: serverTime(response.headers.get("Server-Timing")) };
}

async function reach(path, options) {
  try {
    return await fetch(path, options);
  } catch {
    throw new Trouble("The careers service can’t be reached right now. What you do here is kept and sent as soon as it answers.");
  }
}

function refused({ status, headers }) {
  const seconds = Number(headers.get("Retry-After")) || null;
  return new Trouble(sentence(status, seconds), status, seconds && seconds * 1000);
}

function sentence(status, seconds) {
  if (status === 401 || status === 403) return "This site’s key was not accepted. Its owner can set another in the page’s careerstream-key.";
  if (status === 404) return "This posting is no longer open. Your list has others like it.";
  if (status === 429 || status === 503) return `The service is busy. Nothing is lost: we try again ${seconds ? `in ${seconds} seconds` : "in a moment"}.`;
  if (status >= 500) return "Something went wrong on our side. We try again in a moment.";
  return "That was not understood by the service. Load the page again, then try once more.";
}

/** Milliseconds the server says it worked: the sum of the spans it names. */
function serverTime(header) {
  return header && Array.from(header.matchAll(/dur=([\d.]+)/g), ([, ms]) => Number(ms)).reduce((sum, ms) => sum + ms, 0);
}
