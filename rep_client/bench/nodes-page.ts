/** The page of the bench: a panel on a scripted room, and a way to send it hints. */

import '../src/panel/coach-panel.js';
import { FakeRoom } from '../test/fake-room.js';
import { hello, nudge, status } from '../test/samples.js';

const KINDS = [
  'objection',
  'question',
  'competitor',
  'discount',
  'signal',
  'pace',
  'stage',
  'screen',
  'card',
];
const room = new FakeRoom();
const panel = document.querySelector('coach-panel')!;
let sent = 0;

panel.room = room as never;
room.join();
await room.call('coach_hello', hello());

/** Send so many hints, each with a revision; every tenth is rated, every hundredth unfolded. */
async function send(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    sent += 1;
    const fields = { id: `n-${sent}`, kind: KINDS[sent % KINDS.length], expires_in_ms: 10_000_000 };
    await room.call('coach_nudge', nudge(fields));
    await room.call(
      'coach_nudge',
      nudge({ ...fields, rev: 1, headline: `Hint ${sent}: with a later revision` }),
    );
    if (sent % 10 === 0) await panel.coach?.feedback(`n-${sent}`, 'useful');
    if (sent % 30 === 0)
      await room.call('coach_status', status({ at_ms: sent, thinking: sent % 60 === 0 }));
    if (sent % 100 === 0) panel.shadowRoot?.querySelector<HTMLElement>('.row-line')?.click();
  }
  room.performed.length = 0; // the recording is the fake's own
  await new Promise((resolve) => requestAnimationFrame(resolve));
}

Object.assign(globalThis, { send });
document.documentElement.dataset['ready'] = 'yes';
