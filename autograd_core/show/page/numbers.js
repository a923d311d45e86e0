// Numbers and names as a reader sees them, like those of `formulas/notation.py`.

const DIGITS = 4; // significant digits shown
const MOST_DIGITS = 17; // that tell all numbers apart
const MOST_HIDDEN = 0.1; // of a result may be lost by rounding what it is computed from

/** @type {(text: string) => string} */
export const superscript = (text) => [...text].map((sign) => "⁰¹²³⁴⁵⁶⁷⁸⁹⁻"["0123456789-".indexOf(sign)]).join("");
/** @type {(number: number) => string} */
export const subscript = (number) => [...String(number)].map((digit) => "₀₁₂₃₄₅₆₇₈₉"[+digit]).join("");

/**
 * A number in program text, as a reader sees it.
 * @param {string} text
 */
function typeset(text) {
  const [digits, exponent] = text.replace("Infinity", "∞").replace("NaN", "nan").split("e");
  return digits.replace("-", "−") + (exponent ? `·10${superscript(exponent.replace("+", ""))}` : "");
}

/**
 * Significant digits, as Python writes them: a tie goes to the even digit.
 * @param {number} number
 * @param {number} count
 */
export const digitsText = (number, count) => typeset(roundedText(number, count));

/**
 * The same in program text.
 * @param {number} number
 * @param {number} count
 */
export function roundedText(number, count) {
  if (number === 0 || !Number.isFinite(number)) return String(number);
  let [digits, exponent] = number.toExponential(count - 1).split("e");
  const [exact] = number.toExponential(60).split("e");
  const [whole, rest] = exact.replace("-", "").split(".");
  if (/^50*$/.test(rest.slice(count - 1)) && +rest[count - 2] % 2 === 0) digits = `${number < 0 ? "-" : ""}${whole}.${rest.slice(0, count - 1)}`;
  if (+exponent < -4 || +exponent >= count) return `${+digits}e${+exponent}`;
  return String(+`${digits}e${exponent}`);
}

/**
 * Four significant digits.
 * @param {number} number
 */
export const numberText = (number) => digitsText(number, DIGITS);

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
export const exactText = (number) => typeset(String(number));

/**
 * The role in the theme of a number with a sign.
 * @param {number} number
 */
export const roleOf = (number) => (number === 0 ? "ink" : !Number.isFinite(number) ? "nonfinite" : number > 0 ? "positive" : "negative");

/**
 * The number that its text stands for.
 * @param {number} number
 * @param {number} digits
 */
export const shownTo = (number, digits) => +roundedText(number, digits);

/** @param {number} number */
export const asShown = (number) => shownTo(number, DIGITS);

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
 * How many digits of the terms to show, so that their sum is the one shown: four where they give it within a tenth.
 * @param {(digits: number) => number} sumOfShown the sum of the terms rounded to so many digits
 * @param {number} sum
 */
export function enoughDigits(sumOfShown, sum) {
  if (!Number.isFinite(sum) || Math.abs(sumOfShown(DIGITS) - sum) <= MOST_HIDDEN * Math.abs(sum)) return DIGITS;
  for (let digits = DIGITS + 1; digits <= MOST_DIGITS; digits++) if (numberText(sumOfShown(digits)) === numberText(sum)) return digits;
  return DIGITS;
}

/**
 * Operands of a sum or a product, the negative ones behind the first in brackets.
 * @param {number[]} numbers
 */
export const operandTexts = (numbers, digits = DIGITS) => numbers.map((number, index) => {
  const text = digitsText(number, digits);
  return index && number < 0 ? `(${text})` : text;
});

/**
 * The terms of a sum with as many digits as it takes, the relation, and the digits.
 * @param {number[]} terms
 * @param {number} sum
 */
export function writtenSum(terms, sum) {
  const sumOfShown = (/** @type {number} */ digits) => sumOf(terms.map((term) => shownTo(term, digits)));
  const digits = enoughDigits(sumOfShown, sum);
  return { terms: operandTexts(terms, digits), relation: relation(sumOfShown(digits), sum), digits };
}

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
