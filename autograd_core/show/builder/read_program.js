// Reads a program such as "w = 2; relu(w*x + 1)" as a record: names for parts, and at the end the name of the output.
import { nextId } from "./graph_record.js";
import { ProgramError, parseLine } from "./program_parser.js";

const LONGEST = 2000; // characters of a program

/**
 * @typedef {import("./graph_record.js").Graph} Graph
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {import("./program_parser.js").Part} Part
 * @typedef {import("./program_parser.js").Statement} Statement
 */

class Reader {
  /**
   * @param {Statement[]} statements
   * @param {Graph} before
   */
  constructor(statements, before) {
    this.statements = statements;
    /** @type {Map<string, import("./graph_record.js").GraphNode>} */
    this.before = new Map(before.nodes.filter(({ label }) => label).map((node) => [node.label, node]));
    this.next = nextId(before);
    /** @type {import("./graph_record.js").GraphNode[]} */
    this.nodes = [];
    /** @type {Map<string, number | null>} the node of each name, null while it is being read */
    this.known = new Map();
    /** @type {Map<string, Statement>} */
    this.definitions = new Map();
    for (const statement of statements) {
      if (!statement.name) continue;
      if (this.definitions.has(statement.name)) throw new ProgramError(`"${statement.name}" has a value already`, statement.line, statement.at);
      this.definitions.set(statement.name, statement);
    }
  }

  /** @returns {Graph} */
  graph() {
    /** @type {number | null} */
    let output = null;
    for (const { name, part, line } of this.statements) {
      if (name) this.named(name, line, part.at);
      else if (part.type === "name") output = this.named(part.name, line, part.at);
      else if (part.type !== "missing") this.node(part, line, "");
    }
    return { nodes: this.nodes, output };
  }

  /** @type {(name: string, line: number, at: number) => number} */
  named(name, line, at) {
    const found = this.known.get(name);
    if (found === null) {
      const circle = [...this.known].filter(([, id]) => id === null).map(([other]) => other);
      throw new ProgramError(`a circle: ${[...circle.slice(circle.indexOf(name)), name].join(" needs ")}`, line, at);
    }
    if (found !== undefined) return found;
    const statement = this.definitions.get(name);
    this.known.set(name, null);
    const id = statement ? this.node(statement.part, statement.line, name) : this.leaf(this.before.get(name)?.operation === "" ? this.before.get(name).number : 1, name);
    this.known.delete(name); // and again at the end, so that the circle of another is in order
    this.known.set(name, id);
    return id;
  }

  /** @type {(number: number, label: string) => number} */
  leaf(number, label) {
    return this.add({ operation: "", inputs: [], number, label });
  }

  /** @param {Omit<import("./graph_record.js").GraphNode, "id">} node */
  add(node) {
    const id = node.label && this.before.has(node.label) ? this.before.get(node.label).id : this.next++;
    this.nodes.push({ id, ...node });
    return id;
  }

  /** @type {(part: Part, line: number, name: string) => number} */
  node(part, line, name) {
    if (part.type === "number") return this.leaf(part.number, name);
    if (part.type === "name" || part.type === "missing") throw new ProgramError(`"${name}" needs a number or an operation`, line, part.at);
    /** @type {(inner: Part) => number | null} */
    const input = (inner) => (inner.type === "missing" ? null : inner.type === "name" ? this.named(inner.name, line, inner.at) : this.node(inner, line, ""));
    const inputs = part.parts.map(input);
    return this.add({ operation: part.name, inputs, number: NaN, label: name });
  }
}

/**
 * The record of a program. Raises ProgramError.
 * @param {string} text statements on lines of their own, or parted by semicolons
 * @param {Table} table
 * @param {Graph} before the record so far: inputs without a number keep theirs, and nodes with a label keep their id
 * @returns {Graph}
 */
export function readProgram(text, table, before) {
  if (text.length > LONGEST) throw new ProgramError(`the program has ${text.length} characters; at most ${LONGEST} are read`, 0, 0);
  const statements = text.split(/[\n;]/).map((line, number) => parseLine(line, number, table)).filter((statement) => statement !== null);
  return new Reader(statements, before).graph();
}
