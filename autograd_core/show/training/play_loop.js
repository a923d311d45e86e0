// Training while one watches: so many steps in each frame of the browser.

const FRAME = 10; // milliseconds of training in a frame, at full speed

/**
 * @typedef {object} Played
 * @property {() => import("./training_steps.js").TrainingSteps} steps those in training
 * @property {() => number} speed steps a frame, 0 for as many as fit
 * @property {() => void} record called behind the steps of a frame
 * @property {() => void} show called then, and when playing begins or ends
 */

export class PlayLoop {
  /** @param {Played} played */
  constructor(played) {
    this.played = played;
    this.isPlaying = false;
    this.pace = 0; // steps a second
  }

  toggle() {
    if (this.isPlaying) return this.pause();
    this.isPlaying = true;
    this.pace = 0;
    let owed = 0;
    const { played } = this;
    const [begun, first] = [performance.now(), played.steps().step];
    const frame = () => {
      if (!this.isPlaying) return;
      const [speed, steps] = [played.speed(), played.steps()];
      const before = steps.step;
      owed += speed;
      if (speed) steps.advance(Math.floor(owed));
      else for (const end = performance.now() + FRAME; performance.now() < end && steps.advance(5) === 5;);
      owed %= 1;
      this.pace = (steps.step - first) / (performance.now() - begun) * 1000;
      if (steps.step !== before) {
        played.record();
        played.show();
      }
      if (steps.problem || !steps.count) return this.pause();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    played.show();
  }

  pause() {
    if (!this.isPlaying) return;
    this.isPlaying = false;
    this.played.show();
  }
}
