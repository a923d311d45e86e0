// Two directions in the space of the parameters, which span a slice of the loss.
// Li, Xu, Taylor, Studer and Goldstein, "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018: random ones
// scaled filter by filter (section 4), and the main ones of the path (section 7.2).

const ROUNDS = 60; // of the power iteration
const STRAIGHT = 1e-9; // a part of the movement below it is rounding

/** @typedef {{ directions: [Float64Array, Float64Array], held: number }} Slice held: the share of the path's movement that they hold */

/** @type {(a: ArrayLike<number>, b: ArrayLike<number>) => number} */
export function dot(a, b) {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** @param {Float64Array} vector */
const norm = (vector) => Math.sqrt(dot(vector, vector));

/** @type {(vector: Float64Array, factor: number, other: Float64Array) => Float64Array} */
const plus = (vector, factor, other) => vector.map((number, i) => number + factor * other[i]);

/** @param {Float64Array} vector */
function unit(vector) {
  const length = norm(vector);
  return vector.map((number) => number / length);
}

/**
 * The two directions along which the path moves most, seen from its end: the main components of its points. Where it is
 * straight or does not move, the missing ones are random, at right angles.
 * @param {Float64Array[]} path
 * @param {Float64Array} end
 * @param {import("./seeded_random.js").SeededRandom} random
 * @returns {Slice}
 */
export function mainDirections(path, end, random) {
  const moved = path.map((point) => plus(point, -1, end));
  const total = moved.reduce((sum, vector) => sum + dot(vector, vector), 0);
  /** @type {Float64Array[]} */
  const found = [];
  let held = 0;
  for (let rest = moved; found.length < 2;) {
    const part = rest.reduce((sum, vector) => sum + dot(vector, vector), 0);
    if (!(part > STRAIGHT * total)) break;
    const direction = mainComponent(rest);
    held += rest.reduce((sum, vector) => sum + dot(vector, direction) ** 2, 0);
    found.push(direction);
    rest = rest.map((vector) => plus(vector, -dot(vector, direction), direction));
  }
  const isMeasured = found.length > 0;
  while (found.length < 2) {
    const drawn = end.map(() => random.normal());
    found.push(unit(found.reduce((vector, other) => plus(vector, -dot(vector, other), other), drawn)));
  }
  return { directions: [found[0], found[1]], held: isMeasured ? held / total : NaN };
}

/** The unit vector with the largest sum of squared products with `vectors`. @param {Float64Array[]} vectors */
function mainComponent(vectors) {
  let direction = unit(vectors.reduce((longest, vector) => (norm(vector) > norm(longest) ? vector : longest)));
  for (let round = 0; round < ROUNDS; round++) {
    direction = unit(vectors.reduce((sum, vector) => plus(sum, dot(vector, direction), vector), direction.map(() => 0)));
  }
  return direction;
}

/**
 * Two random directions, in which each filter (the weights into one unit, or the biases of a layer) is as long as it is among the
 * parameters, so that a step of 1 means the same for large and small weights.
 * @param {Float64Array} parameters
 * @param {number[][]} filters the places of each
 * @param {import("./seeded_random.js").SeededRandom} random
 * @returns {Slice}
 */
export function randomDirections(parameters, filters, random) {
  const scaled = () => {
    const direction = parameters.map(() => random.normal());
    for (const places of filters) {
      const [own, drawn] = [parameters, direction].map((numbers) => norm(Float64Array.from(places, (place) => numbers[place])));
      for (const place of places) direction[place] *= own / drawn;
    }
    return direction;
  };
  const [first, second] = [scaled(), scaled()];
  const area = dot(first, first) * dot(second, second) - dot(first, second) ** 2; // 0 where hardly a parameter differs from 0
  const plain = () => parameters.map(() => random.normal());
  return { directions: area > STRAIGHT * dot(first, first) * dot(second, second) ? [first, second] : [plain(), plain()], held: NaN };
}
