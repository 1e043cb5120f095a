/** A panel on a scripted room, anew for each test; imported for its set-up, too. */

import { afterEach, beforeEach, vi } from 'vitest';
import '../src/panel/coach-panel.js';
import type { CoachPanel } from '../src/panel/coach-panel.js';
import { FakeRoom } from './fake-room.js';
import { hello, status } from './samples.js';

export let room: FakeRoom;
export let panel: CoachPanel;

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
  document.body.innerHTML = '';
  document.documentElement.lang = 'en';
  room = new FakeRoom();
  panel = document.createElement('coach-panel');
  document.body.append(panel);
});

afterEach(() => {
  panel.dispose();
  panel.remove();
  vi.useRealTimers();
});

/** A panel with a coach that has consent. */
export async function listening(): Promise<void> {
  panel.room = room as never;
  room.join();
  await room.call('coach_hello', hello());
  await room.call('coach_status', status());
}

export const find = (selector: string): HTMLElement => {
  const found = panel.shadowRoot?.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`nothing matches ${selector}`);
  return found;
};
export const isSeen = (selector: string): boolean => !find(selector).closest('[hidden]');
export const text = (selector: string): string => find(selector).textContent ?? '';
export const press = (
  key: string,
  target: EventTarget = document.body,
  more: KeyboardEventInit = {},
): KeyboardEvent => {
  const event = new KeyboardEvent('keydown', {
    key,
    bubbles: true,
    composed: true,
    cancelable: true,
    ...more,
  });
  target.dispatchEvent(event);
  return event;
};
export const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(0);
export const told = (): string[] =>
  room.performed.map(({ payload }) => payload).filter((payload) => !payload.includes('hello'));
