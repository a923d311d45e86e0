// Slides: one at a time fills the screen. Those that wait keep their size, so that what is live in them measures itself.
import { all, button, make, switchOff } from "../page/elements.js";

const FORWARD = ["ArrowRight", "ArrowDown", "PageDown", " "];
const BACK = ["ArrowLeft", "ArrowUp", "PageUp"];
const LARGEST = 1.3; // of the letters of a slide with little on it
const SMALLEST = 0.55; // of one with much
const OF_A_PRESENTER = /^Page(Up|Down)$/; // keys of a hand-held presenter, which turn slides whatever has the focus

export class Slides {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  build() {
    this.slides = all(this.root, ".slide");
    this.before = button("←", () => this.go(this.at - 1), { "aria-label": "Back", title: "Back (←)" });
    this.after = button("→", () => this.go(this.at + 1), { "aria-label": "On", title: "On (→)" });
    this.place = make("span", { role: "status" });
    this.root.append(make("nav", { class: "turn", "aria-label": "Slides" }, this.before, this.place, this.after));
    this.at = -1;
    this.show(this.placeInAddress());
    // Before a view takes the key: where nothing has the focus, arrow keys turn slides.
    document.addEventListener("keydown", (event) => this.turn(event), true);
    window.addEventListener("resize", () => fit(this.slides[this.at]));
    window.addEventListener("hashchange", () => this.show(this.placeInAddress()));
  }

  // A number, or a heading as links in notebooks have it: #Your-turn.
  placeInAddress() {
    const name = decodeURIComponent(location.hash.slice(1));
    if (/^\d+$/.test(name)) return Number(name) - 1;
    const found = this.slides.findIndex((slide) => slide.querySelector("h2")?.textContent.replaceAll(" ", "-") === name);
    return found < 0 ? Math.max(this.at, 0) : found;
  }

  /** @param {KeyboardEvent} event */
  turn(event) {
    const { target, key } = event;
    if (event.altKey || event.ctrlKey || event.metaKey || !(target instanceof Element)) return;
    const isInside = target !== document.body && target.closest(".slide, button, input, a");
    if (isInside && !OF_A_PRESENTER.test(key)) return;
    const goal = FORWARD.includes(key) ? this.at + 1 : BACK.includes(key) ? this.at - 1
      : key === "Home" ? 0 : key === "End" ? this.slides.length - 1 : null;
    if (goal === null) return;
    event.preventDefault();
    event.stopPropagation();
    this.go(goal);
  }

  /** @param {number} goal */
  go(goal) {
    if (goal < 0 || goal >= this.slides.length) return;
    if (document.activeElement instanceof HTMLElement && document.activeElement.closest(".slide")) document.activeElement.blur();
    history.replaceState(null, "", `#${goal + 1}`);
    this.show(goal);
  }

  /** @param {number} goal */
  show(goal) {
    this.at = Math.max(0, Math.min(goal, this.slides.length - 1));
    this.slides.forEach((slide, index) => {
      slide.classList.toggle("shown", index === this.at);
      slide.inert = index !== this.at;
    });
    fit(this.slides[this.at]);
    this.place.textContent = `${this.at + 1} / ${this.slides.length}`;
    switchOff(this.before, this.at === 0);
    switchOff(this.after, this.at === this.slides.length - 1);
  }
}

/**
 * Makes the letters of a slide as large as there is room; what is live fits itself.
 * @param {HTMLElement} slide
 */
function fit(slide) {
  const [content] = all(slide, ".content");
  if (content.querySelector("[data-started]")) return;
  const parts = [content, ...all(content, "pre")];
  const isFull = () => parts.some((part) => part.scrollHeight > part.clientHeight || part.scrollWidth > part.clientWidth);
  for (let size = LARGEST; size >= SMALLEST; size -= 0.05) {
    content.style.fontSize = `${size}em`;
    if (!isFull()) break;
  }
}
