// The gradients of the present graph, to be filled in edge by edge: the exercise of the step-through.
import { make } from "../page/elements.js";
import { YourTurn } from "../stepper/your_turn.js";

export class TurnPanel {
  /**
   * @param {number} number of the view in its document
   * @param {import("../stepper/your_turn.js").TurnActions} actions
   */
  constructor(number, actions) {
    this.number = number;
    this.actions = actions;
    this.element = make("div", { class: "panel" });
    /** @type {YourTurn | undefined} */
    this.turn = undefined;
  }

  get isActive() {
    return Boolean(this.turn?.active);
  }

  /** @param {import("../stepper/sweep.js").Sweep | undefined} sweep */
  begin(sweep) {
    if (!hasGradients(sweep)) {
      this.turn = undefined;
      this.element.replaceChildren(make("p", { class: "hint" }, "There are no gradients to fill in: the output needs a value and an input."));
      return;
    }
    if (this.turn?.sweep !== sweep) {
      this.turn = new YourTurn(sweep, this.number, this.actions);
      this.element.replaceChildren(this.turn.element);
    }
    this.turn.begin();
  }

  end() {
    this.turn?.end();
  }
}

/** Whether a gradient comes back at all. @param {import("../stepper/sweep.js").Sweep | undefined} sweep */
export const hasGradients = (sweep) => Boolean(sweep) && sweep.turn <= sweep.end;
