// Products of matrices with vectors, for all rows of a block, in the memory. A vector is `width` numbers for each of its
// places. `matrix` has the addresses of its entries.
import { MEMORY, SIZE } from "./memory.js";

const m = MEMORY;
const LAST = SIZE - 1;

/**
 * out += matrix @ operand, in the order of the columns. Four columns for four units at a time, so that what is read from the
 * memory is used more than once.
 * @param {number} out
 * @param {Int32Array[]} matrix
 * @param {Int32Array} operand the address of each of its vectors, one after the other
 * @param {number} width
 */
export function addProduct(out, matrix, operand, width) {
  const fours = operand.length - (operand.length % 4);
  let i = 0;
  for (; i + 3 < matrix.length; i += 4) {
    for (let j = 0; j < fours; j += 4) addFourByFour(out + i * width, matrix[i], matrix[i + 1], matrix[i + 2], matrix[i + 3], j, operand[j], width);
  }
  for (; i < matrix.length; i++) {
    for (let j = 0; j < fours; j += 4) addFour(out + i * width, matrix[i], j, operand[j], width);
  }
  for (i = 0; fours < operand.length && i < matrix.length; i++) {
    for (let j = fours; j < operand.length; j++) addOne(out + i * width, m[matrix[i][j]], operand[j], width);
  }
}

/** @type {(out: number, first: Int32Array, second: Int32Array, third: Int32Array, fourth: Int32Array, j: number, from: number, width: number) => void} */
function addFourByFour(out, first, second, third, fourth, j, from, width) {
  const a0 = m[first[j]];
  const a1 = m[first[j + 1]];
  const a2 = m[first[j + 2]];
  const a3 = m[first[j + 3]];
  const b0 = m[second[j]];
  const b1 = m[second[j + 1]];
  const b2 = m[second[j + 2]];
  const b3 = m[second[j + 3]];
  const c0 = m[third[j]];
  const c1 = m[third[j + 1]];
  const c2 = m[third[j + 2]];
  const c3 = m[third[j + 3]];
  const d0 = m[fourth[j]];
  const d1 = m[fourth[j + 1]];
  const d2 = m[fourth[j + 2]];
  const d3 = m[fourth[j + 3]];
  for (let r = 0; r < width; r++) {
    const o = out + r;
    const p = from + r;
    const x = m[p & LAST];
    const y = m[(p + width) & LAST];
    const z = m[(p + 2 * width) & LAST];
    const u = m[(p + 3 * width) & LAST];
    m[o & LAST] = m[o & LAST] + a0 * x + a1 * y + a2 * z + a3 * u;
    m[(o + width) & LAST] = m[(o + width) & LAST] + b0 * x + b1 * y + b2 * z + b3 * u;
    m[(o + 2 * width) & LAST] = m[(o + 2 * width) & LAST] + c0 * x + c1 * y + c2 * z + c3 * u;
    m[(o + 3 * width) & LAST] = m[(o + 3 * width) & LAST] + d0 * x + d1 * y + d2 * z + d3 * u;
  }
}

/** @type {(out: number, row: Int32Array, j: number, from: number, width: number) => void} */
function addFour(out, row, j, from, width) {
  const a = m[row[j]];
  const b = m[row[j + 1]];
  const c = m[row[j + 2]];
  const d = m[row[j + 3]];
  for (let r = 0; r < width; r++) {
    const p = from + r;
    m[(out + r) & LAST] = m[(out + r) & LAST] + a * m[p & LAST] + b * m[(p + width) & LAST] + c * m[(p + 2 * width) & LAST] + d * m[(p + 3 * width) & LAST];
  }
}

/** @type {(out: number, weight: number, from: number, width: number) => void} */
function addOne(out, weight, from, width) {
  for (let r = 0; r < width; r++) m[(out + r) & LAST] += weight * m[(from + r) & LAST];
}

/**
 * The same, row by row: where there are few rows, or an operand is scattered.
 * @type {typeof addProduct}
 */
export function addDots(out, matrix, operand, width) {
  for (const row of matrix) {
    for (let r = 0; r < width; r++, out++) {
      let sum = m[out];
      for (let j = 0; j < row.length; j++) sum += m[row[j] & LAST] * m[(operand[j] + r) & LAST];
      m[out] = sum;
    }
  }
}

/**
 * sums[i][j] (+)= the sum over the rows of left[i] * right[j], in the order of the rows. Two by two at a time; where one is
 * left, it takes the place of the other, too.
 * @param {Int32Array[]} sums
 * @param {number} left
 * @param {number} right
 * @param {number} width
 * @param {boolean} isFirst whether the sums begin here
 */
export function addOuter(sums, left, right, width, isFirst) {
  for (let i = 0; i < sums.length; i += 2) {
    const below = Math.min(i + 1, sums.length - 1);
    for (let j = 0; j < sums[0].length; j += 2) {
      const next = Math.min(j + 1, sums[0].length - 1);
      addTwoByTwo(sums[i], sums[below], j, next, left + i * width, left + below * width, right + j * width, right + next * width, width, isFirst);
    }
  }
}

/** @type {(upper: Int32Array, lower: Int32Array, j: number, k: number, p: number, q: number, s: number, t: number, width: number, isFirst: boolean) => void} */
function addTwoByTwo(upper, lower, j, k, p, q, s, t, width, isFirst) {
  let a = 0;
  let b = 0;
  let c = 0;
  let d = 0;
  let r = 0;
  for (; r + 1 < width; r += 2) {
    const x = m[(p + r) & LAST];
    const y = m[(q + r) & LAST];
    const u = m[(s + r) & LAST];
    const v = m[(t + r) & LAST];
    const nextX = m[(p + r + 1) & LAST];
    const nextY = m[(q + r + 1) & LAST];
    const nextU = m[(s + r + 1) & LAST];
    const nextV = m[(t + r + 1) & LAST];
    a = a + x * u + nextX * nextU;
    b = b + x * v + nextX * nextV;
    c = c + y * u + nextY * nextU;
    d = d + y * v + nextY * nextV;
  }
  if (r < width) {
    a += m[p + r] * m[s + r];
    b += m[p + r] * m[t + r];
    c += m[q + r] * m[s + r];
    d += m[q + r] * m[t + r];
  }
  if (!isFirst) {
    a += m[upper[j]];
    b += m[upper[k]];
    c += m[lower[j]];
    d += m[lower[k]];
  }
  m[upper[j]] = a;
  m[upper[k]] = b;
  m[lower[j]] = c;
  m[lower[k]] = d;
}

/**
 * sums[i] (+)= the sum of the `width` numbers of place i from an address on.
 * @param {Int32Array} sums
 * @param {number} from
 * @param {number} width
 * @param {boolean} compensated
 * @param {boolean} isFirst whether the sums begin here
 */
export function addTotals(sums, from, width, compensated, isFirst) {
  let i = 0;
  for (; !compensated && i + 2 < sums.length; i += 3) {
    const p = from + i * width;
    const q = p + width;
    const s = q + width;
    let a = 0;
    let b = 0;
    let c = 0;
    for (let r = 0; r < width; r++) {
      a += m[(p + r) & LAST];
      b += m[(q + r) & LAST];
      c += m[(s + r) & LAST];
    }
    m[sums[i]] = isFirst ? a : m[sums[i]] + a;
    m[sums[i + 1]] = isFirst ? b : m[sums[i + 1]] + b;
    m[sums[i + 2]] = isFirst ? c : m[sums[i + 2]] + c;
  }
  for (; i < sums.length; i++) {
    const sum = total(from + i * width, width, compensated);
    m[sums[i]] = isFirst ? sum : m[sums[i]] + sum;
  }
}

/**
 * The sum of `width` numbers; compensated: as good as rounded once (Neumaier), the plain sum where it is not finite.
 * @type {(from: number, width: number, compensated: boolean) => number}
 */
function total(from, width, compensated) {
  let sum = 0;
  let error = 0;
  for (let r = 0; r < width; r++) {
    const x = m[(from + r) & LAST];
    const next = sum + x;
    if (compensated) error += Math.abs(sum) >= Math.abs(x) ? sum - next + x : x - next + sum;
    sum = next;
  }
  return Number.isFinite(error) && error !== 0 ? sum + error : sum;
}
