// The graph as columns of numbers, and the part of it that is drawn once some boxes are open. A unit is a node (below
// `nodes`) or a group (from `nodes` on); group 0 is the whole graph and outer groups come before inner ones.
import { magnitude, numberText, subscript, sumOf } from "../page/numbers.js";
import { firstNonfinite } from "./nonfinite.js";
import { BatchRows } from "./batch_rows.js";
import { computeNumbers, unpack } from "./unpack.js";

export class ColumnGraph {
  /** @param {any} data */
  constructor(data) {
    const columns = /** @type {Record<string, any>} */ (unpack(data.columns));
    // By node.
    /** @type {Int32Array} */
    this.home = columns.home;
    /** @type {Int32Array} */
    this.operation = columns.operation;
    /** @type {Int32Array} */
    this.number = columns.number;
    /** @type {Int32Array} */
    this.behind = columns.behind;
    /** @type {Int32Array} */
    this.arity = columns.arity;
    /** @type {Int32Array} the place of a parameter in its matrix, -1 without one */
    this.row = columns.row;
    /** @type {Int32Array} */
    this.column = columns.column;
    /** @type {Uint8Array} */
    this.reached = columns.reached;
    /** @type {Uint8Array} */
    this.trouble = columns.trouble;
    // By edge.
    /** @type {Uint8Array} */
    this.flowing = columns.flowing;
    // By group.
    /** @type {Int32Array} */
    this.parent = columns.parent;
    /** @type {Int32Array} */
    this.name = columns.name;
    /** @type {Int32Array} */
    this.formula = columns.formula;
    /** @type {Uint8Array} */
    this.kind = columns.kind;
    this.operations = data.operations;
    this.texts = data.texts;
    this.kinds = data.kinds;
    this.troubles = data.troubles;
    this.comparisons = new Set(data.comparisons);
    this.labels = new Map(data.labels);
    /** @type {string} how derivatives write the root */
    this.symbol = data.symbol;
    /** @type {Map<number, string>} what the number of a node is now, where that has changed since */
    this.changed = new Map(data.changed);
    this.nodes = this.home.length;
    this.groups = this.parent.length;
    this.units = this.nodes + this.groups;
    this.root = this.nodes - 1;
    this.bySource = null;
    this.first = new Int32Array(this.nodes + 1);
    for (let node = 0; node < this.nodes; node++) this.first[node + 1] = this.first[node] + this.arity[node];
    /** @type {Int32Array} */
    this.source = columns.back;
    for (let user = 0; user < this.nodes; user++) for (let edge = this.first[user]; edge < this.first[user + 1]; edge++) this.source[edge] = user - this.source[edge];
    const numbers = computeNumbers(columns, { first: this.first, source: this.source, flowing: this.flowing, operationOf: (node) => this.operations[this.operation[node]][0] });
    this.value = numbers.value;
    this.adjoint = numbers.adjoint;
    this.partial = numbers.partial;
    this.carry();
    this.countUp();
    this.culprit = firstNonfinite(this);
    this.rows = new BatchRows(this);
  }

  // For every edge the node it leads to and its contribution: the upstream gradient times the partial.
  carry() {
    this.tip = new Int32Array(this.source.length);
    this.carried = new Float64Array(this.source.length);
    for (let user = 0; user < this.nodes; user++)
      for (let edge = this.first[user]; edge < this.first[user + 1]; edge++) {
        this.tip[edge] = user;
        if (this.flowing[edge]) this.carried[edge] = this.adjoint[user] * this.partial[edge];
      }
  }

  // The edges from a node along which a gradient comes back to it.
  leaving(node) {
    this.bySource ??= this.sortBySource();
    return this.bySource.edges.subarray(this.bySource.start[node], this.bySource.start[node + 1]);
  }

  sortBySource() {
    const start = new Int32Array(this.nodes + 2);
    this.source.forEach((node, edge) => this.flowing[edge] && start[node + 2]++);
    for (let node = 2; node < start.length; node++) start[node] += start[node - 1];
    const edges = new Int32Array(start.at(-1));
    this.source.forEach((node, edge) => this.flowing[edge] && (edges[start[node + 1]++] = edge));
    return { start, edges };
  }

  // By group: depth, last node, units, and the numbers of operations, parameters and troubles inside.
  countUp() {
    const { nodes, groups, parent, home } = this;
    this.depth = new Int32Array(groups);
    for (let group = 1; group < groups; group++) this.depth[group] = this.depth[parent[group]] + 1;
    this.last = new Int32Array(groups);
    this.computed = new Int32Array(groups);
    this.parameters = new Int32Array(groups);
    this.troubled = this.troubles.map(() => new Int32Array(groups));
    for (let node = 0; node < nodes; node++) {
      const group = home[node];
      this.last[group] = node;
      this.computed[group] += Number(this.arity[node] > 0);
      this.parameters[group] += Number(this.leafKind(node) === "parameter");
      this.troubled[this.trouble[node]][group]++;
    }
    for (let group = groups - 1; group > 0; group--) {
      const outer = parent[group];
      this.last[outer] = Math.max(this.last[outer], this.last[group]);
      for (const column of [this.computed, this.parameters, ...this.troubled]) column[outer] += column[group];
    }
    const inside = Array.from({ length: groups }, () => []);
    for (let group = 1; group < groups; group++) inside[parent[group]].push(nodes + group);
    for (let node = 0; node < nodes; node++) inside[home[node]].push(node);
    this.inside = inside;
  }

  isGroup(unit) {
    return unit >= this.nodes;
  }

  leafKind(node) {
    return this.arity[node] ? "" : this.operations[this.operation[node]][0];
  }

  parentOf(unit) {
    return unit < this.nodes ? this.home[unit] : this.parent[unit - this.nodes];
  }

  nameOf(unit) {
    if (this.isGroup(unit)) return this.texts[this.name[unit - this.nodes]];
    if (this.behind[unit]) return `${this.nameOf(unit + this.behind[unit])}₍${subscript(this.number[unit])}₎`;
    return this.labels.get(unit) ?? (this.number[unit] ? `v${subscript(this.number[unit])}` : "out");
  }

  // dL/dv₁₂ for a node.
  derivativeOf(node) {
    return `d${this.symbol}/d${node === this.root ? this.symbol : this.nameOf(node)}`;
  }

  // ∂v₁₂/∂v₃ for an edge.
  partialOf(edge) {
    const user = this.tip[edge];
    return `∂${user === this.root ? this.symbol : this.nameOf(user)}/∂${this.nameOf(this.source[edge])}`;
  }

  formulaOf(unit) {
    return this.isGroup(unit) ? this.texts[this.formula[unit - this.nodes]] : "";
  }

  kindOf(unit) {
    return this.isGroup(unit) ? this.kinds[this.kind[unit - this.nodes]] : this.leafKind(unit) || "operation";
  }

  rank(unit) {
    return unit < this.nodes ? unit : this.last[unit - this.nodes];
  }

  // The groups around a unit, the innermost first, without the whole graph.
  around(unit) {
    const groups = [];
    for (let group = this.parentOf(unit); group > 0; group = this.parent[group]) groups.push(group);
    return groups;
  }

  // The name of a unit after those of the boxes around it.
  placeName(unit) {
    const groups = this.around(unit).map((group) => this.nodes + group);
    const scopes = groups.filter((group) => this.kindOf(group) === "scope");
    const around = (scopes.length ? scopes : groups).slice(0, 3).map((group) => this.nameOf(group));
    return [...around.reverse(), this.nameOf(unit)].join(" › ");
  }

  // The reason at an edge into an operation in trouble: closed, or the factor; "" at other edges.
  reasonAt({ to, sources }) {
    if (this.isGroup(to) || this.trouble[to] < 2) return "";
    const edges = Array.from({ length: this.arity[to] }, (_, index) => this.first[to] + index).filter((edge) => sources.has(this.source[edge]));
    const open = edges.filter((edge) => this.flowing[edge]);
    if (open.length) return `· ${numberText(sumOf(open.map((edge) => this.partial[edge])))}`;
    const isTest = (edge) => this.comparisons.has(this.operations[this.operation[this.source[edge]]][0]);
    return edges.every(isTest) ? "" : "closed";
  }

  // The nodes in a unit, at any depth.
  membersOf(unit) {
    if (!this.isGroup(unit)) return [unit];
    const found = [];
    const waiting = [unit];
    while (waiting.length) {
      const next = waiting.pop();
      if (next < this.nodes) found.push(next);
      else for (const inner of this.inside[next - this.nodes]) waiting.push(inner);
    }
    return found.sort((a, b) => a - b);
  }

  // The units on the sheet and the links between them, each with its edges counted, its source nodes and the size of the gradient it carries.
  cut(open) {
    const { nodes, groups, units, home, parent, first, source, flowing } = this;
    const hidden = new Int32Array(groups).fill(-1);
    for (let group = 1; group < groups; group++) {
      const outer = hidden[parent[group]];
      hidden[group] = outer >= 0 ? outer : open.has(group) ? -1 : nodes + group;
    }
    const standsFor = new Int32Array(nodes);
    for (let node = 0; node < nodes; node++) standsFor[node] = hidden[home[node]] >= 0 ? hidden[home[node]] : node;
    const links = new Map();
    const outputs = new Map();
    const inputs = new Map();
    const enter = (map, unit, node) => (map.get(unit) ?? map.set(unit, new Set()).get(unit)).add(node);
    for (let user = 0; user < nodes; user++) {
      const to = standsFor[user];
      for (let edge = first[user]; edge < first[user + 1]; edge++) {
        const from = standsFor[source[edge]];
        if (from === to) continue;
        const key = from * units + to;
        let link = links.get(key);
        if (!link) links.set(key, (link = { from, to, edges: 0, flowing: false, amount: 0, sources: new Set() }));
        link.edges++;
        link.sources.add(source[edge]);
        if (flowing[edge]) link.flowing = true;
        if (Number.isFinite(this.carried[edge])) link.amount += Math.abs(this.carried[edge]);
        if (from >= nodes) enter(outputs, from, source[edge]);
        if (to >= nodes) enter(inputs, to, source[edge]);
      }
    }
    const last = standsFor[this.root];
    if (last >= nodes) enter(outputs, last, this.root);
    return { hidden, standsFor, links: [...links.values()], outputs, inputs };
  }

  // All nodes that `starts` depend on (back = true) or that depend on them, themselves included.
  reach(starts, back) {
    const reached = new Uint8Array(this.nodes);
    for (const node of starts) reached[node] = 1;
    const { first, source } = this;
    if (back) {
      for (let node = this.root; node >= 0; node--)
        if (reached[node]) for (let edge = first[node]; edge < first[node + 1]; edge++) reached[source[edge]] = 1;
    } else {
      for (let node = 0; node < this.nodes; node++)
        for (let edge = first[node]; edge < first[node + 1] && !reached[node]; edge++) reached[node] = reached[source[edge]];
    }
    return reached;
  }

  // The contributions to the nodes from each of their users outside, the largest first.
  arriving(members) {
    const own = new Set(members);
    const found = [];
    for (let user = 0; user < this.nodes; user++) {
      if (own.has(user)) continue;
      for (let edge = this.first[user]; edge < this.first[user + 1]; edge++)
        if (own.has(this.source[edge]) && this.flowing[edge]) found.push({ user, source: this.source[edge], amount: this.carried[edge] });
    }
    return found.sort((a, b) => magnitude(b.amount) - magnitude(a.amount) || a.user - b.user);
  }

  // The contributions of the nodes to each node outside that they use, summed at the border, the largest first.
  handedOn(members) {
    const own = new Set(members);
    const sums = new Map();
    for (const user of members)
      for (let edge = this.first[user]; edge < this.first[user + 1]; edge++)
        if (!own.has(this.source[edge]) && this.flowing[edge]) sums.set(this.source[edge], (sums.get(this.source[edge]) ?? 0) + this.carried[edge]);
    return [...sums].map(([source, amount]) => ({ source, amount })).sort((a, b) => magnitude(b.amount) - magnitude(a.amount) || a.source - b.source);
  }
}
