// Numbers as a reader sees them.

// Four significant digits, as Python writes them: a tie goes to the even digit.
function numberText(number) {
  if (number === 0) return "0";
  if (!Number.isFinite(number)) return number > 0 ? "inf" : number < 0 ? "-inf" : "nan";
  let [digits, exponent] = number.toExponential(3).split("e");
  const [exact] = number.toExponential(60).split("e");
  const [whole, rest] = exact.replace("-", "").split(".");
  if (/^50*$/.test(rest.slice(3)) && +rest[2] % 2 === 0) digits = `${number < 0 ? "-" : ""}${whole}.${rest.slice(0, 3)}`;
  if (+exponent < -4 || +exponent >= 4) return `${+digits}e${+exponent}`;
  return String(+`${digits}e${exponent}`);
}

// A number with its sign also where that is a plus.
const signedText = (number) => (number > 0 ? "+" : "") + numberText(number);
const roleOf = (number) => (number === 0 ? "ink" : !Number.isFinite(number) ? "nonfinite" : number > 0 ? "positive" : "negative");
const bracketed = (number) => (number < 0 ? `(${numberText(number)})` : numberText(number));
const asShown = (number) => (Number.isFinite(number) ? +numberText(number) : number);
const relation = (a, b, product) => (numberText(asShown(a) * asShown(b)) === numberText(product) ? "=" : "≈");
