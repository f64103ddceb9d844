// A posting's text as elements we allow. The API has cleaned it already; this is the second lock on the door.

const ALLOWED = new Set(["P", "BR", "UL", "OL", "LI", "H2", "H3", "H4", "STRONG", "B", "EM", "I", "A", "BLOCKQUOTE", "DIV", "SPAN"]);
const DROPPED = new Set(["SCRIPT", "STYLE", "IFRAME", "OBJECT", "TEMPLATE", "FORM", "SVG", "MATH"]);

/** Answer the nodes of a text, HTML or plain; lines of a plain one are paragraphs. */
export function prose(text) {
  const html = /<(p|br|ul|ol|li|h\d|div|strong|b|em)\b/i.test(text);
  if (html) return Array.from(new DOMParser().parseFromString(text, "text/html").body.childNodes).flatMap(allowed);
  return text.split(/\n+/).filter((line) => line.trim()).map((line) => Object.assign(document.createElement("p"), { textContent: line }));
}

function allowed(node) {
  if (node.nodeType === Node.TEXT_NODE) return [document.createTextNode(node.data)];
  if (node.nodeType !== Node.ELEMENT_NODE || DROPPED.has(node.tagName.toUpperCase())) return [];
  const children = Array.from(node.childNodes).flatMap(allowed);
  if (!ALLOWED.has(node.tagName)) return children;
  // The page owns h1 and h2.
  const copy = document.createElement(node.tagName === "H2" ? "h3" : node.tagName);
  const href = node.getAttribute("href") ?? "";
  if (/^(https?:|mailto:)/i.test(href)) Object.assign(copy, { href, rel: "noopener nofollow", target: "_blank" });
  copy.append(...children);
  return [copy];
}
