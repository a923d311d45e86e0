// The numbers of a sweep: from the data, or computed here at other leaves.
import { numberOf } from "../page/data.js";
import { isAtKink, run } from "./operations.js";

/**
 * @typedef {{ partial: number, contribution: number, flows: boolean, blocked?: string }} Edge
 * @typedef {{ values: Record<string, number>, grads: Record<string, number>, links: Record<string, Edge>, largest: number,
 *   kinks: Record<string, string> }} Numbers
 *   values and grads: by card; links: by number; largest: the size of the largest finite contribution; kinks: by card,
 *   the sentence for a kink that other numbers have brought about
 */

/**
 * @template T, U
 * @param {Record<string, T>} object
 * @param {(value: T) => U} change
 * @returns {Record<string, U>}
 */
const mapValues = (object, change) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));

/**
 * @param {{ values: Record<string, number | string>, grads: Record<string, number | string>, links: Record<string, [any, any, string?]> }} data
 * @returns {Numbers}
 */
export function numbersOf(data) {
  const links = mapValues(data.links, ([partial, contribution, blocked]) =>
    ({ partial: numberOf(partial), contribution: numberOf(contribution), flows: contribution !== null, blocked }));
  return { values: mapValues(data.values, numberOf), grads: mapValues(data.grads, numberOf), links, largest: largestIn(links), kinks: {} };
}

/**
 * @typedef {{ operations: string[], tape: (number[] | number | string | null)[], leaves: number[],
 *   cards: Record<string, [number, number]>, links: Record<string, [number, number, number]>,
 *   kinks: Record<string, [string, [string, number, number?][]]> }} Program registers by card and link
 * @param {Program} program
 * @param {number[]} leaves
 * @returns {Numbers}
 */
export function recompute(program, leaves) {
  const registers = run(program, leaves);
  const links = mapValues(program.links, ([partial, contribution, flows]) =>
    ({ partial: registers[partial], contribution: registers[contribution], flows: registers[flows] !== 0 }));
  return { values: mapValues(program.cards, ([value]) => registers[value]), grads: mapValues(program.cards, ([, grad]) => registers[grad]),
    links, largest: largestIn(links),
    kinks: mapValues(program.kinks, ([sentence, operations]) => (operations.some(([name, a, b]) => isAtKink(name, registers[a], registers[b])) ? sentence : "")) };
}

/** @param {Record<string, Edge>} links */
const largestIn = (links) =>
  Math.max(0, ...Object.values(links).filter((edge) => edge.flows).map((edge) => Math.abs(edge.contribution)).filter(Number.isFinite));
