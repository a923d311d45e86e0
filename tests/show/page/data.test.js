import assert from "node:assert/strict";
import test from "node:test";
import { bytesOf, numberOf } from "../../../autograd_core/show/page/data.js";

test("bytes come back", () => {
  assert.deepEqual(bytesOf("AP8="), Uint8Array.of(0, 255));
});

test("inf and nan come as texts", () => {
  assert.deepEqual([1.5, "inf", "-inf", "nan", null].map(numberOf), [1.5, Infinity, -Infinity, NaN, null]);
});
