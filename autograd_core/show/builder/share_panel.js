// To take along: the link to this state, the same as an exercise, and the record as a program of Python.
import { button, make } from "../page/elements.js";

export class SharePanel {
  /** @param {(words: string) => void} tell says what was copied */
  constructor(tell) {
    this.tell = tell;
    this.link = make("input", { type: "text", readonly: "", "aria-label": "Link to this state" });
    this.exercise = make("input", { type: "text", readonly: "", "aria-label": "Link to the exercise" });
    this.open = make("a", { class: "as-button" }, "Open the exercise");
    this.python = make("textarea", { readonly: "", rows: 9, spellcheck: "false", "aria-label": "The same in Python" });
    const part = (/** @type {string} */ title, /** @type {string} */ hint, /** @type {HTMLInputElement | HTMLTextAreaElement} */ field, /** @type {Element[]} */ ...more) =>
      [make("h2", {}, title), make("p", { class: "hint" }, hint), field, make("div", { class: "buttons" }, button("Copy", () => this.copy(field)), ...more)];
    this.element = make("section", { class: "panel share-panel", "aria-label": "Share" },
      ...part("Link", "It leads back to this graph, these numbers and this step.", this.link),
      ...part("Exercise", "The same graph with the gradients left out: they are filled in edge by edge, and checked.", this.exercise, this.open),
      ...part("Python", "It gives the same numbers.", this.python, button("Save as a file", () => this.save())));
  }

  /** @param {HTMLInputElement | HTMLTextAreaElement} field */
  copy(field) {
    field.select();
    document.execCommand("copy"); // works from disk, too
    this.tell("Copied.");
  }

  save() {
    make("a", { href: `data:text/x-python;charset=utf-8,${encodeURIComponent(this.python.value)}`, download: "graph.py" }).click();
  }

  /**
   * @param {string} link
   * @param {string} exercise "" where there is none
   * @param {string} python
   */
  show(link, exercise, python) {
    this.link.value = link;
    this.exercise.value = exercise || "The output needs a value and an input first.";
    this.open.toggleAttribute("hidden", !exercise);
    this.open.setAttribute("href", exercise);
    this.python.value = python || "# An input is missing: Python could not compute this graph.\n";
  }
}
