/** A headless client on a scripted room, anew for each test; imported for its set-up, too. */

import type { RpcError } from 'livekit-client';
import { afterEach, beforeEach, expect, vi } from 'vitest';
import { type Coach, type CoachEventName, type CoachOptions, connectCoach } from '../src/coach.js';
import { FakeRoom } from './fake-room.js';
import { ManualClock } from './manual-clock.js';
import { hello, status } from './samples.js';

export let room: FakeRoom;
export let clock: ManualClock;
export let coach: Coach;
export let heard: [string, unknown][];

const NAMES: CoachEventName[] = [
  'nudge',
  'ignored',
  'cleared',
  'hello',
  'status',
  'consent',
  'feedback',
  'condition',
  'lost',
  'error',
];

beforeEach(() => {
  vi.useFakeTimers();
  room = new FakeRoom();
  clock = new ManualClock();
});

afterEach(() => {
  coach?.dispose();
  vi.useRealTimers();
});

export function attach(options: CoachOptions = {}): void {
  coach = connectCoach(room, { clock, ...options });
  heard = [];
  for (const name of NAMES) coach.on(name, (detail) => heard.push([name, detail]));
}

/** A room with a coach that has consent. */
export async function listening(options: CoachOptions = {}): Promise<void> {
  attach(options);
  room.join();
  await room.call('coach_hello', hello());
  await room.call('coach_status', status());
  heard.length = 0;
}

/** Let time pass on both clocks and in the timers. */
export async function pass(ms: number): Promise<void> {
  clock.pass(ms);
  await vi.advanceTimersByTimeAsync(ms);
}

export const names = (): string[] => heard.map(([name]) => name);
export const shownIds = (): string[] =>
  [coach.state.latest, ...coach.state.history].flatMap((shown) => (shown ? [shown.nudge.id] : []));
export const refusal = (call: Promise<string>): Promise<RpcError> =>
  call.then(
    () => expect.fail('was answered'),
    (error: RpcError) => error,
  );
