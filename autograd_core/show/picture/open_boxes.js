// Which boxes of a folded graph are open, and which could be.

const MOST_COUNTED = 100000;

export class OpenBoxes {
  /**
   * @param {import("./graph.js").ColumnGraph} graph
   * @param {Iterable<number>} groups
   */
  constructor(graph, groups) {
    this.graph = graph;
    this.groups = new Set(groups);
    const closed = new Set(["composition", "leaves", "rows"]);
    const all = Array.from({ length: graph.groups - 1 }, (_, index) => index + 1);
    this.openable = all.filter((group) => !closed.has(graph.kindOf(graph.nodes + group)));
  }

  // The depth to which boxes can be open.
  get deepest() {
    return this.openable.reduce((most, group) => Math.max(most, this.graph.depth[group] + 1), 1);
  }

  /** @param {number} depth */
  toDepth(depth) {
    return new Set(this.openable.filter((group) => this.graph.depth[group] < depth));
  }

  /** @param {number} depth */
  isAtDepth(depth) {
    const wanted = this.toDepth(depth);
    return wanted.size === this.groups.size && [...wanted].every((group) => this.groups.has(group));
  }

  // How many boxes are in the picture.
  count() {
    let count = 0;
    const waiting = [0];
    while (waiting.length && count <= MOST_COUNTED) {
      for (const unit of this.graph.inside[waiting.pop()]) {
        if (this.graph.isGroup(unit) && this.groups.has(unit - this.graph.nodes)) waiting.push(unit - this.graph.nodes);
        else count++;
      }
    }
    return count;
  }

  /**
   * The closed box that hides a unit, or the unit itself.
   * @param {number} unit
   */
  hiding(unit) {
    const outer = this.graph.around(unit).reverse().find((group) => !this.groups.has(group));
    return outer === undefined ? unit : this.graph.nodes + outer;
  }
}
