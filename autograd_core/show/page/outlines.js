// The outlines of cards: what a card is shows in its shape before it does in a colour.

const ROUND = 6, PILL = 14; // radii of corners

/** @typedef {"parallelogram" | "hexagon" | "octagon" | "pill" | "card" | "stack"} Shape */

/**
 * The outline as a path. slant: how far the sides lean.
 * @param {Shape} shape
 * @param {number} slant
 * @param {number} x
 * @param {number} y
 * @param {number} w
 * @param {number} h
 */
export function outlinePath(shape, slant, x, y, w, h) {
  const points = /** @type {Record<string, number[][]>} */ ({
    parallelogram: [[slant, 0], [w, 0], [w - slant, h], [0, h]],
    hexagon: [[slant, 0], [w - slant, 0], [w, h / 2], [w - slant, h], [slant, h], [0, h / 2]],
    octagon: [[slant, 0], [w - slant, 0], [w, slant], [w, h - slant], [w - slant, h], [slant, h], [0, h - slant], [0, slant]],
  })[shape];
  if (points) return `M${points.map(([a, b]) => `${x + a},${y + b}`).join("L")}Z`;
  const r = shape === "pill" ? Math.min(PILL, h / 2, w / 2) : ROUND;
  const corner = (/** @type {number} */ right, /** @type {number} */ down) => `a${r},${r} 0 0 1 ${right},${down}`;
  return `M${x + r},${y}h${w - 2 * r}${corner(r, r)}v${h - 2 * r}${corner(-r, r)}h${2 * r - w}${corner(-r, -r)}v${2 * r - h}${corner(r, -r)}Z`;
}
