// Makes an exercise on paper one that checks itself. It holds no answers: what is typed is rounded to three digits,
// hashed, and compared with the hashes of right answers and of known mistakes.
const NOTHING = 1e-12; // at most this is 0, as in Python
const MOST_ENLARGED = 1.5;
const BESIDE = 420; // pixels the blanks need beside the picture
const LONGEST_SHOWN = 8; // characters of an answer, for which the picture has room
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

// ------------------------------------------------------------------------------------------------- numbers

// { number } or { problem }, which says what to write instead.
function read(text) {
  const plain = text.trim().replaceAll("\u2212", "-");
  if (/^[+-]?\d*,\d+$/.test(plain)) return { problem: `Write the decimal point as a point: ${plain.replace(",", ".")}.` };
  const parts = plain.split("/").map((part) => part.trim());
  if (parts.length > 2 || !parts.every((part) => NUMBER.test(part))) {
    return { problem: "This is not a number. Write it as 12.3, -0.123, 1e-3 or 2/7." };
  }
  const number = parts.length === 2 ? Number(parts[0]) / Number(parts[1]) : Number(parts[0]);
  return Number.isFinite(number) ? { number } : { problem: "This is not a finite number." };
}

function rounded(number) {
  return Math.abs(number) <= NOTHING ? "0" : number.toExponential(2).replace("+", "");
}

// ------------------------------------------------------------------------------------------------- hashes
// PBKDF2-HMAC-SHA256 of our own: the browser's exists on some pages only (on https, not on http or every file).

function firstPrimes(count) {
  const primes = [];
  for (let candidate = 2; primes.length < count; candidate++) {
    if (primes.every((prime) => candidate % prime)) primes.push(candidate);
  }
  return primes;
}
const fraction = (number) => ((number - Math.floor(number)) * 2 ** 32) | 0;
const CONSTANTS = Int32Array.from(firstPrimes(64), (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(firstPrimes(8), (prime) => fraction(Math.sqrt(prime)));
const schedule = new Int32Array(64);

// The state after 16 more words.
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
    const one = (h + high + ((e & f) ^ (~e & g)) + CONSTANTS[i] + schedule[i]) | 0;
    const low = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const two = (low + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + one) | 0; d = c; c = b; b = a; a = (one + two) | 0;
  }
  return Int32Array.of(state[0] + a, state[1] + b, state[2] + c, state[3] + d, state[4] + e, state[5] + f,
    state[6] + g, state[7] + h);
}

// One block of words: bytes, then a one, then zeros, then the length in bits (with a block hashed before).
function block(bytes, before = 64) {
  const words = new Int32Array(16);
  [...bytes, 0x80].forEach((byte, index) => { words[index >> 2] |= byte << (24 - 8 * (index % 4)); });
  words[15] = 8 * (before + bytes.length);
  return words;
}

// The password and the salt are short: each fits one block.
function hashed(password, salt, rounds) {
  const key = new Uint8Array(64);
  key.set(new TextEncoder().encode(password));
  const keyed = (pad) => compress(START, new Int32Array(16).map((_, word) =>
    [0, 1, 2, 3].reduce((all, byte) => (all << 8) | (key[4 * word + byte] ^ pad), 0)));
  const inner = keyed(0x36), outer = keyed(0x5c);
  const words = block(new Uint8Array(32));
  const finish = (state) => { words.set(state); return compress(outer, words); };
  const first = [...salt.match(/../g).map((byte) => parseInt(byte, 16)), 0, 0, 0, 1];
  let last = finish(compress(inner, block(first)));
  const result = last.slice();
  for (let round = 1; round < rounds; round++) {
    words.set(last);
    last = finish(compress(inner, words));
    for (let i = 0; i < 8; i++) result[i] ^= last[i];
  }
  return [...result].map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

// ------------------------------------------------------------------------------------------------- the exercise

function mathOf(text) {
  const source = text.replace("<math>", `<math xmlns="${MATHML}">`);
  return document.importNode(new DOMParser().parseFromString(source, "text/xml").documentElement, true);
}

class Exercise {
  constructor(root) {
    this.root = root;
    // Kept on the window, since a notebook runs this script once for each exercise.
    this.number = window.autogradQuizzes = (window.autogradQuizzes ?? 0) + 1;
    this.data = JSON.parse(root.querySelector('script[type="application/json"]').textContent);
    this.attempts = [];
    for (const place of root.querySelectorAll("[data-formula]")) {
      place.replaceChildren(mathOf(this.data.formulas[+place.dataset.formula]));
    }
    this.buildPicture();
    this.fields = [...root.querySelectorAll("li[data-blank]")].map((item, index) => this.buildField(item, index));
    this.buildActions();
    root.setAttribute("data-lm-suppress-shortcuts", "true"); // JupyterLab keeps its one-letter commands off the fields
    root.setAttribute("role", "group");
    root.setAttribute("aria-label", this.data.title);
    root.classList.add("ready");
    this.fit();
    new ResizeObserver(() => this.fit()).observe(root);
    this.tell("");
  }

  buildPicture() {
    this.pane = this.root.querySelector("[data-picture]");
    this.svg = pictureOf(this.pane);
    this.natural = { width: +this.svg.getAttribute("width"), height: +this.svg.getAttribute("height") };
    for (const [name, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": "The graph" })) {
      this.pane.setAttribute(name, value);
    }
    this.pane.replaceChildren(this.svg);
  }

  buildField(item, index) {
    const asked = this.data.blanks[index];
    const id = `autograd-quiz-${this.number}-${index}`;
    const input = make("input", {
      type: "text", id, autocomplete: "off", autocapitalize: "off", spellcheck: "false", enterkeyhint: "done",
      "aria-label": `${asked.mark}: ${asked.words}`, "aria-describedby": `${id}-told`,
    });
    const button = make("button", { type: "button", "aria-label": `Check ${asked.mark}` }, "Check");
    const told = make("div", { id: `${id}-told`, class: "told" });
    const field = { item, input, told, asked, state: "open", checked: null };
    field.drawn = this.svg.querySelector(`g.blank[data-blank="${index}"]`);
    field.label = [...field.drawn.querySelectorAll("text")].at(-1);
    item.querySelector("[data-line]").replaceWith(make("span", { class: "entry" }, input, button));
    item.append(told);
    input.addEventListener("keydown", (event) => {
      event.stopPropagation(); // as the classic notebook needs
      if (event.key === "Enter") { event.preventDefault(); this.check([field]); }
    });
    input.addEventListener("input", () => this.set(field, "open"));
    input.addEventListener("focus", () => { field.drawn.classList.add("now"); this.follow(field); });
    input.addEventListener("blur", () => field.drawn.classList.remove("now"));
    button.addEventListener("click", () => this.check([field]));
    field.drawn.addEventListener("click", () => input.focus());
    return field;
  }

  buildActions() {
    const all = make("button", { type: "button", class: "all" }, "Check all");
    all.addEventListener("click", () => this.check(this.fields));
    const large = make("button", { type: "button", "aria-pressed": "false", title: "Half as large again" }, "Projector");
    large.addEventListener("click", () => {
      large.setAttribute("aria-pressed", String(this.root.classList.toggle("projector")));
      this.fit();
    });
    this.progress = make("p", { class: "progress" });
    this.live = make("p", { class: "spoken", role: "status" });
    this.json = make("textarea", { readonly: "", rows: "6", spellcheck: "false", "aria-label": "Your results as JSON" });
    this.json.addEventListener("focus", () => this.json.select());
    this.json.addEventListener("keydown", (event) => event.stopPropagation());
    const download = make("button", { type: "button" }, "Download results");
    download.addEventListener("click", () => this.download());
    this.results = make("details", { class: "results", hidden: "" }, make("summary", {}, "Results to hand in"),
      make("p", {}, "Every attempt, with the mistakes found; no answers."), download, this.json);
    this.root.querySelector("[data-static]").replaceWith(
      make("div", { class: "actions" }, all, this.progress, large), this.live, this.results);
  }

  // ----------------------------------------------------------------------------------------------- checking

  async check(fields) {
    const filled = fields.filter((field) => field.input.value.trim());
    if (!filled.length) {
      this.say("Nothing is filled in yet.");
      if (fields.length === 1) fields[0].input.focus();
      return;
    }
    const said = [];
    for (const field of filled) {
      const typed = field.input.value;
      if (field.checked !== typed) {
        field.item.setAttribute("aria-busy", "true");
        await new Promise((then) => setTimeout(then)); // lets the page answer between two hashes
        if (field.input.value === typed) this.judge(field, typed);
        field.item.removeAttribute("aria-busy");
      }
      const told = [...field.told.querySelectorAll(".verdict, .problem, .hint")].map((one) => one.textContent);
      said.push(`${field.asked.mark}: ${told.join(" ")}`);
    }
    this.keep();
    this.tell(said.join(" "));
  }

  judge(field, typed) {
    const { number, problem } = read(typed);
    if (problem) {
      this.set(field, "malformed", make("p", { class: "problem" }, problem));
      field.checked = typed;
      return;
    }
    const hash = hashed(rounded(number), field.asked.salt, this.data.rounds);
    if (field.asked.answers.includes(hash)) {
      this.set(field, "right", make("p", { class: "verdict" }, "✓ Right."));
    } else {
      const found = field.asked.mistakes.find((mistake) => mistake.hash === hash)?.candidates ?? [];
      this.set(field, "wrong", make("p", { class: "verdict" }, "✗ Not right."), ...this.diagnosis(field, found));
      field.kinds = found.map((candidate) => candidate.kind);
    }
    field.number = number;
    field.checked = typed;
  }

  // The hint first; what went wrong only for those who ask.
  diagnosis(field, found) {
    const hints = found.length ? [...new Set(found.map((candidate) => candidate.hint))] : [field.asked.hint];
    const told = hints.map((hint) => make("p", { class: "hint" }, make("b", {}, "Hint: "), hint));
    const list = make("ul", {}, ...found.map((one) =>
      make("li", {}, make("b", {}, one.kind), `: ${one.sentence}.`)));
    const how = found.length > 1 ? `${found.length} mistakes give this number:` : "This number comes out of one mistake:";
    const none = "None of the mistakes this page knows gives this number. In Python, .check(...) knows more of them.";
    told.push(make("details", {}, make("summary", {}, "What went wrong?"),
      ...(found.length ? [make("p", {}, how), list] : [make("p", {}, none)])));
    return told;
  }

  set(field, state, ...told) {
    field.state = state;
    field.checked = null;
    field.item.dataset.state = state;
    field.told.replaceChildren(...told);
    field.input.toggleAttribute("aria-invalid", false);
    if (state === "wrong" || state === "malformed") field.input.setAttribute("aria-invalid", "true");
    field.drawn.classList.toggle("right", state === "right");
    field.drawn.classList.toggle("wrong", state === "wrong");
    const typed = field.input.value.trim();
    const short = typed.length <= LONGEST_SHOWN ? typed : String(+(read(typed).number ?? NaN).toPrecision(3));
    field.label.textContent = state === "right" ? short : field.asked.mark;
    this.showProgress();
  }

  showProgress() {
    const right = this.fields?.filter((field) => field.state === "right").length ?? 0;
    if (this.progress) this.progress.textContent = `${right} of ${this.fields.length} right`;
    this.root.classList.toggle("solved", right === this.fields?.length);
  }

  tell(said) {
    this.showProgress();
    this.say(said && `${said} ${this.progress.textContent}.`);
  }

  say(text) {
    this.live.textContent = text;
  }

  // ----------------------------------------------------------------------------------------------- results

  // As Python's quiz.to_json() has it.
  keep() {
    const verdict = ({ state, number, kinds }) => {
      if (state === "right") return { verdict: "right" };
      return state === "wrong" ? { verdict: "wrong", given: number, mistakes: kinds } : { verdict: "open" };
    };
    const verdicts = Object.fromEntries(this.fields.map((field) => [field.asked.key, verdict(field)]));
    const right = this.fields.filter((field) => field.state === "right").length;
    const attempt = { right, verdicts };
    if (JSON.stringify(attempt) !== JSON.stringify(this.attempts.at(-1))) this.attempts.push(attempt);
    const { variant, output } = this.data;
    const blanks = this.fields.map((field) => field.asked.key);
    this.json.value = JSON.stringify({ variant, output, blanks, attempts: this.attempts }, null, 1);
    this.results.hidden = false;
  }

  download() {
    const address = URL.createObjectURL(new Blob([this.json.value], { type: "application/json" }));
    const name = this.data.variant.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "") || "exercise";
    make("a", { href: address, download: `${name}-results.json` }).click();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  // The picture fills its place, but nothing in it becomes smaller than it was drawn.
  fit() {
    const large = this.root.classList.contains("projector") ? 1.5 : 1;
    this.root.classList.toggle("beside", this.root.clientWidth >= (this.natural.width + BESIDE) * large);
    const scale = Math.min(Math.max((this.pane.clientWidth - 2) / this.natural.width, large), large * MOST_ENLARGED);
    this.svg.style.width = `${this.natural.width * scale}px`;
    this.svg.style.height = `${this.natural.height * scale}px`;
  }

  // The blank that is being filled in stays in sight where the picture is larger than its place.
  follow(field) {
    const box = field.drawn.getBBox(), scale = this.svg.clientWidth / this.natural.width;
    this.pane.scrollTo({
      left: (box.x + box.width / 2) * scale - this.pane.clientWidth / 2,
      top: (box.y + box.height / 2) * scale - this.pane.clientHeight / 2,
    });
  }
}

for (const root of document.querySelectorAll("[data-autograd-quiz]:not([data-started])")) {
  root.setAttribute("data-started", "");
  if (window.autogradQuizStyle && !document.querySelector("style[data-autograd-quiz-style]")) {
    document.head.append(make("style", { "data-autograd-quiz-style": "" }, window.autogradQuizStyle));
  }
  try {
    root.autogradQuiz = new Exercise(root);
  } catch (problem) {
    // The exercise stays as it is on paper.
    console.warn("The exercise could not start:", problem);
  }
}
