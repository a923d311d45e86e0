// What the parts of a network are called in formulas: w⁽²⁾₁₃ leads from unit 3 of layer 1 to unit 1 of layer 2.
import { subscript, superscript } from "../page/numbers.js";

/** @typedef {import("./trainer.js").Trainer} Trainer */

const ofLayer = (/** @type {number} */ layer) => `⁽${superscript(String(layer))}⁾`;

/** @type {(trainer: Trainer, layer: number, unit: number) => string} */
export const sumName = ({ network }, layer, unit) => (layer === network.sizes.length - 1 ? "s" : `z${ofLayer(layer)}${subscript(unit + 1)}`);

/** Of an activation, or of a feature for layer 0. @type {(trainer: Trainer, layer: number, unit: number) => string} */
export const outputName = ({ settings, pieces }, layer, unit) => (layer ? `h${ofLayer(layer)}${subscript(unit + 1)}` : pieces.features[settings.features[unit]].text);

/** @type {(layer: number, unit: number, input: number) => string} */
export const weightName = (layer, unit, input) => `w${ofLayer(layer)}${subscript(unit + 1)}${subscript(input + 1)}`;

/** @type {(layer: number, unit: number) => string} */
export const biasName = (layer, unit) => `b${ofLayer(layer)}${subscript(unit + 1)}`;

/** In words. @type {(trainer: Trainer, layer: number, unit: number) => string} */
export const unitWords = (trainer, layer, unit) => (layer === 0 ? `the feature ${outputName(trainer, 0, unit)}`
  : layer === trainer.network.sizes.length - 1 ? "the output" : `unit ${unit + 1} of layer ${layer}`);

/** The key of a unit or, with an input, of a link, as the network's elements have it. @type {(...places: number[]) => string} */
export const keyOf = (...places) => places.join(",");
