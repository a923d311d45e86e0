// Formulas as elements of MathML.
import { make } from "../page/elements.js";
import { roundedText } from "../page/numbers.js";

const MATHML = "http://www.w3.org/1998/Math/MathML";

/** @typedef {any[]} Piece [tag, attributes if there are any, text or children ...] */

/** @type {(piece: Piece) => boolean} */
const isRelation = ([tag, text]) => tag === "mo" && (text === "=" || text === "≈");
/** @type {(piece: Piece) => boolean} */
const isPlus = ([tag, text]) => tag === "mo" && text === "+";

/** @param {Piece} piece */
export function buildMath([tag, ...children]) {
  const element = document.createElementNS(MATHML, tag);
  for (const child of children) {
    if (typeof child === "string") element.append(child);
    else if (Array.isArray(child)) element.append(buildMath(child));
    else for (const [name, value] of Object.entries(child)) element.setAttribute(name, value);
  }
  return element;
}

/**
 * A formula in parts that may be on lines of their own: a new one begins at each "=" or "≈", and at each "+" of its sum.
 * @param {Piece[]} pieces
 */
export function typeset(pieces) {
  /** @type {Piece[][]} */
  const parts = [[]];
  for (const piece of pieces) {
    if ((isRelation(piece) || isPlus(piece)) && parts.at(-1).length) parts.push([]);
    parts.at(-1).push(piece);
  }
  const formula = make("span", { class: "formula" });
  for (const part of parts) {
    const sign = isRelation(part[0]) || isPlus(part[0]) ? [["mo", { form: "infix" }, part.shift()[1]]] : [];
    formula.append(buildMath(["math", ["mrow", ...sign, ["mrow", ...part]]]));
  }
  return formula;
}

/**
 * A number as a piece of MathML, in brackets where it is a negative operand.
 * @param {number} number
 * @returns {Piece}
 */
export function mathNumber(number, operand = false, count = 4) {
  const [digits, exponent] = roundedText(number, count).replace("-", "−").replace("Infinity", "∞").replace("NaN", "nan").split("e");
  const power = exponent ? [["mo", "·"], ["msup", ["mn", "10"], ["mn", exponent.replace("-", "−")]]] : [];
  const written = ["mrow", ["mn", digits], ...power];
  return operand && number < 0 ? ["mrow", ["mo", "("], written, ["mo", ")"]] : written;
}
