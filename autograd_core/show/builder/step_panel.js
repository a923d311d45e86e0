// The present step in words and formulas.
import { make } from "../page/elements.js";
import { spokenStep } from "../stepper/spoken.js";
import { StepLines } from "./step_lines.js";

export class StepPanel {
  /** @param {import("./graph_record.js").Table} table */
  constructor(table) {
    this.table = table;
    this.element = make("section", { class: "panel step-panel", "aria-label": "This step" });
    this.words = "";
  }

  /** @type {(graph: import("./graph_record.js").Graph, found: import("./evaluate_graph.js").Evaluation, sweep: import("../stepper/sweep.js").Sweep) => void} */
  show(graph, found, sweep) {
    const { id } = graph.nodes[sweep.step.node];
    this.words = found.why.has(id) ? `${sweep.names[sweep.step.node]} has no value: ${found.why.get(id)}.` : spokenStep(sweep);
    this.element.replaceChildren(make("p", { class: "heading" }, `Step ${sweep.at + 1} of ${sweep.end + 1}: ${sweep.step.phase}`), make("p", { class: "words" }, this.words),
      ...new StepLines(graph, this.table, found, sweep).lines().map((line) => make("p", { class: "formula-line" }, line)));
  }

  clear() {
    this.words = "";
    this.element.replaceChildren(make("p", { class: "hint" }, "There is no step yet."));
  }
}
