// Which units learn nothing: dead or saturated, by the zones that the engine found for each activation.
import { numberOf } from "../page/data.js";

const MOST = 0.9; // of the rows in a flat zone make a unit saturated

/**
 * By hidden layer and unit: "dead" where its slope is 0 on every training row, "saturated" where it is nearly 0 on most.
 * @param {import("./trainer.js").Trainer} trainer
 * @param {{ z: Float64Array[][] }} inspected
 * @returns {("" | "dead" | "saturated")[][]}
 */
export function statesOf({ pieces, network, train }, { z }) {
  return z.map((units, layer) => {
    const zones = pieces.activations[network.activations[layer]].zones.map(([kind, start, end]) => ({ kind, start: numberOf(start), end: numberOf(end) }));
    return units.map((numbers) => {
      const counts = { dead: 0, saturated: 0 };
      for (const number of numbers) {
        const zone = zones.find(({ start, end }) => start <= number && number <= end);
        if (zone) counts[/** @type {"dead" | "saturated"} */ (zone.kind)]++;
      }
      if (!train.count) return "";
      return counts.dead === train.count ? "dead" : counts.dead + counts.saturated > MOST * train.count ? "saturated" : "";
    });
  });
}
