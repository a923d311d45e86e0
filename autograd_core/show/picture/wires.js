// The wires of a folded picture. All of one look in one open box are one path, since browsers take long over thousands.
class Wires {
  // ground: where they are drawn; the notes that are there already are only moved, since letters take long to lay out.
  constructor(graph, links, wires, ground) {
    Object.assign(this, { links, wires, element: draw("g", { class: "wires" }, ...pathsOf(wires)) });
    const place = ground.querySelector(".notes") ?? draw("g", { class: "notes" });
    const former = new Map();
    for (const note of place.children) enterIn(former, note.textContent, note);
    this.notes = [];
    for (const wire of wires) {
      const word = wire.arrow && noteOn(graph, wire);
      if (!word) continue;
      const note = former.get(word.text)?.pop() ?? drawnNote(word);
      note.setAttribute("class", "note");
      note.setAttribute("transform", `translate(${wire.end.map(rounded)})`);
      if (!note.parentNode) place.append(note);
      this.notes.push({ wire, note });
    }
    for (const note of [...former.values()].flat()) note.remove();
    ground.prepend(this.element, ...(place.parentNode ? [] : [place]));
  }

  // Draw once more, by a class of that name, what holds a link for which the test is true.
  mark(name, test) {
    for (const part of this.element.querySelectorAll(`.${name}`)) part.remove();
    const found = new Set(this.links.filter(test));
    const marked = new Set(found.size ? this.wires.filter(({ links }) => links.some((link) => found.has(link))) : []);
    for (const { wire, note } of this.notes) note.classList.toggle(name, marked.has(wire));
    this.element.append(...pathsOf(marked, name));
  }
}

const enterIn = (lists, key, one) => (lists.get(key) ?? lists.set(key, []).get(key)).push(one);

function pathsOf(wires, name = "") {
  const paths = new Map();
  for (const wire of wires) {
    enterIn(paths, `${wire.links.some((link) => link.flowing) ? "wire" : "wire still"}|${wire.group}`, wirePath(wire));
    if (wire.arrow) enterIn(paths, `arrow|${wire.group}`, `M${wire.end.map(rounded)}l-9,-3.8v7.6Z`);
  }
  return [...paths].map(([key, lines]) => draw("path", { class: `${key.split("|")[0]} ${name}`, d: lines.join("") }));
}

const rounded = (number) => Math.round(number * 10) / 10;

function wirePath({ start, bend, end, through }) {
  const bow = Math.min((bend[1] - bend[0]) / 2, 110);
  const after = through === null ? end[0] : Math.max(end[0], through);
  const [leave, arrive] = [rounded(start[1]), rounded(end[1])];
  return `M${rounded(start[0])},${leave}H${rounded(bend[0])}C${rounded(bend[0] + bow)},${leave} ${rounded(bend[1] - bow)},${arrive} ${rounded(bend[1])},${arrive}H${rounded(after)}`;
}

// On a wire: how many numbers it carries, or why the gradient fares badly there; null for nothing.
function noteOn(graph, { links }) {
  const reason = links.length === 1 ? reasonAt(graph, links[0]) : "";
  if (reason) return { text: reason, size: SIZES.small, role: "nonfinite", bold: true };
  const sources = new Set();
  for (const link of links) for (const node of link.sources) sources.add(node);
  return sources.size < 2 ? null : { text: sources.size.toLocaleString("en"), size: SIZES.small, role: "muted" };
}

function drawnNote(word) {
  const wide = textWidth(word.text, word.size) + 6;
  const x = -14 - wide / 2;
  return draw("g", {}, draw("rect", { x: x - wide / 2, y: -8, width: wide, height: 16, rx: 4 }), lettered(word, x, 4, "middle"));
}

// What stands at an edge into a dead, saturated, exploding or vanishing operation: closed, or the factor; "" for other edges.
function reasonAt(graph, { to, sources }) {
  if (graph.isGroup(to) || graph.trouble[to] < 2) return "";
  const edges = Array.from({ length: graph.arity[to] }, (_, index) => graph.first[to] + index).filter((edge) => sources.has(graph.source[edge]));
  const open = edges.filter((edge) => graph.flowing[edge]);
  if (open.length) return `× ${numberText(open.reduce((sum, edge) => sum + graph.partial[edge], 0))}`;
  const isTest = (edge) => ["less", "less_equal", "greater", "greater_equal", "equal"].includes(graph.operations[graph.operation[graph.source[edge]]][0]);
  return edges.every(isTest) ? "" : "closed";
}
