// All paths of the present graph: those of the step-through.
import { make } from "../page/elements.js";
import { PathPanel } from "../stepper/path_panel.js";
import { hasGradients } from "./turn_panel.js";

export class PathsTab {
  /**
   * @param {number} number of the view in its document
   * @param {(links: number[]) => void} trace
   */
  constructor(number, trace) {
    this.number = number;
    this.trace = trace;
    this.element = make("div", { class: "panel" });
    /** @type {PathPanel | undefined} */
    this.paths = undefined;
  }

  /** @param {import("../stepper/sweep.js").Sweep | undefined} sweep */
  show(sweep) {
    if (!hasGradients(sweep)) {
      this.element.replaceChildren(make("p", { class: "hint" }, "There is no path yet: the output needs a value and an input."));
      return;
    }
    if (this.paths?.sweep !== sweep) this.paths = new PathPanel(sweep, this.number, this.trace);
    this.element.replaceChildren(this.paths.element);
    this.paths.show();
  }
}
