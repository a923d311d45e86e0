// The picture of an exercise and a field for each of its blanks: the blank in the picture shows which field has the focus
// and what is typed there.
import { Address } from "../../show/page/address.js";
import { Camera, projectorButton } from "../../show/page/camera.js";
import { all, make, pictureOf } from "../../show/page/elements.js";
import { lightUp, partsAt, widenLinks } from "../../show/page/lighting.js";
import { overlap } from "../../show/page/minimap.js";
import { placePanel } from "../../show/page/one_screen.js";
import { saveButtons } from "../../show/page/saved_picture.js";
import { readNumber } from "../../show/page/typed_number.js";

const LONGEST_SHOWN = 8; // characters of an answer, for which the picture has room

/**
 * @typedef {{ key: string, mark: string, words: string, nodes: string[] }} Asked nodes: those it is about
 * @typedef {{ item: HTMLElement, input: HTMLInputElement, feedback: HTMLElement, drawn: SVGGElement, label: Element }} BlankField
 */

export class BlankFields {
  /**
   * @param {HTMLElement} root
   * @param {number} number of the exercise on its page
   * @param {Asked[]} blanks
   * @param {{ enter: (index: number) => void, input: (index: number) => void }} on what the keys do in a field
   */
  constructor(root, number, blanks, on) {
    this.root = root;
    this.blanks = blanks;
    this.buildPicture();
    this.fields = all(root, "li[data-blank]").map((item, index) => this.buildField(item, index, `autograd-quiz-${number}-${index}`, on));
    const [main] = all(root, "[data-main]");
    new ResizeObserver(() => placePanel(root, main, this.camera.natural)).observe(root);
    this.nameCards();
    lightUp(root, (target) => this.partsAt(target));
    // It leads to a blank, and says nothing about answers.
    this.address = new Address((state) => this.fields[Number(new Map(state).get("blank")) - 1]?.input.focus());
  }

  // The lines of the table and the blanks name the cards that they are about.
  nameCards() {
    const cards = new Map(all(this.camera.svg, "g.card").map(({ dataset: { name, index } }) => [name, index]));
    const mark = (/** @type {HTMLElement} */ element, /** @type {string[]} */ nodes) => {
      const known = nodes.map((node) => cards.get(node)).filter(Boolean);
      if (known.length) element.dataset.card = known.join(" ");
    };
    for (const line of all(this.root, "[data-node]")) mark(line, [line.dataset.node]);
    this.fields.forEach(({ item }, index) => mark(item, this.blanks[index].nodes));
  }

  /**
   * What belongs to an element: cards, edges, lines of the table, and blanks, each in the picture and in the list.
   * @param {Element} target
   */
  partsAt(target) {
    const parts = partsAt(this.root, this.fields.find(({ drawn }) => drawn.contains(target))?.item ?? target);
    return [...parts, ...this.fields.filter(({ item }) => parts.includes(item)).map(({ drawn }) => drawn)];
  }

  // In a picture that is saved all blanks are empty; the function returned fills them in again.
  hideAnswers() {
    const shown = this.fields.map(({ label, drawn }, index) => {
      const [text, look] = [label.textContent, drawn.getAttribute("class")];
      label.textContent = this.blanks[index].mark;
      drawn.classList.remove("right", "wrong", "now");
      return () => {
        label.textContent = text;
        drawn.setAttribute("class", look);
      };
    });
    return () => shown.forEach((show) => show());
  }

  buildPicture() {
    const [frame] = all(this.root, "[data-picture]");
    const svg = pictureOf(frame);
    widenLinks(svg);
    const pane = make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The graph" }, svg);
    this.camera = new Camera(pane, svg);
    frame.classList.add("frame");
    frame.replaceChildren(pane, make("div", { class: "foot" }, projectorButton(this.root, () => this.camera.arrange()),
      saveButtons(svg, () => "exercise", () => this.hideAnswers()), this.camera.controls));
  }

  /**
   * @param {HTMLElement} item
   * @param {number} index
   * @param {string} id
   * @param {{ enter: (index: number) => void, input: (index: number) => void }} on
   * @returns {BlankField}
   */
  buildField(item, index, id, on) {
    const { mark, words } = this.blanks[index];
    const [drawn] = all(this.camera.svg, `g.blank[data-blank="${index}"]`);
    const input = make("input", {
      type: "text", id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done",
      "aria-label": `${mark}: ${words}`, "aria-describedby": `${id}-feedback`,
    });
    const feedback = make("div", { id: `${id}-feedback`, class: "feedback" });
    item.querySelector("[data-line]").replaceWith(make("span", { class: "entry" }, input));
    item.append(feedback);
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // as the classic notebook needs
      if (event.key === "Enter") { event.preventDefault(); on.enter(index); }
    });
    input.addEventListener("input", () => on.input(index));
    input.addEventListener("focus", () => {
      drawn.classList.add("now");
      this.reveal(drawn);
      this.address?.write([["blank", String(index + 1)]]);
    });
    input.addEventListener("blur", () => drawn.classList.remove("now"));
    drawn.addEventListener("click", () => input.focus());
    return { item, input, feedback, drawn, label: all(drawn, "text").at(-1) };
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

  /**
   * Shows the state of a field: open, right, wrong, malformed, or filled where nothing is checked.
   * @param {number} index
   * @param {string} state
   * @param {Element[]} feedback
   */
  mark(index, state, ...feedback) {
    const { item, input, drawn, label, feedback: place } = this.fields[index];
    item.dataset.state = state;
    place.replaceChildren(...feedback);
    input.toggleAttribute("aria-invalid", false);
    if (state === "wrong" || state === "malformed") input.setAttribute("aria-invalid", "true");
    drawn.classList.toggle("right", state === "right");
    drawn.classList.toggle("wrong", state === "wrong");
    const typed = input.value.trim();
    const short = typed.length <= LONGEST_SHOWN ? typed : String(+(readNumber(typed).number ?? NaN).toPrecision(3));
    label.textContent = state === "right" || state === "filled" ? short : this.blanks[index].mark;
  }
}

/**
 * Saves what was answered as a file.
 * @param {string} whose
 * @param {string} what
 * @param {string} json
 */
export function saveAnswers(whose, what, json) {
  const address = URL.createObjectURL(new Blob([json], { type: "application/json" }));
  const name = whose.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "exercise";
  make("a", { href: address, download: `${name}-${what}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
