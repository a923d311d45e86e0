// The operations to add, by groups: the frequent ones as buttons, all of them in a list.
import { button, make } from "../page/elements.js";

const FREQUENT = ["add", "subtract", "multiply", "divide", "power", "negative", "exp", "log", "relu", "tanh", "sigmoid", "maximum"];
/** @type {Record<string, string>} */
const GROUPS = { arithmetic: "Arithmetic", functions: "Functions", activations: "Activations", choices: "Choices", comparisons: "Comparisons", lists: "Of any number of inputs" };

/** @typedef {import("./graph_record.js").Table} Table */

/** @param {string} operation */
export const operationName = (operation) => operation.replaceAll("_", " ");

/** Its symbol and its name, once where they are the same. @type {(table: Table, operation: string) => string} */
export function operationTitle({ operations }, operation) {
  const { symbol } = operations[operation];
  return symbol === operation ? operationName(operation) : `${symbol} ${operationName(operation)}`;
}

/** The operations as options of a list. @param {Table} table */
export const operationOptions = (table) => Object.entries(GROUPS).map(([group, title]) => make("optgroup", { label: title },
  ...Object.entries(table.operations).filter(([, { group: own }]) => own === group).map(([name]) => make("option", { value: name }, operationTitle(table, name)))));

/**
 * @param {Table} table
 * @param {{ addOperation: (operation: string) => void, addNumber: (isInput: boolean) => void }} actions
 */
export function palette(table, actions) {
  const all = make("select", { "aria-label": "Add another operation" }, make("option", { value: "" }, "All operations …"), ...operationOptions(table));
  all.addEventListener("change", () => {
    const operation = all.value;
    all.value = "";
    if (operation) actions.addOperation(operation);
  });
  const symbol = (/** @type {string} */ name) => (name === "negative" ? "−x" : table.operations[name].symbol); // beside the minus of two
  return make("div", { class: "palette", role: "toolbar", "aria-label": "Add to the graph" }, make("span", { class: "caption" }, "Add"),
    button("input", () => actions.addNumber(true), { title: "Add an input" }), button("constant", () => actions.addNumber(false), { title: "Add a constant" }),
    ...FREQUENT.map((name) => button(symbol(name), () => actions.addOperation(name), { class: "operation", title: `Add ${operationName(name)}`, "aria-label": `${symbol(name)}, add ${operationName(name)}` })), all);
}
