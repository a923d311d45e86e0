import assert from "node:assert/strict";
import test from "node:test";
import { boxAround, clamp, placeShowing, placeWithin } from "../../../autograd_core/show/page/camera.js";
import { overlap } from "../../../autograd_core/show/page/minimap.js";

test("clamp", () => assert.deepEqual([-1, 0.5, 2].map((number) => clamp(number, 0, 1)), [0, 0.5, 1]));

test("the box around boxes touches the outermost of each side", () => {
  const boxes = [{ x: 10, y: 50, width: 20, height: 5 }, { x: 0, y: 60, width: 5, height: 40 }];
  assert.deepEqual(boxAround(boxes), { x: 0, y: 50, width: 30, height: 50 });
});

test("a picture is in the middle of its pane, or fills it without a gap", () => {
  assert.equal(placeWithin(-70, 60, 100), 20);
  assert.equal(placeWithin(30, 160, 100), 0);
  assert.equal(placeWithin(-30, 160, 100), -30);
  assert.equal(placeWithin(-90, 160, 100), -60);
});

test("nothing moves for what is in sight; what is not comes to the middle", () => {
  assert.equal(placeShowing(-100, 120, 180, 100), -100);
  assert.equal(placeShowing(-100, 60, 80, 100), -20);
  assert.equal(placeShowing(-100, 120, 195, 100), -107.5, "some pixels are kept to the border");
  assert.equal(placeShowing(NaN, 120, 180, 100), -100);
});

test("boxes that only touch do not overlap", () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  assert.ok(overlap(box, { x: 9, y: 9, width: 10, height: 10 }));
  assert.ok(!overlap(box, { x: 10, y: 0, width: 10, height: 10 }));
});
