// Operations on vectors in the memory. A kernel computes `count` numbers from address `out` on; each operand has the address
// of its first number and the step to the next, 0 for a number that goes with all.
import { MEMORY, SIZE } from "./memory.js";
import { FORWARD } from "./operations.js";

const m = MEMORY;
const LAST = SIZE - 1;

/** @typedef {(out: number, count: number, a: number, stepA: number, b: number, stepB: number, c: number, stepC: number) => void} Kernel */

// The engine of a browser makes a fast loop of each of these; a loop that calls a rule it was given takes three times as long.
/** @type {Record<string, Kernel>} */
const FAST = {
  add: (out, count, a, stepA, b, stepB) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0) m[out & LAST] = m[a & LAST] + m[b & LAST]; },
  subtract: (out, count, a, stepA, b, stepB) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0) m[out & LAST] = m[a & LAST] - m[b & LAST]; },
  multiply: (out, count, a, stepA, b, stepB) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0) m[out & LAST] = m[a & LAST] * m[b & LAST]; },
  divide: (out, count, a, stepA, b, stepB) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0) m[out & LAST] = m[a & LAST] / m[b & LAST]; },
  negative: (out, count, a, stepA) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0) m[out & LAST] = -m[a & LAST]; },
  less_equal: (out, count, a, stepA, b, stepB) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0) m[out & LAST] = +(m[a & LAST] <= m[b & LAST]); },
  greater: (out, count, a, stepA, b, stepB) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0) m[out & LAST] = +(m[a & LAST] > m[b & LAST]); },
  where: (out, count, a, stepA, b, stepB, c, stepC) => {
    for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0, c = (c + stepC) | 0) m[out & LAST] = m[a & LAST] !== 0 ? m[b & LAST] : m[c & LAST];
  },
  // Of a compiled program alone.
  larger: (out, count, a, stepA, b, stepB) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0) m[out & LAST] = m[a & LAST] > m[b & LAST] ? m[a & LAST] : m[b & LAST]; },
  exp: (out, count, a, stepA) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0) m[out & LAST] = Math.exp(m[a & LAST]); },
  sqrt: (out, count, a, stepA) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0) m[out & LAST] = Math.sqrt(m[a & LAST]); },
  tanh: (out, count, a, stepA) => { for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0) m[out & LAST] = Math.tanh(m[a & LAST]); },
};

/**
 * The kernel of an operation.
 * @param {string} name
 * @returns {Kernel}
 */
export function kernelOf(name) {
  if (FAST[name]) return FAST[name];
  const rule = FORWARD[name];
  if (!rule) throw new Error(`there is no rule for ${name}`);
  return (out, count, a, stepA, b, stepB, c, stepC) => {
    for (const end = out + count; out < end; out = (out + 1) | 0, a = (a + stepA) | 0, b = (b + stepB) | 0, c = (c + stepC) | 0) m[out & LAST] = rule(m[a & LAST], m[b & LAST], m[c & LAST]);
  };
}
