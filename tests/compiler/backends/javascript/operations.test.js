import assert from "node:assert/strict";
import test from "node:test";
import { FORWARD } from "../../../../autograd_core/compiler/backends/javascript/operations.js";

// From mpmath 1.3, mp.erfc at 40 digits.
const ERFC = [[0.5, 0.4795001221869535], [1.5, 0.033894853524689274], [2.5, 0.0004069520174449589], [3, 2.209049699858544e-5],
  [5, 1.537459794428035e-12], [10, 2.088487583762545e-45], [26, 5.663192408856143e-296], [-1.5, 1.966105146475311]];

test("the error function keeps its digits in the tail", () => {
  for (const [a, expected] of ERFC) assert.ok(Math.abs(FORWARD.erfc(a) / expected - 1) < 1e-13, `${a}: ${FORWARD.erfc(a)}`);
});
