// Stepping through the picture box by box: every box computes on the way forward, then hands its gradient on on the way
// back. A closed box is one step; opened, its inside is stepped through.
class Walk {
  // changed: called when the step is another one; the step is null where none is shown.
  constructor(graph, changed) {
    Object.assign(this, { graph, changed, moment: null, sheet: null });
    const button = (words, label, act) => {
      const made = make("button", { type: "button", "aria-label": label, title: label }, words);
      made.addEventListener("click", act);
      return made;
    };
    this.back = button("Back", "The step before (b)", () => this.go(-1));
    this.next = button("Next", "The next step (n)", () => this.go(1));
    this.leave = button("Stop", "Leave the steps (Escape)", () => this.stop());
    this.told = make("output", { class: "muted" });
    this.controls = make("span", { class: "buttons walk", role: "group", "aria-label": "Steps" }, this.back, this.next, this.leave, this.told);
    this.controls.addEventListener("keydown", (event) => {
      const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (along) [event.preventDefault(), this.go(along)];
    });
  }

  // Other boxes are open now: the step stays at the box it was at, at what is inside it, or at what hides it.
  enter(sheet, hiddenIn) {
    this.sheet = sheet;
    this.order = inOrder(this.graph, sheet.seen);
    const last = this.order.length - 1;
    this.moments = [...this.order.keys()].map((place) => ["forward", place]).concat([...this.order.keys()].map((place) => ["backward", last - place]));
    if (this.moment) {
      const { phase, unit } = this.moment;
      const here = hiddenIn(unit);
      const inside = (one) => one === here || this.graph.around(one).includes(here - this.graph.nodes);
      const places = [...this.order.keys()].filter((place) => inside(this.order[place]));
      this.moment = places.length ? this.at(phase, phase === "forward" ? places[0] : places.at(-1)) : null;
    }
    this.show();
  }

  go(along) {
    const now = this.moment?.number ?? (along > 0 ? -1 : this.moments.length);
    const number = now + along;
    if (number < 0 || number >= this.moments.length) return;
    this.moment = this.at(...this.moments[number]);
    this.show();
    this.changed(this.moment);
  }

  stop() {
    this.moment = null;
    this.show();
    this.changed(null);
  }

  // The step at a place in the order: which boxes have their values by then, and which all of their gradient.
  at(phase, place) {
    const number = phase === "forward" ? place : 2 * this.order.length - 1 - place;
    const { seen, drawn } = this.sheet;
    const done = new Set(phase === "forward" ? [] : this.order.slice(place));
    const valued = new Set([...drawn.keys()].filter((unit) => phase === "backward" || !this.order.includes(unit)));
    if (phase === "forward") this.order.slice(0, place + 1).forEach((unit) => valued.add(unit));
    const arrived = new Set(phase === "forward" ? [] : drawn.keys());
    if (phase === "backward") for (const { from, to } of seen.links) if (!done.has(to)) arrived.delete(from);
    return { phase, unit: this.order[place], number, valued, arrived };
  }

  show() {
    const { moment } = this;
    this.sheet.walk(moment);
    const length = this.order.length;
    this.told.textContent = moment ? `${moment.phase} ${(moment.number % length) + 1} of ${length}` : "";
    this.leave.hidden = moment === null;
    switchOff(this.back, !moment?.number);
    switchOff(this.next, moment?.number === this.moments.length - 1);
  }
}

// The boxes on the sheet that compute something, each behind those it uses, of several the first in the program first.
function inOrder(graph, seen) {
  const units = new Set(seen.standsFor);
  const missing = new Map([...units].map((unit) => [unit, 0]));
  const users = new Map([...units].map((unit) => [unit, []]));
  for (const { from, to } of seen.links) {
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
