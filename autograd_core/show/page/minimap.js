// The whole of a large picture in a corner of its pane, with the part that is in sight.
import { all, draw } from "./elements.js";

const LARGE = 1.5; // panes
const SHARE = 0.28; // of the pane
const MOST = { width: 168, height: 104 };
const FLATTEST = 14; // pixels
const GAP = 8;

/** @typedef {import("./camera.js").Box} Box */

/** @param {Box} box */
const outline = ({ x, y, width, height }) => `M${x},${y}h${width}v${height}h${-width}Z`;

/**
 * @param {Box} first
 * @param {Box} second
 */
export const overlap = (first, second) => first.x < second.x + second.width && second.x < first.x + first.width &&
  first.y < second.y + second.height && second.y < first.y + first.height;

export class Minimap {
  /** @param {import("./camera.js").Camera} camera */
  constructor(camera) {
    this.camera = camera;
    this.cards = draw("path", { class: "cards" });
    this.marked = draw("path", { class: "marked" });
    this.frame = draw("rect", { class: "frame" });
    this.element = draw("svg", { class: "minimap", "aria-hidden": "true", preserveAspectRatio: "none" }, this.cards, this.marked, this.frame);
    this.element.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      this.element.setPointerCapture(event.pointerId);
      this.lead(event);
    });
    this.element.addEventListener("pointermove", (event) => {
      if (this.element.hasPointerCapture(event.pointerId)) this.lead(event);
    });
  }

  /** @param {PointerEvent} event */
  lead({ clientX, clientY }) {
    const { left, top } = this.element.getBoundingClientRect();
    const { clientWidth, clientHeight } = this.element;
    const { natural } = this.camera;
    this.camera.centre(((clientX - left) / clientWidth) * natural.width, ((clientY - top) / clientHeight) * natural.height);
  }

  // Before the picture changes.
  clear() {
    this.cards.removeAttribute("d");
  }

  show() {
    const { natural, room, scale, x, y, boxes } = this.camera;
    const width = natural.width * scale;
    const height = natural.height * scale;
    const corner = width > LARGE * room.width || height > LARGE * room.height ? this.corner() : null;
    this.element.classList.toggle("shown", corner !== null);
    if (!corner) return;
    if (!this.cards.hasAttribute("d")) this.cards.setAttribute("d", this.outlines());
    this.element.setAttribute("viewBox", `0 0 ${natural.width} ${natural.height}`);
    for (const side of /** @type {("width" | "height")[]} */ (["width", "height"])) this.element.setAttribute(side, String(corner[side]));
    this.element.style.transform = `translate(${corner.x}px,${corner.y}px)`;
    this.marked.setAttribute("d", boxes.map(outline).join(""));
    const sight = { x: Math.max(0, -x / scale), y: Math.max(0, -y / scale), width: Math.min(room.width / scale, natural.width), height: Math.min(room.height / scale, natural.height) };
    for (const [name, length] of Object.entries(sight)) this.frame.setAttribute(name, String(length));
  }

  // The first corner of the pane in which no box of the step lies, or null.
  corner() {
    const { natural, room, scale, x, y, boxes } = this.camera;
    const share = Math.min(Math.min(MOST.width, SHARE * room.width) / natural.width, Math.min(MOST.height, SHARE * room.height) / natural.height);
    const width = Math.max(FLATTEST, natural.width * share);
    const height = Math.max(FLATTEST, natural.height * share);
    const right = room.width - width - GAP;
    const bottom = room.height - height - GAP;
    const taken = boxes.map((box) => ({ x: x + box.x * scale, y: y + box.y * scale, width: box.width * scale, height: box.height * scale }));
    return [[right, bottom], [GAP, bottom], [right, GAP], [GAP, GAP]].map(([left, top]) => ({ x: left, y: top, width, height }))
      .find((corner) => !taken.some((box) => overlap(box, corner))) ?? null;
  }

  outlines() {
    const { svg, scale } = this.camera;
    const { left, top, width } = svg.getBoundingClientRect();
    const share = width ? this.camera.natural.width / width : 1 / scale; // on its way the picture has another scale
    return all(svg, "g.card").map((card) => card.getBoundingClientRect()).map((box) =>
      outline({ x: (box.x - left) * share, y: (box.y - top) * share, width: box.width * share, height: box.height * share })).join("");
  }
}
