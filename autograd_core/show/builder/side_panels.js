// Several panels, of which one is open, chosen by its tab.
import { button, make, press } from "../page/elements.js";

export class SidePanels {
  /**
   * @param {Record<string, [string, HTMLElement]>} panels the words of the tab and the panel, by name
   * @param {(name: string) => void} open called for the tab that is clicked
   */
  constructor(panels, open) {
    this.panels = panels;
    this.name = "";
    for (const [, panel] of Object.values(panels)) panel.tabIndex = 0; // one that scrolls, scrolls by keys
    this.tabs = make("div", { class: "tabs", role: "group", "aria-label": "Panels" },
      ...Object.entries(panels).map(([name, [words]]) => button(words, () => open(name), { "data-panel": name })));
    this.element = make("div", { class: "side" }, this.tabs, ...Object.values(panels).map(([, panel]) => panel));
  }

  /** @param {string} name */
  show(name) {
    this.name = name;
    for (const [other, [, panel]] of Object.entries(this.panels)) panel.hidden = other !== name;
    press(this.tabs.children, (element) => element.dataset.panel === name);
  }
}
