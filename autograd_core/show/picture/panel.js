// A box in words: its numbers, in full on demand, the origins of its gradient, its paths; or its step.
import { button, make } from "../page/elements.js";
import { countText, counted, exactText, magnitude, numberText } from "../page/numbers.js";
import { lossesOf } from "./losses.js";
import { NumberTables } from "./number_tables.js";
import { PathList } from "./path_list.js";
import { MOST_LISTED, signedNumber, table } from "./panel_tables.js";
import { streamOf } from "./stream.js";
import { teachingOf } from "./teaching.js";

const MOST_TERMS = 12;
const MOST_CONTRIBUTIONS = 6;

export class Panel {
  /**
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {import("./cards.js").Cards} cards
   * @param {Record<string, string>} reasons
   */
  constructor(graph, cards, reasons) {
    this.graph = graph;
    this.cards = cards;
    this.reasons = reasons;
    this.element = make("section", { class: "panel", "aria-label": "The selected box" });
    this.digits = numberText;
    this.allDigits = button("All digits", () => this.toggleDigits(), { "aria-pressed": "false" });
    this.write = () => {}; // what is shown, once more
    this.explainKeys();
  }

  toggleDigits() {
    const all = this.digits === numberText;
    this.digits = all ? exactText : numberText;
    this.allDigits.setAttribute("aria-pressed", String(all));
    this.write();
    this.allDigits.focus();
  }

  explainKeys() {
    this.element.replaceChildren(
      make("h2", {}, "Follow a number"),
      make("p", {}, "Press + on a box to open it, − to close it, or press the box twice. Press a box to see its numbers, what it depends on, its paths to the output, and where its gradient comes from. Next goes through the boxes one by one, forward and back again."),
      make("p", { class: "muted" }, "Keys: arrows go along the links, Enter opens, Backspace closes the box around, Escape deselects, / finds, n and b step on and back, + and − zoom, 0 fits. Bars and maps: value and gradient of each output, up or orange is positive."),
      ...lossesOf(this.graph), ...streamOf(this.graph));
  }

  // ------------------------------------------------------------------------------------------- a selected box

  select(unit, sheet, below, above) {
    const { graph } = this;
    this.write = () => this.select(unit, sheet, below, above);
    const card = this.cards.of(unit, sheet.cut);
    const members = graph.membersOf(unit);
    const count = (related) => related.reduce((sum, is) => sum + is, 0) - members.length;
    /** @type {Element[]} */
    const parts = this.heading(unit);
    if (!graph.isGroup(unit) && graph.arity[unit]) parts.push(make("p", {}, `${graph.operations[graph.operation[unit]][0]}(${this.inputsOf(unit)})`));
    if (card.troubles) parts.push(make("p", { class: "warning" }, `! ${card.troubles}: ${this.reasonsFor(unit)}`));
    const rows = card.nodes.map((node, index) => [graph.nameOf(node), this.valueText(node), card.gradients[index] === null ? "–" : this.digits(card.gradients[index])]);
    if (card.rows) parts.push(new NumberTables(graph, card.rows, (node) => this.cards.adjoint(node), this.digits).element);
    else parts.push(table(["", "value", "gradient"], rows, card.nodes));
    parts.push(make("p", {}, `Depends on ${counted(count(below), "node")}; ${counted(count(above), "node")} depend${count(above) === 1 ? "s" : ""} on it.`));
    parts.push(...this.origins(members), ...this.paths(card, sheet));
    this.element.replaceChildren(...parts);
  }

  // Its number when the graph was computed, and what it is now if that has changed.
  valueText(node) {
    const note = this.graph.changed.get(node);
    return this.digits(this.graph.value[node]) + (note ? ` (${note})` : "");
  }

  heading(unit) {
    const { graph } = this;
    const within = graph.around(unit).map((group) => graph.nameOf(graph.nodes + group)).reverse().join(" › ");
    /** @type {Element[]} */
    const parts = [
      make("h2", {}, graph.nameOf(unit)),
      make("p", { class: "muted" }, [graph.kindOf(unit), within && `in ${within}`].filter(Boolean).join(", ")),
    ];
    parts.unshift(this.allDigits);
    if (graph.isGroup(unit)) parts.unshift(make("button", { type: "button", "data-open": unit }, graph.kindOf(unit) === "rows" ? "Next row" : "Open"));
    if (graph.formulaOf(unit)) parts.push(make("p", {}, graph.formulaOf(unit)));
    return parts;
  }

  inputsOf(node) {
    const { graph } = this;
    return [...graph.source.slice(graph.first[node], graph.first[node + 1])].map((source) => graph.nameOf(source)).join(", ");
  }

  // The meaning of the troubles in a unit.
  reasonsFor(unit) {
    const present = new Set(this.graph.membersOf(unit).map((node) => this.graph.trouble[node]));
    return this.graph.troubles.filter((_, index) => index && present.has(index)).map((word) => this.reasons[word]).join("; ");
  }

  origins(members) {
    const { graph } = this;
    if (members.length === 1) return teachingOf(graph, members[0], this.digits);
    const found = graph.arriving(members);
    if (!found.length) return [];
    const list = make("ol", { class: "origins" });
    for (const { user, source, amount } of found.slice(0, MOST_TERMS)) {
      list.append(make("li", {}, make("button", { type: "button", "data-go": user }, `${graph.nameOf(source)} ← ${graph.placeName(user)}: `, signedNumber(amount))));
    }
    const more = found.length > MOST_TERMS ? `, the ${MOST_TERMS} largest of ${countText(found.length)}` : "";
    return [make("h3", {}, `Where its gradient comes from${more}`), list];
  }

  // The paths of the node whose gradient is largest, or of another one chosen here.
  paths(card, sheet) {
    const { graph } = this;
    const nodes = card.nodes.filter((node) => graph.reached[node] && node !== graph.root);
    if (!nodes.length) return [];
    const size = (node) => magnitude(graph.adjoint[node]);
    const place = make("div", {});
    const show = (node) => {
      sheet.trace([]);
      place.replaceChildren(new PathList(graph, sheet, node, this.digits).element);
    };
    const shown = nodes.sort((a, b) => size(b) - size(a) || a - b).slice(0, MOST_LISTED);
    show(shown[0]);
    const title = make("h3", {}, `Paths to ${graph.nameOf(graph.root)}`);
    const whole = [make("div", { class: "whole" }, title, place)];
    if (shown.length === 1) return whole;
    const choice = make("select", { "aria-label": "Paths from" }, ...shown.map((node) => make("option", { value: node }, graph.nameOf(node))));
    choice.addEventListener("change", () => show(+choice.value));
    title.append(", from ", choice);
    return whole;
  }

  // ----------------------------------------------------------------------------------------------- a step

  // A step: the inputs and outputs of a box on the way forward, its upstream gradient and contributions on the way back.
  step({ phase, unit }, sheet) {
    const { graph } = this;
    this.write = () => this.step({ phase, unit }, sheet);
    const card = this.cards.of(unit, sheet.cut);
    const members = graph.membersOf(unit);
    /** @type {Element[]} */
    const parts = this.heading(unit);
    if (phase === "forward") {
      const inputs = graph.isGroup(unit) ? [...(sheet.cut.inputs.get(unit) ?? [])].sort((a, b) => a - b) : [...new Set(graph.source.slice(graph.first[unit], graph.first[unit + 1]))];
      const rows = (nodes) => nodes.map((node) => [graph.nameOf(node), this.valueText(node)]);
      parts.push(make("h3", {}, "Takes"), table(["", "value"], rows(inputs), inputs), make("h3", {}, "Gives"), table(["", "value"], rows(card.nodes), card.nodes));
    } else {
      const handed = graph.handedOn(members);
      const upstream = card.nodes.map((node, index) => [graph.derivativeOf(node), card.gradients[index] === null ? "–" : this.digits(card.gradients[index])]);
      parts.push(make("h3", {}, "Upstream gradient, complete"), table(["", "upstream"], upstream, card.nodes), make("h3", {}, "Contributions, summed at its border"));
      if (handed.length) parts.push(table(["to", "from here", "its gradient in all"], handed.map(({ source, amount }) => [graph.nameOf(source), this.digits(amount), this.digits(graph.adjoint[source])]), handed.map(({ source }) => source)));
      else parts.push(make("p", {}, "Nothing: no gradient arrives, or every gate is closed."));
      if (graph.isGroup(unit) && handed.length) parts.push(...this.largest(members));
    }
    this.element.replaceChildren(...parts);
  }

  // The largest contributions of a box.
  largest(members) {
    const { graph } = this;
    const own = new Set(members);
    const found = [];
    for (const user of members)
      for (let edge = graph.first[user]; edge < graph.first[user + 1]; edge++)
        if (!own.has(graph.source[edge]) && graph.flowing[edge]) found.push(edge);
    const largest = found.sort((a, b) => magnitude(graph.carried[b]) - magnitude(graph.carried[a]) || a - b).slice(0, MOST_CONTRIBUTIONS);
    const rows = largest.map((edge) => make("li", {}, make("button", { type: "button", "data-go": graph.tip[edge] },
      `${graph.nameOf(graph.source[edge])} ← ${graph.placeName(graph.tip[edge])}: `, signedNumber(graph.carried[edge]))));
    return [make("h3", {}, `Largest contributions, of ${countText(found.length)}`), make("ol", { class: "origins" }, ...rows)];
  }
}
