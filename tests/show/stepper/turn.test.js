import assert from "node:assert/strict";
import test from "node:test";
import { findMistake, isRight } from "../../../autograd_core/show/stepper/turn_check.js";
import { planBlanks } from "../../../autograd_core/show/stepper/turn_plan.js";

const edge = (/** @type {number} */ link, flows = true, completes = false) => ({ link, step: link, flows, completes });
const count = (/** @type {{ blanks: string[] }[]} */ plan) => plan.reduce((sum, { blanks }) => sum + blanks.length, 0);

test("blanks go from easy to hard, and are twenty at most", () => {
  for (let size = 0; size <= 60; size++) {
    const plan = planBlanks([...Array(size).keys()].map((link) => edge(link, link % 5 > 0, link % 4 === 0)), 20);
    assert.ok(count(plan) <= 20);
    assert.ok(size > 30 ? count(plan) >= 10 : plan.length > 0 || !size);
    const steps = plan.map(({ step }) => step);
    assert.deepEqual(steps, [...steps].sort((a, b) => a - b));
    const open = plan.filter(({ flows }) => flows).map(({ blanks }) => blanks.filter((blank) => blank !== "sum").length);
    assert.deepEqual(open, [...open].sort((a, b) => a - b));
  }
  assert.deepEqual(planBlanks([edge(3, false, true)], 20)[0].blanks, ["contribution", "sum"]);
});

test("three digits are right, across a tie, too", () => {
  assert.ok(isRight(1.72, 1.71634) && isRight(0, 0) && isRight(1.72, 1.7248) && isRight(1.73, 1.7252) && isRight(-25, -25.04));
  assert.ok(!isRight(1.71, 1.71634) && !isRight(0.1, 0) && !isRight(1.72, -1.72));
});

test("the usual mistakes are named at any edge", () => {
  const numbers = { upstream: 3, partial: 5, contribution: 15, sum: 17, terms: [2, 15], value: 11, source: 7, arrived: [1, 2] };
  const kinds = (/** @type {any} */ blank, /** @type {number[]} */ typed) => typed.map((number) => findMistake(blank, number, numbers, [])?.kind);
  assert.deepEqual(kinds("contribution", [5, 3, -15, 8, 99]), ["forgot the upstream", "forgot the partial", "wrong sign", "added partials along a path", undefined]);
  assert.deepEqual(kinds("sum", [15, 2, 8.5, 30]), ["overwrote instead of adding", "left out a term", "averaged contributions instead of adding",
    "multiplied contributions instead of adding"]);
  assert.deepEqual(kinds("partial", [-5, 7]), ["wrong sign", "answered another question"]);
  assert.deepEqual(kinds("upstream", [-3, 2, 11]), ["wrong sign", "overwrote instead of adding", "answered another question"]);
});

test("a wrong rule is named at the partial and at the contribution", () => {
  const numbers = { upstream: 3, partial: 5, contribution: 15, sum: 15, terms: [15], value: 11, source: 7, arrived: [3] };
  const mistake = { kind: "wrong derivative of a function", sentence: "s", hint: "h" };
  const wrong = [{ number: 5, mistake: { ...mistake, sentence: "right by luck" } }, { number: 25, mistake }];
  assert.equal(findMistake("partial", 25, numbers, wrong), mistake);
  assert.equal(findMistake("contribution", 75, numbers, wrong), mistake);
  assert.equal(findMistake("sum", 75, numbers, wrong), undefined);
});
