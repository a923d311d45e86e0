// What a reader changed in the middle of a training, so that a link can make the same steps again: a rate or a weight.

/** parameter: -1 for the rate. @typedef {{ step: number, parameter: number, value: number }} Change */

/** @param {Change[]} changes */
export const changesText = (changes) => changes.map(({ step, parameter, value }) => `${step}${parameter < 0 ? "r" : `w${parameter}v`}${value}`).join(" ");

/** @param {string} text @returns {Change[]} */
export const readChanges = (text) => [...text.matchAll(/(\d+)(?:r|w(\d+)v)(-?[\d.]+(?:e-?\d+)?)(?= |$)/g)].map(([, step, parameter, value]) =>
  ({ step: +step, parameter: parameter === undefined ? -1 : +parameter, value: +value }));

const FRAME = 40; // milliseconds of training in a frame
const CHUNK = 50; // steps between two moments of the loss curve

/**
 * Makes steps again, with what was changed between them.
 * @param {import("./training_steps.js").TrainingSteps} steps
 * @param {number} target how many
 * @param {Change[]} changes
 * @param {{ isWanted: () => boolean, record: () => void, show: () => void }} watched isWanted: false when the reader has begun
 *   something else
 */
export function replay(steps, target, changes, { isWanted, record, show }) {
  const frame = () => {
    steps.isReplaying = false;
    if (!isWanted()) return;
    for (const end = performance.now() + FRAME; performance.now() < end;) {
      while (changes[0]?.step <= steps.step) {
        const { parameter, value } = changes.shift();
        if (parameter < steps.parameters.length) steps.set(parameter, value);
      }
      if (steps.step >= target) break;
      const until = Math.min(target, changes[0]?.step ?? target, steps.step + CHUNK);
      if (!steps.advance(until - steps.step) && steps.problem) target = 0;
      record();
    }
    steps.isReplaying = steps.step < target;
    record();
    show();
    if (steps.isReplaying) requestAnimationFrame(frame);
  };
  if (target > 0 || changes.length) frame();
}
