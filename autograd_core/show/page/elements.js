// The small pieces that everything else in the page is made of.
const SVG = "http://www.w3.org/2000/svg";
const MATHML = "http://www.w3.org/1998/Math/MathML";

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function actButton(name, words, act, title = "") {
  const made = make("button", { type: "button", "data-act": name, ...(title && { title }) }, words);
  made.addEventListener("click", act);
  return made;
}

// Half as large again; `then` lays out anew.
function projectorButton(root, then) {
  const made = actButton("projector", "Projector", () => {
    made.setAttribute("aria-pressed", String(root.classList.toggle("projector")));
    then();
  }, "Half as large again");
  made.setAttribute("aria-pressed", "false");
  return made;
}

// Off without `disabled`, which would take the focus away.
function switchOff(button, off) {
  if (off) button.setAttribute("aria-disabled", "true");
  else button.removeAttribute("aria-disabled");
}

// A notebook has commands on the same keys, and the classic one takes keys before the page sees them. It leaves alone
// what bears this mark, if that is what has the focus; all other keys stay the notebook's.
if (!window.autogradKeys) {
  window.autogradKeys = true;
  const views = ["stepper", "fold", "matrix", "timeline"].map((name) => `[data-autograd-${name}]`).join();
  window.addEventListener("keydown", (event) => {
    const on = event.target;
    if (!(on instanceof Element && on.closest(views))) return;
    const named = /^( |Arrow.*|Page.*|Home|End|Enter|Escape)$/.test(event.key);
    const inBox = on.matches("[data-autograd-fold] .card") && /^([-+/bn]|Backspace)$/.test(event.key);
    const modified = event.altKey || event.ctrlKey || event.metaKey;
    on.toggleAttribute("data-lm-suppress-shortcuts", !modified && ((named && !event.shiftKey) || inBox));
  }, true);
}

const isRelation = ([tag, text]) => tag === "mo" && (text === "=" || text === "≈");

// MathML from [tag, attributes if there are any, text or children ...].
function built([tag, ...children]) {
  const element = document.createElementNS(MATHML, tag);
  for (const child of children) {
    if (typeof child === "string") element.append(child);
    else if (Array.isArray(child)) element.append(built(child));
    else for (const [name, value] of Object.entries(child)) element.setAttribute(name, value);
  }
  return element;
}

// A formula in parts that may stand on lines of their own: a new one begins at each "=" or "≈".
function typeset(pieces) {
  const parts = [[]];
  for (const piece of pieces) {
    if (isRelation(piece) && parts.at(-1).length) parts.push([]);
    parts.at(-1).push(piece);
  }
  const formula = make("span", { class: "formula" });
  for (const part of parts) {
    const relation = isRelation(part[0]) ? [part.shift()] : [];
    formula.append(built(["math", ["mrow", ...relation, ["mrow", ...part]]]));
  }
  return formula;
}

// A product above the edge it is on and its result below: so edges need not be long to have room for both.
function writeProduct(text, product) {
  const [, factors, result] = /^(.* )([=≈] .*)$/.exec(product) ?? [];
  if (!factors) return void (text.textContent = product);
  text.replaceChildren(...[[factors, "-0.75em"], [result, "1.5em"]].map(([line, down]) => {
    const part = document.createElementNS(SVG, "tspan");
    part.setAttribute("x", text.getAttribute("x"));
    part.setAttribute("dy", down);
    part.textContent = line;
    return part;
  }));
}

// A number as a piece of MathML, in brackets where it is a negative operand.
function mathNumber(number, operand = false) {
  const [digits, exponent] = numberText(number).replace("-", "−").split("e");
  const power = exponent ? [["mo", "·"], ["msup", ["mn", "10"], ["mn", exponent.replace("-", "−")]]] : [];
  const written = ["mrow", ["mn", digits], ...power];
  return operand && number < 0 ? ["mrow", ["mo", "("], written, ["mo", ")"]] : written;
}

function pictureOf(fallback) {
  const source = fallback.querySelector("img").src;
  const text = decodeURIComponent(source.slice(source.indexOf(",") + 1));
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  return document.importNode(parsed.documentElement, true);
}
