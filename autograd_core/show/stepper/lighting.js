// What the pointer or the focus is on, lit wherever it stands: on a card, on an edge, in the expression, in the formulas
// and in the derivation.
import { all } from "../page/elements.js";

/** @typedef {{ cards: number[], links: number[] }} Subject */

export class Lighting {
  /**
   * @param {HTMLElement} root
   * @param {import("./sweep.js").Sweep} sweep
   * @param {import("./graph_picture.js").GraphPicture} picture
   */
  constructor(root, sweep, picture) {
    this.root = root;
    this.sweep = sweep;
    this.picture = picture;
    this.key = "";
    /** @type {Element[]} */
    this.lit = [];
    for (const name of ["pointerover", "focusin"]) root.addEventListener(name, ({ target }) => this.light(this.subjectOf(/** @type {Element} */ (target))));
    for (const name of ["pointerleave", "focusout"]) root.addEventListener(name, () => this.light(null));
  }

  /**
   * @param {Element} target
   * @returns {Subject | null}
   */
  subjectOf(target) {
    const { sweep, picture } = this;
    const group = /** @type {any} */ (target.closest("g.card, g.link, g.carried"));
    if (group?.matches(".card")) return { cards: [+group.dataset.index], links: [] };
    if (group) return this.edge(picture.links.find((drawn) => drawn.group === group || drawn.label === group).link);
    const term = /** @type {HTMLElement | null} */ (target.closest("[data-card]"));
    if (term) return { cards: [+term.dataset.card], links: [] };
    const line = /** @type {HTMLElement | null} */ (target.closest("[data-step-number]"));
    const step = line ? sweep.steps[+line.dataset.stepNumber] : target.closest(".formulas > div") && sweep.step;
    if (!step) return null;
    return step.link === null ? { cards: [step.node], links: [] } : this.edge(sweep.links[step.link]);
  }

  /**
   * @param {import("./sweep.js").Link} link
   * @returns {Subject}
   */
  edge({ index, tail, tip }) {
    return { cards: [tail, tip], links: [index] };
  }

  /** @param {Subject | null} subject */
  light(subject) {
    const key = JSON.stringify(subject);
    if (key === this.key) return;
    this.key = key;
    for (const element of this.lit) element.classList.remove("lit");
    this.lit = subject ? this.elementsOf(subject) : [];
    for (const element of this.lit) element.classList.add("lit");
  }

  /**
   * @param {Subject} subject
   * @returns {Element[]}
   */
  elementsOf({ cards, links }) {
    const { picture, sweep } = this;
    const steps = links.length ? links.map((index) => sweep.links[index].step) : sweep.cards[cards[0]]?.steps ?? [];
    const drawn = links.map((index) => picture.links[index]);
    return [
      ...cards.map((index) => picture.cards[index]?.group),
      ...drawn.flatMap(({ group, label }) => [group, label]),
      ...cards.flatMap((index) => all(this.root, `[data-card="${index}"]`)),
      ...steps.flatMap((number) => all(this.root, `[data-step-number="${number}"]`)),
    ].filter(Boolean);
  }
}
