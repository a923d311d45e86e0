// Finding by name, operation, formula or value, and marking the nodes in trouble and the largest numbers.
import { make } from "../page/elements.js";
import { countText, magnitude, numberText } from "../page/numbers.js";

const LARGEST = [["gradients", "largest gradients"], ["values", "largest values"]];
const MOST_FOUND = 30;

export class Finder {
  /**
   * changed: called after each search with its result in words.
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {Record<string, string>} reasons
   * @param {(words: string) => void} changed
   */
  constructor(graph, reasons, changed) {
    this.graph = graph;
    this.reasons = reasons;
    this.changed = changed;
    this.hits = null;
    this.search = make("input", { type: "search", placeholder: "name, operation, formula, > 1.5", "aria-label": "Find" });
    const filters = [["", "nothing"], ...graph.troubles.slice(1).map((word) => [word, word]), ...LARGEST];
    this.filter = make("select", { "aria-label": "Mark" }, ...filters.map(([value, text]) => make("option", { value }, text)));
    this.controls = [make("label", {}, "Find ", this.search), make("label", {}, "Mark ", this.filter)];
    this.found = make("ol", { class: "found" });
    this.search.addEventListener("input", () => this.find());
    this.filter.addEventListener("change", () => this.mark());
  }

  find() {
    const wanted = this.search.value.trim().toLowerCase();
    const { graph } = this;
    const units = [];
    if (wanted) {
      const test = valueTest(wanted);
      const letters = lettersOf(wanted);
      const matches = test
        ? (unit) => !graph.isGroup(unit) && test(graph.value[unit])
        : (unit) => (letters && [graph.nameOf(unit), graph.formulaOf(unit)].some((text) => lettersOf(text).includes(letters))) ||
          (!graph.isGroup(unit) && graph.operations[graph.operation[unit]].some((word) => word.toLowerCase() === wanted));
      for (let group = 1; group < graph.groups; group++) if (matches(graph.nodes + group)) units.push(graph.nodes + group);
      for (let node = 0; node < graph.nodes; node++) if (matches(node)) units.push(node);
      const exactly = (unit) => lettersOf(graph.nameOf(unit)) === letters;
      units.sort((a, b) => +exactly(b) - +exactly(a));
    }
    this.list(units, wanted && `${units.length ? countText(units.length) : "nothing"} found`);
  }

  mark() {
    const { graph } = this;
    const by = this.filter.value;
    const index = graph.troubles.indexOf(by);
    let nodes = by ? Array.from({ length: graph.nodes }, (_, node) => node) : [];
    if (by === "gradients" || by === "values") {
      const size = (node) => magnitude(by === "values" ? graph.value[node] : graph.reached[node] ? graph.adjoint[node] : null);
      nodes = nodes.sort((a, b) => size(b) - size(a) || a - b).slice(0, 20);
    } else nodes = nodes.filter((node) => graph.trouble[node] === index);
    this.list(nodes, by && (index > 0 ? `${countText(nodes.length)} ${by}: ${this.reasons[by]}` : ""));
  }

  list(units, words) {
    const items = units.slice(0, MOST_FOUND).map((unit) => make("li", {}, make("button", { type: "button", "data-go": unit }, this.graph.placeName(unit),
      this.graph.isGroup(unit) ? "" : ` = ${numberText(this.graph.value[unit])}`)));
    if (units.length > MOST_FOUND) items.push(make("li", { class: "muted" }, `… ${countText(units.length - MOST_FOUND)} more`));
    this.hits = units.filter((unit) => !this.graph.isGroup(unit));
    this.found.replaceChildren(...items);
    this.changed(words || "");
  }
}

// Letters and digits alone, so that v12 finds v₁₂ and W1[0][3] finds W⁽¹⁾₀₃.
const lettersOf = (text) => text.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");

// The test of a value that a text such as "> 1.5", "= 0", "nan" or "inf" stands for; null for any other text.
export function valueTest(text) {
  if (text === "nan") return Number.isNaN;
  if (text === "inf") return (value) => Math.abs(value) === Infinity;
  const [, relation, digits] = text.match(/^(>=|<=|>|<|=)?\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)$/) ?? [];
  if (digits === undefined) return null;
  const wanted = Number(digits);
  return {
    ">": (value) => value > wanted, "<": (value) => value < wanted, ">=": (value) => value >= wanted, "<=": (value) => value <= wanted,
  }[relation] ?? ((value) => value === wanted || numberText(value) === numberText(wanted));
}
