import assert from "node:assert/strict";
import { pbkdf2Sync } from "node:crypto";
import test from "node:test";
import { hash } from "../../../autograd_core/practice/quiz/hash.js";
import { prefixes, readNumber, roundedText } from "../../../autograd_core/show/page/typed_number.js";

test("numbers and fractions are read", () => {
  const numbers = { "12.3": 12.3, " -.5 ": -0.5, "\u22122": -2, "1e-3": 0.001, "2/7": 2 / 7, "-1 / 4": -0.25 };
  for (const [text, number] of Object.entries(numbers)) assert.deepEqual(readNumber(text), { number });
  assert.match(readNumber("3,5").problem, /3\.5/);
  for (const text of ["", "x", "1/2/3", "1e", "1/0"]) assert.ok(readNumber(text).problem);
});

test("three digits", () => {
  assert.deepEqual([1.7163, -0.00012345, 1e-13, 123456].map(roundedText), ["1.72e0", "-1.23e-4", "0", "1.23e5"]);
});

test("the hash is PBKDF2-HMAC-SHA256", () => {
  for (const [password, salt, rounds] of [["1.72e0", "00112233445566778899aabbccddeeff", 1], ["-5e-1", "ff00ff00", 25]]) {
    assert.equal(hash(password, salt, rounds), pbkdf2Sync(password, Buffer.from(salt, "hex"), rounds, 8, "sha256").toString("hex"));
  }
});

test("a rounded form has prefixes, as in Python", () => {
  assert.deepEqual(prefixes("-1.72e0"), ["-1.72e0", "-1.7e0", "-1e0", "-e0"]);
  assert.deepEqual(prefixes("5.00e-7"), ["5.00e-7", "5.0e-7", "5e-7", "e-7"]);
  assert.deepEqual(prefixes("0"), ["0"]);
});
