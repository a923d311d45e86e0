// How far a guess is from the answer, in the words of guess.py.
import { numberText, shownTo } from "../../show/page/numbers.js";
import { roundedText } from "../../show/page/typed_number.js";

/** @param {number} number */
const rounded = (number) => numberText(shownTo(number, 2));

/**
 * "" for another choice.
 * @param {number | string} guess
 * @param {number | string} answer
 */
export function howFar(guess, answer) {
  if (typeof guess === "string" || typeof answer === "string") return guess === answer ? "right" : "";
  if (roundedText(guess) === roundedText(answer)) return "right";
  if (guess === 0 || answer === 0) return `off by ${rounded(Math.abs(guess - answer))}`;
  const ratio = guess / answer;
  if (ratio < 0) return "with the other sign";
  const factor = Math.max(ratio, 1 / ratio);
  return factor >= 2 ? `off by a factor of ${rounded(factor)}` : `off by ${rounded(100 * Math.abs(ratio - 1))}%`;
}
