// The builder: a record that is edited in its picture, as a program or in a panel, and its sweep stepped through.
import { Address } from "../page/address.js";
import { make } from "../page/elements.js";
import { Player } from "../page/player.js";
import { Letters } from "../picture/letters.js";
import { EditBar } from "./edit_bar.js";
import { evaluateGraph } from "./evaluate_graph.js";
import { GraphPane } from "./graph_pane.js";
import { EMPTY, nameText } from "./graph_record.js";
import { mistakenPartials } from "./mistaken_partials.js";
import { NodePanel } from "./node_panel.js";
import { operationName, palette } from "./palette.js";
import { PathsTab } from "./paths_tab.js";
import { ProgramField } from "./program_field.js";
import { pythonCode } from "./python_code.js";
import { readProgram } from "./read_program.js";
import { RecordEditor } from "./record_editor.js";
import { SharePanel } from "./share_panel.js";
import { SidePanels } from "./side_panels.js";
import { StepPanel } from "./step_panel.js";
import { TurnPanel, hasGradients } from "./turn_panel.js";
import { compactProgram, writeProgram } from "./write_program.js";

const SECONDS_A_STEP = 1.6;
const EXERCISE_TITLE = "Your turn: fill in the gradients, edge by edge";

/**
 * @typedef {{ table: import("./graph_record.js").Table, theme: import("../picture/letters.js").Theme, program: string, examples: [string, string][] }} BuilderData
 */

export class BuilderView {
  /**
   * @param {HTMLElement} root
   * @param {number} number
   */
  constructor(root, number) {
    this.root = root;
    this.number = number;
  }

  /** @param {BuilderData} data */
  build({ table, theme, program, examples }) {
    const { root } = this;
    this.table = table;
    this.isExercise = false;
    this.title = document.title;
    this.editor = new RecordEditor(table, readProgram(program, table, EMPTY), {
      shaped: () => this.refresh(), numbered: () => this.refreshNumbers(),
      refused: (refusal) => {
        this.pane.refuse(refusal);
        this.nodePanel.show(this.found); // a field that was changed shows what is
      },
    });
    this.spoken = make("p", { class: "spoken", role: "status", "aria-live": "polite" });
    this.program = new ProgramField(table, () => this.graph, (graph) => this.editor.change(graph, "program"));
    this.pane = new GraphPane(root, this.editor, new Letters(theme), {
      remove: (id) => this.remove(id), say: (words) => this.say(words), choose: (id, byKey) => this.choose(id, byKey), visitLink: (link) => this.visitLink(link),
    });
    this.player = new Player({ name: "Steps", unit: "Step", last: 0, root, slider: { class: "step" }, seconds: SECONDS_A_STEP, wait: 0.5,
      show: (step) => this.showStep(step), fit: () => this.pane.picture?.camera.arrange(), speeds: [["0.5", "slow"], ["1", "normal"], ["2", "fast"], ["5", "very fast"]],
      playing: (playing) => {
        root.classList.toggle("playing", playing);
        this.spoken.setAttribute("aria-live", playing ? "off" : "polite");
      } });
    this.edits = new EditBar(this.editor, examples, (states) => this.travel(states));
    const bar = make("div", { class: "build-bar" }, this.edits.element,
      palette(table, { addOperation: (operation) => this.addOperation(operation), addNumber: (isInput) => this.addNumber(isInput) }));
    root.tabIndex = -1;
    for (const end of ["pointerup", "focusout"]) root.addEventListener(end, () => this.editor.history.part());
    root.append(make("div", { class: "live" }, make("div", { class: "top" }, this.program.element, bar), this.player.element,
      make("div", { class: "main" }, this.pane.element, this.buildPanels()), this.spoken));
    this.refresh();
    this.open("edit");
    this.address = new Address((entries) => this.restore(entries));
  }

  buildPanels() {
    this.nodePanel = new NodePanel(this.editor);
    this.stepPanel = new StepPanel(this.table);
    this.turnPanel = new TurnPanel(this.number, { goTo: (step) => this.lockAt(step), show: (link) => this.pane.picture?.point(link), setNumbers: (numbers) => this.editor.setInputs(numbers),
      wrongPartials: (link) => mistakenPartials(this.graph, this.table, this.found, this.sweep, link) });
    this.share = new SharePanel((words) => this.say(words));
    this.paths = new PathsTab(this.number, (links) => this.pane.picture.trace(links));
    this.panels = new SidePanels({ edit: ["Edit", this.nodePanel.element], step: ["This step", this.stepPanel.element], paths: ["Paths", this.paths.element], turn: ["Your turn", this.turnPanel.element],
      share: ["Share", this.share.element] }, (name) => this.open(name));
    return this.panels.element;
  }

  get graph() {
    return this.editor.graph;
  }

  get sweep() {
    return this.pane.sweep;
  }

  // ---- editing

  /** @param {number} states */
  travel(states) {
    this.editor.travel(states);
    this.say(states < 0 ? "Undone." : "Done again.");
  }

  /** @param {string} operation */
  addOperation(operation) {
    this.editor.addOperation(operation, this.pane.armed);
    this.open("edit");
    this.say(`${operationName(operation)} was added.`);
  }

  /** @param {boolean} isInput */
  addNumber(isInput) {
    this.editor.addNumber(isInput, this.pane.armed);
    this.open("edit");
    this.say(`${isInput ? "An input" : "A constant"} was added.`);
  }

  /** @param {number} id */
  remove(id) {
    const name = nameText(this.found.names.get(id));
    this.editor.remove(id);
    this.say(`${name} was deleted.`);
  }

  /** @type {(id: number | null, byKey?: boolean) => void} */
  choose(id, byKey = false) {
    this.editor.chosen = id;
    this.pane.clearRefusal();
    this.pane.mark(id);
    if (this.isExercise) return;
    this.nodePanel.show(this.found);
    if (this.panels.name !== "step") this.open("edit");
    if (byKey) /** @type {HTMLElement | null} */ (this.nodePanel.element.querySelector("[data-field]"))?.focus();
  }

  // ---- showing

  /** @param {string} words */
  say(words) {
    this.spoken.textContent = words;
  }

  // The record has another shape.
  refresh() {
    this.player.pause();
    this.found = evaluateGraph(this.graph, this.table);
    this.pane.canEdit = !this.isExercise;
    this.pane.show(this.found);
    this.nodePanel.show(this.found);
    this.player.steps.last = this.sweep?.end ?? 0;
    this.showRecord();
    if (this.sweep) this.showStep(this.sweep.end, true);
    else {
      this.stepPanel.clear();
      this.player.steps.show(0, "no step", "–");
    }
    this.refreshPanel();
    this.writeAddress();
  }

  // The same record at other numbers.
  refreshNumbers() {
    this.found = evaluateGraph(this.graph, this.table);
    this.pane.showNumbers(this.found);
    this.nodePanel.showNumbers();
    this.showRecord();
    this.showStep(this.sweep.at, this.sweep.atRest);
    this.refreshPanel();
  }

  refreshPanel() {
    if (this.panels.name === "turn") this.turnPanel.begin(this.sweep);
    if (this.panels.name === "paths") this.paths.show(this.sweep);
  }

  showRecord() {
    this.program.show(writeProgram(this.graph, this.table));
    this.edits.show();
  }

  /**
   * @param {number} at
   * @param {boolean} atRest the graph as a whole, and no step of it
   */
  showStep(at, atRest = false) {
    const { sweep } = this;
    if (!sweep) return;
    const stepped = !atRest && (sweep.at !== at || sweep.atRest);
    sweep.at = at;
    sweep.atRest = atRest;
    this.root.classList.toggle("resting", atRest);
    this.root.dataset.phase = sweep.step.phase;
    this.pane.picture.show();
    const count = sweep.end + 1;
    this.player.steps.show(at, `step ${at + 1} of ${count}, ${sweep.step.phase}`, `${at + 1} / ${count}`);
    this.stepPanel.show(this.graph, this.found, sweep);
    if (stepped) {
      this.say(this.stepPanel.words);
      this.pane.picture.follow();
      if (this.panels.name === "edit") this.open("step");
    }
    this.writeAddress();
  }

  /** To a step, and no further: what comes after it is to be filled in. @param {number} step */
  lockAt(step) {
    this.player.pause();
    this.player.steps.last = step;
    this.showStep(step);
  }

  /** An edge leads to the step that goes back along it. @param {number} link */
  visitLink(link) {
    const { step, tip } = this.sweep.links[link];
    const goal = step >= 0 ? step : this.sweep.cards[tip].computed;
    if (this.turnPanel.isActive && goal > this.player.steps.last) return; // it is to be filled in
    this.player.pause();
    this.showStep(goal);
    if (!this.turnPanel.isActive) this.open("step");
  }

  /** @param {string} name */
  open(name) {
    const leavesTurn = this.turnPanel.isActive && name !== "turn";
    this.panels.show(name);
    if (leavesTurn) {
      this.turnPanel.end();
      this.player.steps.last = this.sweep.end;
      this.showStep(this.sweep.end, true);
    }
    this.pane.picture?.trace([]);
    if (name === "turn") this.turnPanel.begin(this.sweep);
    if (name === "paths") this.paths.show(this.sweep);
    if (name === "share") this.showShare();
  }

  // ---- the address

  showShare() {
    const base = location.href.replace(/#.*/, "");
    const link = (/** @type {[string, string][]} */ entries) => `${base}#${new URLSearchParams(entries)}`;
    this.share.show(link(this.entries()), hasGradients(this.sweep) ? link(this.entries(true)) : "", pythonCode(this.graph, this.table));
  }

  /** @returns {[string, string][]} */
  entries(asExercise = this.isExercise) {
    const isAtStep = this.sweep && !this.sweep.atRest && !asExercise;
    return [["program", compactProgram(this.graph, this.table)], ...(isAtStep ? [["step", String(this.sweep.at + 1)]] : []), ...(asExercise ? [["exercise", "1"]] : [])]
      .map(([name, text]) => [name, text]);
  }

  writeAddress() {
    this.address?.write(this.entries());
    if (this.panels.name === "share") this.showShare();
  }

  /** @param {[string, string][]} entries */
  restore(entries) {
    const given = new Map(entries);
    this.isExercise = given.get("exercise") === "1";
    this.root.classList.toggle("exercise", this.isExercise);
    this.program.field.readOnly = this.isExercise;
    document.querySelector(".autograd-page h1").textContent = this.isExercise ? EXERCISE_TITLE : this.title;
    if (given.has("program")) this.program.restore(given.get("program"), (graph) => this.editor.history.add(graph));
    this.panels.show("edit");
    this.refresh();
    this.open(this.isExercise ? "turn" : "edit");
    const step = Number(given.get("step"));
    if (!this.isExercise && this.sweep && Number.isInteger(step) && step >= 1 && step <= this.sweep.end + 1) this.showStep(step - 1);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || target.matches("textarea")) return;
    const isHistory = (event.ctrlKey || event.metaKey) && !event.altKey && /^[zy]$/i.test(event.key);
    if (isHistory && !this.isExercise && !target.matches("input[type='text']")) this.travel(/z/i.test(event.key) && !event.shiftKey ? -1 : 1);
    else if (event.key === "Escape" && this.pane.armed) this.pane.disarm();
    else if (!this.pane.key(event)) {
      if (!this.player.key(event)) this.pane.picture?.camera.key(event);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  }
}
