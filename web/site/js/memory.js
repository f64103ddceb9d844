// What this browser keeps: JSON under one prefix, or only in this page where storage is refused.

const PREFIX = "careerstream.";
const page = new Map();

export function recall(name, otherwise) {
  try {
    const text = localStorage.getItem(PREFIX + name);
    return text === null ? otherwise : JSON.parse(text);
  } catch {
    return page.has(name) ? page.get(name) : otherwise;
  }
}

export function keep(name, value) {
  page.set(name, value);
  try {
    localStorage.setItem(PREFIX + name, JSON.stringify(value));
  } catch {
    // Private windows and full disks refuse: the page's own copy serves until it is closed.
  }
}

export function forgetEverything() {
  page.clear();
  try {
    Object.keys(localStorage).filter((key) => key.startsWith(PREFIX)).forEach((key) => localStorage.removeItem(key));
  } catch {
    // Nothing was kept there.
  }
}
