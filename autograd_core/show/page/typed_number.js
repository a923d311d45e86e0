// The number that is typed into a blank.
const ZERO = 1e-12; // at most this is 0, as in Python
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * { number }, or { problem }, which says how to write it instead.
 * @param {string} text
 * @returns {{ number?: number, problem?: string }}
 */
export function readNumber(text) {
  const plain = text.trim().replaceAll("\u2212", "-");
  if (/^[+-]?\d*,\d+$/.test(plain)) return { problem: `Write the decimal point as a point: ${plain.replace(",", ".")}.` };
  const parts = plain.split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part))) {
    return { problem: "This is not a number. Write it as 12.3, -0.123, 1e-3 or 2/7." };
  }
  const number = parts.length === 2 ? Number(parts[0]) / Number(parts[1]) : Number(parts[0]);
  return Number.isFinite(number) ? { number } : { problem: "This is not a finite number." };
}

/**
 * The rounded form with its three digits, two, one, and its power of ten alone: an interval is a list of such prefixes.
 * @param {string} form
 */
export function prefixes(form) {
  const [mantissa, power] = form.split("e");
  return power === undefined ? [form] : [0, 1, 3, 4].map((cut) => `${mantissa.slice(0, mantissa.length - cut)}e${power}`);
}

/**
 * The three digits that its hash is made of.
 * @param {number} number
 */
export function roundedText(number) {
  return Math.abs(number) <= ZERO ? "0" : number.toExponential(2).replace("+", "");
}
