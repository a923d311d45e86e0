// The wires of a folded picture, as wide as the gradient they carry. Wires of one look in one open box are one path, since
// thousands of paths are slow to draw.
import { draw } from "../page/elements.js";
import { countText, sumOf } from "../page/numbers.js";
import { letter } from "./letters.js";

const THINNEST = 1.2, THICKEST = 8; // pixels
const ARROW = 9;

export class Wires {
  /**
   * ground: where they are drawn; the notes that are there already are only moved, since letters take long to lay out.
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {import("./letters.js").Letters} letters
   * @param {any[]} links
   * @param {any[]} wires
   * @param {SVGGElement} ground
   */
  constructor(graph, letters, links, wires, ground) {
    this.links = links;
    this.wires = wires;
    const amounts = wires.map((wire) => sumOf(wire.links.map(({ amount }) => amount)));
    const most = Math.max(...amounts);
    wires.forEach((wire, index) => (wire.width = THINNEST + Math.round((THICKEST - THINNEST) * Math.sqrt(most ? amounts[index] / most : 0))));
    this.element = draw("g", { class: "wires" }, ...pathsOf(wires));
    const place = ground.querySelector(".notes") ?? draw("g", { class: "notes" });
    const former = new Map();
    for (const note of place.children) addTo(former, note.textContent, note);
    this.notes = [];
    for (const wire of wires) {
      const word = wire.noted && noteOn(graph, letters.sizes, wire);
      if (!word) continue;
      const note = former.get(word.text)?.pop() ?? drawNote(letters, word);
      note.setAttribute("class", "note");
      note.setAttribute("transform", `translate(${wire.end.map(rounded)})`);
      if (!note.parentNode) place.append(note);
      this.notes.push({ wire, note });
    }
    for (const note of [...former.values()].flat()) note.remove();
    ground.prepend(this.element, ...(place.parentNode ? [] : [place]));
  }

  // Draw again, with the class `name`, the wires of the links for which the test is true.
  mark(name, test) {
    for (const part of this.element.querySelectorAll(`.${name}`)) part.remove();
    const found = new Set(this.links.filter(test));
    const marked = new Set(found.size ? this.wires.filter(({ links }) => links.some((link) => found.has(link))) : []);
    for (const { wire, note } of this.notes) note.classList.toggle(name, marked.has(wire));
    this.element.append(...pathsOf(marked, name));
  }
}

const addTo = (lists, key, item) => (lists.get(key) ?? lists.set(key, []).get(key)).push(item);

function pathsOf(wires, name = "") {
  const paths = new Map();
  for (const wire of wires) {
    const look = wire.links.some((link) => link.flowing) ? "wire" : "wire still";
    addTo(paths, `${look}|${wire.width}|${wire.group}`, wirePath(wire));
    const half = Math.max(3.8, wire.width * 0.9);
    if (wire.arrow) addTo(paths, `arrow|0|${wire.group}`, `M${wire.end.map(rounded)}l${-ARROW},${-half}v${2 * half}Z`);
  }
  return [...paths].map(([key, lines]) => {
    const [look, width] = key.split("|");
    return draw("path", { class: `${look} ${name}`, "stroke-width": width, d: lines.join("") });
  });
}

export const rounded = (number) => Math.round(number * 10) / 10;

function wirePath({ start, bend, end, through, arrow }) {
  const bow = Math.min((bend[1] - bend[0]) / 2, 110);
  const after = through === null ? end[0] - (arrow ? ARROW - 1 : 0) : Math.max(end[0], through);
  const [leave, arrive] = [rounded(start[1]), rounded(end[1])];
  return `M${rounded(start[0])},${leave}H${rounded(bend[0])}C${rounded(bend[0] + bow)},${leave} ${rounded(bend[1] - bow)},${arrive} ${rounded(bend[1])},${arrive}H${rounded(after)}`;
}

// The word on a wire: how many numbers it carries, or the trouble of the gradient there; null for none.
function noteOn(graph, sizes, { links }) {
  const reason = links.length === 1 ? graph.reasonAt(links[0]) : "";
  if (reason) return { text: reason, size: sizes.small, role: "nonfinite", bold: true };
  const sources = new Set();
  for (const link of links) for (const node of link.sources) sources.add(node);
  return sources.size < 2 ? null : { text: countText(sources.size), size: sizes.small, role: "muted" };
}

function drawNote(letters, word) {
  const wide = letters.width({ text: word.text, size: word.size }) + 6;
  const x = -14 - wide / 2;
  return draw("g", {}, draw("rect", { x: x - wide / 2, y: -8, width: wide, height: 16, rx: 4 }), letter(word, x, 4, "middle"));
}
