"use strict";

/** @param {string} id @returns {any} */
const byId = (id) => document.getElementById(id);

/** @param {string} name */
const bytesOf = (name) => Uint8Array.from(atob(window.FILES[name]), (letter) => letter.charCodeAt(0));

/** @param {string} name */
const textOf = (name) => new TextDecoder().decode(bytesOf(name));

// Pages from disk may not fetch; all that Pyodide asks for is here already.
window.fetch = async (address) => {
  const name = String(address instanceof Request ? address.url : address).split("/").pop();
  if (!(name in window.FILES)) throw new TypeError(`${name} is not part of this page`);
  const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(bytesOf(name), { headers: { "Content-Type": type } });
};

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Record<string, any>} properties
 * @param {(Node | string)[]} children
 */
const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** @param {string} html */
const frame = (html) => make("iframe", { srcdoc: html, title: "step through" });

/** @param {string} svg */
const figure = (svg) => {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  const save = make("a", { href: address, download: "graph.svg", textContent: "Save as SVG" });
  return make("figure", {}, make("img", { src: address, alt: "the computation graph" }), make("figcaption", {}, save));
};

/** @type {Record<string, (content: string) => HTMLElement>} */
const SHOW = {
  page: frame,
  picture: figure,
  text: (text) => make("pre", { textContent: text, tabIndex: 0 }),
  latex: (text) => make("pre", { textContent: text, tabIndex: 0 }),
  problem: (text) => make("pre", { className: "problem", textContent: text }),
};

/** @param {any} python */
const expressions = (python) => {
  const explained = python.globals.get("explained");
  const written = () => {
    const proxy = explained(byId("expression").value, byId("numbers").value, byId("inside").checked);
    const answer = proxy.toJs({ dict_converter: Object.fromEntries });
    proxy.destroy();
    return answer;
  };
  /** @type {Record<string, string> | null} */
  let answer = null; // the page with which it opened needs none
  /** @type {any[]} */
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const view = (/** @type {any} */ chosen) => {
    answer ??= written();
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    byId("view").setAttribute("aria-labelledby", chosen.id);
    byId("view").replaceChildren(SHOW[chosen.dataset.view](answer[chosen.dataset.view]));
  };
  const ask = () => {
    answer = written();
    byId("problem").textContent = answer.problem ?? "";
    byId("result").hidden = "problem" in answer;
    if (!("problem" in answer)) view(tabs.find((tab) => tab.ariaSelected === "true") ?? tabs[0]);
  };
  for (const tab of tabs) tab.addEventListener("click", () => view(tab));
  document.querySelector("[role=tablist]").addEventListener("keydown", (/** @type {KeyboardEvent} */ event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + move + tabs.length) % tabs.length];
    next.focus();
    view(next);
  });
  byId("ask").addEventListener("submit", (/** @type {Event} */ event) => {
    event.preventDefault();
    ask();
  });
  byId("inside").addEventListener("change", ask);
  for (const example of document.querySelectorAll(".examples button")) {
    example.addEventListener("click", () => {
      byId("expression").value = example.textContent;
      byId("numbers").value = example.getAttribute("data-numbers");
      ask();
    });
  }
};

/**
 * The little Markdown that the notebook is written in.
 * @param {string} source
 */
const markdown = (source) => {
  const inline = (/** @type {string} */ text) => {
    const pieces = text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/);
    return pieces.map((piece) => {
      if (/^\*\*/.test(piece)) return make("b", { textContent: piece.slice(2, -2) });
      if (/^\*/.test(piece)) return make("i", { textContent: piece.slice(1, -1) });
      if (/^`/.test(piece)) return make("code", { textContent: piece.slice(1, -1) });
      return piece;
    });
  };
  return source.split(/\n\n+/).map((block) => {
    const heading = /^(#+) (.*)$/.exec(block);
    if (heading) return make(/** @type {"h3"} */ (`h${heading[1].length + 2}`), {}, ...inline(heading[2]));
    if (!block.startsWith("- ")) return make("p", {}, ...inline(block));
    return make("ul", {}, ...block.split("\n").map((line) => make("li", {}, ...inline(line.slice(2)))));
  });
};

/** @param {any} python */
const notebook = (python) => {
  const run = python.globals.get("run");
  /** @type {(() => void)[]} */
  const runs = [];
  for (const [kind, source] of JSON.parse(textOf("cells.json"))) {
    if (kind === "markdown") {
      byId("cells").append(...markdown(source));
      continue;
    }
    const code = make("textarea", { value: source, rows: source.split("\n").length, spellcheck: false });
    code.setAttribute("aria-label", "Python");
    const output = make("div", { className: "output" });
    const runCell = () => {
      const proxy = run(code.value);
      output.replaceChildren(...proxy.toJs().map((/** @type {[string, string]} */ [form, content]) => SHOW[form](content)));
      proxy.destroy();
    };
    const button = make("button", { type: "button", textContent: "Run", title: "Shift+Enter" });
    button.addEventListener("click", runCell);
    code.addEventListener("input", () => { code.rows = code.value.split("\n").length; });
    code.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.shiftKey) return;
      event.preventDefault();
      runCell();
    });
    runs.push(runCell);
    byId("cells").append(make("div", { className: "cell" }, code, button, output));
  }
  byId("run-all").addEventListener("click", () => { for (const runCell of runs) runCell(); });
};

const start = async () => {
  const python = await window.loadPyodide();
  python.unpackArchive(bytesOf("engine.zip"), "zip");
  python.runPython(textOf("live.py"));
  expressions(python);
  notebook(python);
  byId("status").textContent = `Ready: Python ${python.runPython("import sys; sys.version.split()[0]")}.`;
  for (const element of document.querySelectorAll("main [inert], main [hidden]")) for (const state of ["inert", "hidden"]) element.removeAttribute(state);
};

start().catch((problem) => { byId("status").textContent = `Python could not be started here: ${problem.message ?? problem}`; });
