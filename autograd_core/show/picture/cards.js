// The words and numbers on a card, and its shape.
import { runs } from "../page/bars.js";
import { countText, counted, largestOf, numberText, roleOf, signedText, sumOf } from "../page/numbers.js";
import { entryOrder } from "./entry_order.js";
import { MAP_GAP, mapSize, rowsOf } from "./grid.js";
import { shortened } from "./letters.js";

const SHAPES = { input: "parallelogram", parameter: "hexagon", constant: "pill", operation: "card" };
const LEAST_WIDTH = 96;
const SIGN = 44; // beside the heading of a group

export class Cards {
  /**
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {import("./letters.js").Letters} letters
   */
  constructor(graph, letters) {
    this.graph = graph;
    this.letters = letters;
    this.sizes = letters.sizes;
    this.known = new Map();
  }

  adjoint(node) {
    return this.graph.reached[node] ? this.graph.adjoint[node] : null;
  }

  // The nodes whose numbers a unit shows: its outputs, or the leaves it gathers.
  shownNodes(unit, cut) {
    if (!this.graph.isGroup(unit)) return [unit];
    if (this.graph.kindOf(unit) === "leaves") return this.graph.membersOf(unit);
    return entryOrder(cut.outputs.get(unit) ?? [], (node) => this.graph.labels.get(node));
  }

  // Its numbers are others now.
  forget(unit) {
    this.known.delete(unit);
  }

  of(unit, cut) {
    if (!this.known.has(unit)) this.known.set(unit, this.card(unit, cut));
    return this.known.get(unit);
  }

  card(unit, cut) {
    const { graph, sizes } = this;
    const nodes = this.shownNodes(unit, cut);
    const values = nodes.map((node) => graph.value[node]);
    const gradients = nodes.map((node) => this.adjoint(node));
    const isGroup = graph.isGroup(unit);
    const kind = graph.kindOf(unit);
    let paper = kind;
    if (kind === "leaves") paper = graph.leafKind(nodes[0]);
    else if (kind === "part" || kind === "chain") paper = "operation";
    else if (isGroup) paper = "composition";
    /** @type {any[]} */
    const lines = [this.heading(unit, kind, paper, nodes)];
    if (isGroup) {
      const formula = graph.formulaOf(unit);
      if (formula && kind !== "leaves") lines.push({ centre: [{ text: shortened(formula), size: sizes.text }] });
      lines.push({ centre: [{ text: this.counts(unit, cut, nodes), size: sizes.small, role: "muted" }] });
    }
    const ofEquals = kind === "repeat" || kind === "rows";
    const rows = rowsOf(graph, unit, nodes);
    lines.push(rows ? this.maps(rows) : this.numbers("value", values, false, ofEquals));
    const changed = this.changes(nodes);
    if (changed) lines.push({ centre: [{ text: changed, size: sizes.small, role: "muted" }] });
    if (paper !== "constant" && !rows) lines.push(this.numbers("grad", gradients, true, ofEquals));
    const troubles = this.troubles(unit);
    if (troubles) lines.push({ centre: [{ text: troubles, size: sizes.small, role: "nonfinite", bold: true }] });
    let shape = isGroup && kind !== "leaves" ? "stack" : SHAPES[paper];
    const { culprit } = graph;
    if (culprit && (culprit.node === unit || graph.around(culprit.node).some((group) => graph.nodes + group === unit))) {
      [paper, shape] = ["nonfinite", "octagon"];
      lines.push({ centre: [{ text: culprit.mark, size: sizes.small, role: "nonfinite", bold: true }] });
    }
    const slant = shape === "card" || shape === "stack" || shape === "pill" ? 0 : sizes.slant;
    const widest = Math.max(...lines.map((line, index) => this.lineWidth(line) + (isGroup && index === 0 ? SIGN : 0)));
    const width = Math.ceil(Math.max(widest + 2 * (sizes.padding + slant), LEAST_WIDTH));
    const height = Math.ceil(sumOf(lines.map((line) => this.lineHeight(line))) + sizes.padding * 1.4);
    return { unit, nodes, rows, values, gradients, lines, paper, shape, slant, width, height, output: nodes.includes(graph.root), troubles };
  }

  // The note on the number of one node; of several, how many have changed since the graph was computed.
  changes(nodes) {
    const notes = nodes.map((node) => this.graph.changed.get(node)).filter(Boolean);
    return notes.length && nodes.length > 1 ? `${counted(notes.length, "number")} changed since` : notes[0] ?? "";
  }

  heading(unit, kind, paper, nodes) {
    const { graph, sizes } = this;
    const name = { text: shortened(graph.nameOf(unit)), size: sizes.title, bold: true };
    if (kind === "operation") return { centre: [{ text: graph.operations[graph.operation[unit]][1], size: sizes.symbol, bold: true }, name] };
    /** @type {import("./letters.js").Word[]} */
    const words = [name];
    const caption = kind === "scope" || kind === "composition" ? "" : kind === "leaves" ? paper : kind;
    if (caption) words.push({ text: caption, size: sizes.small, role: "muted" });
    if (kind !== "leaves" && this.outputsNamed(unit, nodes)) words.push({ text: this.outputsNamed(unit, nodes), size: sizes.text });
    return { centre: words };
  }

  // The outputs of a closed box as "→ h1", where its formula does not name them.
  outputsNamed(unit, nodes) {
    const { graph } = this;
    if (!graph.isGroup(unit) || !nodes.length || !(nodes.length === 1 || nodes.every((node) => graph.labels.has(node)))) return "";
    const names = [...new Set(nodes.map((node) => graph.nameOf(node).replace(/(\[\d+\])*(#\d+)?$/, "")))];
    // A formula of vectors names the outputs as one: h⁽¹⁾ for h⁽¹⁾₀, h⁽¹⁾₁ ...
    const vectors = new Set(names.map((each) => each.replace(/[₀-₉,]+$/, "")));
    if (vectors.size === 1 && graph.formulaOf(unit).startsWith(`${[...vectors][0]} =`)) return "";
    const name = names.length > 2 ? `${names[0]} … ${names.at(-1)}` : names.join(", ");
    return graph.formulaOf(unit).startsWith(`${name} =`) ? "" : shortened(`→ ${name}`, 24);
  }

  counts(unit, cut, nodes) {
    const { graph } = this;
    const group = unit - graph.nodes;
    if (graph.kindOf(unit) === "leaves") return graph.formulaOf(unit) || counted(nodes.length, "number");
    const words = [`${countText(cut.inputs.get(unit)?.size ?? 0)} → ${countText(nodes.length)}`];
    if (graph.parameters[group]) words.push(counted(graph.parameters[group], "parameter"));
    return [...words, counted(graph.computed[group], "operation")].join(", ");
  }

  // The values of rows of nodes as a map, and that of their gradients beside it, each below its largest number.
  maps(rows) {
    const ofNodes = (number) => rows.map((row) => row.map(number));
    const head = (name, numbers, coloured) => [{ text: name, size: this.sizes.small, role: "muted" }, this.number(largestOf(numbers.flat()), coloured, "peak ")];
    const [values, gradients] = [ofNodes((node) => this.graph.value[node]), ofNodes((node) => this.adjoint(node))];
    return { maps: [{ name: "value", head: head("value", values, false), numbers: values }, { name: "grad", head: head("grad", gradients, true), numbers: gradients }] };
  }

  mapWidth({ head, numbers }) {
    return Math.max(mapSize(numbers).width, sumOf(head.map((word) => this.letters.width(word) + 6)) - 6);
  }

  // Of equal boxes the range and the mean, else the largest.
  numbers(name, numbers, coloured, ofEquals = false) {
    if (numbers.length === 1) return { left: name, right: this.number(numbers[0], coloured) };
    const known = numbers.filter((number) => number !== null);
    const right = ofEquals && known.length && known.every(Number.isFinite)
      ? { text: `${numberText(Math.min(...known))} to ${numberText(Math.max(...known))}, mean ${numberText(sumOf(known) / known.length)}`, size: this.sizes.small }
      : this.number(largestOf(numbers), coloured, "peak ");
    return { left: name, right, bars: runs(numbers, this.sizes.bars, largestOf), coloured };
  }

  number(number, coloured, before = "") {
    const size = before ? this.sizes.small : this.sizes.text;
    if (number === null) return { text: "–", size };
    if (!Number.isFinite(number)) return { text: `! ${numberText(number)}`, size, role: "nonfinite", bold: true };
    if (!coloured || number === 0) return { text: before + numberText(number), size };
    return { text: before + signedText(number), size, role: roleOf(number), bold: true };
  }

  // Counts such as "3 off, 1 saturated"; for a node only the word.
  troubles(unit) {
    const { graph } = this;
    if (!graph.isGroup(unit)) return graph.trouble[unit] > 1 ? graph.troubles[graph.trouble[unit]] : "";
    return graph.troubles
      .map((word, index) => [graph.troubled[index][unit - graph.nodes], word, index])
      .filter(([count, , index]) => index && count)
      .map(([count, word]) => `${countText(count)} ${word}`)
      .join(", ");
  }

  lineWidth({ centre, bars, right, maps = null }) {
    if (maps) return sumOf(maps.map((map) => this.mapWidth(map))) + MAP_GAP;
    if (centre) return sumOf(centre.map((word) => this.letters.width(word) + 6)) - 6;
    return this.sizes.strip + (bars ? bars.length * this.sizes.bar + 12 : 18) + this.letters.width(right);
  }

  lineHeight({ centre, bars, right, maps = null }) {
    if (maps) return this.sizes.small * 1.3 + 4 + mapSize(maps[0].numbers).height + 4;
    return bars ? this.sizes.text * 1.3 + 5 : Math.max(...(centre ?? [right]).map((word) => word.size)) * 1.3;
  }
}
