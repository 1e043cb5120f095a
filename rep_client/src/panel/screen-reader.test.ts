/** What a rep hears who does not see the panel, and where the keyboard is. */

import { expect, test, vi } from 'vitest';
import { find, listening, panel, press, room, settle, text } from '../../test/drawn.js';
import { nudge, status } from '../../test/samples.js';

const [HINT, NOTICE, STATE] = [1, 2, 3] as const;
const region = (which: number): HTMLElement => find(`.panel > .unseen:nth-last-child(${4 - which})`);
const focused = (): Element | null => panel.shadowRoot?.activeElement ?? null;
const proposal = { id: 'p-1', text: 'Log outcome: yes' };

test('a proposal is said word for word before it can be approved by key', async () => {
  await listening();

  await room.call('coach_nudge', nudge({ kind: 'approval', proposal, say: '' }));

  expect(region(HINT).textContent).toBe(
    'Your approval. Price objection: anchor on payback. Log outcome: yes',
  );
});

test('a card that is asked for again is said again', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  const before = region(HINT).firstChild;
  room.answers['coach_ask'] = () => JSON.stringify(nudge());
  await vi.advanceTimersByTimeAsync(10);

  await panel.coach?.ask('payback');

  expect(region(HINT).firstChild).not.toBe(before);
  expect(region(HINT).textContent).toContain('Price objection');
});

test('a notice that comes and goes does not make the state be said again', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  const state = region(STATE).firstChild;

  press('u');
  await settle();

  expect(region(NOTICE).textContent).toBe('Noted as useful.');
  await vi.advanceTimersByTimeAsync(6001);
  expect(region(NOTICE).textContent).toBe('');
  expect(region(STATE).firstChild).toBe(state);
});

test('the keyboard stays with its hint when another one takes the stage', async () => {
  await listening();
  await room.call('coach_nudge', nudge({ kind: 'approval', proposal }));
  const approve = find('.card [data-do="approve"]');
  approve.focus();

  await room.call('coach_nudge', nudge({ id: 'n-2', headline: 'Another hint' }));

  expect(approve.isConnected).toBe(false);
  expect(focused()).toBe(find('.row[data-nudge="n-1"] .row-line'));
});

test('the keyboard stays in the panel when the coach takes everything back', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  find('.card [data-do="useful"]').focus();

  await room.call('coach_status', status({ at_ms: 900, consent: 'revoked' }));

  expect(focused()).toBe(find('.panel'));
});

test.each([
  ['help', '#help'],
  ['mute', '#mute'],
])('the sheet of %s has a name and the focus, and gives it back to its button', async (name, id) => {
  await listening();
  const opener = find(`[data-do="${name}"]`);
  opener.focus();
  opener.click();
  expect(focused()).toBe(find(`.sheet.${name}`));
  expect(find(id).textContent).toBeTruthy();

  find(`.sheet.${name}`).dispatchEvent(
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }),
  );

  expect(focused()).toBe(opener);
});

test('a note says which hint it is about', async () => {
  await listening();
  await room.call('coach_nudge', nudge());

  press('!');

  const about = find('#note').getAttribute('aria-describedby') ?? '';
  expect(text(`#${about}`)).toBe('Price objection: anchor on payback');
});

test('words in English are marked as English where the page is in another language', async () => {
  panel.lang = 'fr';
  await listening();

  expect(find('.panel').lang).toBe('en');
});

test('dollar signs in a name are only text', async () => {
  await listening();

  await room.call('coach_nudge', nudge({ source: { type: 'card', id: "us$$$'x" } }));

  expect(text('.source')).toBe("From us$$$'x");
});
