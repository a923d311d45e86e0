// Turns an exercise on paper into one that checks itself. It holds no answers: a number that is typed is rounded to three
// digits, hashed, and compared with the hashes of right answers and of known mistakes.
import { all, button, make, parseXml } from "../../show/page/elements.js";
import { BlankFields, saveAnswers } from "./blank_fields.js";
import { hash } from "./hash.js";
import { prefixes, readNumber, roundedText } from "../../show/page/typed_number.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";

/**
 * @typedef {{ kind: string, hint: string, sentence: string }} Candidate a mistake that gives the number typed
 * @typedef {{ key: string, mark: string, words: string, salt: string, hint: string, answers: string[],
 *   kink?: { where: string, sides: string[] }, mistakes: Record<string, number[]> }} Blank by hash: the question that parts the mistakes, and these
 * @typedef {import("./blank_fields.js").BlankField & { asked: Blank, index: number, state: string, checked: string | null,
 *   found: number[], number?: number, kinds?: string[], question?: Element | null, told?: number[] | null }} Field
 *   found: the mistakes that give the number; question: what parts them; told: those that give the answer to it, too
 * @typedef {{ key: string, prompt: string, salt: string, mistakes: Record<string, number[]> }} Question
 */

const mathOf = (/** @type {string} */ text) => parseXml(text.replace("<math>", `<math xmlns="${MATHML}">`), "text/xml");

export class Exercise {
  /**
   * @param {HTMLElement} root
   * @param {number} number
   */
  constructor(root, number) {
    this.root = root;
    this.number = number;
    /** @type {object[]} */
    this.attempts = [];
  }

  /** @param {any} data */
  build(data) {
    const { root } = this;
    this.data = data;
    /** @type {Candidate[]} */
    this.mistakes = data.mistakes.map((/** @type {number[]} */ places) => {
      const [kind, sentence, hint] = places.map((place) => data.texts[place]);
      return { kind, sentence, hint };
    });
    for (const place of all(root, "[data-formula]")) {
      place.replaceChildren(mathOf(data.formulas[+place.dataset.formula]));
    }
    this.sheet = new BlankFields(root, this.number, data.blanks, {
      enter: (index) => this.check([this.fields[index]]),
      input: (index) => this.set(this.fields[index], "open"),
    });
    this.fields = this.sheet.fields.map((field, index) => this.addCheck(field, index));
    this.buildActions();
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab keeps its one-letter commands off the fields
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", data.title);
    this.announce("");
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    this.sheet.camera.key(event);
  }

  /**
   * @param {import("./blank_fields.js").BlankField} sheetField
   * @param {number} index
   * @returns {Field}
   */
  addCheck(sheetField, index) {
    const asked = this.data.blanks[index];
    const field = { ...sheetField, asked, index, state: "open", checked: /** @type {string | null} */ (null), found: /** @type {number[]} */ ([]) };
    field.input.after(button("Check", () => this.check([field]), { "aria-label": `Check ${asked.mark}` }));
    return field;
  }

  buildActions() {
    const checkAll = button("Check all", () => this.check(this.fields), { class: "all" });
    this.progress = make("p", { class: "progress" });
    this.live = make("p", { class: "spoken", role: "status" });
    this.json = make("textarea", { readonly: "", rows: "6", spellcheck: "false", "aria-label": "Your results as JSON" });
    this.json.addEventListener("focus", () => this.json.select());
    this.json.addEventListener("keydown", (event) => event.stopPropagation());
    this.results = make("details", { class: "results", hidden: "" }, make("summary", {}, "Results to hand in"),
      make("p", {}, "Every attempt, with the mistakes found; no answers."),
      button("Download results", () => this.download()), this.json);
    this.root.querySelector("[data-static]").replaceWith(
      make("div", { class: "actions" }, checkAll, this.progress), this.live, this.results);
  }

  // ----------------------------------------------------------------------------------------------- checking

  /** @param {Field[]} fields */
  async check(fields) {
    const filled = fields.filter((field) => field.input.value.trim());
    if (!filled.length) {
      this.say("Nothing is filled in yet.");
      if (fields.length === 1) fields[0].input.focus();
      return;
    }
    const words = [];
    for (const field of filled) {
      const typed = field.input.value;
      if (field.checked !== typed) {
        field.item.setAttribute("aria-busy", "true");
        await new Promise((then) => setTimeout(then)); // lets the page answer between two hashes
        if (field.input.value === typed) this.judge(field, typed);
        field.item.removeAttribute("aria-busy");
      }
    }
    this.explain();
    for (const field of filled) {
      const lines = [...field.feedback.querySelectorAll(".verdict, .problem, .hint")].map((line) => line.textContent);
      words.push(`${field.asked.mark}: ${lines.join(" ")}`);
    }
    this.record();
    this.announce(words.join(" "));
  }

  /**
   * @param {Field} field
   * @param {string} typed
   */
  judge(field, typed) {
    const { number, problem } = readNumber(typed);
    if (problem) {
      this.set(field, "malformed", make("p", { class: "problem" }, problem));
      field.checked = typed;
      return;
    }
    const { answers, kink, salt } = field.asked;
    const rounded = roundedText(number);
    const hashed = (/** @type {string} */ form) => hash(form, salt, this.data.rounds);
    const typedHash = hashed(rounded);
    const isConvention = answers.includes(typedHash);
    if (isConvention || (kink && prefixes(rounded).some((form) => kink.sides.includes(hashed(form))))) {
      const convention = `The engine's convention is ${isConvention ? "this" : "another"} number.`;
      const between = "any number between the slopes of the two sides is right";
      const note = kink ? [make("p", { class: "hint" }, `${kink.where}, ${between}. ${convention}`)] : [];
      this.set(field, "right", make("p", { class: "verdict" }, "✓ Right."), ...note);
    } else {
      this.set(field, "wrong");
      const [question, ...found] = field.asked.mistakes[typedHash] ?? [null];
      Object.assign(field, { found, told: null, question: question === null ? null : this.questionOn(field, this.data.questions[question]) });
    }
    field.number = number;
    field.checked = typed;
  }

  // Of the mistakes that give a number, those that give the most of the other wrong numbers, too.
  explain() {
    const wrong = this.fields.filter((field) => field.state === "wrong" && field.checked !== null);
    const explained = (/** @type {number} */ mistake) => wrong.filter((field) => field.found.includes(mistake)).length;
    for (const field of wrong) {
      const most = Math.max(...field.found.map(explained));
      const several = field.found.filter((mistake) => explained(mistake) === most);
      const told = several.filter((mistake) => field.told?.includes(mistake));
      const best = (told.length ? told : several).map((mistake) => this.mistakes[mistake]);
      const kinds = [...new Set(best.map(({ kind }) => kind))];
      const found = kinds.map((kind) => best.find((mistake) => mistake.kind === kind));
      field.kinds = kinds;
      field.feedback.replaceChildren(make("p", { class: "verdict" }, "✗ Not right."), ...this.diagnosis(field, found));
    }
  }

  /**
   * The question that parts several mistakes, with a field for its answer.
   * @param {Field} field
   * @param {Question} question
   */
  questionOn(field, { prompt, salt, mistakes }) {
    const asked = `What do you have for ${prompt}?`;
    const input = make("input", { type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-label": asked });
    const problem = make("span", { class: "problem" });
    const answer = () => {
      const read = readNumber(input.value);
      problem.textContent = read.problem ?? "";
      if (read.problem) return;
      field.told = mistakes[hash(roundedText(read.number), salt, this.data.rounds)] ?? [];
      this.explain();
      this.record();
      this.announce(`${field.asked.mark}: ${[...field.feedback.querySelectorAll(".hint")].map((line) => line.textContent).join(" ")}`);
      field.input.focus();
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key === "Enter") { event.preventDefault(); answer(); }
    });
    return make("div", { class: "question" }, make("p", { class: "hint" }, make("b", {}, "Which one was it? "), asked),
      make("span", { class: "entry" }, input, button("Answer", answer)), problem);
  }

  /**
   * The question or the hint first; the mistakes only on demand.
   * @param {Field} field
   * @param {Candidate[]} found
   */
  diagnosis(field, found) {
    const hints = found.length ? [...new Set(found.map((candidate) => candidate.hint))] : [field.asked.hint];
    const isOpen = found.length > 1 && field.question && !field.told;
    /** @type {Element[]} */
    const feedback = isOpen ? [field.question] : hints.map((hint) => make("p", { class: "hint" }, make("b", {}, "Hint: "), hint));
    if (found.length > 1 && field.told) feedback.unshift(make("p", {}, "That answer does not come of one of these mistakes alone."));
    const list = make("ul", {}, ...found.map(({ kind, sentence }) =>
      make("li", {}, make("b", {}, kind), `: ${sentence}.`)));
    const how = found.length > 1 ? `${found.length} mistakes give this number:` : "This number comes out of one mistake:";
    const none = "None of the mistakes on this page gives this number. In Python, .check(...) tries more of them.";
    feedback.push(make("details", {}, make("summary", {}, "What went wrong?"),
      ...(found.length ? [make("p", {}, how), list] : [make("p", {}, none)])));
    return feedback;
  }

  /**
   * @param {Field} field
   * @param {string} state
   * @param {Element[]} feedback
   */
  set(field, state, ...feedback) {
    field.state = state;
    field.checked = null;
    this.sheet.mark(field.index, state, ...feedback);
    this.showProgress();
  }

  showProgress() {
    const right = this.fields?.filter((field) => field.state === "right").length ?? 0;
    if (this.progress) this.progress.textContent = `${right} of ${this.fields.length} right`;
    this.root.classList.toggle("solved", right === this.fields?.length);
  }

  /** @param {string} words */
  announce(words) {
    this.showProgress();
    this.say(words && `${words} ${this.progress.textContent}.`);
  }

  /** @param {string} text */
  say(text) {
    this.live.textContent = text;
  }

  // ----------------------------------------------------------------------------------------------- results

  // As Python's quiz.to_json() has it.
  record() {
    const verdict = (/** @type {Field} */ { state, number, kinds }) => {
      if (state === "right") return { verdict: "right" };
      return state === "wrong" ? { verdict: "wrong", given: number, mistakes: kinds } : { verdict: "open" };
    };
    const verdicts = Object.fromEntries(this.fields.map((field) => [field.asked.key, verdict(field)]));
    const right = this.fields.filter((field) => field.state === "right").length;
    const attempt = { right, verdicts };
    if (JSON.stringify(attempt) !== JSON.stringify(this.attempts.at(-1))) this.attempts.push(attempt);
    const { variant, output } = this.data;
    const blanks = this.fields.map((field) => field.asked.key);
    this.json.value = JSON.stringify({ variant, output, blanks, attempts: this.attempts }, null, 1);
    this.results.hidden = false;
  }

  download() {
    saveAnswers(this.data.variant, "results", this.json.value);
  }
}
