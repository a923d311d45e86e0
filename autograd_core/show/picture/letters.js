// Words on a card and how wide they are, in the sizes of the theme.
import { draw } from "../page/elements.js";

const SPARE = 1.03; // of the width, as letters are not drawn at whole pixels

/**
 * @typedef {{ text: string, size: number, role?: string, bold?: boolean }} Word
 * @typedef {{ small: number, text: number, title: number, symbol: number, padding: number, slant: number, bar: number,
 *   bars: number, strip: number, lowest: number, font: string }} Theme
 *   Sizes in pixels. bars: the most bars in a strip; lowest: the least height of a bar, as a share of its room.
 */

export class Letters {
  /** @param {Theme} theme */
  constructor(theme) {
    this.sizes = theme;
    this.ruler = document.createElement("canvas").getContext("2d");
    /** @type {Map<string, number>} */
    this.widths = new Map();
  }

  /** @param {Word} word */
  width({ text, size, bold = false }) {
    const font = `${bold ? "bold " : ""}${size}px ${this.sizes.font}`;
    const key = font + text;
    if (!this.widths.has(key)) {
      this.ruler.font = font;
      this.widths.set(key, this.ruler.measureText(text).width * SPARE);
    }
    return this.widths.get(key);
  }
}

/**
 * @param {Word} word
 * @param {number} x
 * @param {number} y
 * @param {string} anchor
 */
export function letter(word, x, y, anchor = "start") {
  const bold = word.bold ? { "font-weight": "bold" } : {};
  return draw("text", { x, y, "font-size": word.size, "text-anchor": anchor, fill: `var(--${word.role ?? "ink"})`, ...bold }, word.text);
}

/**
 * @param {string} text
 * @param {number} most
 */
export const shortened = (text, most = 40) => (text.length > most ? `${text.slice(0, most - 1).trimEnd()}…` : text);
