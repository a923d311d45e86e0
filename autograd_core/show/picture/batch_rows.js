// The rows of a batch: of the boxes for its rows one is shown, beside a box of all others.

export class BatchRows {
  /** @param {import("./graph.js").ColumnGraph} graph */
  constructor(graph) {
    this.graph = graph;
    const groups = Array.from(graph.parent.keys());
    this.sets = groups.filter((group) => graph.kindOf(graph.nodes + group) === "rows").map((rest) => this.setBeside(rest));
    this.count = Math.max(0, ...this.sets.map(({ members }) => members.length));
  }

  // Boxes of as many rows: the box around all, that of the others, and those of the rows.
  setBeside(rest) {
    const { nodes, parent, inside } = this.graph;
    const groupsIn = (group) => inside[group].map((unit) => unit - nodes).filter((inner) => inner > rest);
    const repeat = parent[rest];
    return { repeat, rest, members: [...groupsIn(repeat), ...groupsIn(rest)], at: 0 };
  }

  // The row of a unit that lies in a box of other rows, else -1.
  rowOf(unit) {
    const { graph } = this;
    const around = [unit - graph.nodes, ...graph.around(unit)];
    return Math.max(-1, ...this.sets.map(({ rest, members }) => members.indexOf(around[around.indexOf(rest) - 1])));
  }

  // Shows another row in the place of the present one. What was open in that is open in this.
  choose(number, open) {
    const { graph } = this;
    for (const rows of this.sets.filter(({ members }) => number < members.length)) {
      const [former, next] = [rows.members[rows.at], rows.members[number]];
      for (const group of [...open]) {
        const isInRow = group === former || graph.around(graph.nodes + group).includes(former);
        const twin = group - former + next; // equal boxes are numbered alike
        if (isInRow && graph.kind[twin] === graph.kind[group]) open.add(twin);
      }
      graph.parent[former] = rows.rest;
      graph.parent[next] = rows.repeat;
      rows.at = number;
    }
    graph.countUp();
  }
}
