// Building the page: elements from arguments (text is always text), icons, and what is said aloud.

const ICONS = {
  save: "M6 3h12v18l-6-4.5L6 21z",
  like: "M12 20.5 4.6 13a5 5 0 0 1 7.1-7l.3.4.3-.3a5 5 0 0 1 7.1 7z",
  dismiss: "M4 4l16 16M9.9 5.2A9.8 9.8 0 0 1 12 5c6 0 9.5 7 9.5 7a16 16 0 0 1-3 3.8M6.3 6.9A15.6 15.6 0 0 0 2.5 12S6 19 12 19a9.3 9.3 0 0 0 4.5-1.2",
  share: "M12 15V3m0 0L7.5 7.500M12 3l4.5 4.500M5 12v8h14v-8",
  search: "M10.5 17.500a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM15.8 15.8 21 21",
  home: "M3 11.5 12 4l9 7.500M5.5 9.500V20h13V9.5",
  tune: "M4 7h9m5 0h2M4 17h2m5 0h9M15.5 9.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM8.5 19.500a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  why: "M9.2 9.300a2.9 2.9 0 1 1 4.3 2.500c-1 .6-1.5 1.2-1.5 2.400M12 17.500v.2M12 21.500a9.5 9.5 0 1 0 0-19 9.5 9.5 0 0 0 0 19z",
  close: "M5 5l14 14M19 5 5 19",
  back: "M20 12H4m0 0 6-6m-6 6 6 6",
  text: "M5 4h14M5 9h14M5 14h14M5 19h8",
  check: "M4.5 12.5 10 18 20 6.5",
  place: "M12 21.500s7-6.4 7-11.700A7 7 0 0 0 5 9.800c0 5.3 7 11.7 7 11.700zM12 12.300a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5.300l3.5 2",
  play: "M8 5.500v13l11-6.500z",
  calendar: "M4 6.500h16V20H4zM4 10.500h16M8.5 3.500v5M15.5 3.500v5",
  gift: "M4 11h16v9.500H4zM3 7.500h18V11H3zM12 7.500v13M12 7.500S10.5 3 8 3.500s-1 4 4 4zm0 0S13.5 3 16 3.500s1 4-4 4z",
};

/** Make an element: `h("a.link", {href: "#/"}, "Home")`. Functions become listeners, true and false attributes come and go. */
export function h(name, ...rest) {
  const [tag, ...classes] = name.split(".");
  const element = document.createElement(tag);
  if (classes.length) element.className = classes.join(" ");
  if (tag === "button") element.type = "button";
  const attributes = Object.getPrototypeOf(rest[0] ?? "") === Object.prototype ? rest.shift() : {};
  for (const [key, value] of Object.entries(attributes)) set(element, key, value);
  element.append(...rest.flat(3).filter((child) => child || child === 0));
  return element;
}

/** Make an SVG element; a picture is for eyes only. */
export function shape(name, attributes, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (name === "svg") element.setAttribute("aria-hidden", "true");
  element.append(...children);
  return element;
}

export const icon = (name) => shape("svg", { viewBox: "0 0 24 24", class: `icon icon--${name}` }, shape("path", { d: ICONS[name] }));

/** The head of a section: its title, a line below it, and what stands at the other end. */
export const heading = (id, title, subtitle, ...beside) =>
  h("div.section__head", h("div", h("h2", { id }, title), subtitle && h("p.section__sub", subtitle)), ...beside);

export const closer = (label, onclick) => h("button.icon-button", { "aria-label": label, onclick }, icon("close"));

/** Tell people who listen instead of look. */
export function announce(sentence) {
  const region = document.getElementById("announcer");
  region.textContent = "";
  // The same sentence twice is only spoken again when the region was empty in between.
  requestAnimationFrame(() => { region.textContent = sentence; });
}

export const calmMotion = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

function set(element, key, value) {
  if (typeof value === "function") element.addEventListener(key.replace(/^on/, ""), value);
  else if (key === "dataset") Object.assign(element.dataset, value);
  else if (key === "style") for (const [name, one] of Object.entries(value)) element.style.setProperty(name, one);
  else if (key === "value" || key === "checked" || key === "selected") element[key] = value;
  else if (value === true) element.setAttribute(key, "");
  else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
}
