// The order in which the numbers of a box stand: that of their vector or matrix, whatever the order of computation.
const ENTRY = /^(.*?)([₀-₉]+(?:,[₀-₉]+)*)$/;

/**
 * Nodes by the indices of their names, where all are entries of one vector or matrix; else in the order of computation.
 * @param {Iterable<number>} nodes
 * @param {(node: number) => string | undefined} labelOf
 * @returns {number[]}
 */
export function entryOrder(nodes, labelOf) {
  const computed = [...nodes].sort((a, b) => a - b);
  const found = computed.map((node) => (labelOf(node) ?? "").match(ENTRY));
  const names = new Set(found.map((entry) => entry?.[0]));
  const vectors = new Set(found.map((entry) => entry?.[1]));
  if (!found.every(Boolean) || names.size < computed.length || vectors.size !== 1) return computed;
  const texts = found.map((entry) => entry[2].replace(/[₀-₉]/g, (digit) => String(digit.charCodeAt(0) - 0x2080)));
  // x₁₂ is an entry of a vector, or W₁₂ the second of a row; beside W₁,₁₂ it is the latter.
  const isMatrix = texts.some((text) => text.includes(","));
  const indices = new Map(computed.map((node, place) => [node, (isMatrix && !texts[place].includes(",") ? [...texts[place]] : texts[place].split(",")).map(Number)]));
  return computed.sort((a, b) => {
    const [left, right] = [indices.get(a), indices.get(b)];
    const at = left.findIndex((index, place) => index !== right[place]);
    return at < 0 ? 0 : left[at] - (right[at] ?? -1);
  });
}
