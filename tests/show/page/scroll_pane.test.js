import assert from "node:assert/strict";
import test from "node:test";
import { ScrollPane, centred } from "../../../autograd_core/show/page/scroll_pane.js";

const attributes = { width: "400", height: "200" };
const picture = () => ({ getAttribute: (name) => attributes[name], style: {} });

test("a picture fills its pane within limits", () => {
  const pane = { clientWidth: 502 };
  const camera = new ScrollPane(pane, picture());
  assert.equal(camera.fitted(1, 2), 1.25);
  assert.equal(camera.fitted(1.5, 2), 1.5);
  assert.equal(camera.fitted(0.5, 1), 1);
  assert.ok(camera.scaleTo(1.25));
  assert.deepEqual(camera.svg.style, { width: "500px", height: "250px" });
  assert.ok(!camera.scaleTo(1.251), "a change that nobody sees is none");
});

test("boxes come to the middle of the pane", () => {
  let place;
  const pane = { clientWidth: 100, clientHeight: 100, scrollLeft: 0, scrollTop: 0, scrollTo: (to) => { place = to; } };
  const camera = new ScrollPane(pane, picture());
  camera.scaleTo(2);
  camera.follow([{ x: 100, y: 10, width: 20, height: 10 }, { x: 140, y: 30, width: 20, height: 10 }]);
  assert.deepEqual([place.left, place.top], [centred(200, 320, 100), centred(20, 80, 100)]);
  camera.follow([{ x: 100, y: 10, width: 20, height: 10 }], { needed: true });
  assert.deepEqual([place.left, place.top], [170, 0], "along an axis on which they are in sight nothing moves");
});
