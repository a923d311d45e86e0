// The state of a page in its address, so that a link leads back to it: #step=8&w=-0.42.

const REST = 200; // milliseconds without a change before the address follows: browsers limit how often it may

/** @typedef {[string, string][]} Entries */

/**
 * @param {string} hash
 * @returns {Entries}
 */
const parseState = (hash) => [...new URLSearchParams(hash.replace(/^#/, ""))];

/** @param {Entries} entries */
const writeState = (entries) => `#${new URLSearchParams(entries)}`;

/** The address of a document of its own; an output of a notebook has none. */
export class Address {
  /**
   * restore: called with the state in the address at first, where there is one, and when a reader edits it.
   * @param {(state: Entries) => void} restore
   */
  constructor(restore) {
    this.isOwn = document.body.matches(".autograd-page") && /^(file|https?):$/.test(location.protocol);
    if (!this.isOwn) return;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    const read = () => {
      const state = parseState(location.hash);
      if (state.length) restore(state);
    };
    window.addEventListener("hashchange", read);
    read();
  }

  /** @param {Entries} state */
  write(state) {
    if (!this.isOwn) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => history.replaceState(null, "", writeState(state)), REST);
  }
}
