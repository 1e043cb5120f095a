/** Both clocks of a machine, moved by hand. */

import type { Clock } from '../src/freshness.js';

export class ManualClock implements Clock {
  monotonic = 5_000;
  wall = 1_700_000_000_000;

  monotonicMs(): number {
    return this.monotonic;
  }

  wallMs(): number {
    return this.wall;
  }

  /** Let time pass on both clocks. */
  pass(ms: number): void {
    this.monotonic += ms;
    this.wall += ms;
  }

  /** Let the machine sleep: its monotonic clock stands still. */
  sleep(ms: number): void {
    this.wall += ms;
  }
}
