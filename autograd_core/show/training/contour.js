// The lines on which numbers over a square of points are 0.

/**
 * Where the numbers on `side` times `side` points change their sign, square by square, as a path over `wide` units.
 * @param {ArrayLike<number>} numbers
 * @param {number} side
 * @param {number} wide
 */
export function contour(numbers, side, wide) {
  const step = wide / (side - 1);
  let d = "";
  for (let row = 0; row + 1 < side; row++) {
    for (let column = 0; column + 1 < side; column++) {
      const first = row * side + column;
      const corners = [numbers[first], numbers[first + 1], numbers[first + side + 1], numbers[first + side]];
      /** @type {string[]} */
      const ends = [];
      corners.forEach((a, edge) => {
        const b = corners[(edge + 1) % 4];
        if (a > 0 === b > 0 || !(Math.abs(a - b) < Infinity)) return;
        const share = a / (a - b);
        const along = [[share, 0], [1, share], [1 - share, 1], [0, 1 - share]][edge];
        ends.push(`${((column + along[0]) * step).toFixed(1)},${((row + along[1]) * step).toFixed(1)}`);
      });
      for (let i = 0; i + 1 < ends.length; i += 2) d += `M${ends[i]}L${ends[i + 1]}`;
    }
  }
  return d;
}
