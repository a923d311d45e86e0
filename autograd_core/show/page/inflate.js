// Decompresses (RFC 1951), at once: a browser's own decompressor answers later only.

const LENGTHS = [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258];
const DISTANCES = [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577];
const ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const MOST_BITS = 15;
const DAMAGED = "the columns of this page are damaged.";

/**
 * The bytes that were compressed.
 * @param {Uint8Array} packed
 * @param {number} size of the result
 */
export function inflate(packed, size) {
  const result = new Uint8Array(size);
  let [at, bits, held, end] = [0, 0, 0, 0]; // `held` has the next `bits` bits of the input

  /** @param {number} count */
  const take = (count) => {
    while (bits < count) {
      if (at === packed.length) throw new Error(DAMAGED);
      held |= packed[at++] << bits;
      bits += 8;
    }
    const taken = held & ((1 << count) - 1);
    held >>>= count;
    bits -= count;
    return taken;
  };

  /** @param {Codes} codes */
  const decode = ({ counts, symbols }) => {
    let [code, start, index] = [0, 0, 0];
    for (let length = 1; length <= MOST_BITS; length++) {
      code |= take(1);
      if (code - counts[length] < start) return symbols[index + code - start];
      index += counts[length];
      start = (start + counts[length]) << 1;
      code <<= 1;
    }
    throw new Error(DAMAGED);
  };

  const dynamicCodes = () => {
    const [literals, distances, count] = [take(5) + 257, take(5) + 1, take(4) + 4];
    const short = new Uint8Array(19);
    for (const place of ORDER.slice(0, count)) short[place] = take(3);
    const code = codesOf(short);
    const lengths = new Uint8Array(literals + distances);
    for (let place = 0; place < lengths.length;) {
      const symbol = decode(code);
      if (symbol < 16) lengths[place++] = symbol;
      else {
        const former = symbol === 16 ? lengths[place - 1] : 0;
        const times = symbol === 16 ? take(2) + 3 : symbol === 17 ? take(3) + 3 : take(7) + 11;
        lengths.fill(former, place, place + times);
        place += times;
      }
    }
    return [codesOf(lengths.subarray(0, literals)), codesOf(lengths.subarray(literals))];
  };

  for (let last = 0; !last;) {
    last = take(1);
    const kind = take(2);
    if (kind === 0) {
      [held, bits] = [0, 0]; // the rest of a byte
      const length = packed[at] | (packed[at + 1] << 8);
      result.set(packed.subarray(at + 4, at + 4 + length), end);
      [at, end] = [at + 4 + length, end + length];
      continue;
    }
    const [literals, distances] = kind === 1 ? FIXED : dynamicCodes();
    for (let symbol = decode(literals); symbol !== 256; symbol = decode(literals)) {
      if (symbol < 256) result[end++] = symbol;
      else {
        const length = symbol === 285 ? 258 : LENGTHS[symbol - 257] + take(symbol < 265 ? 0 : (symbol - 261) >> 2);
        const far = decode(distances);
        const from = end - DISTANCES[far] - take(far < 4 ? 0 : (far - 2) >> 1);
        for (let step = 0; step < length; step++) result[end++] = result[from + step];
      }
    }
  }
  return result;
}

/**
 * @typedef {{ counts: Uint16Array, symbols: Uint16Array }} Codes of a code: how many of each length, and their symbols in order
 * @param {Uint8Array} lengths by symbol, 0 for one without a code
 * @returns {Codes}
 */
function codesOf(lengths) {
  const counts = new Uint16Array(MOST_BITS + 1);
  for (const length of lengths) if (length) counts[length]++;
  const places = new Uint16Array(MOST_BITS + 2);
  for (let length = 1; length <= MOST_BITS; length++) places[length + 1] = places[length] + counts[length];
  const symbols = new Uint16Array(places[MOST_BITS + 1]);
  lengths.forEach((length, symbol) => length && (symbols[places[length]++] = symbol));
  return { counts, symbols };
}

const FIXED = [
  codesOf(Uint8Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8))),
  codesOf(new Uint8Array(30).fill(5)),
];
