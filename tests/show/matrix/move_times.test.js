import assert from "node:assert/strict";
import test from "node:test";
import { MoveTimes } from "../../../autograd_core/show/matrix/move_times.js";

const move = (key, arrived) => ({ words: "", light: null, key, arrived, backward: key[0] === "dx" || key[0] === "delta" });

test("an entry is shown by its move, a gradient of an input once all contributions have arrived", () => {
  const moves = [{ words: "", light: null, key: null }, move(["product", 0, 1]), move(["z", 0, 0]), move(["delta", 0, 0]), move(["dx", 0, 1], 2), move(["dx", 1, 1], 5)];
  const times = new MoveTimes(moves);
  assert.equal(times.time("W", 0, 0), 0);
  assert.equal(times.time("product", 0, 1), 1);
  assert.equal(times.time("deltaT", 0, 0), 3);
  assert.deepEqual([times.time("dx", 0, 1), times.time("whole", 0, 1)], [4, 5]);
  assert.deepEqual([3, 4, 5].map((at) => times.arrivedAt(1, at)), [0, 2, null]);
});

test("whole moves show all entries of a kind", () => {
  const times = new MoveTimes([{ words: "", kinds: [], light: null }, { words: "", kinds: ["product", "z"], light: null }]);
  assert.equal(times.time("z", 2, 0), 1);
  assert.equal(times.time("delta", 0, 0), 2, "without a backward half nothing of it is ever shown");
});
