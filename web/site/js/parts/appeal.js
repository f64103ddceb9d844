// "Ask a person to look at this": an appeal against the list that is on show, and what became of it.

import { call, Trouble } from "../api.js";
import { choice, PLAYLIST } from "../decisions.js";
import { h } from "../dom.js";
import { anonymousId } from "../visitor.js";
import { toast } from "./toast.js";

/** A form that opens with one press; what was asked before stands below it. */
export function appealBox() {
  const words = h("textarea", { id: "appeal-reason", rows: "3", maxlength: "2000", required: true });
  const standing = h("p.soft", { role: "status", dataset: { appeal: "standing" } });
  const form = h("form.field", { onsubmit: (event) => { event.preventDefault(); ask(words, standing, box); } },
    h("label", { for: "appeal-reason" }, "What should they look at?"), words,
    h("div.chips", h("button.chip", { type: "submit", dataset: { action: "appeal" } }, "Send to a person")));
  const box = h("details", { dataset: { appeal: "box" } }, h("summary", "Ask a person to look at this"), form);
  return [box, standing];
}

async function ask(words, standing, box) {
  const { decisionId } = choice(PLAYLIST) ?? {};
  if (!decisionId) {
    toast("There is no list to look at yet.");
    return;
  }
  try {
    const { body } = await call("POST", "/v1/appeals", { decisionId, reason: words.value }, { proven: anonymousId() });
    standing.dataset.status = body.status;
    standing.textContent = body.status === "open" ? "A person will look at it. You find the answer with your data." : `Looked at: ${body.outcome}.`;
    words.value = "";
    box.open = false;
  } catch (trouble) {
    if (!(trouble instanceof Trouble)) throw trouble;
    toast(trouble.status === 404 ? "Nothing about this list is kept, so there is nothing to look at." : trouble.sentence);
  }
}
