import { expect, test } from 'vitest';
import { ManualClock } from '../test/manual-clock.js';
import { Stopwatch, ageMs, withMessage } from './freshness.js';

test('the machine slept: the wall clock counts', () => {
  const clock = new ManualClock();
  const stopwatch = new Stopwatch(clock);

  clock.pass(1000);
  clock.sleep(8000);

  expect(stopwatch.now()).toBe(9000);
});

test('the wall clock was set back: time goes on, and the next sleep is noticed', () => {
  const clock = new ManualClock();
  const stopwatch = new Stopwatch(clock);
  clock.wall -= 3_600_000;
  clock.pass(2000);
  expect(stopwatch.now()).toBe(2000);

  clock.sleep(5000);

  expect(stopwatch.now()).toBe(7000);
});

test('the smallest difference seen stands for no delay, so the rest is age', () => {
  let freshness = withMessage(new Map(), 'r', 1000, 51_000);

  freshness = withMessage(freshness, 'r', 2000, 59_000); // waited 7 s somewhere

  expect(ageMs(freshness, 'r', 2000, 59_000)).toBe(7000);
  expect(ageMs(freshness, 'r', 1000, 51_000)).toBe(0);
});

test('clocks of two runs have nothing to do with each other', () => {
  const freshness = withMessage(withMessage(new Map(), 'a', 0, 100), 'b', 0, 9000);

  expect(ageMs(freshness, 'b', 0, 9000)).toBe(0);
});

test('no more than eight runs are remembered', () => {
  let freshness: ReadonlyMap<string, number> = new Map();

  for (let run = 0; run < 20; run += 1) freshness = withMessage(freshness, `r${run}`, 0, run);

  expect([...freshness.keys()]).toEqual(['r12', 'r13', 'r14', 'r15', 'r16', 'r17', 'r18', 'r19']);
});
