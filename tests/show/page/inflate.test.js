import assert from "node:assert/strict";
import test from "node:test";
import { constants, deflateRawSync } from "node:zlib";
import { inflate } from "../../../autograd_core/show/page/inflate.js";

const seeded = (seed) => () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;

test("what Node compresses comes back, by every kind of block", () => {
  const random = seeded(7);
  const runs = Uint8Array.from({ length: 70_000 }, (_, place) => (place % 977 < 900 ? place % 7 : 256 * random()));
  const noise = Uint8Array.from({ length: 70_000 }, () => 256 * random());
  const cases = [Uint8Array.of(), Uint8Array.of(5), new Uint8Array(100_000), runs, noise];
  for (const bytes of cases)
    for (const options of [{ level: 0 }, { level: 1 }, { level: 9 }, { strategy: constants.Z_FIXED }, { strategy: constants.Z_HUFFMAN_ONLY }])
      assert.deepEqual(inflate(deflateRawSync(bytes, options), bytes.length), bytes);
});

test("damaged columns raise", () => {
  assert.throws(() => inflate(Uint8Array.of(0b00000101, 255, 255, 255, 255, 255, 255, 255), 100));
});
