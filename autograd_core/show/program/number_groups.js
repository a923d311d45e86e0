// All numbers of the page in groups, the inputs of a row and the parameters, and the value over the one that was chosen last.
import { largestSize } from "../training/colour_map.js";
import { NumberList } from "./number_list.js";
import { SlopePlot } from "./slope_plot.js";

const OPEN = 2; // groups of parameters that are open at first
const MOST_OPEN = 24; // inputs, with which their list is open at first
const REST = 20; // times as long as the last plot took, the next one waits while it trains

/**
 * @typedef {import("./program_steps.js").ProgramSteps} ProgramSteps
 * @typedef {ReturnType<ProgramSteps["evaluate"]>} Evaluated
 * @typedef {object} Group
 * @property {NumberList} list
 * @property {boolean} isInput
 * @property {number[]} places of its numbers among the parameters
 * @property {(number: number) => number} get
 * @property {(number: number, value: number) => void} set as the reader does
 * @property {(number: number, value: number) => void} write for a moment
 */

export class NumberGroups {
  /**
   * @param {ProgramSteps} steps
   * @param {{ row: () => number, changed: () => void, show: () => void }} about row: the one that is shown
   */
  constructor(steps, about) {
    this.steps = steps;
    this.about = about;
    const { arguments: inputs, groups } = steps.page;
    /** @type {Group[]} */
    this.groups = [];
    if (inputs.length) this.groups.push(this.inputGroup());
    for (const { name, numbers, places } of groups) this.groups.push(this.parameterGroup(name, numbers, places));
    this.elements = this.groups.map(({ list }) => list.element);
    this.plot = new SlopePlot();
    this.nextPlot = 0;
    const first = this.groups.find(({ isInput }) => !isInput) ?? this.groups[0];
    /** @type {{ group: Group, number: number } | null} the number whose curve is shown */
    this.picked = first ? { group: first, number: 0 } : null;
  }

  /** @returns {Group} */
  inputGroup() {
    const { steps, about } = this;
    const columns = steps.page.arguments.flatMap(({ numbers, places }, argument) => numbers.map((name, column) => ({ name, argument, column, places: places[column] ?? 0 })));
    /** @type {Group["set"]} */
    const set = (number, value) => steps.setInput(columns[number].argument, about.row(), columns[number].column, value);
    /** @type {Group} */
    const group = { isInput: true, places: [], get: (number) => steps.input(columns[number].argument, about.row(), columns[number].column), set, write: set,
      list: new NumberList({ title: "Inputs", names: columns.map(({ name }) => name), heads: ["gradient"], isOpen: columns.length <= MOST_OPEN,
        range: (number) => steps.range(columns[number].argument, columns[number].column), places: (number) => columns[number].places, ...this.actions(() => group) }) };
    return group;
  }

  /** @type {(name: string, names: string[], places: number[]) => Group} */
  parameterGroup(name, names, places) {
    const { steps } = this;
    const reach = 2 * largestSize(places.map((place) => steps.first[place]), 1);
    const heads = steps.page.count > 1 ? ["this row", "all rows"] : ["gradient"];
    const isOpen = this.groups.filter(({ isInput }) => !isInput).length < OPEN;
    /** @type {Group} */
    const group = { isInput: false, places, get: (number) => steps.parameters[places[number]], set: (number, value) => steps.set(places[number], value),
      write: (number, value) => { steps.parameters[places[number]] = value; },
      list: new NumberList({ title: `Parameters ${name}`.trim(), names, heads, isOpen, range: () => [-reach, reach], ...this.actions(() => group) }) };
    return group;
  }

  /** @param {() => Group} group */
  actions(group) {
    const pick = (/** @type {number} */ number) => { this.picked = { group: group(), number }; };
    return {
      pick: (/** @type {number} */ number) => { pick(number); this.about.show(); },
      set: (/** @type {number} */ number, /** @type {number} */ value) => { pick(number); group().set(number, value); this.about.changed(); },
    };
  }

  /** The parameter whose curve is shown; null where it is an input. */
  get parameter() {
    return this.picked?.group.places[this.picked.number] ?? null;
  }

  /** The name of a parameter. @param {number} parameter */
  nameOf(parameter) {
    const { list, places } = this.groupOf(parameter);
    return list.listed.names[places.indexOf(parameter)];
  }

  /** Leads to the slider of a parameter. @param {number} parameter */
  focus(parameter) {
    const group = this.groupOf(parameter);
    const number = group.places.indexOf(parameter);
    this.picked = { group, number };
    this.about.show();
    group.list.focus(number);
  }

  /** @param {number} parameter */
  groupOf(parameter) {
    return this.groups.find(({ places }) => places.includes(parameter));
  }

  /** @param {Evaluated} one of the row @param {Evaluated} whole of all rows @param {boolean} isPlaying */
  show(one, whole, isPlaying) {
    const inputs = one.inputs.map(([gradient]) => gradient);
    for (const group of this.groups) {
      const { list: { listed: { names, heads } }, places, isInput } = group;
      const gradients = isInput ? [inputs] : [one, whole].slice(-heads.length).map(({ gradient }) => places.map((place) => gradient[place]));
      const picked = this.picked.group === group ? this.picked.number : null;
      group.list.show(names.map((_, number) => group.get(number)), gradients, picked);
      if (picked !== null && (!isPlaying || performance.now() >= this.nextPlot)) this.showPlot(gradients.at(-1)[picked]);
    }
  }

  /** @param {number} gradient */
  showPlot(gradient) {
    const begun = performance.now();
    const { picked: { group, number }, steps } = this;
    const present = group.get(number);
    const valueAt = (/** @type {number} */ value) => {
      group.write(number, value);
      return group.isInput ? steps.valueOf(this.about.row(), 1) : steps.valueOf();
    };
    this.plot.show(group.list.listed.names[number], present, group.list.rangeOf(number), valueAt, gradient);
    group.write(number, present);
    this.nextPlot = performance.now() + REST * (performance.now() - begun);
  }
}
