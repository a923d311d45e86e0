// When each entry of a layer is shown, as the number of a move.
import { keyOf } from "./layer_steps.js";

const FROM_THE_START = ["W", "x", "b", "xT", "WT", "more"];

export class MoveTimes {
  /** @param {import("./layer_steps.js").Move[]} moves */
  constructor(moves) {
    /** @type {Map<string, number>} */
    this.when = new Map();
    /** @type {Map<number, [number, number][]>} */
    this.arrivals = new Map(); // by input: moves, and the sum of the contributions by then
    this.turn = moves.findIndex((move) => move.backward || move.kinds?.includes("delta"));
    if (this.turn < 0) this.turn = moves.length;
    moves.forEach((move, number) => {
      for (const kind of move.kinds ?? []) this.when.set(kind, number);
      if (!move.key) return;
      const [kind, i, j] = move.key;
      if (kind === "dx") this.arrivals.set(j, [...(this.arrivals.get(j) ?? []), [number, move.arrived]]);
      this.when.set(keyIn(kind, i, j), number);
    });
  }

  /**
   * @param {string} kind
   * @param {number} i
   * @param {number} j
   * @returns {number}
   */
  time(kind, i, j) {
    if (FROM_THE_START.includes(kind)) return 0;
    if (this.when.has(kind)) return this.when.get(kind);
    if (kind === "deltaT") return this.time("delta", i, j);
    if (["dx", "elsewhere", "whole"].includes(kind)) {
      const arrivals = this.arrivals.get(j);
      return arrivals ? (kind === "dx" ? arrivals[0] : arrivals.at(-1))[0] : this.turn;
    }
    return this.when.get(keyIn(kind, i, j)) ?? this.turn;
  }

  /**
   * The sum of the contributions to an input by a move; null where all of them have arrived.
   * @param {number} j
   * @param {number} at
   */
  arrivedAt(j, at) {
    const arrivals = this.arrivals.get(j) ?? [];
    const done = arrivals.filter(([number]) => number <= at);
    return done.length === arrivals.length ? null : done.at(-1)?.[1] ?? 0;
  }
}

/** @type {(kind: string, i: number, j: number) => string} */
const keyIn = (kind, i, j) => keyOf(kind, i, kind === "dW" || kind === "product" ? j : 0);
