// What can be changed of the node that is chosen: its name, its number, what goes into it, and whether it is the output.
import { button, make } from "../page/elements.js";
import { exactText, numberText } from "../page/numbers.js";
import { isConstant, nameText, nodeOf, usersOf, wayBetween } from "./graph_record.js";
import { operationOptions, operationTitle } from "./palette.js";

/**
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {import("./evaluate_graph.js").Evaluation} Evaluation
 */

export class NodePanel {
  /** @param {import("./record_editor.js").RecordEditor} editor */
  constructor(editor) {
    this.editor = editor;
    this.table = editor.table;
    this.element = make("section", { class: "panel node-panel", "aria-label": "Edit" });
  }

  /** @param {Evaluation} found */
  show(found) {
    const { graph, chosen } = this.editor;
    this.graph = graph;
    this.found = found;
    // The field in use stays in use: the panel is written anew at each change.
    const active = /** @type {HTMLElement} */ (document.activeElement);
    const field = this.element.contains(active) ? active.dataset.field : undefined;
    this.element.replaceChildren(...(chosen === null ? this.overview() : this.fieldsOf(chosen)));
    if (field) /** @type {HTMLElement | null} */ (this.element.querySelector(`[data-field="${field}"]`))?.focus({ preventScroll: true });
  }

  // Nothing is chosen: the numbers of all inputs, and how to begin.
  overview() {
    const { graph } = this;
    const inputs = graph.nodes.filter((node) => !node.operation && node.label);
    const how = graph.nodes.length ? "Choose a card to change it. Lead an edge from the dot behind a card to an input of another, or tap one after the other."
      : "The graph is empty. Add a number and an operation, or write a program above, such as relu(w*x + b).";
    return [make("p", { class: "hint" }, how), ...inputs.map((node) => this.row(nameText(node.label), this.numberField(node, `${node.label}, a number`)))];
  }

  /** @param {number} id */
  fieldsOf(id) {
    const { graph, found, editor, table } = this;
    const node = nodeOf(graph, id);
    const title = nameText(found.names.get(id));
    const kind = node.operation ? operationTitle(table, node.operation) : isConstant(node) ? "constant" : "input";
    const output = found.output === id;
    const words = node.operation ? table.operations[node.operation].words : [];
    const name = make("input", { type: "text", value: node.label, "data-field": "name", autocomplete: "off", autocapitalize: "off", spellcheck: "false", placeholder: node.operation ? title : "none: a constant" });
    name.addEventListener("change", () => editor.setLabel(id, name.value.trim()));
    const counts = node.operation ? Object.keys(table.operations[node.operation].forms).map(Number) : [];
    return [
      make("h2", {}, isConstant(node) ? `Constant ${title}` : `${title}: ${kind}`),
      ...(node.operation ? [this.row("Operation", this.operationField(node))] : [this.row("Number", this.numberField(node, "Number"))]),
      this.row("Name", name),
      ...node.inputs.map((input, place) => this.row(node.inputs.length > 1 ? `Input ${words[place] ?? place + 1}` : "Input", this.sourceField(id, input, place))),
      ...(counts.length > 1 ? [make("div", { class: "buttons" }, button("One input more", () => editor.setCount(id, node.inputs.length + 1), node.inputs.length < counts.at(-1) ? {} : { disabled: "" }),
        button("One input fewer", () => editor.setCount(id, node.inputs.length - 1), node.inputs.length > counts[0] ? {} : { disabled: "" }))] : []),
      this.facts(id),
      make("div", { class: "buttons" },
        ...(isConstant(node) ? [] : [output && graph.output === null ? make("span", { class: "hint" }, "This is the output.")
          : button(output ? "No longer the output" : "Make it the output", () => editor.setOutput(output ? null : id))]),
        button("Delete", () => editor.remove(id), { title: "Delete" })),
    ];
  }

  /** @type {(words: string, field: HTMLElement) => HTMLLabelElement} */
  row(words, field) {
    return make("label", { class: "edit-row" }, make("span", {}, words), field);
  }

  /** @type {(node: import("./graph_record.js").GraphNode, name: string) => HTMLInputElement} */
  numberField({ id, number }, name) {
    const field = make("input", { type: "number", step: "any", value: Number.isFinite(number) ? number : "", "aria-label": name, "data-field": `number${id}` });
    field.addEventListener("input", () => {
      const valid = field.value.trim() !== "" && Number.isFinite(+field.value);
      field.setAttribute("aria-invalid", String(!valid));
      if (valid) this.editor.setNumber(id, +field.value);
    });
    return field;
  }

  // The other numbers, in the fields that are not in use.
  showNumbers() {
    for (const node of this.editor.graph.nodes) {
      const field = /** @type {HTMLInputElement | null} */ (this.element.querySelector(`[data-field="number${node.id}"]`));
      if (field && field !== document.activeElement && +field.value !== node.number) field.value = String(node.number);
    }
  }

  /** @param {import("./graph_record.js").GraphNode} node */
  operationField({ id, operation }) {
    const select = make("select", { "data-field": "operation" }, ...operationOptions(this.table));
    select.value = operation;
    select.addEventListener("change", () => this.editor.setOperation(id, select.value));
    return select;
  }

  /**
   * What an input comes from. A node that would close a circle cannot be chosen, and says so.
   * @param {number} id
   * @param {number | null} input
   * @param {number} place
   */
  sourceField(id, input, place) {
    const { graph, found, editor } = this;
    const users = usersOf(graph);
    const select = make("select", { "data-field": `input${place}` }, make("option", { value: "" }, "? nothing yet"));
    for (const node of graph.nodes) {
      if (isConstant(node) && node.id !== input && users.get(node.id).length) continue;
      const closes = wayBetween(graph, id, node.id) !== null;
      const value = found.values.get(node.id);
      const words = isConstant(node) ? numberText(node.number) : `${nameText(found.names.get(node.id))}${closes ? ": a circle" : value === undefined ? "" : ` = ${numberText(value)}`}`;
      select.append(make("option", { value: node.id, ...(closes && { disabled: "" }) }, words));
    }
    select.append(make("option", { value: "input" }, "a new input"), make("option", { value: "constant" }, "a new constant"));
    select.value = input === null ? "" : String(input);
    select.addEventListener("change", () => {
      if (select.value === "") editor.disconnect(id, place);
      else if (select.value === "input" || select.value === "constant") editor.addInto(id, place, select.value === "input");
      else editor.join(Number(select.value), id, place);
    });
    return select;
  }

  /** Value and gradient with all their digits. @param {number} id */
  facts(id) {
    const { found } = this;
    const value = found.values.get(id);
    const list = make("dl", { class: "facts" }, make("dt", {}, "value"), make("dd", {}, value === undefined ? `– because ${found.why.get(id)}` : exactText(value)));
    if (found.variable.has(id)) list.append(make("dt", {}, "gradient"), make("dd", {}, found.grads.has(id) ? exactText(found.grads.get(id)) : this.whyNoGradient(id)));
    if (found.kinks.has(id)) list.append(make("dt", {}, "kink"), make("dd", {}, found.kinks.get(id)));
    return list;
  }

  /** @param {number} id */
  whyNoGradient(id) {
    const { found } = this;
    if (found.output !== null && found.why.has(found.output)) return `– because the output has no value: ${found.why.get(found.output)}`;
    if (!found.order.includes(id)) return `– because no edge leads from it to the output, ${nameText(found.names.get(found.output))}`;
    return "– because the output depends on no input";
  }
}
