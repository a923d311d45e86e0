// A graph over time: the page scrubs through moments whose texts and places it was given.
const FRAMES_A_SECOND = 4;
const DEEPEST = 0.5; // how much of a class's colour there is where the model is surest; as in the film
const BAR = 5, BAR_STEP = 6, TALLEST = 100, NOTHING = -128, NOT_FINITE = 127;
const BESIDE = 470; // px the map and the curve need beside the picture
const MOST_ENLARGED = 1.6;

const bytesOf = (text) => Uint8Array.from(atob(text), (one) => one.charCodeAt(0));

function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

class Timeline {
  constructor(root) {
    this.root = root;
    this.data = JSON.parse(root.querySelector("script[type='application/json']").textContent);
    this.last = this.data.numbers.length - 1;
    this.at = -1;
    this.timer = null;
    const fallback = root.querySelector("[data-fallback]");
    const part = (name) => {
      const held = fallback.querySelector(`[data-part="${name}"]`);
      return held && pictureOf(held);
    };
    this.buildPicture(part("picture"));
    this.buildMap(part("map"));
    this.buildCurve(part("curve"));
    this.buildControls();
    this.buildChanges();
    this.said = make("p", { class: "said", role: "status", "aria-live": "polite" });
    this.facts = make("dl", { class: "facts", "aria-hidden": "true" });
    // Room for the longest text of the run, so that nothing beside it moves.
    const longest = (place) => Math.max(...this.data.facts.map((facts) => (facts[place]?.[1] ?? "").length));
    this.rooms = this.data.facts[this.last].map((_, place) => `${0.85 * Math.max(longest(place), 5)}ch`);
    this.main = make("div", { class: "main" }, make("div", { class: "left" }, this.pane, this.changes),
      make("div", { class: "right" }, ...(this.map ? [this.map.element] : []), this.curve.element));
    root.append(this.controls, this.facts, this.said, this.main, make("p", { class: "note" }, `${this.data.note}. ` +
      "Lines: the gradient that comes back along them, orange for + and blue for −, thicker where it is larger. Bars: one " +
      "number each. Both keep their scale over the whole run and grow with the square root of the number's size."));
    root.classList.add("ready");
    root.tabIndex = -1;
    root.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.fit()).observe(root);
    // The map's colours are pixels, so they do not follow the reader's theme by themselves.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.shade());
    new MutationObserver((_, observer) => root.isConnected ? this.shade() : observer.disconnect())
      .observe(document.body, { attributes: true });
    this.fit();
    this.go(this.last);
  }

  // ---- what is there

  buildPicture(svg) {
    this.svg = svg;
    this.natural = svg.viewBox.baseVal;
    const cards = new Map([...svg.querySelectorAll("g.card")].map((one) => [+one.dataset.index, one]));
    this.slots = this.data.slots.map(([card, place, words]) =>
      ({ text: cards.get(card).querySelectorAll("text")[place], words }));
    const links = svg.querySelectorAll("g.link");
    this.links = this.data.links.map(([widths, roles], place) =>
      ({ widths, roles, paths: links[place].querySelectorAll("path") }));
    const held = svg.querySelectorAll("g.bars");
    this.bars = this.data.bars.map((given, place) => {
      const heights = new Int8Array(bytesOf(given.heights).buffer);
      const rects = Array.from({ length: given.count }, (_, bar) => shape("rect", {
        x: given.left + bar * BAR_STEP, width: BAR, y: given.zero, height: 0 }));
      const line = held[place].querySelector("path");
      held[place].replaceChildren(line, ...rects);
      return { ...given, heights, rects };
    });
    this.pane = make("div", { class: "picture", tabindex: "0", role: "region", "aria-label": "The graph" }, svg);
  }

  buildMap(svg) {
    this.map = null;
    if (!svg) return;
    const { box: [left, top, right, bottom], size: [width, height], side, shades } = this.data.map;
    const percent = (share) => `${100 * share}%`;
    const canvas = make("canvas", { width: String(side), height: String(side) });
    const plot = make("div", { class: "plot", "aria-hidden": "true" }, canvas);
    Object.assign(plot.style, { left: percent(left / width), top: percent(top / height),
      width: percent((right - left) / width), height: percent((bottom - top) / height) });
    // The outermost grid points lie on the border: half a pixel of the canvas is beyond it on every side.
    Object.assign(canvas.style, { left: percent(-0.5 / (side - 1)), top: percent(-0.5 / (side - 1)),
      width: percent(side / (side - 1)), height: percent(side / (side - 1)) });
    const line = shape("path", { class: "s-ink", fill: "none", "stroke-width": "2.2", "stroke-linecap": "round" });
    svg.querySelector("g.boundary").replaceChildren(line);
    const points = new Map([...svg.querySelectorAll("g.point")].map((one) => [+one.dataset.row, one]));
    for (const point of points.values()) point.querySelector("path").setAttribute("class",
      point.querySelector("path").getAttribute("class").replace("s-ink", "s-page"));
    const element = make("figure", { class: "map" }, ...(shades ? [plot] : []), svg);
    this.map = { element, canvas, line, points, shades: shades?.map(bytesOf), wrong: [] };
  }

  buildCurve(svg) {
    const element = make("figure", { class: "curve" }, svg);
    this.curve = { element, now: svg.querySelector("g.now"), here: svg.querySelector("g.here") };
    const choose = (event) => {
      const { left, width } = svg.getBoundingClientRect();
      const x = (event.clientX - left) / width * this.data.curve.width;
      const far = this.data.curve.places.map((place) => Math.abs(place[0] - x));
      this.pause();
      this.go(far.indexOf(Math.min(...far)));
    };
    svg.addEventListener("pointerdown", (event) => {
      svg.setPointerCapture(event.pointerId);
      choose(event);
    });
    svg.addEventListener("pointermove", (event) => { if (event.buttons & 1) choose(event); });
  }

  buildControls() {
    Object.assign(this, playerControls({
      name: "Epochs", unit: "Epoch", last: this.last, root: this.root,
      goals: { first: () => 0, back: () => this.at - 1, next: () => this.at + 1, last: () => this.last },
      go: (number) => { this.pause(); this.go(number); }, toggle: () => this.toggle(), fit: () => this.fit(),
      speeds: [["0.25", "slow"], ["1", "normal"], ["2.5", "fast"]],
    }));
  }

  buildChanges() {
    this.rows = make("tbody");
    const head = ["parameter", "before", "now", ""].map((words) => make("th", { scope: "col" }, words));
    this.since = make("caption");
    this.heads = make("thead", {}, make("tr", {}, ...head));
    this.changes = make("div", { class: "changes" }, make("table", {}, this.since, this.heads, this.rows));
  }

  // ---- moving through it

  go(wanted) {
    const at = Math.min(Math.max(wanted, 0), this.last);
    if (at === this.at) return;
    this.at = at;
    const { data } = this;
    for (const { text, words } of this.slots) {
      const [written, role, bold] = data.words[words[at]];
      text.textContent = written;
      text.setAttribute("class", `f-${role}`);
      text.setAttribute("font-weight", bold ? "bold" : "normal");
    }
    for (const { widths, roles, paths } of this.links) {
      const role = data.roles[roles[at]];
      paths[0].setAttribute("class", `s-${role}`);
      paths[0].setAttribute("stroke-width", widths[at]);
      paths[1].setAttribute("class", `s-${role} f-${role}`);
    }
    for (const bars of this.bars) this.showBars(bars);
    this.showMap();
    const [x, y] = data.curve.places[at];
    const [endX, endY] = data.curve.places[this.last];
    this.curve.now.setAttribute("transform", `translate(${x - endX},0)`);
    this.curve.here.setAttribute("transform", `translate(${x - endX},${y - endY})`);
    this.showWords();
  }

  showBars({ heights, rects, count, zero, room, coloured }) {
    rects.forEach((rect, bar) => {
      const height = heights[this.at * count + bar];
      const lost = height === NOT_FINITE;
      const tall = height === NOTHING ? 0 : lost ? room : room * Math.abs(height) / TALLEST;
      rect.setAttribute("y", height > 0 ? zero - tall : zero);
      rect.setAttribute("height", tall);
      rect.setAttribute("class", lost ? "f-nonfinite" : coloured ? (height > 0 ? "f-positive" : "f-negative") : "f-line");
    });
  }

  showMap() {
    if (!this.map) return;
    const { line, points } = this.map;
    line.setAttribute("d", this.data.map.lines[this.at]);
    for (const row of this.map.wrong) points.get(row).classList.remove("wrong");
    this.map.wrong = this.data.map.wrong[this.at];
    for (const row of this.map.wrong) points.get(row).classList.add("wrong");
    this.shade();
  }

  shade() {
    if (!this.map?.shades) return;
    const style = getComputedStyle(this.root);
    const colour = (role) => style.getPropertyValue(`--${role}`).trim().match(/[\da-f]{2}/gi).map((two) => parseInt(two, 16));
    const page = colour("page");
    const deep = this.data.map.roles.map(colour);
    const classes = this.data.map.kind === "classes";
    const { side } = this.data.map;
    const image = new ImageData(side, side);
    this.map.shades[this.at].forEach((shade, place) => {
      const own = classes ? deep[Math.min(Math.floor(shade / 42), deep.length - 1)] : deep[shade > 127 ? 1 : 0];
      const share = DEEPEST * (classes ? shade % 42 / 41 : Math.min(Math.abs(shade - 127) / 127, 1));
      for (let part = 0; part < 3; part += 1) image.data[4 * place + part] = page[part] + (own[part] - page[part]) * share;
      image.data[4 * place + 3] = 255;
    });
    // Pixels are all it ever gets, so it need not live on a graphics card.
    this.map.canvas.getContext("2d", { willReadFrequently: true }).putImageData(image, 0, 0);
  }

  showWords() {
    const { data, at } = this;
    const number = (one) => data.numbers[one].toLocaleString("en");
    this.slider.value = String(at);
    this.slider.setAttribute("aria-valuetext", `epoch ${number(at)}`);
    this.count.textContent = `epoch ${number(at)} of ${number(this.last)}`;
    this.said.textContent = data.told[at];
    this.facts.replaceChildren(...data.facts[at].map(([name, text]) =>
      make("div", {}, make("dt", {}, name), make("dd", {}, text))));
    this.rooms.forEach((room, place) => { if (this.facts.children[place]) this.facts.children[place].lastChild.style.minWidth = room; });
    this.since.textContent = at === 0 ? "Where it starts from"
      : data.changes[at].length ? `Moved most since epoch ${number(at - 1)}` : `Nothing moved since epoch ${number(at - 1)}`;
    this.heads.hidden = !data.changes[at].length;
    this.rows.replaceChildren(...data.changes[at].map(([name, before, after, up]) => make("tr", {},
      make("th", { scope: "row" }, name), make("td", {}, before), make("td", {}, after),
      make("td", { class: up ? "up" : "down" }, up ? "up" : "down"))));
    for (const [name, off] of [["first", at === 0], ["back", at === 0], ["next", at === this.last], ["last", at === this.last]]) {
      switchOff(this.buttons[name], off);
    }
  }

  toggle() {
    if (this.timer !== null) return this.pause();
    if (this.at === this.last) this.go(0);
    this.play.textContent = "Pause";
    this.said.setAttribute("aria-live", "off"); // nobody can listen to several epochs a second
    const onward = () => {
      this.go(this.at + 1);
      if (this.at === this.last) return this.pause();
      this.timer = setTimeout(onward, 1000 / FRAMES_A_SECOND / +this.speed.value);
    };
    this.timer = setTimeout(onward, 1000 / FRAMES_A_SECOND / +this.speed.value);
  }

  pause() {
    clearTimeout(this.timer);
    this.timer = null;
    this.play.textContent = "Play";
    this.said.setAttribute("aria-live", "polite");
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("select")) return;
    const places = { ArrowRight: this.at + 1, ArrowLeft: this.at - 1, ArrowUp: this.at + 1, ArrowDown: this.at - 1,
      PageDown: this.at + 10, PageUp: this.at - 10, Home: 0, End: this.last };
    const vertical = event.key.startsWith("Arrow") && !/Left|Right/.test(event.key);
    if (vertical && event.target !== this.slider) return; // they scroll
    if (event.key === " " && event.target.matches("button:not([data-act='play'])")) return;
    if (event.key === " ") this.toggle();
    else if (event.key in places) {
      this.pause();
      this.go(places[event.key]);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  // The picture fills its place, but nothing in it becomes smaller than it was drawn.
  fit() {
    const large = this.root.classList.contains("projector") ? 1.5 : 1;
    const wide = this.root.clientWidth;
    const beside = this.map && this.natural.width + BESIDE * large <= wide;
    this.root.classList.toggle("beside", Boolean(beside));
    this.root.classList.toggle("mapless", !this.map);
    const room = (this.pane.clientWidth - 14) / this.natural.width;
    // A projector mode that cuts the picture off would show less of what happens.
    const scale = Math.min(Math.max(room, 1), large * MOST_ENLARGED);
    if (Math.abs(scale - (this.scale ?? 0)) < 0.005) return;
    this.scale = scale;
    this.svg.style.width = `${this.natural.width * scale}px`;
    this.svg.style.height = `${this.natural.height * scale}px`;
  }
}

if (window.autogradTimelineStyle && !document.getElementById("autograd-timeline-style")) {
  document.head.append(make("style", { id: "autograd-timeline-style" }, window.autogradTimelineStyle));
}
for (const root of document.querySelectorAll("[data-autograd-timeline]:not([data-started])")) {
  root.setAttribute("data-started", "");
  try {
    const timeline = root.autogradTimeline = new Timeline(root);
    if (document.body.matches(".autograd-page")) {
      // Nothing else is on the page, so keys reach it from anywhere.
      document.addEventListener("keydown", (event) => {
        if (document.activeElement === document.body) timeline.key(event);
      });
    }
  } catch (problem) {
    // The pictures and the table stay where they are.
    console.warn("The timeline could not start:", problem);
  }
}
