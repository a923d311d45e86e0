// A step of the sweep in formulas: the operation on names, on numbers, and its result; upstream times partial; the sum so far.
import { asShown, bracketed, numberText, productRelation, superscript, writtenSum } from "../page/numbers.js";
import { run } from "../stepper/operations.js";
import { formOf } from "./evaluate_graph.js";
import { fillPlaces, isConstant, nodeOf } from "./graph_record.js";
import { shownName } from "./sweep_steps.js";

/**
 * @typedef {import("./graph_record.js").Graph} Graph
 * @typedef {import("./graph_record.js").GraphNode} GraphNode
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {import("./evaluate_graph.js").Evaluation} Evaluation
 * @typedef {import("../stepper/sweep.js").Sweep} Sweep
 */

/** x^2 is x², and x^(2 − 1) is x. @param {string} text */
export const withPowers = (text) => text.replace(/\^\((\d+) − 1\)/g, (_, digits) => (digits === "2" ? "" : `^${+digits - 1}`)).replace(/\^(−?\d+)(?![\d.·])/g, (_, digits) => superscript(digits.replace("−", "-")));

export class StepLines {
  /**
   * @param {Graph} graph
   * @param {Table} table
   * @param {Evaluation} found
   * @param {Sweep} sweep
   */
  constructor(graph, table, found, sweep) {
    this.graph = graph;
    this.table = table;
    this.found = found;
    this.sweep = sweep;
  }

  /** The operands of a node, and the node itself. @type {(node: GraphNode, inNumbers: boolean) => string[]} */
  operands(node, inNumbers) {
    const written = (/** @type {number | null} */ id) => {
      if (id === null) return "?";
      const source = nodeOf(this.graph, id);
      const number = this.found.values.get(id);
      if (!inNumbers && !isConstant(source)) return shownName(source, this.found);
      return number === undefined ? "–" : bracketed(number);
    };
    return [...node.inputs, node.id].map(written);
  }

  /** v₁ = w · x = 2 · 3 = 6 @param {GraphNode} node */
  operation(node) {
    const form = formOf(this.table, node);
    const [names, numbers] = [false, true].map((inNumbers) => withPowers(fillPlaces(form.text, this.operands(node, inNumbers))));
    const name = shownName(node, this.found);
    const value = this.found.values.get(node.id);
    if (value === undefined) return `${name} = ${names}`;
    const shown = run(form, node.inputs.map((input) => asShown(this.found.values.get(input))))[form.value];
    return [name, ...(names === numbers ? [names] : [names, numbers])].join(" = ") + ` ${numberText(shown) === numberText(value) ? "=" : "≈"} ${numberText(value)}`;
  }

  /** ∂v₁/∂w = x = 3 @param {GraphNode} node @param {number} place */
  partial(node, place) {
    const form = formOf(this.table, node);
    const [names, numbers] = [false, true].map((inNumbers) => withPowers(fillPlaces(form.derivatives[place], this.operands(node, inNumbers))));
    const edge = this.edge(node.id, place);
    const left = `∂${this.of(node.id)}/∂${shownName(nodeOf(this.graph, edge.tail), this.found)}`;
    if (edge.partial === null) return `${left} = ${names}`;
    const result = numberText(edge.partial);
    const texts = names === numbers ? [names] : [names, numbers.replace(/^\((−[^()]*)\)$/, "$1")]; // a number alone
    const tape = run(form, node.inputs.map((input) => asShown(this.found.values.get(input))));
    const relation = numberText(tape[form.edges[place][0]]) === result ? "=" : "≈";
    return texts.at(-1) === result ? [left, ...texts].join(" = ") : `${[left, ...texts].join(" = ")} ${relation} ${result}`;
  }

  /** @param {number} head @param {number} place */
  edge(head, place) {
    return this.found.edges.find((edge) => edge.head === head && edge.place === place);
  }

  /** How derivatives write a node. @param {number} id */
  of(id) {
    return id === this.found.output ? this.sweep.data.symbol : shownName(nodeOf(this.graph, id), this.found);
  }

  // The lines of the present step.
  lines() {
    const { graph, sweep, found } = this;
    const { phase, node: card, link } = sweep.step;
    const node = graph.nodes[card];
    if (phase === "forward") {
      if (!node.operation) return [];
      const { formula } = formOf(this.table, node);
      return [this.operation(node), ...(formula ? [`${shownName(node, found)} = ${withPowers(fillPlaces(formula, this.operands(node, false)))}`] : []), ...this.notes(node.id)];
    }
    if (link === null) return [`d${sweep.data.symbol}/d${sweep.data.symbol} = 1`];
    const { tail, place, contribution, partial } = found.edges[link];
    const product = contribution === null ? [] : [`upstream · partial = ${numberText(found.grads.get(node.id))} · ${bracketed(partial)} ` +
      `${productRelation([found.grads.get(node.id), partial], contribution)} ${numberText(contribution)}`];
    return [this.partial(node, place), ...product, this.sum(tail, sweep.at), ...this.notes(node.id)];
  }

  /** dL/dw = 3 + 4 = 7, as far as it has arrived. @param {number} id @param {number} upTo step */
  sum(id, upTo) {
    const { terms, complete, total } = this.sweep.arrivedAt(this.graph.nodes.findIndex((node) => node.id === id), upTo);
    const left = `d${this.sweep.data.symbol}/d${this.of(id)}`;
    const { terms: texts, relation } = writtenSum(terms, complete ? total : NaN);
    if (!complete) return `${left} = ${[...texts, "…"].join(" + ")}`;
    return texts.length > 1 ? `${left} = ${texts.join(" + ")} ${relation} ${numberText(total)}` : `${left} = ${numberText(total)}`;
  }

  /** Why there is no value, and the convention at a kink. @param {number} id */
  notes(id) {
    const { why, kinks } = this.found;
    return [...(why.has(id) ? [`No value: ${why.get(id)}.`] : []), ...(kinks.has(id) ? [kinks.get(id)] : [])];
  }
}
