// The paths from one node to the root, those with the largest products first.
import { make, press } from "../page/elements.js";
import { counted, numberText, operandTexts, productRelation, sumOf, writtenSum } from "../page/numbers.js";
import { countPaths, largestPaths, pathProduct } from "../page/paths.js";
import { signedNumber } from "./panel_tables.js";

const MOST_PATHS = 50;
const MOST_HOPS = 9;
const MOST_TERMS = 6;

/** The part of the panel that lists them. */
export class PathList {
  /**
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {import("./sheet.js").Sheet} sheet
   * @param {number} node
   * @param {(number: number) => string} digits the text of a partial
   */
  constructor(graph, sheet, node, digits) {
    this.graph = graph;
    this.sheet = sheet;
    this.node = node;
    this.digits = digits;
    const count = countPaths(graph, node);
    const paths = largestPaths(graph, node, MOST_PATHS);
    const root = graph.nameOf(graph.root);
    const name = graph.nameOf(node);
    const many = count < 1e6 ? counted(count, "path") : `about ${numberText(count)} paths`;
    this.list = make("ol", { class: "paths" }, ...paths.map((path) => this.item(path)));
    const rest = count > paths.length ? `; the ${paths.length} largest are listed, the others counted` : "";
    this.element = make("div", {}, make("p", {}, `${many} from ${name} to ${root}${rest}.`), this.list,
      make("p", { class: "sum" }, this.sum(paths, count, graph.derivativeOf(node))));
  }

  sum(paths, count, derivative) {
    if (!count) return `${derivative} has no path: a gate is closed on every way.`;
    const products = paths.map((path) => pathProduct(this.graph, path));
    const gradient = this.graph.adjoint[this.node];
    if (count > paths.length) return `The products listed add up to ${numberText(sumOf(products))}, all together to ${derivative} = ${numberText(gradient)}.`;
    if (products.length > MOST_TERMS) return `Their products add up to ${derivative} = ${numberText(gradient)}.`;
    const { terms, relation } = writtenSum(products, gradient);
    const result = products.length > 1 ? ` ${relation} ${numberText(gradient)}` : "";
    return `${derivative} = ${terms.join(" + ")}${result}`;
  }

  // A closed box is one hop of a path, with the node where the path leaves it.
  hops(edges) {
    const { standsFor } = this.sheet.cut;
    const hops = [{ unit: standsFor[this.node], node: this.node, edges: [] }];
    let through = [];
    for (const edge of edges) {
      const node = this.graph.tip[edge];
      through.push(edge);
      if (standsFor[node] !== hops.at(-1).unit) hops.push({ unit: standsFor[node], node, edges: [] });
      const hop = hops.at(-1);
      hop.node = node;
      if (hops.length > 1) [hop.edges, through] = [[...hop.edges, ...through], []];
    }
    return hops.slice(1);
  }

  nameOfHop({ unit, node }) {
    const name = this.graph.nameOf(node);
    return unit === node ? name : `${this.graph.nameOf(unit)} (${name})`;
  }

  item(edges) {
    const hops = this.hops(edges);
    const names = abridged([this.graph.nameOf(this.node), ...hops.map((hop) => this.nameOfHop(hop))]);
    const factors = hops.map((hop) => pathProduct(this.graph, hop.edges));
    const product = pathProduct(this.graph, edges);
    const numbers = factors.length > 1 ? `${abridged(operandTexts(factors)).join(" · ")} ${productRelation(factors, product)} ` : "";
    const element = make("button", { type: "button", "aria-pressed": "false", "data-card": [this.node, ...hops.map(({ node }) => node)].join(" ") }, make("span", {}, names.join(" → ")),
      make("span", { class: "numbers" }, numbers, signedNumber(product)));
    element.addEventListener("click", () => this.choose(element, edges));
    return make("li", {}, element);
  }

  // Light a path in the picture, and list its partials.
  choose(element, edges) {
    const on = element.getAttribute("aria-pressed") !== "true";
    press(this.list.querySelectorAll("button"), (button) => on && button === element);
    this.list.querySelector(".scrolling")?.remove();
    const { graph } = this;
    this.sheet.trace(on ? edges.map((edge) => [graph.source[edge], graph.tip[edge]]) : []);
    if (!on || !edges.length) return;
    const listed = edges.filter((edge) => graph.partial[edge] !== 1);
    const rows = listed.map((edge) => make("tr", {}, make("th", { scope: "row" }, graph.partialOf(edge)),
      make("td", {}, this.digits(graph.partial[edge]))));
    if (listed.length < edges.length) rows.push(make("tr", {}, make("td", { colspan: 2 }, `and ${counted(edges.length - listed.length, "partial")} of 1`)));
    element.after(make("div", { class: "scrolling" }, make("table", {}, make("tbody", {}, ...rows))));
  }
}

// The first and the last of many.
const abridged = (words) => (words.length <= MOST_HOPS ? words : [...words.slice(0, 4), `… ${words.length - 8} more …`, ...words.slice(-4)]);
