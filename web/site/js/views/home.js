// The front page: a greeting, a gentle message, the line of ten, and what surrounds a job.

import { choice } from "../decisions.js";
import { closer, h, heading } from "../dom.js";
import { benefit, contentLink, contentOf, medium, seen, touched } from "../parts/content.js";
import { hero, renewHero } from "../parts/hero.js";
import { playlistSection, rowSection } from "../parts/playlist.js";
import { consentQuestion } from "../parts/privacy.js";
import { on } from "../signals.js";

export function showHome(main) {
  const greeting = hero();
  const message = h("div.slot");
  const benefits = grid("benefits", "What comes with the work", benefit);
  const media = grid("media", "Watch and meet", medium);
  const playlist = playlistSection();
  const weekly = rowSection("weekly-discoveries", "Weekly discoveries", "A little off your usual route.");
  const fresh = rowSection("fresh-releases", "Fresh releases", "Posted in the last few days.");
  const draw = () => {
    renewHero(greeting, contentOf(choice("hero"))[0]);
    drawMessage(message, contentOf(choice("message"))[0]);
    benefits.draw();
    media.draw();
  };
  main.replaceChildren(greeting, consentQuestion(), message, playlist.section, weekly.section, benefits.section, fresh.section, media.section);
  draw();
  const leaves = [playlist.leave, weekly.leave, fresh.leave, on("decided", draw)];
  return () => leaves.forEach((leave) => leave());
}

/** A grid of content items, drawn anew only when other items are chosen. */
function grid(selector, title, make) {
  const list = h(`ul.${selector}`);
  const section = h("section", { hidden: true, "aria-labelledby": `${selector}-title` }, heading(`${selector}-title`, title), list);
  let drawn = "";
  return {
    section,
    draw() {
      const items = contentOf(choice(selector));
      const ids = items.map(({ id }) => id).join();
      section.hidden = !items.length;
      if (ids !== drawn) list.replaceChildren(...items.map(make));
      drawn = ids;
    },
  };
}

function drawMessage(slot, item) {
  if (slot.dataset.shown === item?.id) return;
  const close = () => {
    slot.replaceChildren();
    touched("Content Dismissed", item);
  };
  slot.dataset.shown = item?.id ?? "";
  slot.replaceChildren(item ? seen(h("section.message", { "aria-label": "A message for you" },
    h("div", h("h3", item.title), h("p", item.text)),
    contentLink("button.button--small", item, "Message Clicked"),
    closer("Close this message", close)), item) : "");
}
