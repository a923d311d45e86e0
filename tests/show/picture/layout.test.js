import assert from "node:assert/strict";
import test from "node:test";
import { SheetLayout } from "../../../autograd_core/show/picture/layout.js";

// Nodes 0 to 3 and the group 4 (unit 4 + 1), which holds nodes 1 and 2: 0 -> 1 -> 2 -> 3, 0 -> 3.
const graph = {
  nodes: 4, inside: [[0, 5, 3], [1, 2]], around: (unit) => (unit === 1 || unit === 2 ? [1] : []),
  rank: (unit) => (unit === 5 ? 2 : unit), reasonAt: () => "",
};
const link = (from, to) => ({ from, to, flowing: true, sources: new Set([from]) });
const sizeOf = (unit, asTitle) => (asTitle ? [30, 20] : [40, 30]);
const overlap = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test("an open box holds its own, and nothing overlaps", () => {
  const layout = new SheetLayout(graph, { hidden: [-1, -1], links: [link(0, 1), link(1, 2), link(2, 3), link(0, 3)] }, sizeOf);
  const boxes = [...layout.boxes.values()];
  assert.deepEqual([...layout.boxes.keys()].sort(), [0, 1, 2, 3]);
  boxes.forEach((box, index) => boxes.slice(index + 1).forEach((other) => assert.ok(!overlap(box, other))));
  const [frame] = layout.frames;
  for (const unit of [1, 2]) {
    const box = layout.boxes.get(unit);
    assert.ok(box.x > frame.x && box.x + box.width < frame.x + frame.width && box.y > frame.y && box.y + box.height < frame.y + frame.height);
  }
  for (const unit of [0, 3]) assert.ok(!overlap(layout.boxes.get(unit), frame));
  for (const box of boxes) assert.ok(box.x + box.width <= layout.width && box.y + box.height <= layout.height);
});

test("every link goes forward", () => {
  const { boxes } = new SheetLayout(graph, { hidden: [-1, -1], links: [link(0, 1), link(1, 2), link(2, 3), link(0, 3)] }, sizeOf);
  for (const [from, to] of [[0, 1], [1, 2], [2, 3]]) assert.ok(boxes.get(from).x + 40 < boxes.get(to).x);
});

test("a closed box is one box", () => {
  const { boxes, frames, wires } = new SheetLayout(graph, { hidden: [-1, 5], links: [link(0, 5), link(5, 3), link(0, 3)] }, sizeOf);
  assert.deepEqual([...boxes.keys()].sort(), [0, 3, 5]);
  assert.equal(frames.length, 0);
  assert.ok(wires.filter((wire) => wire.arrow).length === 3);
});
