// Draws a record as the picture that a step-through shows: cards with their numbers, edges, and the ports to join them by.
import { draw } from "../page/elements.js";
import { numberText, signedText, sumOf } from "../page/numbers.js";
import { outlinePath } from "../page/outlines.js";
import { letter } from "../picture/letters.js";
import { isConstant, nameText } from "./graph_record.js";
import { placeCards } from "./place_cards.js";

const ARROW = 9;
const STACK = 5;
const RING = 4.5; // between the two lines of the output
const PORT = { reach: 13, radius: 9, away: 15, step: 24, stepDown: 34, exit: 4.5 };
const NUMBER = "−8.888·10⁻⁸"; // room for most
const LABEL = 40;
const PLATE = { height: 19, padding: 10 };
const PLATES = [0.5, 0.6, 0.4, 0.7, 0.3, 0.8, 0.2]; // of the way between two layers

/**
 * @typedef {import("./graph_record.js").Graph} Graph
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {import("./evaluate_graph.js").Evaluation} Evaluation
 * @typedef {import("../picture/letters.js").Letters} Letters
 * @typedef {import("../picture/letters.js").Word} Word
 * @typedef {{ node: import("./graph_record.js").GraphNode, kind: string, shape: import("../page/outlines.js").Shape, heading: Word[], hasValue: boolean, hasGrad: boolean,
 *   slant: number } & import("./place_cards.js").Size} Card
 * @typedef {import("./place_cards.js").Box} Box
 * @typedef {import("./place_cards.js").Point} Point
 */

/** @type {Record<string, import("../page/outlines.js").Shape>} */
const SHAPES = { input: "parallelogram", constant: "pill", operation: "card", composition: "stack" };

export class GraphDrawing {
  /**
   * @param {Graph} graph
   * @param {Table} table
   * @param {Evaluation} found
   * @param {Letters} letters
   * @param {boolean} isDown whether edges lead down, and not to the right
   */
  constructor(graph, table, found, letters, isDown) {
    this.table = table;
    this.isDown = isDown;
    this.found = found;
    this.letters = letters;
    this.sizes = letters.sizes;
    const cardOf = new Map(graph.nodes.map(({ id }, index) => [id, index]));
    this.cards = graph.nodes.map((node) => this.card(node, cardOf));
    const { boxes, ways, width, height } = placeCards(this.cards, isDown);
    this.boxes = boxes;
    /** @type {{ x: number, y: number, width: number }[]} */
    this.plates = [];
    const links = found.edges.map((edge, index) => this.link(edge, index, cardOf, ways[index]));
    const labels = links.flatMap(({ label }) => label);
    this.svg = draw("svg", { class: "autograd-picture", width, height, viewBox: `0 0 ${width} ${height}`, "text-anchor": "middle", "font-size": this.sizes.small,
      "stroke-width": 1.5, role: "group", "aria-label": "Computation graph" }, ...links.map(({ group }) => group), ...this.cards.map((card, index) => this.drawCard(card, index)),
    ...labels, ...this.cards.flatMap((card, index) => this.ports(card, index)));
  }

  /** @type {(node: import("./graph_record.js").GraphNode, cardOf: Map<number, number>) => Card} */
  card(node, cardOf) {
    const { sizes, table, found } = this;
    const constant = isConstant(node);
    const name = { text: nameText(found.names.get(node.id)), size: constant ? sizes.text : sizes.title, bold: !constant };
    const operation = node.operation ? table.operations[node.operation] : null;
    const kind = constant ? "constant" : !operation ? "input" : /activations|lists/.test(operation.group) ? "composition" : "operation";
    const heading = !operation ? [name] : [{ text: operation.symbol, size: sizes.symbol, bold: true },
      ...(kind === "composition" && operation.symbol.toLowerCase() !== node.operation ? [{ text: node.operation, size: sizes.text }] : []), name];
    if (kind === "input") heading.push(/** @type {any} */ ({ text: "input", size: sizes.small, role: "muted" }));
    const value = found.values.get(node.id);
    const isOdd = operation && value !== undefined && !Number.isFinite(value);
    const shape = isOdd ? "octagon" : SHAPES[kind];
    const slant = shape === "parallelogram" || shape === "octagon" ? sizes.slant : 0;
    const hasGrad = found.variable.has(node.id) && !constant;
    const widest = Math.max(sumOf(heading.map((word) => this.letters.width(word) + 6)) - 6, constant ? 0 : LABEL + this.letters.width({ text: NUMBER, size: sizes.text, bold: true }));
    const lines = (operation ? sizes.symbol : heading[0].size) * 1.3 + (constant ? 0 : sizes.text * 1.3 * (hasGrad ? 2 : 1));
    return { node, rank: [...found.order, ...found.others].indexOf(node.id), kind: isOdd ? `${kind} nonfinite` : kind, shape, heading, hasValue: !constant, hasGrad, slant, inputs: node.inputs.map((input) => (input === null ? null : cardOf.get(input))),
      width: Math.ceil(widest + 2 * (sizes.padding * (constant ? 0.8 : 1) + slant)) + (shape === "stack" ? STACK : 0),
      height: Math.ceil(Math.max(lines + sizes.padding * 1.4, this.isDown ? 0 : PORT.step * (node.inputs.length + 0.5))) + (shape === "stack" ? STACK : 0) };
  }

  /** @type {(card: Card, index: number) => SVGGElement} */
  drawCard(card, index) {
    const { found, sizes } = this;
    const { node, kind, shape, slant, heading, hasValue, hasGrad } = card;
    const isOutput = node.id === found.output && !isConstant(node);
    const role = kind.includes("nonfinite") ? "nonfinite" : isOutput ? "output" : kind;
    const group = draw("g", { class: `card ${kind}${isOutput ? " output" : ""}`, "data-index": index });
    const behind = shape === "stack" ? STACK : 0;
    const box = this.boxes[index];
    const front = { x: box.x, y: box.y + behind, width: box.width - behind, height: box.height - behind };
    const sheet = (/** @type {Box} */ { x, y, width, height }, /** @type {Record<string, string | number>} */ look) => draw("path", { d: outlinePath(shape, slant, x, y, width, height), ...look });
    const paper = { class: `s-${role} f-${role}-fill`, "stroke-width": isOutput ? 2.6 : 1.6, ...(shape === "pill" && { "stroke-dasharray": "3,3" }) };
    if (behind) group.append(sheet({ ...front, x: front.x + behind, y: front.y - behind }, { class: paper.class, "stroke-width": 1.6 }));
    group.append(sheet(front, paper));
    if (isOutput) group.append(sheet({ x: front.x + RING, y: front.y + RING, width: front.width - 2 * RING, height: front.height - 2 * RING }, { class: `s-${role}`, fill: "none", "stroke-width": 1 }));
    const tall = Math.max(...heading.map(({ size }) => size)) * 1.3;
    let y = front.y + (front.height - tall - sizes.text * 1.3 * (Number(hasValue) + Number(hasGrad))) / 2;
    let x = front.x + (front.width - sumOf(heading.map((word) => this.letters.width(word) + 6)) + 6) / 2;
    for (const word of heading) {
      group.append(text(word.text, x + this.letters.width(word) / 2, y + tall * 0.76, word));
      x += this.letters.width(word) + 6;
    }
    y += tall;
    for (const what of [...(hasValue ? ["value"] : []), ...(hasGrad ? ["grad"] : [])]) {
      const [left, right] = [front.x + sizes.padding + slant, front.x + front.width - sizes.padding - slant];
      const number = what === "value" ? found.values.get(node.id) : found.grads.get(node.id);
      const shown = number === undefined ? "–" : what === "value" ? numberText(number) : signedText(number);
      group.append(text(what, left, y + sizes.text, { size: sizes.small, role: "muted" }, "start"), text(shown, right, y + sizes.text, { size: sizes.text, bold: what === "grad" }, "end", what));
      y += sizes.text * 1.3;
    }
    return group;
  }

  /** A point that lies as far along an edge, or aside of it. @type {(point: Point, along: number, aside: number) => Point} */
  moved([x, y], along, aside) {
    return this.isDown ? [x + aside, y + along] : [x + along, y + aside];
  }

  /** Where an edge leaves a card, and where it enters. @type {(card: number) => Point} */
  exit(card) {
    const { x, y, width, height } = this.boxes[card];
    const { slant, shape } = this.cards[card];
    if (this.isDown) return [x + width / 2 - (shape === "parallelogram" ? slant / 2 : shape === "stack" ? STACK / 2 : 0), y + height + 2 * PORT.exit + 1];
    return [x + width + 2 * PORT.exit + 1 - (shape === "parallelogram" ? slant / 2 : shape === "stack" ? STACK : 0), y + height / 2 + (shape === "stack" ? STACK / 2 : 0)];
  }

  /** @type {(card: number, place: number) => Point} */
  entry(card, place) {
    const { x, y, width, height } = this.boxes[card];
    const { inputs } = this.cards[card];
    if (this.isDown) return [x + width / 2 + (place - (inputs.length - 1) / 2) * Math.min(PORT.stepDown, width / inputs.length), y];
    return [x, y + height / 2 + (place - (inputs.length - 1) / 2) * Math.min(PORT.step, height / inputs.length)];
  }

  /** @type {(edge: import("./evaluate_graph.js").EvaluatedEdge, index: number, cardOf: Map<number, number>, way: Point[]) => { group: SVGGElement, label: SVGGElement[] }} */
  link({ tail, head, place, contribution, blocked, carries }, index, cardOf, way) {
    const [from, to] = [cardOf.get(tail), cardOf.get(head)];
    const points = [this.exit(from), ...way, this.entry(to, place)];
    const end = points.at(-1);
    const axis = this.isDown ? 1 : 0;
    const curves = points.slice(1).map((point, number) => {
      const stop = number === points.length - 2 ? this.moved(point, -ARROW, 0) : point;
      const bow = (stop[axis] - points[number][axis]) / 2;
      return `C${this.moved(points[number], bow, 0)} ${this.moved(stop, -bow, 0)} ${stop}`;
    });
    const line = `M${points[0]}${curves.join("")}`;
    const isFlat = !carries || blocked.startsWith("flat");
    const look = isFlat ? "none" : blocked === "gate closed" ? "closed" : "open";
    const role = look === "open" ? "line" : "muted";
    const dashes = look === "open" ? {} : { "stroke-dasharray": isFlat ? "2,3.5" : "7,4" };
    const group = draw("g", { class: `link ${look}`, "data-tail": from, "data-head": to, "data-edge": index },
      draw("path", { class: `s-${role}`, fill: "none", d: line, ...dashes }),
      draw("path", { class: `s-${role} f-${look === "open" ? "line" : "page"}`, d: `M${this.moved(end, -ARROW, -3.8)}L${end} ${this.moved(end, -ARROW, 3.8)}Z` }));
    if (!carries || !this.found.grads.size) return { group, label: [] };
    const [x, y] = this.placePlate(points, contribution === null ? "" : signedText(contribution));
    const plate = draw("g", { class: "carried", "data-link": index }, draw("path", { class: "f-page" }), text("", x, y + 4, { size: this.sizes.small, bold: true }));
    const note = draw("g", { class: "note", "data-link": index }, text("closed", ...(this.isDown ? /** @type {Point} */ ([end[0] + 24, end[1] - 14]) : this.moved(end, -34, -5)), { size: this.sizes.small, role: "muted" }));
    return { group, label: look === "closed" ? [plate, note] : [plate] };
  }

  /** A place for a plate in the last gap, where it lies on no other one. @type {(points: Point[], words: string) => Point} */
  placePlate(points, words) {
    const [start, end] = points.slice(-2);
    const [goAlong, goAside] = this.isDown ? [end[1] - start[1], end[0] - start[0]] : [end[0] - start[0], end[1] - start[1]];
    const width = this.letters.width({ text: words, size: this.sizes.small, bold: true }) + PLATE.padding;
    const places = PLATES.map((t) => this.moved(start, (goAlong - ARROW) * (1.5 * t * (1 - t) + t ** 3), goAside * t * t * (3 - 2 * t))); // on the curve
    const isFree = (/** @type {Point} */ [x, y]) => this.plates.every((plate) => Math.abs(x - plate.x) >= (width + plate.width) / 2 || Math.abs(y - plate.y) >= PLATE.height);
    const [x, y] = places.find(isFree) ?? places[0];
    this.plates.push({ x, y, width });
    return [x, y];
  }

  /** @type {(card: Card, index: number) => SVGGElement[]} */
  ports({ node, inputs }, index) {
    const words = node.operation ? this.table.operations[node.operation].words : [];
    const entries = inputs.map((input, place) => {
      const entry = this.entry(index, place);
      const isFree = input === null;
      const [x, y] = this.moved(entry, isFree ? -PORT.away : -ARROW / 2, 0);
      const group = draw("g", { class: `port entry${isFree ? " free" : ""}`, "data-node": node.id, "data-place": place, "aria-hidden": "true" });
      if (isFree) {
        group.append(draw("path", { class: "stub", d: `M${this.moved([x, y], PORT.radius, 0)}L${entry}` }), draw("circle", { class: "spot", cx: x, cy: y, r: PORT.radius }),
          text("?", x, y + 5, { size: this.sizes.text, bold: true }));
        const [wordX, wordY] = this.isDown ? [x, y - PORT.radius - 4] : [x - PORT.radius - 4, y + 4];
        if (inputs.length > 1) group.append(text(words[place] ?? String(place + 1), wordX, wordY, { size: this.sizes.small, role: "muted" }, this.isDown ? "middle" : "end"));
      }
      group.append(draw("circle", { class: "reach", cx: x, cy: y, r: PORT.reach }));
      return group;
    });
    const [x, y] = this.moved(this.exit(index), -PORT.exit - 1, 0);
    const exit = draw("g", { class: "port exit", "data-node": node.id, "aria-hidden": "true" }, draw("circle", { class: "spot", cx: x, cy: y, r: PORT.exit }),
      draw("circle", { class: "reach", cx: x, cy: y, r: PORT.reach }));
    return [...entries, exit];
  }
}

/** @type {(words: string, x: number, y: number, word: { size: number, role?: string, bold?: boolean }, anchor?: string, line?: string) => SVGTextElement} */
function text(words, x, y, { size, role = "ink", bold = false }, anchor = "middle", line = "") {
  const element = letter({ text: words, size, bold }, x, y, anchor);
  element.removeAttribute("fill");
  element.setAttribute("class", `f-${role} ${line}`.trim());
  return element;
}
