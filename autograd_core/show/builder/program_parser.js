// The grammar of a statement: that of expressions of the command line, with "?" for an input that is missing.

/**
 * @typedef {import("./graph_record.js").Table} Table
 * @typedef {{ type: "number" | "name" | "missing" | "call", number: number, name: string, parts: Part[], at: number, bare: boolean }} Part
 *   bare: a number without brackets around it; at: its place in the line
 * @typedef {{ name: string, at: number, line: number, part: Part }} Statement
 * @typedef {{ text: string, at: number, type: string }} Token
 */

/** What is wrong with a program, and where. */
export class ProgramError extends Error {
  /**
   * @param {string} message
   * @param {number} line counted from 0
   * @param {number} at
   */
  constructor(message, line, at) {
    super(message);
    this.line = line;
    this.at = at;
  }
}

const TOKEN = /\s*(?:(?<number>(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)|(?<name>[A-Za-z_]\w*)|(?<sign>\*\*|<=|>=|==|[-+*/(),<>?=]))/iy;
const OPERATIONS = /** @type {Record<string, string>} */ ({ "+": "add", "-": "subtract", "*": "multiply", "/": "divide", "**": "power",
  "<": "less", "<=": "less_equal", ">": "greater", ">=": "greater_equal", "==": "equal" });
const CONSTANTS = /** @type {Record<string, number>} */ ({ pi: Math.PI, nan: NaN });
const KEYWORDS = new Set(("False None True and as assert async await break class continue def del elif else except finally for from global if import in is " +
  "lambda nonlocal not or pass raise return try while with yield").split(" "));
const DEEPEST = 64;

/**
 * Why a node cannot have this name; "" where it can.
 * @param {string} name
 * @param {Table} table
 */
export function whyNoName(name, table) {
  if (!/^[A-Za-z_]\w*$/.test(name)) return `"${name}" is no name: use letters and digits, such as w1.`;
  if (KEYWORDS.has(name)) return `"${name}" is a keyword of Python: choose another name.`;
  if (name in CONSTANTS) return `"${name}" is a constant: choose another name.`;
  if (name in table.operations || name in table.aliases || name === "choose") return `"${name}" is a function: choose another name.`;
  return "";
}

/**
 * @param {string} text
 * @param {number} line
 */
function tokensOf(text, line) {
  /** @type {Token[]} */
  const tokens = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const start = TOKEN.lastIndex;
    const found = TOKEN.exec(text);
    if (!found) {
      const at = start + text.slice(start).search(/\S|$/);
      if (at >= text.length) return tokens;
      if (text[at] === "^") throw new ProgramError("for a power write **, not ^", line, at);
      if (text.startsWith("!=", at)) throw new ProgramError("for a != b write (a == b) == 0", line, at);
      throw new ProgramError(`"${text[at]}" is not part of any expression`, line, at);
    }
    const [type, word] = Object.entries(found.groups).find(([, group]) => group !== undefined);
    tokens.push({ text: word, at: TOKEN.lastIndex - word.length, type });
  }
}

class Parser {
  /**
   * @param {Token[]} tokens
   * @param {number} line
   * @param {number} end of the line
   * @param {Table} table
   */
  constructor(tokens, line, end, table) {
    this.tokens = tokens;
    this.line = line;
    this.end = end;
    this.table = table;
    this.place = 0;
    this.depth = 0;
  }

  get next() {
    return this.tokens[this.place];
  }

  /** @param {string[]} signs */
  take(...signs) {
    const { next } = this;
    if (!next || next.type !== "sign" || !signs.includes(next.text)) return null;
    this.place++;
    return next;
  }

  /** @param {string} message @returns {never} */
  refuse(message, at = this.next?.at ?? this.end) {
    throw new ProgramError(message, this.line, at);
  }

  /** @type {(name: string, parts: Part[], at: number) => Part} */
  call(name, parts, at) {
    return { type: "call", number: NaN, name, parts, at, bare: false };
  }

  whole() {
    const part = this.comparison();
    const { next } = this;
    if (!next) return part;
    if (["number", "name", "("].includes(next.type === "sign" ? next.text : next.type)) this.refuse("a product needs its sign, such as 2*x");
    return this.refuse(`"${next.text}" cannot stand here`);
  }

  /** @returns {Part} */
  comparison() {
    if (++this.depth > DEEPEST) this.refuse(`more than ${DEEPEST} levels of brackets`);
    const left = this.sum();
    const sign = this.take("<", "<=", ">", ">=", "==");
    const part = sign ? this.call(OPERATIONS[sign.text], [left, this.sum()], sign.at) : left;
    if (sign && this.take("<", "<=", ">", ">=", "==")) this.refuse("only one comparison at a time: use brackets", this.tokens[this.place - 1].at);
    this.depth--;
    return part;
  }

  sum() {
    return this.chain(["+", "-"], () => this.product());
  }

  product() {
    return this.chain(["*", "/"], () => this.signed());
  }

  /** @type {(signs: string[], operand: () => Part) => Part} */
  chain(signs, operand) {
    let part = operand();
    for (let sign = this.take(...signs); sign; sign = this.take(...signs)) part = this.call(OPERATIONS[sign.text], [part, operand()], sign.at);
    return part;
  }

  // Signs before a power: the minus of a number alone belongs to the number.
  /** @returns {Part} */
  signed() {
    /** @type {Token[]} */
    const signs = [];
    for (let sign = this.take("+", "-"); sign; sign = this.take("+", "-")) signs.push(sign);
    if (signs.length + this.depth > DEEPEST) this.refuse(`more than ${DEEPEST} levels of signs`);
    return signs.reverse().filter(({ text }) => text === "-").reduce((part, { at }) =>
      (part.bare ? { ...part, number: -part.number, bare: false, at } : this.call("negative", [part], at)), this.power());
  }

  /** @returns {Part} */
  power() {
    const base = this.atom();
    const sign = this.take("**");
    if (!sign) return base;
    if (++this.depth > DEEPEST) this.refuse(`more than ${DEEPEST} levels of powers`);
    const part = this.call("power", [base, this.signed()], sign.at);
    this.depth--;
    return part;
  }

  /** @returns {Part} */
  atom() {
    const { next } = this;
    if (!next) this.refuse("something must follow");
    this.place++;
    const leaf = (/** @type {Part["type"]} */ type, /** @type {number} */ number) => ({ type, number, name: next.text, parts: /** @type {Part[]} */ ([]), at: next.at, bare: type === "number" });
    if (next.type === "number") {
      if (!Number.isFinite(Number(next.text))) this.refuse("this number does not fit float64 (about 1.8e308 at most)", next.at);
      return leaf("number", Number(next.text));
    }
    if (next.type === "name") {
      if (this.take("(")) return this.inputs(next);
      if (next.text in CONSTANTS) return leaf("number", CONSTANTS[next.text]);
      const why = whyNoName(next.text, this.table);
      if (why) this.refuse(next.text in this.table.operations ? `a function takes brackets: write ${next.text}(...)` : why, next.at);
      return leaf("name", NaN);
    }
    if (next.text === "?") return leaf("missing", NaN);
    if (next.text !== "(") this.refuse(`"${next.text}" cannot stand here`, next.at);
    const part = this.comparison();
    if (!this.take(")")) this.refuse("a bracket is not closed");
    return { ...part, bare: false };
  }

  /** @param {Token} called */
  inputs({ text, at }) {
    const name = Object.hasOwn(this.table.aliases, text) ? this.table.aliases[text] : text;
    const operation = Object.hasOwn(this.table.operations, name) ? this.table.operations[name] : null;
    if (!operation || operation.operator) this.refuse(`there is no function "${text}"${this.nearest(text)}`, at);
    const parts = [];
    if (!this.take(")")) {
      do parts.push(this.comparison()); while (this.take(","));
      if (!this.take(")")) this.refuse("a bracket is not closed");
    }
    const counts = Object.keys(operation.forms);
    if (!(parts.length in operation.forms)) this.refuse(`${text} takes ${counts.length > 1 ? `${counts[0]} to ${counts.at(-1)}` : counts[0]} input(s), not ${parts.length}`, at);
    return this.call(name, parts, at);
  }

  /** @param {string} text */
  nearest(text) {
    const known = [...Object.keys(this.table.operations).filter((name) => !this.table.operations[name].operator), ...Object.keys(this.table.aliases)];
    const found = known.filter((name) => name.startsWith(text.slice(0, 2)) || name.includes(text)).slice(0, 3);
    return found.length ? `: did you mean ${found.join(" or ")}?` : "";
  }
}

/**
 * The name that a line gives, "" without one, and what it says; null for an empty line. Raises ProgramError.
 * @param {string} text
 * @param {number} line
 * @param {Table} table
 * @returns {Statement | null}
 */
export function parseLine(text, line, table) {
  const tokens = tokensOf(text, line);
  if (!tokens.length) return null;
  const [{ text: name, at, type }] = tokens;
  const isNamed = tokens[1]?.text === "=" && type === "name";
  if (isNamed && whyNoName(name, table)) throw new ProgramError(whyNoName(name, table), line, at);
  return { name: isNamed ? name : "", at, line, part: new Parser(isNamed ? tokens.slice(2) : tokens, line, text.length, table).whole() };
}
