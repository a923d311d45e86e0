// Numbers as a reader sees them.

/**
 * Four significant digits, as Python writes them: a tie goes to the even digit.
 * @param {number} number
 */
export function numberText(number) {
  if (number === 0) return "0";
  if (!Number.isFinite(number)) return number > 0 ? "inf" : number < 0 ? "-inf" : "nan";
  let [digits, exponent] = number.toExponential(3).split("e");
  const [exact] = number.toExponential(60).split("e");
  const [whole, rest] = exact.replace("-", "").split(".");
  if (/^50*$/.test(rest.slice(3)) && +rest[2] % 2 === 0) digits = `${number < 0 ? "-" : ""}${whole}.${rest.slice(0, 3)}`;
  if (+exponent < -4 || +exponent >= 4) return `${+digits}e${+exponent}`;
  return String(+`${digits}e${exponent}`);
}

/**
 * A positive number with its sign too.
 * @param {number} number
 */
export const signedText = (number) => (number > 0 ? "+" : "") + numberText(number);

/** @param {number} number */
export const bracketed = (number) => (number < 0 ? `(${numberText(number)})` : numberText(number));

/**
 * Each digit, or inf and nan.
 * @param {number} number
 */
export const exactText = (number) => (Number.isFinite(number) ? String(number) : numberText(number));

/**
 * The role in the theme of a number with a sign.
 * @param {number} number
 */
export const roleOf = (number) => (number === 0 ? "ink" : !Number.isFinite(number) ? "nonfinite" : number > 0 ? "positive" : "negative");

/**
 * The number that its text stands for.
 * @param {number} number
 */
export const asShown = (number) => (Number.isFinite(number) ? +numberText(number) : number);

/**
 * "≈" where the numbers shown do not give the digits of the result.
 * @param {number} shown
 * @param {number} result
 */
export const relation = (shown, result) => (numberText(shown) === numberText(result) ? "=" : "≈");

/** @param {number[]} numbers */
export const productOf = (numbers) => numbers.reduce((product, number) => product * number, 1);

/** @param {number[]} numbers */
export const sumOf = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

/**
 * @param {number[]} factors
 * @param {number} product
 */
export const productRelation = (factors, product) => relation(productOf(factors.map(asShown)), product);

/**
 * @param {number[]} terms
 * @param {number} sum
 */
export const sumRelation = (terms, sum) => relation(sumOf(terms.map(asShown)), sum);

/**
 * Operands of a sum or a product, the negative ones behind the first in brackets.
 * @param {number[]} numbers
 */
export const operandTexts = (numbers) => numbers.map((number, index) => (index ? bracketed(number) : numberText(number)));

/** @param {number} count */
export const countText = (count) => count.toLocaleString("en");

/**
 * 1 path, 2,000 paths.
 * @param {number} count
 * @param {string} word
 */
export const counted = (count, word, plural = `${word}s`) => `${countText(count)} ${count === 1 ? word : plural}`;

/**
 * The size of a number, to find the largest: nan is above, and no number below all others.
 * @param {number | null} number
 */
export const magnitude = (number) => (number === null ? -1 : Number.isNaN(number) ? Infinity : Math.abs(number));

/** @param {(number | null)[]} numbers */
export const largestOf = (numbers) => numbers.reduce((largest, number) => (magnitude(number) > magnitude(largest) ? number : largest), null);
