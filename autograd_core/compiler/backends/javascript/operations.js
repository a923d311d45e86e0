// The forward rule of each operation, as IEEE 754 and the table of primitives have it: one line an operation, from
// which a page computes values and gradients alike.

/** @type {Record<string, (...numbers: number[]) => number>} */
export const FORWARD = {
  less: (a, b) => +(a < b),
  less_equal: (a, b) => +(a <= b),
  greater: (a, b) => +(a > b),
  greater_equal: (a, b) => +(a >= b),
  equal: (a, b) => +(a === b),
  where: (c, a, b) => (c !== 0 ? a : b), // nan counts as true
  choose: (i, ...values) => values[i] ?? NaN,
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  negative: (a) => -a,
  power: (a, b) => (a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : Math.pow(a, b)),
  exp: (a) => Math.exp(a),
  expm1: (a) => Math.expm1(a),
  log: (a) => Math.log(a),
  log1p: (a) => Math.log1p(a),
  sqrt: (a) => Math.sqrt(a),
  sin: (a) => Math.sin(a),
  cos: (a) => Math.cos(a),
  tan: (a) => Math.tan(a),
  atan: (a) => Math.atan(a),
  tanh: (a) => Math.tanh(a),
  erf: (a) => (Math.abs(a) < 2 ? errorSeries(a) : Math.sign(a) * (1 - errorTail(Math.abs(a)))),
  erfc: (a) => (a > 1 ? errorTail(a) : a < -2 ? 2 - errorTail(-a) : 1 - errorSeries(a)),
  abs: (a) => Math.abs(a),
  floor: (a) => Math.floor(a),
  maximum: (a, b) => (a > b || a !== a ? a : b),
  minimum: (a, b) => (a < b || a !== a ? a : b),
};

/**
 * erf by its series in which no term is negative (Abramowitz and Stegun 7.1.6), so that nothing cancels.
 * @param {number} a
 */
function errorSeries(a) {
  let term = (2 / Math.sqrt(Math.PI)) * a * Math.exp(-a * a);
  let sum = term;
  for (let n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
    term *= (2 * a * a) / (2 * n + 1);
    sum += term;
  }
  return sum === 0 ? a : sum;
}

/**
 * erfc from 1 on, by its continued fraction (7.1.14) from the inside out. Its error falls as exp(-a sqrt(8 n)).
 * @param {number} a
 */
function errorTail(a) {
  let fraction = a;
  for (let n = Math.ceil(180 / (a * a)) + 5; n > 0; n--) fraction = a + n / 2 / fraction;
  return a === Infinity ? 0 : Math.exp(-a * a) / Math.sqrt(Math.PI) / fraction;
}
