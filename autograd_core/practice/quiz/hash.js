// PBKDF2-HMAC-SHA256. The browser's exists on some pages only: on https, not on http or every file.

/** @param {number} count */
function firstPrimes(count) {
  /** @type {number[]} */
  const primes = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  }
  return primes;
}
const fraction = (/** @type {number} */ number) => ((number - Math.floor(number)) * 2 ** 32) | 0;
const CONSTANTS = Int32Array.from(firstPrimes(64), (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime)));
const WORDS = 2; // of a hash
const schedule = new Int32Array(64);

/**
 * The state after 16 more words.
 * @param {Int32Array} state
 * @param {Int32Array} words
 */
function compress(state, words) {
  schedule.set(words);
  for (let i = 16; i < 64; i++) {
    const a = schedule[i - 15], b = schedule[i - 2];
    const low = ((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3);
    const high = ((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10);
    schedule[i] = schedule[i - 16] + low + schedule[i - 7] + high;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const high = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const first = (h + high + ((e & f) ^ (~e & g)) + CONSTANTS[i] + schedule[i]) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const second = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + first) | 0; d = c; c = b; b = a; a = (first + second) | 0;
  }
  return Int32Array.of(state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e, state[5] + f,
    state[6] + g, state[7] + h);
}

/**
 * One block of words: bytes, then a one, then zeros, then the length in bits (with a block hashed before).
 * @param {number[] | Uint8Array} bytes
 */
function block(bytes, before = 64) {
  const words = new Int32Array(16);
  [...bytes, 0x80].forEach((byte, index) => { words[index >> 2] |= byte << (24 - 8 * (index % 4)); });
  words[15] = 8 * (before + bytes.length);
  return words;
}

/**
 * The password and the salt are short: each fits one block.
 * @param {string} password
 * @param {string} salt
 * @param {number} rounds
 */
export function hash(password, salt, rounds) {
  const key = new Uint8Array(64);
  key.set(new TextEncoder().encode(password));
  const keyed = (/** @type {number} */ pad) => compress(START, new Int32Array(16).map((_, word) =>
    [0, 1, 2, 3].reduce((all, byte) => (all << 8) | (key[4 * word + byte] ^ pad), 0)));
  const inner = keyed(0x36), outer = keyed(0x5c);
  const words = block(new Uint8Array(32));
  const finish = (/** @type {Int32Array} */ state) => {
    words.set(state);
    return compress(outer, words);
  };
  const start = [...salt.match(/../g).map((byte) => parseInt(byte, 16)), 0, 0, 0, 1];
  let last = finish(compress(inner, block(start)));
  const result = last.slice(0, WORDS);
  for (let round = 1; round < rounds; round++) {
    words.set(last);
    last = finish(compress(inner, words));
    result.forEach((word, i) => { result[i] = word ^ last[i]; });
  }
  return [...result].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}
