// Every state of a record that was edited, to go back to and forward again.

/** @template T */
export class EditHistory {
  /** @param {T} first */
  constructor(first) {
    this.states = [first];
    this.at = 0;
    this.kind = "";
  }

  get now() {
    return this.states[this.at];
  }

  /**
   * A new state; the states that were gone back from are lost. Edits of one kind, such as a number that is dragged, are one.
   * @param {T} state
   * @param {string} kind "" for an edit of its own
   */
  add(state, kind = "") {
    if (state === this.now) return;
    const keep = kind && kind === this.kind && this.at === this.states.length - 1 ? this.at : this.at + 1;
    this.states = [...this.states.slice(0, keep), state];
    this.at = keep;
    this.kind = kind;
  }

  // What follows is an edit of its own, though it be of the same kind.
  part() {
    this.kind = "";
  }

  /** @param {number} steps */
  move(steps) {
    this.at = Math.max(0, Math.min(this.at + steps, this.states.length - 1));
    this.part();
  }

  get canUndo() {
    return this.at > 0;
  }

  get canRedo() {
    return this.at < this.states.length - 1;
  }
}
