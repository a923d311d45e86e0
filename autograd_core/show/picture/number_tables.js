// The rows of a box as tables of numbers with the colours of their signs: the values, and the gradients beside them. Below
// them the terms of the chosen number: the products that add up to it, what each hands back, and who taught the number.
import { make } from "../page/elements.js";
import { heatTable, table } from "./panel_tables.js";
import { teachingOf } from "./teaching.js";

const MOST_COLUMNS = 16; // of a table
const MOST_TERMS = 64;
const LINEAR = new Set(["add", "subtract", "multiply", "divide"]);

export class NumberTables {
  /**
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {number[][]} rows
   * @param {(node: number) => number | null} adjoint
   * @param {(number: number) => string} digits
   */
  constructor(graph, rows, adjoint, digits) {
    this.graph = graph;
    this.digits = digits;
    this.adjoint = adjoint;
    this.terms = make("div", { class: "terms", "aria-live": "polite" });
    const wide = Math.max(...rows.map((row) => row.length));
    const more = wide > MOST_COLUMNS ? `, the first ${MOST_COLUMNS} of ${wide} columns` : "";
    this.element = make("div", { class: "whole" },
      make("div", { class: "number-tables" },
        this.tableOf(`Values${more}`, rows, (node) => graph.value[node]), this.tableOf(`Gradients${more}`, rows, adjoint)),
      this.terms);
    this.terms.append(make("p", { class: "muted" }, "Press a number to see its terms and who taught it."));
    this.element.addEventListener("click", (event) => {
      const at = /** @type {HTMLElement} */ (event.target).closest("[data-cell]");
      if (at instanceof HTMLElement) this.choose(Number(at.dataset.cell));
    });
  }

  /**
   * @param {string} name
   * @param {number[][]} rows
   * @param {(node: number) => number | null} numberOf
   */
  tableOf(name, rows, numberOf) {
    const nodes = rows.map((row) => row.slice(0, MOST_COLUMNS));
    const numbers = nodes.map((row) => row.map(numberOf));
    return heatTable(name, numbers, rows.map((_, place) => String(place + 1)), [], (written, row, column) =>
      make("button", { type: "button", "data-cell": nodes[row][column], title: this.graph.nameOf(nodes[row][column]) }, written));
  }

  /** @param {number} node */
  choose(node) {
    const { graph } = this;
    for (const cell of this.element.querySelectorAll("[data-cell]")) cell.setAttribute("aria-pressed", String(Number(/** @type {HTMLElement} */ (cell).dataset.cell) === node));
    const gradient = this.adjoint(node);
    const { products, scale } = productsOf(graph, node);
    /** @type {Element[]} */
    const parts = [
      make("p", {}, make("b", {}, graph.placeName(node)), ` = ${this.digits(graph.value[node])}, gradient ${gradient === null ? "–" : this.digits(gradient)}. `,
        make("button", { type: "button", "data-go": node }, "Show")),
    ];
    if (products.length > 1) {
      const [a, b] = [0, 1].map((side) => factorName(graph, products[0].factors[side]));
      const rows = products.slice(0, MOST_TERMS).map(({ node: product, factors, edges }, place) => [
        String(place + 1), ...factors.map((factor) => this.digits(graph.value[factor])), this.digits(graph.value[product]),
        ...edges.map((edge) => (graph.flowing[edge] ? this.digits(graph.carried[edge]) : "–"))]);
      const words = Math.abs(scale - 1) < 1e-15 ? "" : `, times ${this.digits(scale)}`;
      parts.push(make("p", { class: "muted" }, `The sum of ${products.length} products${words}:`),
        table(["", a, b, "product", `to ${a}`, `to ${b}`], rows, products.map((product) => product.node)));
    }
    this.terms.replaceChildren(...parts, ...teachingOf(graph, node, this.digits));
  }
}

/**
 * The products that a sum adds up, and the factor that scales the sum.
 * @param {import("./graph.js").ColumnGraph} graph
 * @param {number} node
 */
export function productsOf(graph, node) {
  /** @type {{ node: number, factors: number[], edges: number[] }[]} */
  const products = [];
  const operation = (/** @type {number} */ at) => graph.operations[graph.operation[at]][0];
  const waiting = [node];
  let [scale, isPlain] = [1, true];
  while (waiting.length && products.length <= 4 * MOST_TERMS) {
    const at = waiting.pop();
    const edges = Array.from({ length: graph.arity[at] }, (_, place) => graph.first[at] + place);
    if (!LINEAR.has(operation(at)) || (at !== node && operation(at) === "divide")) isPlain = false;
    else if (operation(at) === "multiply" && edges.length === 2) products.push({ node: at, factors: edges.map((edge) => graph.source[edge]), edges });
    else if (operation(at) === "add" || (edges.length === 1 && at === node)) {
      if (edges.length === 1) scale = graph.flowing[edges[0]] ? graph.partial[edges[0]] : graph.value[at] / graph.value[graph.source[edges[0]]];
      waiting.push(...edges.map((edge) => graph.source[edge]));
    } else isPlain = false;
  }
  products.sort((one, other) => one.node - other.node);
  return { products: isPlain ? products : [], scale };
}

/**
 * What a factor is: the stem of its label, W for W₁₂, or the box it comes from, keys for a number of a key.
 * @param {import("./graph.js").ColumnGraph} graph
 * @param {number} node
 */
function factorName(graph, node) {
  if (graph.labels.has(node)) return graph.nameOf(node).replace(/[₀-₉,]+$/, "");
  const boxes = graph.around(node).map((group) => graph.nodes + group).filter((unit) => graph.kindOf(unit) === "scope").map((unit) => graph.nameOf(unit));
  return boxes.find((name) => !/^(position|neuron|unit|step|row) #?\d+$/.test(name))?.replace(/ #\d+$/, "") ?? graph.nameOf(node);
}
