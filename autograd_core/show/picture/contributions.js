// The gradient of a node as the sum of the contributions of its uses, each by the term of the loss that it comes from and
// the head of attention that it passed last; as `graph/contributions.py` computes them.

const LINEAR = new Set(["add", "subtract", "multiply", "divide", "negative"]);
const BOX = /^head #?\d+$/; // the boxes that are told apart

/** @typedef {import("./graph.js").ColumnGraph} ColumnGraph */
/** @typedef {{ term: number, box: string, amount: number }} Origin */
/** @typedef {{ user: number, amount: number, origins: Origin[] }} Use */

/**
 * The terms that the root adds up, in order of computation, and by the edge into a term its number.
 * @param {ColumnGraph} graph
 */
export function lossTerms(graph) {
  const times = new Int32Array(graph.nodes);
  for (const source of graph.source) times[source]++;
  const boxes = (/** @type {number} */ node) => graph.around(node).map((group) => graph.nodes + group).filter((unit) => ["scope", "composition"].includes(graph.kindOf(unit)));
  const [beside] = boxes(graph.root);
  const isLinear = (/** @type {number} */ node) => {
    const name = graph.operations[graph.operation[node]][0];
    if (!graph.arity[node] || !LINEAR.has(name)) return false;
    const around = boxes(node);
    const compositions = around.filter((unit) => graph.kindOf(unit) === "composition");
    if (compositions.some((unit) => !/^mean( #\d+)?$/.test(graph.nameOf(unit)))) return false;
    return name === "add" || name === "subtract" || (graph.arity[node] === 1 && (compositions.length > 0 || around[0] === beside));
  };
  /** @type {[number, number][]} */
  const found = [];
  const waiting = isLinear(graph.root) ? [graph.root] : [];
  while (waiting.length) {
    const node = waiting.pop();
    for (let edge = graph.first[node]; edge < graph.first[node + 1]; edge++) {
      const source = graph.source[edge];
      if (isLinear(source) && times[source] === 1) waiting.push(source);
      else found.push([source, edge]);
    }
  }
  const nodes = [...new Set(found.map(([source]) => source))].sort((a, b) => a - b);
  return { nodes: nodes.length ? nodes : [graph.root], entries: new Map(found.map(([source, edge]) => [edge, nodes.indexOf(source)])) };
}

/**
 * The uses of a node along which a gradient comes, in the order of the backward sweep.
 * @param {ColumnGraph} graph
 * @param {number} node
 * @returns {Use[]}
 */
export function usesOf(graph, node) {
  const { entries } = lossTerms(graph);
  const depends = graph.reach([node], false);
  const boxes = boxNames(graph);
  /** @type {Map<number, Map<string, Origin>>} */
  const credit = new Map();
  /** @type {Use[]} */
  const uses = [];
  for (let user = graph.root; user > node; user--) {
    if (!depends[user]) continue;
    let origins = [...(credit.get(user)?.values() ?? [])];
    credit.delete(user);
    if (user === graph.root && !entries.size) origins = [{ term: 0, box: "", amount: 1 }];
    const box = boxes[graph.home[user]];
    for (let edge = graph.first[user]; edge < graph.first[user + 1]; edge++) {
      const source = graph.source[edge];
      if (!graph.flowing[edge] || !depends[source]) continue;
      const term = entries.get(edge);
      const carried = term !== undefined ? [{ term, box: "", amount: graph.carried[edge] }]
        : merged(origins.map((origin) => ({ term: origin.term, box: box || origin.box, amount: origin.amount * graph.partial[edge] })));
      if (source === node) uses.push({ user, amount: graph.carried[edge], origins: merged(carried) });
      else credit.set(source, collect(credit.get(source) ?? new Map(), carried));
    }
  }
  return uses;
}

/**
 * @param {Map<string, Origin>} sums
 * @param {Origin[]} origins
 */
function collect(sums, origins) {
  for (const origin of origins) {
    const key = `${origin.term} ${origin.box}`;
    const known = sums.get(key);
    if (known) known.amount += origin.amount;
    else sums.set(key, { ...origin });
  }
  return sums;
}

/** @param {Origin[]} origins */
const merged = (origins) => (origins.length < 2 ? origins : [...collect(new Map(), origins).values()].sort((a, b) => a.term - b.term));

/**
 * For each group the head of attention that it lies in or is, "" for none; by its place where several have one name.
 * @param {ColumnGraph} graph
 */
function boxNames(graph) {
  const names = Array.from({ length: graph.groups }, (_, group) => (graph.kindOf(graph.nodes + group) === "scope" ? graph.nameOf(graph.nodes + group) : ""));
  const boxes = names.map((name, group) => (BOX.test(name) ? group : -1));
  const times = new Map();
  for (const group of boxes) if (group >= 0) times.set(names[group], (times.get(names[group]) ?? 0) + 1);
  const titles = boxes.map((group) => (group < 0 ? "" : times.get(names[group]) === 1 ? names[group] : graph.placeName(graph.nodes + group)));
  for (let group = 1; group < graph.groups; group++) titles[group] ||= titles[graph.parent[group]];
  return titles;
}
