// The sets of points to learn, in the square from -REACH to REACH.
import { SeededRandom } from "../training/seeded_random.js";

/**
 * x1, x2 and the target: a class, 0 or 1, or the number that a curve has there.
 * @typedef {[number, number, number]} Point
 * @typedef {{ train: Point[], test: Point[] }} PointSets
 */

export const REACH = 3;
const ROWS = 300;
const TEST_SHARE = 1 / 3;

/** A point of a class by its share of the way along the class, from 0 to 1. @type {Record<string, (share: number, label: number, random: SeededRandom) => [number, number]>} */
const POINTS = {
  moons: (share, label) => {
    const [x, y] = [Math.cos(Math.PI * share), Math.sin(Math.PI * share)];
    return label ? [1.6 * (0.5 - x), 1.6 * (0.25 - y)] : [1.6 * (x - 0.5), 1.6 * (y - 0.25)];
  },
  circles: (share, label, random) => {
    const angle = 2 * Math.PI * (share + random.uniform());
    const radius = label ? 1 : 2.2;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
  spirals: (share, label) => {
    const angle = 2 * Math.PI * 1.25 * share + Math.PI * label;
    const radius = 0.2 + 2.4 * share;
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  },
  xor: (_, label, random) => {
    const side = random.uniform() < 0.5 ? -1.3 : 1.3;
    return [side, label ? -side : side];
  },
  gaussians: (_, label) => (label ? [1.1, 1.1] : [-1.1, -1.1]),
};
const SPREAD = /** @type {Record<string, number>} */ ({ moons: 1, circles: 1, spirals: 0.5, xor: 2, gaussians: 3 });

/** @type {[string, string][]} */
export const DATA_SETS = [["moons", "Moons"], ["circles", "Circles"], ["spirals", "Spirals"], ["xor", "XOR"], ["gaussians", "Gaussians"], ["sine", "Sine"], ["own", "Your own"]];

/**
 * The points of a set, in random order, a third of them for the test.
 * @param {string} name
 * @param {number} noise the standard deviation in units of the set
 * @param {number} seed
 * @param {Point[]} own
 * @returns {PointSets}
 */
export function pointsOf(name, noise, seed, own) {
  const random = new SeededRandom(seed);
  if (name === "own") return { train: own, test: [] };
  const points = name === "sine" ? sine(noise, random) : classes(name, noise, random);
  random.shuffle(points);
  const size = Math.round(points.length * TEST_SHARE);
  return { train: points.slice(size), test: points.slice(0, size) };
}

/** @type {(name: string, noise: number, random: SeededRandom) => Point[]} */
function classes(name, noise, random) {
  const half = ROWS / 2;
  return [0, 1].flatMap((label) => Array.from({ length: half }, (_, i) => {
    const [x, y] = POINTS[name](i / (half - 1), label, random);
    const spread = noise * SPREAD[name];
    return /** @type {Point} */ ([x + spread * random.normal(), y + spread * random.normal(), label]);
  }));
}

/** @type {(noise: number, random: SeededRandom) => Point[]} */
function sine(noise, random) {
  return Array.from({ length: ROWS / 2 }, () => {
    const x = REACH * (2 * random.uniform() - 1);
    return [x, 0, Math.sin(2 * x) + noise * random.normal()];
  });
}
