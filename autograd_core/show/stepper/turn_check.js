// Whether a number that was filled in is right, and else which mistake gives it.
import { roundedText } from "../page/typed_number.js";
import { productOf, sumOf } from "../page/numbers.js";

const SLACK = 0.0499; // of a unit in the last digit, as in Python: a right answer may round across a tie

/**
 * @typedef {import("./turn_plan.js").BlankKind} BlankKind
 * @typedef {{ kind: string, sentence: string, hint: string }} TurnMistake
 * @typedef {{ upstream: number, partial: number, contribution: number, sum: number, terms: number[], value: number, source: number,
 *   arrived: number[] }} EdgeNumbers value and source: of the two nodes; terms: the contributions that meet at the end of the
 *   edge; arrived: those that met at its start
 * @typedef {{ number: number, mistake: TurnMistake }} WrongPartial
 */

/**
 * To three significant digits.
 * @param {number} typed
 * @param {number} exact
 */
export function isRight(typed, exact) {
  const unit = exact ? 10 ** (Math.floor(Math.log10(Math.abs(exact))) - 2) : 0;
  return [exact, exact - SLACK * unit, exact + SLACK * unit].some((number) => roundedText(number) === roundedText(typed));
}

/**
 * The mistake that gives the number; the wrong rules of the operation after those that every edge knows.
 * @param {BlankKind} blank
 * @param {number} typed
 * @param {EdgeNumbers} numbers
 * @param {WrongPartial[]} wrong
 * @returns {TurnMistake | undefined}
 */
export function findMistake(blank, typed, numbers, wrong) {
  const { upstream, contribution } = numbers;
  const found = general(blank, numbers).find(([number]) => isRight(typed, number));
  if (found) return { kind: found[1], sentence: found[2], hint: found[3] };
  if (blank !== "partial" && blank !== "contribution") return undefined;
  const factor = blank === "partial" ? 1 : upstream;
  return wrong.find(({ number }) => isRight(typed, number * factor) && !isRight(contribution, number * factor))?.mistake;
}

/**
 * @param {BlankKind} blank
 * @param {EdgeNumbers} numbers
 * @returns {[number, string, string, string][]} the number, the kind of mistake, what was done, a hint
 */
function general(blank, { upstream, partial, contribution, sum, terms, value, source, arrived }) {
  const product = "an edge carries upstream · partial.";
  const add = "several contributions meet here: add them.";
  if (blank === "upstream") {
    return [
      [-upstream, "wrong sign", "this is the upstream with the other sign", "look at the node from which the edge goes back."],
      ...(arrived.length > 1 ? /** @type {[number, string, string, string][]} */ (arrived.map((term) =>
        [term, "overwrote instead of adding", "this is one of the contributions that met there, not their sum", add])) : []),
      [value, "answered another question", "this is the value of the node, not its gradient", "the upstream is the gradient that has arrived there."],
      [partial, "answered another question", "this is the partial of the edge", "the upstream is the gradient that has arrived at the node."],
    ];
  }
  if (blank === "partial") {
    return [
      [-partial, "wrong sign", "this is the partial with the other sign", "if the input grows a little, does the result grow, too?"],
      [contribution, "answered another question", "this is upstream · partial already", "the partial belongs to the operation alone."],
      [upstream, "answered another question", "this is the upstream", "the partial belongs to the operation alone."],
      [source, "answered another question", "this is the value of the input itself", "how fast does the result change with this input?"],
    ];
  }
  if (blank === "contribution") {
    return [
      [-contribution, "wrong sign", "this is the contribution with the other sign", "count the minus signs of the two factors."],
      [partial, "forgot the upstream", "this is the partial alone", product],
      [upstream, "forgot the partial", "this is the upstream alone", product],
      [upstream + partial, "added partials along a path", "the two numbers were added", product],
      [sum, "answered another question", "this is the sum of all contributions that meet there", product],
    ];
  }
  return [
    [contribution, "overwrote instead of adding", "this is the last contribution alone", add],
    [sum - contribution, "left out a term", "the last contribution is missing", add],
    [sumOf(terms) / terms.length, "averaged contributions instead of adding", "this is the mean of the contributions", add],
    [productOf(terms), "multiplied contributions instead of adding", "the contributions were multiplied", "along a path numbers are multiplied; where paths meet, they are added."],
  ];
}
