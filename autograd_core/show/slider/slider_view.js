// One picture at each value of a number: the slider chooses which is shown.
import { clamp } from "../page/camera.js";
import { make, parseXml, pictureText } from "../page/elements.js";
import { Steps } from "../page/player.js";

/**
 * A picture is a list of the numbers of its parts: first those of the picture in the page, then `parts`.
 * @typedef {{ name: string, captions: string[], start: number, parts: string[], pictures: number[][] }} SliderData
 */

export class SliderView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.at = -1;
  }

  /** @param {SliderData} data */
  build({ name, captions, start, parts, pictures }) {
    this.captions = captions;
    const inPage = pictureText(this.root.querySelector("[data-fallback] img")).match(/<[^<]*/g);
    const all = [...inPage, ...parts];
    this.markup = pictures.map((numbers) => numbers.map((number) => all[number]).join(""));
    this.steps = new Steps({
      unit: name, last: pictures.length - 1, words: { back: "Back", next: "Next" },
      go: (step) => this.show(clamp(step, 0, this.steps.last)),
    });
    this.steps.count.style.minWidth = `${Math.max(...captions.map((caption) => caption.length))}ch`;
    const [back, next] = this.steps.buttons;
    const controls = make("div", { class: "controls", role: "toolbar", "aria-label": name }, back, this.steps.slider, next, this.steps.count);
    this.picture = make("div", { class: "picture" });
    this.root.append(make("div", { class: "live" }, controls, this.picture));
    this.root.tabIndex = -1;
    this.show(start);
  }

  /** @param {number} at */
  show(at) {
    if (at === this.at) return;
    this.at = at;
    this.picture.replaceChildren(parseXml(this.markup[at], "image/svg+xml"));
    this.steps.show(at, this.captions[at], this.captions[at]);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    /** @type {Record<string, number>} */
    const goals = { ArrowLeft: this.at - 1, ArrowRight: this.at + 1, Home: 0, End: this.steps.last };
    const goal = goals[event.key];
    // The slider itself handles these keys.
    if (goal === undefined || event.target === this.steps.slider || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    this.show(clamp(goal, 0, this.steps.last));
  }
}
