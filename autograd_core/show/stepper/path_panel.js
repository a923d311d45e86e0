// Every path from a chosen node to the output, with the product of its partials; past a limit they are only counted.
import { make, press } from "../page/elements.js";
import { counted, numberText, operandTexts, productRelation, writtenSum } from "../page/numbers.js";
import { countPaths, largestPaths, pathProduct } from "../page/paths.js";

export class PathPanel {
  /**
   * trace: shows the links with these numbers in the picture.
   * @param {import("./sweep.js").Sweep} sweep
   * @param {number} number
   * @param {(links: number[]) => void} trace
   */
  constructor(sweep, number, trace) {
    this.sweep = sweep;
    this.trace = trace;
    const { data, names } = sweep;
    /** @type {number[]} the cards of all nodes in the order of computation */
    this.order = [...data.sequence].reverse();
    const id = `autograd-paths-${number}`;
    this.choice = make("select", { id }, ...[...data.inputs, ...data.others].map((card) => make("option", { value: card }, names[card])));
    this.choice.addEventListener("change", () => this.show());
    this.list = make("ol", { class: "paths" });
    this.words = make("p", { class: "sum", role: "status", "aria-live": "polite" });
    this.element = make("section", { class: "panel", "aria-label": "Paths" },
      make("p", { class: "hint" }, make("label", { for: id }, "Every path back to "), this.choice,
        ", with the product of its partials. Choose a path to see it in the picture."), this.list, this.words);
  }

  /**
   * The links as edges for the finder of paths; a node is a place in the order.
   * @returns {import("../page/paths.js").EdgeGraph}
   */
  graph() {
    const { links, now, output } = this.sweep;
    const nodeOf = new Map(this.order.map((card, node) => [card, node]));
    const leaving = this.order.map(() => /** @type {number[]} */ ([]));
    for (const { index, tail } of links) if (now.links[index]?.flows) leaving[nodeOf.get(tail)].push(index);
    return { root: nodeOf.get(output), tip: links.map(({ tip }) => nodeOf.get(tip)), partial: links.map(({ index }) => now.links[index]?.partial),
      leaving: (/** @type {number} */ node) => leaving[node] };
  }

  show() {
    const { data, names, now, output } = this.sweep;
    const source = +this.choice.value;
    const start = this.order.indexOf(source);
    const graph = this.graph();
    const count = countPaths(graph, start);
    const many = counted(count, "path");
    const derivative = `d${data.symbol}/d${source === output ? data.symbol : names[source]}`;
    const gradient = source === output ? 1 : now.grads[source];
    const result = numberText(gradient);
    this.trace([]);
    if (!count || count > data.mostPaths) {
      const why = count ? "too many to list: the sweep adds where they meet instead of following each" : "no edge is open";
      this.list.replaceChildren();
      this.words.textContent = `${many}, ${why}. ${derivative} = ${result}`;
      return;
    }
    const paths = largestPaths(graph, start, count);
    const products = paths.map((path) => pathProduct(graph, path));
    this.list.replaceChildren(...paths.map((path, index) => this.item(source, path, products[index])));
    const sum = writtenSum(products, gradient);
    this.words.textContent = products.length === 1 ? `1 path: ${derivative} = ${result}`
      : `${many}: ${derivative} = ${sum.terms.join(" + ")} ${sum.relation} ${result}`;
  }

  /**
   * @param {number} source
   * @param {number[]} path
   * @param {number} product
   */
  item(source, path, product) {
    const { names, now, links } = this.sweep;
    const nodes = [source, ...path.map((link) => links[link].tip)].map((card) => names[card]);
    const partials = path.map((link) => now.links[link].partial);
    const factors = path.length > 1 ? `${operandTexts(partials).join(" · ")} ${productRelation(partials, product)} ` : "";
    const element = make("button", { type: "button", "aria-pressed": "false" }, make("span", {}, nodes.join(" → ")),
      make("span", { class: "numbers" }, factors + numberText(product)));
    element.addEventListener("click", () => {
      const on = element.getAttribute("aria-pressed") !== "true";
      press(this.list.querySelectorAll("button"), (other) => on && other === element);
      this.trace(on ? path : []);
    });
    return make("li", {}, element);
  }
}
