// Programs of a page, run with the forward rule of each operation, and the kinks of operations.
import { FORWARD } from "../../compiler/backends/javascript/operations.js";
import { numberOf } from "../page/data.js";

/**
 * Why the page cannot run a program, "" where it can.
 * @param {{ operations: string[] }} program
 */
export function whyNot({ operations }) {
  const missing = operations.filter((name) => !Object.hasOwn(FORWARD, name));
  return missing.length ? `this page has no rule for ${missing.join(", ")}: change the number in Python.` : "";
}

/**
 * Whether an operation is at its kink, as the table of primitives has it.
 * @param {string} name
 * @param {number} a
 * @param {number} [b]
 */
export function isAtKink(name, a, b) {
  if (name === "abs") return a === 0;
  if (name === "floor") return Math.abs(a - Math.round(a)) <= 1e-9 * Math.abs(a);
  return a === b;
}

/**
 * Runs a program on the numbers of its leaves and returns the number in each register.
 * @param {{ operations: string[], tape: (number[] | number | string | null)[] }} program
 * @param {number[]} leaves
 */
export function run({ operations, tape }, leaves) {
  const rules = operations.map((name) => FORWARD[name]);
  /** @type {number[]} */
  const registers = [];
  let leaf = 0;
  for (const line of tape) {
    if (Array.isArray(line)) registers.push(rules[line[0]](...line.slice(1).map((register) => registers[register])));
    else registers.push(line === null ? leaves[leaf++] : numberOf(line));
  }
  return registers;
}
