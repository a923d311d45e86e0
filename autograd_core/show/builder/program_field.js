// The record as a program, to read and to write: what is wrong stands below it, with its place.
import { make } from "../page/elements.js";
import { EMPTY } from "./graph_record.js";
import { ProgramError } from "./program_parser.js";
import { readProgram } from "./read_program.js";

/** @typedef {import("./graph_record.js").Graph} Graph */

export class ProgramField {
  /**
   * @param {import("./graph_record.js").Table} table
   * @param {() => Graph} now
   * @param {(graph: Graph) => void} changed
   */
  constructor(table, now, changed) {
    this.table = table;
    this.now = now;
    this.changed = changed;
    this.field = make("textarea", { id: "autograd-program", rows: 4, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-describedby": "autograd-program-problem" });
    this.problem = make("p", { class: "problem", id: "autograd-program-problem", role: "status", "aria-live": "polite" });
    this.element = make("div", { class: "program" }, make("label", { for: "autograd-program" }, "Program"), this.field, this.problem);
    this.field.addEventListener("input", () => this.read());
    this.field.addEventListener("keydown", (event) => event.stopPropagation());
    this.field.addEventListener("blur", () => { if (this.written !== null && !this.problem.textContent) this.field.value = this.written; });
    /** @type {string | null} */
    this.written = null;
  }

  read() {
    try {
      const graph = readProgram(this.field.value, this.table, this.now());
      this.tell("");
      this.changed(graph);
    } catch (error) {
      if (!(error instanceof ProgramError)) throw error;
      const line = this.field.value.split(/[\n;]/)[error.line];
      const rest = line.slice(error.at, error.at + 16);
      const lines = this.field.value.trim().split(/[\n;]/).length;
      this.tell(`${error.message}${lines > 1 ? `, in line ${error.line + 1}` : ""}${rest ? ` at "${rest}"` : " at the end"}. The picture shows the last program without a mistake.`);
    }
  }

  /**
   * A program from an address.
   * @param {string} text
   * @param {(graph: Graph) => void} use
   */
  restore(text, use) {
    try {
      use(readProgram(text, this.table, EMPTY));
    } catch (error) {
      this.tell(`the program in the address cannot be read: ${/** @type {Error} */ (error).message}`);
    }
  }

  /** @param {string} problem */
  tell(problem) {
    this.problem.textContent = problem && problem[0].toUpperCase() + problem.slice(1);
    this.field.setAttribute("aria-invalid", String(Boolean(problem)));
  }

  /** The record was changed elsewhere, or here. @param {string} text */
  show(text) {
    this.written = text;
    if (document.activeElement === this.field) return; // it is being written
    this.tell("");
    this.field.value = text;
    this.field.rows = Math.min(Math.max(text.split("\n").length, 2), 6);
  }
}
