// The small pieces that everything else in the page is made of.
const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A formula in parts that may stand on lines of their own: a new one begins at each "=" or "≈".
function typeset(pieces) {
  const parts = [[]];
  for (const piece of pieces) {
    if (/^<mo>[=≈]<\/mo>$/.test(piece) && parts.at(-1).length) parts.push([]);
    parts.at(-1).push(piece);
  }
  const formula = make("span", { class: "formula" });
  for (const part of parts) {
    const relation = /^<mo>[=≈]/.test(part[0]) ? part.shift() : "";
    const text = `<math xmlns="${MATHML}"><mrow>${relation}<mrow>${part.join("")}</mrow></mrow></math>`;
    formula.append(document.importNode(new DOMParser().parseFromString(text, "text/xml").documentElement, true));
  }
  return formula;
}

// A number as a piece of MathML, in brackets where it is a negative operand.
function mathNumber(number, operand = false) {
  const [digits, exponent] = numberText(number).replace("-", "−").split("e");
  const power = exponent ? `<mo>·</mo><msup><mn>10</mn><mn>${exponent.replace("-", "−")}</mn></msup>` : "";
  const written = `<mn>${digits}</mn>${power}`;
  return operand && number < 0 ? `<mo>(</mo>${written}<mo>)</mo>` : written;
}

function pictureOf(fallback) {
  const source = fallback.querySelector("img").src;
  const bytes = Uint8Array.from(atob(source.slice(source.indexOf(",") + 1)), (character) => character.charCodeAt(0));
  const parsed = new DOMParser().parseFromString(new TextDecoder().decode(bytes), "image/svg+xml");
  return document.importNode(parsed.documentElement, true);
}
