import assert from "node:assert/strict";
import test from "node:test";
import { dot, mainDirections, randomDirections } from "../../../autograd_core/show/training/directions.js";
import { SeededRandom } from "../../../autograd_core/show/training/seeded_random.js";

const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-9, `${a} is not ${b}`);

test("a path in a plane lies in the slice of its main directions", () => {
  const [u, v] = [[1, 2, 2, 0], [0, 1, -1, 3]];
  const path = Array.from({ length: 30 }, (_, i) => Float64Array.from(u, (a, j) => 5 + (30 - i) * a + Math.sin(i) * v[j]));
  const end = path.at(-1);
  const { directions: [first, second], held } = mainDirections(path, end, new SeededRandom(1));
  close(held, 1);
  close(dot(first, first), 1);
  close(dot(second, second), 1);
  close(dot(first, second), 0);
  for (const point of path) {
    const moved = point.map((number, i) => number - end[i]);
    const [x, y] = [dot(moved, first), dot(moved, second)];
    moved.forEach((number, i) => close(number, x * first[i] + y * second[i]));
  }
  assert.ok(Math.abs(dot(first, u)) / Math.hypot(...u) > 0.99);
});

test("two directions hold less than all of a path that turns in three", () => {
  const path = Array.from({ length: 30 }, (_, i) => Float64Array.of(3 * Math.cos(i), 2 * Math.sin(i), Math.cos(3 * i), 0));
  const { held } = mainDirections(path, new Float64Array(4), new SeededRandom(1));
  assert.ok(held > 0.9 && held < 0.97);
});

test("a straight path gets a second direction at right angles, and none at all two random ones", () => {
  const end = Float64Array.of(1, 1, 1);
  const straight = mainDirections([Float64Array.of(0, 1, 1), Float64Array.of(0.5, 1, 1), end], end, new SeededRandom(1));
  close(straight.held, 1);
  close(Math.abs(straight.directions[0][0]), 1);
  close(straight.directions[1][0], 0);
  const still = mainDirections([end], end, new SeededRandom(1));
  assert.ok(Number.isNaN(still.held));
  close(dot(...still.directions), 0);
});

test("each filter of a random direction is as long as it is among the parameters", () => {
  const parameters = Float64Array.of(3, 4, 0.1, -0.2, 0, 7);
  const filters = [[0, 3], [1, 2], [4], [5]];
  for (const direction of randomDirections(parameters, filters, new SeededRandom(3)).directions) {
    for (const places of filters) {
      close(Math.hypot(...places.map((place) => direction[place])), Math.hypot(...places.map((place) => parameters[place])));
    }
  }
});

test("parameters that are 0 still span a slice", () => {
  for (const parameters of [new Float64Array(3), Float64Array.of(0, 2, 0)]) {
    const { directions: [first, second] } = randomDirections(parameters, [[0], [1], [2]], new SeededRandom(2));
    assert.ok(dot(first, first) * dot(second, second) - dot(first, second) ** 2 > 0.01);
  }
});
