// The scale of a picture in a pane that scrolls.
import { clamp } from "./camera.js";

const LEAST_CHANGE = 0.005; // of the scale

/** @typedef {import("./camera.js").Box} Box */

/**
 * Where to scroll to along one axis so that [start, end] is in the middle of the room.
 * @param {number} start
 * @param {number} end
 * @param {number} room
 */
export const centred = (start, end, room) => (start + end - room) / 2;

export class ScrollPane {
  /**
   * ground: the part of the picture that is scaled, where it is not the whole.
   * @param {HTMLElement} pane
   * @param {SVGSVGElement} svg
   * @param {SVGElement | null} ground
   */
  constructor(pane, svg, ground = null) {
    this.pane = pane;
    this.svg = svg;
    this.ground = ground;
    this.scale = 0;
    this.natural = { width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) };
  }

  /**
   * The scale at which the picture fills the width of its pane, within limits.
   * @param {number} least
   * @param {number} most
   * @param {number} border
   */
  fitted(least, most, border = 2) {
    return clamp((this.pane.clientWidth - border) / this.natural.width, least, most);
  }

  /**
   * Whether anything has changed.
   * @param {number} scale
   */
  scaleTo(scale) {
    if (!this.ground && Math.abs(scale - this.scale) < LEAST_CHANGE) return false;
    this.scale = scale;
    this.svg.style.width = `${this.natural.width * scale}px`;
    this.svg.style.height = `${this.natural.height * scale}px`;
    this.ground?.setAttribute("transform", `scale(${scale})`);
    return true;
  }

  /**
   * Brings boxes of the picture to the middle of its pane. needed: only along an axis on which they are out of sight.
   * @param {Box[]} boxes
   * @param {{ needed?: boolean, behavior?: ScrollBehavior }} how
   */
  follow(boxes, { needed = false, behavior = "auto" } = {}) {
    /** @type {(low: "x" | "y", size: "width" | "height", from: number, room: number) => number} */
    const place = (low, size, from, room) => {
      const start = Math.min(...boxes.map((box) => box[low])) * this.scale;
      const end = Math.max(...boxes.map((box) => box[low] + box[size])) * this.scale;
      return needed && start >= from && end <= from + room ? from : centred(start, end, room);
    };
    const { scrollLeft, scrollTop, clientWidth, clientHeight } = this.pane;
    this.pane.scrollTo({ left: place("x", "width", scrollLeft, clientWidth), top: place("y", "height", scrollTop, clientHeight), behavior });
  }
}
