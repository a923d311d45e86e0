// A gradient that died: on how many rows it reaches a weight, and where it ends on the others.
import { unitWords } from "./part_names.js";

/** @typedef {import("./trainer.js").Trainer} Trainer */

/**
 * Where the gradient of each row ends on its way from the loss to a weight, with the number of rows; `reached` counts the others.
 * @param {Trainer} trainer
 * @param {ReturnType<Trainer["inspect"]>} inspected
 * @param {number} layer that the weight leads to
 * @param {number} unit
 * @param {ArrayLike<number>} inputs of the weight, by row
 */
export function gradientEnds(trainer, { upstream, delta, score }, layer, unit, inputs) {
  const last = trainer.network.sizes.length - 1;
  /** @type {Map<string, number>} */
  const ends = new Map();
  let reached = 0;
  for (let row = 0; row < score.length; row++) {
    const end = endOf(row);
    if (end) ends.set(end, (ends.get(end) ?? 0) + 1);
    else reached++;
  }
  return { reached, ends: [...ends].sort(([, a], [, b]) => b - a) };

  /** @param {number} row */
  function endOf(row) {
    if (delta[last - 1][0][row] === 0) return "at the loss, whose slope is 0";
    for (let above = last - 1; above > layer; above--) {
      if (delta[above - 1].every((numbers) => numbers[row] === 0)) return `in layer ${above}, where every gate is closed`;
    }
    if (layer < last && upstream[layer - 1][unit][row] === 0) return `before ${unitWords(trainer, layer, unit)}: no open path leads back to it`;
    if (delta[layer - 1][unit][row] === 0) return `at the closed gate of ${unitWords(trainer, layer, unit)}`;
    return inputs[row] === 0 ? "at the weight itself, whose input is 0" : "";
  }
}
