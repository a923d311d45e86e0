// Why this order: the users that each node waits for, and the numbers that other orders give on this graph.
import { make } from "../page/elements.js";

/** @param {{ why: string, nodes: string[], sentences: string[], wrong: [string, string, string[]][] }} order */
export function orderPanel({ why, nodes, sentences, wrong }) {
  /** @type {(items: any[], attributes?: import("../page/elements.js").Attributes) => HTMLUListElement} */
  const list = (items, attributes = {}) => make("ul", attributes, ...items.map((item) => make("li", {}, ...[item].flat())));
  const panel = make("section", { class: "panel", "aria-label": "Why this order" }, make("p", {}, why),
    make("p", { class: "sequence" }, nodes.join(" → ")), list(sentences));
  if (wrong.length) {
    const others = wrong.map(([kind, sentence, lines]) => [make("strong", {}, `${kind}: `), `${sentence}.`, list(lines)]);
    panel.append(make("h3", {}, "Another order on this graph, at the original numbers"), list(others, { class: "wrong" }));
  }
  return panel;
}
