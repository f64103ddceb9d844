// Decisions in plain words: where a list came from, why a job is in it, what changed.

const RUNGS = {
  live: ["Decided for you, just now", "From what you did on this site, a moment ago."],
  last_good: ["Your last good list", "The live decision was not ready in time, so this is the newest one made for you."],
  segment: ["What suits visitors like you", "There is little to go by yet: this is what visitors in your circumstances look at."],
  site: ["What people look at today", "There is nothing to go by yet: this is what is looked at most on this site."],
  curated: ["Picked by the team", "There is nothing to go by yet, so people picked these by hand."],
};

/** Where a choice came from, as `[headline, explanation]`. */
export function origin(choice, personalised) {
  if (!choice) return ["No list yet", "It appears as soon as the service answers."];
  if (personalised === false) return ["Not personalised", "Nothing you did was used, and nothing is stored."];
  return RUNGS[choice.rung] ?? ["Decided by the service", ""];
}

/** A reason as a person reads it; the API's own words come first. */
export function because({ code = "", detail, text }) {
  if (text) return text;
  const words = code.charAt(0).toUpperCase() + code.slice(1).replaceAll("_", " ");
  return detail ? `${words}: ${detail}` : words;
}

/** The reason that spoke loudest for an item, if one did. */
export const mainReason = ({ reasons = [] }) =>
  reasons.filter(({ weight = 0 }) => weight >= 0).sort((a, b) => (b.weight ?? 0) - (a.weight ?? 0))[0];

export const DISMISSALS = {
  field: "Not my field", pay: "Pays too little", place: "Too far away", hours: "Wrong hours", seen: "Seen it already", other: "Another reason",
};

/** What changed between two lists of ids: for each id of the new one its `steps` up (below zero: down) or "new", and the sentence for it. */
export function difference(before, after) {
  const was = new Map(before.map((id, index) => [id, index]));
  const steps = new Map(after.map((id, index) => [id, was.has(id) ? was.get(id) - index : "new"]));
  const counts = [
    [after.filter((id) => !was.has(id)).length, "new"],
    [after.filter((id) => steps.get(id) > 0).length, "moved up"],
    [before.filter((id) => !steps.has(id)).length, "gone"],
  ].filter(([count]) => count);
  const sentence = counts.length ? `Your list changed: ${counts.map((one) => one.join(" ")).join(", ")}.` : "Your list stays as it is.";
  return { steps, changed: counts.length > 0, sentence };
}

export const milliseconds = (ms) => (ms < 10 ? `${Math.max(ms, 0.1).toFixed(1)} ms` : `${Math.round(ms)} ms`);
