// The bars of a strip of numbers: up is positive.

/**
 * The top and the height of a bar. share: of its room, from -1 to 1.
 * @param {number} share
 * @param {number} zero
 * @param {number} room
 */
export const barSpan = (share, zero, room) => ({ y: share > 0 ? zero - room * share : zero, height: room * Math.abs(share) });

/**
 * The height of a bar as a share of its room, from -1 to 1: it grows with the square root of the number's size.
 * @param {number} number
 * @param {number} largest
 * @param {number} lowest
 */
export const barShare = (number, largest, lowest) => Math.sign(number) * Math.max(Math.sqrt(Math.abs(number) / largest), lowest);

/**
 * @param {number} number
 * @param {boolean} coloured
 */
export const barRole = (number, coloured) =>
  (!Number.isFinite(number) ? "nonfinite" : !coloured ? "line" : number > 0 ? "positive" : "negative");

/**
 * The height of the zero line in a strip, and the room for bars on either side: in the middle only if there are both
 * signs.
 * @param {number[]} numbers
 * @param {number} top
 * @param {number} height
 */
export function zeroLine(numbers, top, height) {
  const below = numbers.some((number) => number < 0);
  const above = numbers.some((number) => number > 0) || !below;
  const both = above && below;
  return { zero: top + height * (both ? 0.5 : above ? 1 : 0), room: height * (both ? 0.5 : 1) };
}

/**
 * At most `most` numbers, each the largest of an equal run.
 * @template T
 * @param {T[]} numbers
 * @param {number} most
 * @param {(run: T[]) => T} largest
 */
export function runs(numbers, most, largest) {
  if (numbers.length <= most) return numbers;
  const part = (/** @type {number} */ index) => Math.floor((numbers.length * index) / most);
  return Array.from({ length: most }, (_, index) => largest(numbers.slice(part(index), part(index + 1))));
}
