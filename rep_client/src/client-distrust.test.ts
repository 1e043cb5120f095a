/** What a hostile or broken other side must not reach. */

import { expect, test } from 'vitest';
import { attach, coach, heard, listening, names, pass, room, shownIds } from '../test/attached.js';
import { AGENT } from '../test/fake-room.js';
import { hello, nudge, status } from '../test/samples.js';
import { exact, plain } from './plain-text.js';

const OTHER = 'transcriber-1';
const destinations = (): string[] => room.performed.map((call) => call.destinationIdentity);

test('an answer that comes after consent was refused is neither shown nor told', async () => {
  await listening();
  let answer: (reply: string) => void = () => undefined;
  room.answers['coach_ask'] = () => new Promise((resolve) => (answer = resolve));
  const asked = coach.ask('parking');
  await coach.consent('revoked');
  heard.length = 0;

  answer(JSON.stringify(nudge({ created_ms: 500 })));

  expect(await asked).toBeNull();
  expect(names()).not.toContain('nudge');
  expect(shownIds()).toEqual([]);
});

test.each([
  ['that makes no sense', 'coach_status', '{}'],
  ['of another call', 'coach_status', status({ call_id: 'c-other', run: 'r-other' })],
])('an agent with a message %s is not told what the rep says', async (_, method, message) => {
  await listening();
  room.join(OTHER);
  await room.call(method, message, OTHER).catch(() => undefined);
  room.performed.length = 0;

  await coach.consent('revoked');

  expect(destinations()).toEqual([AGENT]);
});

test('the agent of a former job does not become the coach again', async () => {
  attach();
  room.join(OTHER);
  await room.call('coach_hello', hello({ run: 'r6' }), OTHER);
  room.join();
  await room.call('coach_hello', hello());
  await room.call('coach_status', status({ run: 'r6' }), OTHER);
  room.performed.length = 0;

  await coach.stop();

  expect(destinations()).toEqual([AGENT]);
});

test('a mute that outlasts the longest timer does not keep the page busy', async () => {
  await listening();
  await coach.mute(90 * 24 * 3600);
  await pass(46_000); // from here on, nothing but the end of the mute is waited for
  let count = 0;
  coach.on('change', () => (count += 1));

  await pass(10_000);

  expect(count).toBe(0);
});

test('a proposal with nothing to read cannot be approved', async () => {
  await listening();
  const proposal = { id: 'p-1', text: ' \n ' };
  await room.call('coach_nudge', nudge({ kind: 'approval', proposal }));
  room.performed.length = 0;

  await expect(coach.feedback('n-1', 'approve')).rejects.toMatchObject({ code: 'lapsed' });

  expect(room.performed).toEqual([]);
});

test('what has been taken back cannot be approved', async () => {
  await listening();
  const proposal = { id: 'p-1', text: 'Log outcome: yes' };
  await room.call('coach_nudge', nudge({ kind: 'approval', proposal }));
  await coach.consent('revoked');
  room.performed.length = 0;

  await expect(coach.feedback('n-1', 'approve')).rejects.toMatchObject({ code: 'lapsed' });

  expect(room.performed).toEqual([]);
});

test('letters and marks that are drawn as nothing are stripped, and shown in a proposal', () => {
  const hidden = 'a\u3164\u115f\u034f\u180b\u{e0100}b';

  expect(plain(hidden, 20)).toBe('ab');
  expect(exact(hidden)).toBe(`a${'\ufffd'.repeat(5)}b`);
  expect(plain('\u2764\ufe0f', 20)).toBe('\u2764\ufe0f');
});
