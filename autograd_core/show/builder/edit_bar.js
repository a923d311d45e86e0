// The bar of edits that are about the whole record.
import { button, make, switchOff } from "../page/elements.js";
import { EMPTY } from "./graph_record.js";
import { readProgram } from "./read_program.js";

export class EditBar {
  /**
   * @param {import("./record_editor.js").RecordEditor} editor
   * @param {[string, string][]} examples title and program of each
   * @param {(states: number) => void} travel
   */
  constructor(editor, examples, travel) {
    this.history = editor.history;
    this.undo = button("Undo", () => travel(-1), { title: "Undo (Ctrl+Z)", "aria-keyshortcuts": "Control+Z" });
    this.redo = button("Redo", () => travel(1), { title: "Redo (Ctrl+Y)", "aria-keyshortcuts": "Control+Y" });
    const example = make("select", { "aria-label": "Examples" }, make("option", { value: "" }, "Examples …"), ...examples.map(([title, text]) => make("option", { value: text }, title)));
    example.addEventListener("change", () => {
      if (example.value) editor.change(readProgram(example.value, editor.table, EMPTY));
      example.value = "";
    });
    this.element = make("div", { class: "edits", role: "toolbar", "aria-label": "Edits" }, this.undo, this.redo, button("Clear", () => editor.change(EMPTY)), example);
  }

  show() {
    switchOff(this.undo, !this.history.canUndo);
    switchOff(this.redo, !this.history.canRedo);
  }
}
