/**
 * How old is a message? Arithmetic on clock readings; nothing here looks at a clock.
 *
 * A message can wait in a buffer while this client is frozen, and arrive as if new. The clocks of
 * coach and client do not agree, so the smallest difference ever seen between them, per run,
 * stands for "no delay at all"; what exceeds it is the message's age. All in milliseconds.
 */

const WALL_SET_BACK_MS = 500; // more than reading two clocks one after the other explains
const RUNS_REMEMBERED = 8;

/** Two clocks, either of which may stand still while the machine sleeps. */
export interface Clock {
  monotonicMs(): number;
  wallMs(): number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
};

/**
 * Elapsed time of this client: the larger advance of its two clocks, and it never goes back.
 *
 * The monotonic clock stops on many machines while they sleep; the wall clock can be set.
 */
export class Stopwatch {
  private _monotonicMs: number;
  private _wallMs: number;
  private _carriedMs = 0;
  private _elapsedMs = 0;

  constructor(private readonly _clock: Clock) {
    this._monotonicMs = _clock.monotonicMs();
    this._wallMs = _clock.wallMs();
  }

  /** Read both clocks. */
  now(): number {
    const [monotonicMs, wallMs] = [this._clock.monotonicMs(), this._clock.wallMs()];
    const [byMonotonic, byWall] = [monotonicMs - this._monotonicMs, wallMs - this._wallMs];
    this._elapsedMs = Math.max(this._elapsedMs, this._carriedMs + Math.max(byMonotonic, byWall));
    if (byWall < byMonotonic - WALL_SET_BACK_MS) {
      // the wall clock was set back: count from here, or it would miss the next sleep
      this._carriedMs = this._elapsedMs;
      [this._monotonicMs, this._wallMs] = [monotonicMs, wallMs];
    }
    return this._elapsedMs;
  }
}

/** The smallest difference seen, per run, between own time and the call's clock. */
export type Freshness = ReadonlyMap<string, number>;

/** Take note of a message that bears `stampMs` and arrived at `arrivedAt` (own time). */
export function withMessage(
  freshness: Freshness,
  run: string,
  stampMs: number,
  arrivedAt: number,
): Freshness {
  const difference = arrivedAt - stampMs;
  if ((freshness.get(run) ?? Infinity) <= difference) return freshness;
  const others = [...freshness].filter(([name]) => name !== run);
  return new Map([...others.slice(1 - RUNS_REMEMBERED), [run, difference]]);
}

/** Convert a point on the call's clock to own time; an unknown run counts as undelayed. */
export function ownTime(freshness: Freshness, run: string, stampMs: number, now: number): number {
  return (freshness.get(run) ?? now - stampMs) + stampMs;
}

/** Tell how long ago, at least, the moment `stampMs` of the call's clock was. */
export function ageMs(freshness: Freshness, run: string, stampMs: number, now: number): number {
  return Math.max(0, now - ownTime(freshness, run, stampMs, now));
}
