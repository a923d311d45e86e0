import assert from "node:assert/strict";
import test from "node:test";
import { howFar } from "../../../autograd_core/practice/guess/how_far.js";

test("the words of Python", () => {
  assert.equal(howFar(5.5, 5.5), "right");
  assert.equal(howFar(5, 5.5), "off by 9.1%");
  assert.equal(howFar(55, 5.5), "off by a factor of 10");
  assert.equal(howFar(100, 1), "off by a factor of 100");
  assert.equal(howFar(1.125, 1), "off by 12%");
  assert.equal(howFar(-1, 1), "with the other sign");
  assert.equal(howFar(0.25, 0), "off by 0.25");
  assert.equal(howFar("it rises", "it falls"), "");
});
