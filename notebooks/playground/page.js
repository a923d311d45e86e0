"use strict";

const byId = (id) => document.getElementById(id);

const bytesOf = (name) => {
  const letters = atob(window.FILES[name]);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
};
const textOf = (name) => new TextDecoder().decode(bytesOf(name));

// Pages from disk may not fetch; everything Pyodide asks for is here already.
window.fetch = async (address) => {
  const name = String(address.url ?? address).split("/").pop();
  if (!(name in window.FILES)) throw new TypeError(`${name} is not part of this page`);
  const type = name.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  return new Response(bytesOf(name), { headers: { "Content-Type": type } });
};

const element = (tag, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
};

// A page in the page, as high as what it holds.
const framed = (html) => {
  const frame = element("iframe", { srcdoc: html, title: "step through" });
  frame.addEventListener("load", () => {
    const inner = frame.contentDocument.documentElement;
    const fit = () => { frame.style.height = `${Math.ceil(inner.querySelector("body").scrollHeight) + 24}px`; };
    new ResizeObserver(fit).observe(inner.querySelector("main") ?? inner);
    fit();
  });
  return frame;
};

const pictured = (svg) => {
  const address = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  const save = element("a", { href: address, download: "graph.svg", textContent: "Save as SVG" });
  return element("figure", {}, element("img", { src: address, alt: "the computation graph" }), element("figcaption", {}, save));
};

const SHOWN = {
  page: framed,
  picture: pictured,
  text: (text) => element("pre", { textContent: text, tabIndex: 0 }),
  latex: (text) => element("pre", { textContent: text, tabIndex: 0 }),
  problem: (text) => element("pre", { className: "problem", textContent: text }),
};

const expressions = (python) => {
  const explained = python.globals.get("explained");
  let made = {};
  const tabs = [...document.querySelectorAll("[role=tab]")];
  const view = (tab) => {
    for (const one of tabs) {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
    }
    byId("view").setAttribute("aria-labelledby", tab.id);
    byId("view").replaceChildren(SHOWN[tab.dataset.view](made[tab.dataset.view]));
  };
  const ask = () => {
    const answer = explained(byId("expression").value, byId("numbers").value, byId("inside").checked);
    made = answer.toJs({ dict_converter: Object.fromEntries });
    answer.destroy();
    byId("problem").textContent = made.problem ?? "";
    byId("result").hidden = "problem" in made;
    if (!("problem" in made)) view(tabs.find((tab) => tab.ariaSelected === "true") ?? tabs[0]);
  };
  for (const tab of tabs) tab.addEventListener("click", () => view(tab));
  document.querySelector("[role=tablist]").addEventListener("keydown", (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const next = tabs[(tabs.indexOf(document.activeElement) + move + tabs.length) % tabs.length];
    next.focus();
    view(next);
  });
  byId("ask").addEventListener("submit", (event) => { event.preventDefault(); ask(); });
  byId("inside").addEventListener("change", ask);
  for (const example of document.querySelectorAll(".examples button")) {
    example.addEventListener("click", () => {
      byId("expression").value = example.textContent;
      byId("numbers").value = example.dataset.numbers;
      ask();
    });
  }
  ask();
};

// The little Markdown that the notebook is written in.
const markdown = (source) => {
  const inline = (text) => {
    const pieces = text.split(/(\*\*[^*]+\*\*|\*[^*]+\*|`[^`]+`)/);
    return pieces.map((piece) => {
      if (/^\*\*/.test(piece)) return element("b", { textContent: piece.slice(2, -2) });
      if (/^\*/.test(piece)) return element("i", { textContent: piece.slice(1, -1) });
      if (/^`/.test(piece)) return element("code", { textContent: piece.slice(1, -1) });
      return piece;
    });
  };
  return source.split(/\n\n+/).map((block) => {
    const heading = /^(#+) (.*)$/.exec(block);
    if (heading) return element(`h${heading[1].length + 2}`, {}, ...inline(heading[2]));
    if (!block.startsWith("- ")) return element("p", {}, ...inline(block));
    return element("ul", {}, ...block.split("\n").map((line) => element("li", {}, ...inline(line.slice(2)))));
  });
};

const notebook = (python) => {
  const run = python.globals.get("run");
  const runs = [];
  for (const [kind, source] of JSON.parse(textOf("cells.json"))) {
    if (kind === "markdown") {
      byId("cells").append(...markdown(source));
      continue;
    }
    const code = element("textarea", { value: source, rows: source.split("\n").length, spellcheck: false });
    code.setAttribute("aria-label", "Python");
    const output = element("div", { className: "output" });
    const go = () => {
      const shown = run(code.value);
      output.replaceChildren(...shown.toJs().map(([form, content]) => SHOWN[form](content)));
      shown.destroy();
    };
    const button = element("button", { type: "button", textContent: "Run", title: "Shift+Enter" });
    button.addEventListener("click", go);
    code.addEventListener("input", () => { code.rows = code.value.split("\n").length; });
    code.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.shiftKey) { event.preventDefault(); go(); }
    });
    runs.push(go);
    byId("cells").append(element("div", { className: "cell" }, code, button, output));
  }
  byId("run-all").addEventListener("click", () => { for (const go of runs) go(); });
};

const start = async () => {
  const python = await window.loadPyodide();
  python.unpackArchive(bytesOf("engine.zip"), "zip");
  python.runPython(textOf("live.py"));
  expressions(python);
  notebook(python);
  byId("status").textContent = `Ready: Python ${python.runPython("import sys; sys.version.split()[0]")}.`;
  document.querySelector("main").hidden = false;
};

start().catch((problem) => { byId("status").textContent = `Python could not be started here: ${problem.message ?? problem}`; });
