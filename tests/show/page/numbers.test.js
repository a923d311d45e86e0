import assert from "node:assert/strict";
import test from "node:test";
import { bracketed, counted, exactText, largestOf, magnitude, numberText, operandTexts, productRelation, roleOf, signedText, writtenSum } from "../../../autograd_core/show/page/numbers.js";

test("four significant digits, a tie to the even digit", () => {
  const texts = { 2.0625: "2.062", 20.625: "20.62", 123456: "1.235·10⁵", 0.00012345: "0.0001234", 0.000099995: "9.999·10⁻⁵", 9999.5: "1·10⁴", 0: "0", 100: "100" };
  for (const [number, text] of Object.entries(texts)) assert.equal(numberText(+number), text);
  assert.deepEqual([Infinity, -Infinity, NaN].map(numberText), ["∞", "−∞", "nan"]);
});

test("signs, brackets and roles", () => {
  assert.deepEqual([0.5, -0.5, 0].map(signedText), ["+0.5", "−0.5", "0"]);
  assert.deepEqual(operandTexts([-1, -2, 3]), ["−1", "(−2)", "3"]);
  assert.equal(bracketed(-2), "(−2)");
  assert.deepEqual([1, -1, 0, NaN].map(roleOf), ["positive", "negative", "ink", "nonfinite"]);
  assert.deepEqual([1 / 3, -Infinity].map(exactText), ["0.3333333333333333", "−∞"]);
});

test("≈ where the digits shown do not give the result", () => {
  assert.equal(productRelation([2, 3], 6), "=");
  assert.equal(productRelation([1 / 3, 3], 1), "≈");
  assert.equal(writtenSum([0.1, 0.2], 0.1 + 0.2).relation, "=");
  assert.equal(writtenSum([1 / 3, 1 / 3, 1 / 3], 1).relation, "≈");
});

test("more digits where four hide the sum", () => {
  assert.deepEqual(writtenSum([9.000006, -9], 9.000006 - 9), { terms: ["9.000006", "(−9)"], relation: "=", digits: 7 });
  assert.deepEqual(writtenSum([-6000000, 6000002], 2), { terms: ["−6000000", "6000002"], relation: "=", digits: 7 });
  assert.equal(writtenSum([2, 3], 5).digits, 4);
});

test("the largest in size; nan is above all, no number below", () => {
  assert.equal(largestOf([1, -3, 2, null]), -3);
  assert.ok(Number.isNaN(largestOf([1, NaN, 2])));
  assert.equal(largestOf([null]), null);
  assert.deepEqual([null, -2, NaN].map(magnitude), [-1, 2, Infinity]);
});

test("counts with their word", () => {
  assert.deepEqual([counted(1, "path"), counted(2000, "path"), counted(2, "box", "boxes")], ["1 path", "2,000 paths", "2 boxes"]);
});
