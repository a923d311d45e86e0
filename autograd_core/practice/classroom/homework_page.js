// The exercises of a student, to be marked later: the page takes answers and saves them, and cannot check any.
import { all, button, make } from "../../show/page/elements.js";
import { BlankFields, saveAnswers } from "../quiz/blank_fields.js";
import { readNumber } from "../../show/page/typed_number.js";

/**
 * @typedef {{ level: number, blanks: import("../quiz/blank_fields.js").Asked[] }} Asked
 * @typedef {{ homework: string, name: string, id: string, code: string, exercises: Asked[] }} Data
 */

export class HomeworkPage {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.isSaved = true;
  }

  /** @param {Data} data */
  build(data) {
    this.data = data;
    /** @type {HTMLInputElement[]} */
    this.inputs = [];
    this.exercises = all(this.root, "section").map((section, index) => this.buildExercise(section, index));
    this.progress = make("p", { class: "progress" });
    this.live = make("p", { class: "saved", role: "status" });
    this.root.append(make("div", { class: "actions" }, button("Save answers", () => this.save(), { class: "all" }), this.progress, this.live));
    this.showProgress();
    window.addEventListener("beforeunload", (event) => { if (!this.isSaved) event.preventDefault(); });
  }

  /**
   * @param {HTMLElement} section
   * @param {number} index
   */
  buildExercise(section, index) {
    section.classList.add("ready");
    const sheet = new BlankFields(section, index + 1, this.data.exercises[index].blanks, {
      enter: (place) => this.leave(sheet, place),
      input: (place) => {
        this.isSaved = false;
        this.show(sheet, place, false);
      },
    });
    sheet.fields.forEach(({ input }, place) => {
      this.inputs.push(input);
      input.addEventListener("change", () => this.show(sheet, place, true));
    });
    for (const event of ["focusin", "pointerdown"]) section.addEventListener(event, () => { this.lastUsed = sheet; });
    this.lastUsed ??= sheet;
    return sheet;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    this.lastUsed.camera.key(event);
  }

  /**
   * Goes on to the next blank.
   * @param {BlankFields} sheet
   * @param {number} place
   */
  leave(sheet, place) {
    if (!this.show(sheet, place, true)) return;
    const next = this.inputs.indexOf(sheet.fields[place].input) + 1;
    (this.inputs[next] ?? this.root.querySelector("button.all")).focus();
  }

  /**
   * Shows what is typed in a field; returns whether it is a number, or nothing.
   * @param {BlankFields} sheet
   * @param {number} place
   * @param {boolean} isDone whether it is no longer being typed
   */
  show(sheet, place, isDone) {
    const typed = sheet.fields[place].input.value.trim();
    const { problem } = typed ? readNumber(typed) : {};
    if (problem && isDone) sheet.mark(place, "malformed", make("p", { class: "problem" }, problem));
    else sheet.mark(place, typed && !problem ? "filled" : "open");
    this.showProgress();
    return !problem;
  }

  showProgress() {
    const filled = this.inputs.filter((input) => input.value.trim()).length;
    if (this.progress) this.progress.textContent = `${filled} of ${this.inputs.length} filled in`;
  }

  save() {
    const { homework, name, id, code, exercises } = this.data;
    const isReadable = this.exercises.map((sheet) => sheet.fields.map((_, place) => this.show(sheet, place, true)));
    const unreadable = isReadable.flat().flatMap((readable, place) => (readable ? [] : [place]));
    if (unreadable.length) {
      this.live.textContent = `Not saved yet: ${unreadable.length === 1 ? "one answer is not a number" : `${unreadable.length} answers are not numbers`}.`;
      this.inputs[unreadable[0]].focus();
      return;
    }
    const answers = Object.fromEntries(this.exercises.map((sheet, index) => [exercises[index].level,
      Object.fromEntries(sheet.fields.map(({ input }, place) => [sheet.blanks[place].key, input.value.trim()]))]));
    saveAnswers(id ? `${name} ${id}` : name, "answers", JSON.stringify({ homework, name, id, code, answers }, null, 1));
    this.isSaved = true;
    const open = this.inputs.filter((input) => !input.value.trim()).length;
    this.live.textContent = `Saved. Hand in the file that was downloaded.${open ? ` ${open} still open: save again after filling in more.` : ""}`;
  }
}
