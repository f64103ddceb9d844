// A bus for the page: what happened, told to whoever draws it.

const bus = new EventTarget();

/** Known: decided, log, trouble, calm, shelf, allowed. Answers a function that stops listening. */
export function on(name, listener) {
  const heard = (event) => listener(event.detail);
  bus.addEventListener(name, heard);
  return () => bus.removeEventListener(name, heard);
}

export const tell = (name, detail) => bus.dispatchEvent(new CustomEvent(name, { detail }));
