// Which part of a picture is in its pane, and at which scale: the whole of it at first, then what a step is about.
import { all, button, draw, make } from "./elements.js";
import { listen } from "./gestures.js";
import { Minimap } from "./minimap.js";

const PROJECTOR = 1.5;
export const MOST_FITTED = 1.5; // a small picture is not enlarged further
const LEGIBLE = 0.75; // below it small letters, of 12 pixels, have less than 9
const FAR = 9 / 14; // below it names and numbers have less
const TEXT = 14; // pixels of names and numbers
const VERY_FAR = 0.3;
const LARGEST = 4;
const ZOOM = 1.25;
const MARGIN = 7; // pixels between a box that is shown and the border of the pane

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

/**
 * @param {number} number
 * @param {number} low
 * @param {number} high
 */
export const clamp = (number, low, high) => Math.max(low, Math.min(number, high));

/** @param {Element} root */
export const enlargement = (root) => (root.closest(".projector") ? PROJECTOR : 1);

/**
 * @param {Element} root
 * @param {() => void} fit
 */
export function projectorButton(root, fit) {
  const element = button("Projector", () => {
    element.setAttribute("aria-pressed", String(root.classList.toggle("projector")));
    fit();
  }, { "data-act": "projector", title: "Half as large again", "aria-pressed": "false" });
  return element;
}

/**
 * A picture with all its letters, as paper and files have room for them; the function returned hides them again.
 * @param {Element} pane
 */
export function showLetters(pane) {
  const look = pane.className;
  pane.classList.remove("smaller", "far", "very-far");
  return () => { pane.className = look; };
}

/**
 * The smallest box around several.
 * @param {Box[]} boxes
 * @returns {Box}
 */
export function boxAround(boxes) {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return { x, y, width: Math.max(...boxes.map((box) => box.x + box.width)) - x, height: Math.max(...boxes.map((box) => box.y + box.height)) - y };
}

/**
 * The place of a picture along one axis: in the middle where it has room, else without a gap at either end.
 * @param {number} place
 * @param {number} length of the picture
 * @param {number} room
 */
export const placeWithin = (place, length, room) => (length <= room ? (room - length) / 2 : clamp(place, room - length, 0));

/**
 * The place along one axis at which [start, end] of the picture is in sight: the present one, or with it in the middle.
 * @param {number} place
 * @param {number} start
 * @param {number} end
 * @param {number} room
 */
export function placeShowing(place, start, end, room) {
  const isInSight = place + start >= MARGIN && place + end <= room - MARGIN;
  return isInSight ? place : (room - start - end) / 2;
}

export class Camera {
  /**
   * The pane has a size of its own and contains the picture, which is put on a sheet that moves: a transform of the
   * picture itself would have its letters laid out anew.
   * @param {HTMLElement} pane
   * @param {SVGSVGElement} svg
   */
  constructor(pane, svg) {
    this.pane = pane;
    this.svg = svg;
    this.natural = { width: Number(svg.getAttribute("width")), height: Number(svg.getAttribute("height")) };
    this.room = { width: 0, height: 0 };
    this.scale = this.x = this.y = 0;
    /** @type {number | null} the scale that the reader has chosen; 0 for the whole picture */
    this.chosen = null;
    /** @type {Box[]} those shown last, none while the whole picture is shown */
    this.boxes = [];
    /** @type {(words: string, name: string, keys: string, click: () => void) => HTMLButtonElement} */
    const control = (words, name, keys, click) => button(words, click, { "data-zoom": name, "aria-label": name, "aria-keyshortcuts": keys, title: `${name} (${keys})` });
    this.controls = make("div", { class: "zoom", role: "group", "aria-label": "Zoom" },
      control("−", "Zoom out", "-", () => this.zoomBy(1 / ZOOM)), control("Fit", "Fit the whole picture", "0", () => this.fit()),
      control("+", "Zoom in", "+", () => this.zoomBy(ZOOM)));
    this.minimap = new Minimap(this);
    this.sheet = make("div", { class: "sheet" }, svg);
    pane.append(this.sheet, this.minimap.element);
    pane.classList.add("camera");
    // Letters are hidden in groups: one style each is quicker than one for every text. So is a class for what is styled
    // anew at another scale: for a rule on all paths, a browser looks at each of them.
    for (const path of all(svg, "g.card path[class*='-fill']")) path.classList.add("paper");
    for (const group of all(svg, ":scope > g")) {
      for (const isSmall of [true, false]) {
        const texts = all(group, "text").filter((text) => Number(text.getAttribute("font-size")) < TEXT === isSmall);
        if (texts.length) group.append(draw("g", { class: isSmall ? "letters small" : "letters" }, ...texts));
      }
    }
    listen(this);
    new ResizeObserver(() => this.arrange()).observe(pane);
  }

  // The scale at which the whole picture is in the pane.
  get fitted() {
    const { natural, room } = this;
    return Math.min(room.width / natural.width, room.height / natural.height, MOST_FITTED * enlargement(this.pane));
  }

  /**
   * The largest scale at which boxes are wholly in the pane.
   * @param {Box} box
   */
  largestShowing(box) {
    return Math.min((this.room.width - 2 * MARGIN) / box.width, (this.room.height - 2 * MARGIN) / box.height);
  }

  /**
   * Whether boxes fit into the pane together with letters that can be read.
   * @param {Box[]} boxes
   */
  hasRoomFor(boxes) {
    return this.largestShowing(boxAround(boxes)) >= LEGIBLE;
  }

  /**
   * A picture of another size, of which nothing is shown yet.
   * @param {number} width
   * @param {number} height
   */
  resize(width, height) {
    this.natural = { width, height };
    this.boxes = [];
    for (const [name, length] of Object.entries(this.natural)) this.svg.setAttribute(name, String(length));
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.minimap.clear();
  }

  // In a pane of another size: the whole picture, or what was shown before.
  arrange() {
    this.room = { width: this.pane.clientWidth, height: this.pane.clientHeight };
    if (!this.room.width || !this.room.height) return;
    if (this.boxes.length) this.showBoxes(this.boxes, { smooth: false });
    else if (this.chosen) this.place(Math.max(this.scale, this.fitted), this.x, this.y, false);
    else this.place(this.fitted, 0, 0, false);
  }

  // The whole picture, until a step is shown.
  showWhole(smooth = true) {
    this.chosen = null;
    this.boxes = [];
    if (this.room.width) this.place(this.fitted, 0, 0, smooth);
  }

  // The whole picture, also for the steps that follow.
  fit() {
    this.chosen = 0;
    this.place(this.fitted, 0, 0);
  }

  /**
   * Brings boxes of the picture wholly into the pane, with letters that can be read where there is room for them.
   * Nothing moves where that is so already.
   * @param {Box[]} boxes
   * @param {{ smooth?: boolean }} how
   */
  showBoxes(boxes, { smooth = true } = {}) {
    this.boxes = boxes;
    if (!this.room.width) return;
    const { fitted, room } = this;
    const box = boxAround(boxes);
    const largest = this.largestShowing(box);
    const best = clamp(Math.min(this.chosen ?? enlargement(this.pane), largest), fitted, LARGEST);
    const stays = this.scale <= Math.max(largest, fitted) && this.scale >= Math.min(best, LEGIBLE);
    const scale = stays ? this.scale : best;
    const x = placeShowing(stays ? this.x : NaN, box.x * scale, (box.x + box.width) * scale, room.width);
    const y = placeShowing(stays ? this.y : NaN, box.y * scale, (box.y + box.height) * scale, room.height);
    this.place(scale, x, y, smooth);
  }

  /**
   * Zooms around a point of the pane, which is its middle by default.
   * @param {number} factor
   */
  zoomBy(factor, x = this.room.width / 2, y = this.room.height / 2, smooth = true) {
    const scale = clamp(this.scale * factor, this.fitted, Math.max(LARGEST, this.fitted));
    this.chosen = scale > this.fitted ? scale : 0;
    const change = scale / this.scale;
    this.place(scale, x - (x - this.x) * change, y - (y - this.y) * change, smooth);
  }

  /**
   * @param {number} x pixels to the right
   * @param {number} y pixels down
   */
  panBy(x, y) {
    this.place(this.scale, this.x + x, this.y + y, false);
  }

  /**
   * A part of the picture stays where it is in the pane although its place in the picture is another.
   * @param {number} x how far the part lay further to the right
   * @param {number} y and further down
   */
  jumpBy(x, y) {
    this.place(this.scale, this.x + x * this.scale, this.y + y * this.scale, false);
    getComputedStyle(this.svg).getPropertyValue("transform"); // what follows is eased from here
  }

  /**
   * Brings a point of the picture to the middle of the pane.
   * @param {number} x
   * @param {number} y
   */
  centre(x, y) {
    this.place(this.scale, this.room.width / 2 - x * this.scale, this.room.height / 2 - y * this.scale, false);
  }

  /**
   * @param {number} scale
   * @param {number} x of the picture's corner in the pane
   * @param {number} y
   */
  place(scale, x, y, smooth = true) {
    const { natural, room, pane } = this;
    this.scale = scale;
    this.x = placeWithin(x, natural.width * scale, room.width);
    this.y = placeWithin(y, natural.height * scale, room.height);
    this.sheet.style.transform = `translate(${this.x}px,${this.y}px) scale(${scale})`;
    pane.classList.toggle("eased", smooth);
    pane.classList.toggle("smaller", scale < LEGIBLE);
    pane.classList.toggle("far", scale < FAR);
    pane.classList.toggle("very-far", scale < VERY_FAR);
    pane.classList.toggle("larger", scale > this.fitted);
    this.minimap.show();
  }

  /**
   * Handles a key of the camera; returns whether it was one.
   * @param {KeyboardEvent} event
   */
  key(event) {
    const on = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || on.matches("select, textarea, input")) return false;
    if (event.key === "+" || event.key === "=") this.zoomBy(ZOOM);
    else if (event.key === "-") this.zoomBy(1 / ZOOM);
    else if (event.key === "0") this.fit();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }
}
