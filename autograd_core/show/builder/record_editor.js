// The record with its history, and every edit that the page offers.
import { addNumber, addOperation, connect, disconnect, isRefusal, remove, setCount, setLabel, setNumber, setOperation, setOutput } from "./edit_graph.js";
import { EditHistory } from "./edit_history.js";
import { nodeOf } from "./graph_record.js";

/**
 * @typedef {import("./graph_record.js").Graph} Graph
 * @typedef {import("./edit_graph.js").Refusal} Refusal
 * @typedef {import("./join_by_pointer.js").Port} Port
 * @typedef {object} EditorEvents
 * @property {() => void} shaped the record has another shape
 * @property {() => void} numbered it is the same at other numbers
 * @property {(refusal: Refusal) => void} refused
 */

export class RecordEditor {
  /**
   * @param {import("./graph_record.js").Table} table
   * @param {Graph} graph
   * @param {EditorEvents} events
   */
  constructor(table, graph, events) {
    this.table = table;
    this.history = new EditHistory(graph);
    this.events = events;
    /** @type {number | null} the node that is chosen */
    this.chosen = null;
  }

  get graph() {
    return this.history.now;
  }

  /**
   * @param {Graph | Refusal} result
   * @param {string} kind of edits that are one step of Undo
   */
  change(result, kind = "") {
    if (isRefusal(result)) {
      this.events.refused(result);
      return;
    }
    this.history.add(result, kind);
    if (kind.startsWith("number")) this.events.numbered();
    else this.shaped();
  }

  shaped() {
    if (this.chosen !== null && !nodeOf(this.graph, this.chosen)) this.chosen = null;
    this.events.shaped();
  }

  /** Back in the history, or forward. @param {number} states */
  travel(states) {
    this.history.move(states);
    this.shaped();
  }

  /**
   * A new operation: into the input that was tapped, else around the node that was tapped or chosen.
   * @param {string} operation
   * @param {Port | null} tapped
   */
  addOperation(operation, tapped) {
    this.added(addOperation(this.graph, this.table, operation, !tapped ? this.chosen : tapped.place === null ? tapped.node : null), tapped);
  }

  /** @type {(isInput: boolean, tapped: Port | null) => void} */
  addNumber(isInput, tapped) {
    this.added(addNumber(this.graph, isInput), tapped);
  }

  /** @type {(added: { graph: Graph, id: number }, tapped: Port | null) => void} */
  added({ graph, id }, tapped) {
    this.chosen = id;
    this.change(tapped && tapped.place !== null ? connect(graph, id, tapped.node, tapped.place) : graph);
  }

  /** A new number for an input. @type {(to: number, place: number, isInput: boolean) => void} */
  addInto(to, place, isInput) {
    const { graph, id } = addNumber(disconnect(this.graph, to, place), isInput);
    this.change(connect(graph, id, to, place));
  }

  /** place: null for the first input that is free. @type {(from: number, to: number, place: number | null) => void} */
  join(from, to, place) {
    const { inputs } = nodeOf(this.graph, to);
    const free = place ?? inputs.indexOf(null);
    this.chosen = to;
    if (free >= 0) this.change(connect(this.graph, from, to, free));
    else this.change({ node: to, why: inputs.length ? "every input is taken. Lead the edge to the input that it shall replace." : "a number has no input." });
  }

  /** @type {(to: number, place: number) => void} */
  disconnect(to, place) {
    this.change(disconnect(this.graph, to, place));
  }

  /** @param {number} id */
  remove(id) {
    this.change(remove(this.graph, id));
  }

  /** @type {(id: number, number: number) => void} */
  setNumber(id, number) {
    this.change(setNumber(this.graph, id, number), `number ${id}`);
  }

  /** The numbers of all inputs, in their order. @param {number[]} numbers */
  setInputs(numbers) {
    const inputs = this.graph.nodes.filter(({ operation, label }) => !operation && label);
    this.change(inputs.reduce((graph, { id }, place) => setNumber(graph, id, numbers[place]), this.graph), "numbers");
  }

  /** @type {(id: number, label: string) => void} */
  setLabel(id, label) {
    this.change(setLabel(this.graph, this.table, id, label));
  }

  /** @type {(id: number, operation: string) => void} */
  setOperation(id, operation) {
    this.change(setOperation(this.graph, this.table, id, operation));
  }

  /** @type {(id: number, count: number) => void} */
  setCount(id, count) {
    this.change(setCount(this.graph, this.table, id, count));
  }

  /** @param {number | null} id */
  setOutput(id) {
    this.change(setOutput(this.graph, id));
  }
}
