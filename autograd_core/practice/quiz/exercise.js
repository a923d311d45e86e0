// Turns an exercise on paper into one that checks itself. It holds no answers: a number that is typed is rounded to three
// digits, hashed, and compared with the hashes of right answers and of known mistakes.
import { Camera, projectorButton } from "../../show/page/camera.js";
import { all, button, make, parseXml, pictureOf } from "../../show/page/elements.js";
import { overlap } from "../../show/page/minimap.js";
import { placePanel } from "../../show/page/one_screen.js";
import { hash } from "./hash.js";
import { prefixes, readNumber, roundedText } from "./typed_number.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";
const LONGEST_SHOWN = 8; // characters of an answer, for which the picture has room

/**
 * @typedef {{ kind: string, hint: string, sentence: string }} Candidate a mistake that gives the number typed
 * @typedef {{ key: string, mark: string, words: string, salt: string, hint: string, answers: string[],
 *   kink?: { where: string, sides: string[] }, mistakes: { hash: string, candidates: number[] }[] }} Blank
 * @typedef {{ item: HTMLElement, input: HTMLInputElement, feedback: HTMLElement, asked: Blank, drawn: SVGGElement, label: Element,
 *   state: string, checked: string | null, found: number[], number?: number, kinds?: string[] }} Field
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
    for (const place of all(root, "[data-formula]")) {
      place.replaceChildren(mathOf(data.formulas[+place.dataset.formula]));
    }
    this.buildPicture();
    this.fields = all(root, "li[data-blank]").map((item, index) => this.buildField(item, index));
    this.buildActions();
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab keeps its one-letter commands off the fields
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", data.title);
    const [main] = all(root, "[data-main]");
    new ResizeObserver(() => placePanel(root, main, this.camera.natural)).observe(root);
    this.announce("");
  }

  buildPicture() {
    const [frame] = all(this.root, "[data-picture]");
    const svg = pictureOf(frame);
    const pane = make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The graph" }, svg);
    this.camera = new Camera(pane, svg);
    frame.classList.add("frame");
    frame.replaceChildren(pane, make("div", { class: "foot" }, projectorButton(this.root, () => this.camera.arrange()), this.camera.controls));
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    this.camera.key(event);
  }

  /**
   * @param {HTMLElement} item
   * @param {number} index
   */
  buildField(item, index) {
    const asked = this.data.blanks[index];
    const [drawn] = all(this.camera.svg, `g.blank[data-blank="${index}"]`);
    const id = `autograd-quiz-${this.number}-${index}`;
    const input = make("input", {
      type: "text", id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done",
      "aria-label": `${asked.mark}: ${asked.words}`, "aria-describedby": `${id}-feedback`,
    });
    const check = button("Check", () => this.check([field]), { "aria-label": `Check ${asked.mark}` });
    const feedback = make("div", { id: `${id}-feedback`, class: "feedback" });
    /** @type {Field} */
    const field = { item, input, feedback, asked, drawn, label: all(drawn, "text").at(-1), state: "open", checked: null, found: [] };
    item.querySelector("[data-line]").replaceWith(make("span", { class: "entry" }, input, check));
    item.append(feedback);
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // as the classic notebook needs
      if (event.key === "Enter") { event.preventDefault(); this.check([field]); }
    });
    input.addEventListener("input", () => this.set(field, "open"));
    input.addEventListener("focus", () => {
      drawn.classList.add("now");
      this.reveal(drawn);
    });
    input.addEventListener("blur", () => drawn.classList.remove("now"));
    drawn.addEventListener("click", () => input.focus());
    return field;
  }

  /**
   * Brings a blank into view, and the card that it is on.
   * @param {SVGGElement} drawn
   */
  reveal(drawn) {
    const blank = drawn.getBBox();
    const cards = all(this.camera.svg, "g.card").map((card) => card.getBBox()).filter((box) => overlap(box, blank));
    this.camera.showBoxes([blank, ...cards]);
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
      field.found = field.asked.mistakes.find((mistake) => mistake.hash === typedHash)?.candidates ?? [];
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
      const best = field.found.filter((mistake) => explained(mistake) === most).map((mistake) => this.data.mistakes[mistake]);
      const kinds = [...new Set(best.map(({ kind }) => kind))];
      const found = kinds.map((kind) => best.find((mistake) => mistake.kind === kind));
      field.kinds = kinds;
      field.feedback.replaceChildren(make("p", { class: "verdict" }, "✗ Not right."), ...this.diagnosis(field, found));
    }
  }

  /**
   * The hint first; the mistakes only on demand.
   * @param {Field} field
   * @param {Candidate[]} found
   */
  diagnosis(field, found) {
    const hints = found.length ? [...new Set(found.map((candidate) => candidate.hint))] : [field.asked.hint];
    /** @type {Element[]} */
    const feedback = hints.map((hint) => make("p", { class: "hint" }, make("b", {}, "Hint: "), hint));
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
    field.item.dataset.state = state;
    field.feedback.replaceChildren(...feedback);
    field.input.toggleAttribute("aria-invalid", false);
    if (state === "wrong" || state === "malformed") field.input.setAttribute("aria-invalid", "true");
    field.drawn.classList.toggle("right", state === "right");
    field.drawn.classList.toggle("wrong", state === "wrong");
    const typed = field.input.value.trim();
    const short = typed.length <= LONGEST_SHOWN ? typed : String(+(readNumber(typed).number ?? NaN).toPrecision(3));
    field.label.textContent = state === "right" ? short : field.asked.mark;
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
    const address = URL.createObjectURL(new Blob([this.json.value], { type: "application/json" }));
    const name = this.data.variant.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "exercise";
    make("a", { href: address, download: `${name}-results.json` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }
}
