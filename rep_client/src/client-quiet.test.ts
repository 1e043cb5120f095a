import { expect, test, vi } from 'vitest';
import { coach, listening, refusal, room } from '../test/attached.js';
import { nudge } from '../test/samples.js';

test('nothing that is heard is written to the console', async () => {
  const written = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    vi.spyOn(console, name),
  );
  await listening();

  await room.call('coach_nudge', nudge());
  await refusal(room.call('coach_nudge', '{"headline": "secret'));

  for (const spy of written) expect(spy).not.toHaveBeenCalled();
});

test('history, revisions and runs are bounded', async () => {
  await listening();

  for (let count = 0; count < 1000; count += 1) {
    await room.call('coach_nudge', nudge({ id: `n-${count}` }));
  }

  expect(coach.state.history.length).toBe(30);
  expect(coach.state.revs.size).toBeLessThanOrEqual(256);
});
