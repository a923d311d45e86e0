// The record that the picture and the program are two views of: nodes with their inputs in order, and the output.

/**
 * @typedef {{ id: number, operation: string, inputs: (number | null)[], number: number, label: string }} GraphNode
 *   operation: "" for a number, which is an input where it has a label, else a constant; inputs: null for a missing one
 * @typedef {{ nodes: GraphNode[], output: number | null }} Graph
 *   nodes: in the order of the program; output: the node that was chosen, null for the last operation without users
 * @typedef {{ tape: (number[] | number | string | null)[], operations: string[], value: number, edges: ([number, number, number] | null)[],
 *   kinks: [string, number, number?][], text: string, formula: string, derivatives: string[], mistakes: [number, string, number][], wrong: number[] }} Form
 *   edges: by input, the registers of the partial, of the contribution, and of whether it is open, null where nothing ever flows
 *   mistakes: by the wrong rules: the place of the input, the rule, and which kind of mistake; wrong: the registers of what they give
 * @typedef {{ symbol: string, group: string, words: string[], operator: boolean, binding: number[], code: string, takesList: boolean,
 *   kink: string, kindsOfMistakes: [string, string][], forms: Record<string, Form> }} Operation
 * @typedef {{ operations: Record<string, Operation>, aliases: Record<string, string> }} Table
 */

/** @type {Graph} */
export const EMPTY = { nodes: [], output: null };

/** @param {Graph} graph @param {number} id */
export const nodeOf = (graph, id) => graph.nodes.find((node) => node.id === id);

/** @param {GraphNode} node */
export const isConstant = ({ operation, label }) => !operation && !label;

/** @param {Graph} graph */
export const nextId = ({ nodes }) => Math.max(-1, ...nodes.map(({ id }) => id)) + 1;

/**
 * By node, the edges that lead from it, each as the node it leads to.
 * @param {Graph} graph
 */
export function usersOf({ nodes }) {
  const users = new Map(nodes.map(({ id }) => [id, /** @type {number[]} */ ([])]));
  for (const { id, inputs } of nodes) for (const input of inputs) if (input !== null) users.get(input).push(id);
  return users;
}

/**
 * The node whose gradients are shown: the chosen one, else the last operation that no other uses, else the last number.
 * @param {Graph} graph
 */
export function outputOf(graph) {
  if (graph.output !== null) return graph.output;
  const users = usersOf(graph);
  const roots = graph.nodes.filter(({ id }) => !users.get(id).length);
  return (roots.findLast(({ operation }) => operation) ?? roots.at(-1))?.id ?? null;
}

/**
 * The nodes below some, inputs before outputs, in the order of the engine: depth first, inputs from left to right.
 * @param {Graph} graph
 * @param {number[]} roots
 */
export function orderOf(graph, roots) {
  const byId = new Map(graph.nodes.map((node) => [node.id, node]));
  /** @type {number[]} */
  const order = [];
  const entered = new Set();
  for (const root of roots) {
    /** @type {{ id: number, done: boolean }[]} */
    const waiting = [{ id: root, done: false }];
    while (waiting.length) {
      const { id, done } = waiting.pop();
      if (done) order.push(id);
      else if (!entered.has(id)) {
        entered.add(id);
        waiting.push({ id, done: true });
        for (const input of byId.get(id).inputs.toReversed()) if (input !== null && !entered.has(input)) waiting.push({ id: input, done: false });
      }
    }
  }
  return order;
}

/**
 * The way from one node to another along the edges, as the nodes on it; null where there is none.
 * @param {Graph} graph
 * @param {number} from
 * @param {number} to
 */
export function wayBetween(graph, from, to) {
  const users = usersOf(graph);
  /** @type {Map<number, number | null>} */
  const before = new Map([[from, null]]);
  const waiting = [from];
  for (const id of waiting) {
    if (id === to) {
      const way = [];
      for (let at = /** @type {number | null} */ (to); at !== null; at = before.get(at)) way.unshift(at);
      return way;
    }
    for (const user of users.get(id)) if (!before.has(user)) before.set(user, id) && waiting.push(user);
  }
  return null;
}

/**
 * The name of each node: its label, of an output without one "out", else v1, v2, ... in the order of computation; of a
 * constant its number.
 * @param {Graph} graph
 */
export function namesOf(graph) {
  const output = outputOf(graph);
  const taken = new Set(graph.nodes.map(({ label }) => label));
  let count = 0;
  const fresh = () => {
    do count++; while (taken.has(`v${count}`));
    return `v${count}`;
  };
  const order = orderOf(graph, [...(output === null ? [] : [output]), ...graph.nodes.map(({ id }) => id)]);
  return new Map(order.map((id) => {
    const node = nodeOf(graph, id);
    const given = () => (isConstant(node) ? programNumber(node.number) : id === output && !taken.has("out") ? "out" : fresh());
    return [id, node.label || given()];
  }));
}

const ORDINALS = ["first", "second", "third", "fourth", "fifth", "sixth"];

/** An input of a node in words. @type {(table: Table, node: GraphNode, place: number) => string} */
export function inputWords(table, { operation, inputs }, place) {
  const word = table.operations[operation].words[place];
  return word ? `input "${word}"` : inputs.length > 1 ? `${ORDINALS[place]} input` : "input";
}

/**
 * A number as a program has it.
 * @param {number} number
 */
export const programNumber = (number) => (number === Math.PI ? "pi" : Object.is(number, -0) ? "-0" : String(number).replace("NaN", "nan").replace("e+", "e"));

/**
 * A name as mathematicians write it: v12 is v₁₂.
 * @param {string} name
 */
export const nameText = (name) => name.replace(/^([A-Za-z])_?(\d+)$/, (_, letter, digits) =>
  letter + [...digits].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[+digit]).join(""));

/**
 * A text of the table with operands in its places.
 * @param {string} text
 * @param {string[]} operands
 */
export const fillPlaces = (text, operands) => text.replace(/[\ue000-\ue0ff]/g, (place) => operands[place.charCodeAt(0) - 0xe000]);
