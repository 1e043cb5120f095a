/** A page that loads the headless module and the panel's: each holds a headless client of its own. */

import { Room } from 'livekit-client';
import { expect, test, vi } from 'vitest';
import { panel, text } from '../../test/drawn.js';

/** The headless client once more, as the other module would bring it. */
async function otherModule(): Promise<typeof import('../coach.js')> {
  vi.resetModules();
  return import('../coach.js');
}

const errorsOf = (element: HTMLElement): string[] => {
  const codes: string[] = [];
  element.addEventListener('coach-error', (event) => codes.push((event as CustomEvent).detail.code));
  return codes;
};

test('a panel says that a client of the other module has its room', async () => {
  const { connectCoach } = await otherModule();
  const room = new Room();
  const coach = connectCoach(room);
  const errors = errorsOf(panel);

  panel.room = room;

  expect(errors).toEqual(['already_attached']);
  expect(text('.quiet-hint')).toBe('Another coach panel is attached to this call.');
  coach.dispose();
  panel.room = room;
  expect(panel.coach).not.toBeNull();
});

test('a client is refused a room that a panel of the other module has', async () => {
  const { CoachError, connectCoach } = await otherModule();
  const room = new Room();
  panel.room = room;

  const attach = (): unknown => connectCoach(room);

  expect(attach).toThrow(CoachError);
  expect(attach).toThrow('dispose of that one first');
});
