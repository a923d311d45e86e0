// The numbers of the inputs in the picture can be dragged, and changed by keys: What if follows.
import { draw } from "../page/elements.js";

const PIXELS = 2; // of a drag for one step of a slider
const HANDLE = { width: 84, height: 20, above: 15, right: 6 };

/**
 * @typedef {object} LeafNumbers
 * @property {number[]} [leaves] cards whose numbers can be changed
 * @property {import("./sweep.js").Sweep} sweep
 * @property {(card: number) => number} numberOf
 * @property {(card: number) => number} stepOf
 * @property {(card: number, number: number) => void} change
 */

export class NumberHandles {
  /**
   * begin: called before the first change of a drag.
   * @param {import("./graph_picture.js").GraphPicture} picture
   * @param {LeafNumbers} whatIf
   * @param {() => void} begin
   */
  constructor(picture, whatIf, begin) {
    this.picture = picture;
    this.whatIf = whatIf;
    this.begin = begin;
    for (const card of whatIf.leaves ?? []) this.addHandle(card);
  }

  /** @param {number} card */
  addHandle(card) {
    const drawn = this.picture.cards[card];
    if (!drawn?.value) return;
    const [x, y] = ["x", "y"].map((name) => Number(drawn.value.getAttribute(name)));
    const handle = draw("rect", { class: "handle", x: x - HANDLE.width + HANDLE.right, y: y - HANDLE.above, width: HANDLE.width, height: HANDLE.height },
      draw("title", {}, "Drag to change this number"));
    drawn.group.append(handle);
    let start = 0, number = 0, isDrag = false;
    handle.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.stopPropagation(); // the picture itself stays where it is
      [start, number, isDrag] = [event.clientX, this.whatIf.numberOf(card), false];
      handle.setPointerCapture(event.pointerId);
    });
    handle.addEventListener("pointermove", (event) => {
      if (!handle.hasPointerCapture(event.pointerId)) return;
      const steps = Math.round((event.clientX - start) / PIXELS);
      if (!isDrag && !steps) return;
      if (!isDrag) this.begin();
      isDrag = true;
      this.whatIf.change(card, number + steps * this.whatIf.stepOf(card));
    });
    handle.addEventListener("click", (event) => {
      if (isDrag) event.stopPropagation();
    });
  }

  /**
   * Shift with an arrow changes the number of a card with the focus, Escape brings the first one back; returns whether it
   * was such a key.
   * @param {KeyboardEvent} event
   * @param {number} card
   */
  key(event, card) {
    const { whatIf } = this;
    if (!whatIf.leaves?.includes(card)) return false;
    const direction = /** @type {Record<string, number>} */ ({ ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1 })[event.key];
    if (event.shiftKey && direction) {
      this.begin();
      whatIf.change(card, whatIf.numberOf(card) + direction * whatIf.stepOf(card));
    } else if (event.key === "Escape") whatIf.change(card, whatIf.sweep.base.values[card]);
    else return false;
    return true;
  }
}
