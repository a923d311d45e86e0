// Stepping through the picture box by box: on the way forward each box computes, on the way back it passes its gradient
// on. A closed box is one step; an open one has the steps of the boxes inside.
import { button, make, switchOff } from "../page/elements.js";

export class Walk {
  /**
   * changed: called with the new step, or with null where none is shown.
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {(step: any) => void} changed
   */
  constructor(graph, changed) {
    this.graph = graph;
    this.changed = changed;
    /** @type {any} */
    this.step = null;
    /** @type {import("./sheet.js").Sheet} */
    this.sheet = null;
    const withKey = (words, key, act) => button(words, act, { title: `${words} (${key})` });
    this.back = withKey("Back", "b", () => this.go(-1));
    this.next = withKey("Next", "n", () => this.go(1));
    this.leave = withKey("Stop", "Escape", () => this.stop());
    this.count = make("output", { class: "muted" });
    this.controls = make("span", { class: "buttons walk", role: "group", "aria-label": "Steps" }, this.back, this.next, this.leave, this.count);
    this.controls.addEventListener("keydown", (event) => {
      const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (along) [event.preventDefault(), this.go(along)];
    });
  }

  // After boxes were opened or closed: the step stays at its box, at the boxes inside it, or at the box that hides it.
  enter(sheet, hiddenIn) {
    this.sheet = sheet;
    this.order = inOrder(this.graph, sheet.cut);
    const last = this.order.length - 1;
    this.steps = [...this.order.keys()].map((place) => ["forward", place]).concat([...this.order.keys()].map((place) => ["backward", last - place]));
    if (this.step) {
      const { phase, unit } = this.step;
      const here = hiddenIn(unit);
      const inside = (other) => other === here || this.graph.around(other).includes(here - this.graph.nodes);
      const places = [...this.order.keys()].filter((place) => inside(this.order[place]));
      this.step = places.length ? this.at(phase, phase === "forward" ? places[0] : places.at(-1)) : null;
    }
    this.show();
  }

  go(along) {
    const now = this.step?.number ?? (along > 0 ? -1 : this.steps.length);
    this.goTo(now + along);
  }

  /** @param {number} number */
  goTo(number) {
    if (!this.steps[number]) return;
    this.step = this.at(...this.steps[number]);
    this.show();
    this.changed(this.step);
  }

  stop() {
    this.step = null;
    this.show();
    this.changed(null);
  }

  // The step at a place in the order: the boxes that have a value there, and those whose gradient is complete.
  at(phase, place) {
    const number = phase === "forward" ? place : 2 * this.order.length - 1 - place;
    const { cut, drawn } = this.sheet;
    const done = new Set(phase === "forward" ? [] : this.order.slice(place));
    const valued = new Set([...drawn.keys()].filter((unit) => phase === "backward" || !this.order.includes(unit)));
    if (phase === "forward") this.order.slice(0, place + 1).forEach((unit) => valued.add(unit));
    const arrived = new Set(phase === "forward" ? [] : drawn.keys());
    if (phase === "backward") for (const { from, to } of cut.links) if (!done.has(to)) arrived.delete(from);
    return { phase, unit: this.order[place], number, valued, arrived };
  }

  show() {
    const { step } = this;
    this.sheet.walk(step);
    const length = this.order.length;
    this.count.textContent = step ? `${step.phase} ${(step.number % length) + 1} of ${length}` : "";
    this.leave.hidden = step === null;
    switchOff(this.back, !step?.number);
    switchOff(this.next, step?.number === this.steps.length - 1);
  }
}

// The boxes on the sheet that compute, each after its inputs; among several, the first in the program comes first.
function inOrder(graph, cut) {
  const units = new Set(cut.standsFor);
  const missing = new Map([...units].map((unit) => [unit, 0]));
  const users = new Map([...units].map((unit) => [unit, []]));
  for (const { from, to } of cut.links) {
    missing.set(to, missing.get(to) + 1);
    users.get(from).push(to);
  }
  const ready = [...units].filter((unit) => !missing.get(unit));
  const order = [];
  while (ready.length) {
    ready.sort((a, b) => graph.rank(b) - graph.rank(a));
    const unit = ready.pop();
    order.push(unit);
    for (const user of users.get(unit)) {
      missing.set(user, missing.get(user) - 1);
      if (!missing.get(user)) ready.push(user);
    }
  }
  return order.filter((unit) => (graph.isGroup(unit) ? graph.computed[unit - graph.nodes] : graph.arity[unit]));
}
