import { expect, test, vi } from 'vitest';
import {
  find,
  isSeen,
  listening,
  panel,
  press,
  room,
  settle,
  text,
  told,
} from '../../test/drawn.js';
import { hello, nudge } from '../../test/samples.js';

test('markup in a hint is text', async () => {
  await listening();
  const bad = '<img src=x onerror="alert(1)"><b>bold</b>';

  await room.call(
    'coach_nudge',
    nudge({ headline: bad, detail: bad, say: bad, proposal: { id: 'p', text: bad } }),
  );
  press('o');

  expect(text('.headline')).toBe(bad);
  expect(panel.shadowRoot?.querySelectorAll('img, b').length).toBe(0);
});

test('events of the element carry what happened', async () => {
  const events: string[] = [];
  for (const name of ['nudge', 'status', 'hello', 'consent', 'condition', 'feedback']) {
    document.body.addEventListener(`coach-${name}`, () => events.push(name));
  }
  await listening();

  await room.call('coach_nudge', nudge());
  press('u');
  await settle();

  expect(new Set(events)).toEqual(
    new Set(['condition', 'consent', 'hello', 'status', 'nudge', 'feedback']),
  );
});

test('dispose leaves no method, listener or timer', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  press('u');
  await settle();

  panel.dispose();

  expect([room.methods.size, room.listenerCount, vi.getTimerCount()]).toEqual([0, 0, 0]);
});

test('consent is asked for with the text to read aloud, and one key answers', async () => {
  panel.room = room as never;
  room.join();
  await room.call('coach_hello', hello({ consent: { state: 'pending', policy: 'call' } }));
  expect(text('.read-aloud')).toBe(
    'I have an assistant in this call. Is everybody all right with that?',
  );
  expect(isSeen('.consent')).toBe(true);

  press('g');
  await settle();

  expect(told()).toEqual(['{"v":1,"action":"consent_granted"}']);
});

test('revoking by key clears the panel before the coach has answered', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  room.answers['coach_control'] = () => new Promise(() => undefined);

  press('r');

  expect(panel.shadowRoot?.querySelector('.card')).toBeNull();
  expect(text('.state-word')).toBe('Revoking consent');
  expect(panel.shadowRoot?.textContent).not.toContain('anchor on payback');
});

test.each([
  ['u', 'useful'],
  ['x', 'used'],
  ['d', 'dismiss'],
])('the key %s says %s', async (key, action) => {
  await listening();
  await room.call('coach_nudge', nudge());

  press(key);
  await settle();

  expect(told()).toEqual([`{"v":1,"nudge_id":"n-1","action":"${action}"}`]);
});

test('a dispute takes a note, also after the hint has left the stage', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  press('!');
  await room.call('coach_nudge', nudge({ id: 'n-2', headline: 'Another hint' }));
  expect(text('.about')).toBe('Price objection: anchor on payback');

  (find('#note') as HTMLTextAreaElement).value = 'They meant the other product';
  find('form.note').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await settle();

  expect(told()).toEqual([
    '{"v":1,"nudge_id":"n-1","action":"dispute","note":"They meant the other product"}',
  ]);
});

test.each([
  ['1', 60],
  ['5', 300],
  ['f', 900],
])('the key %s mutes for %i seconds', async (key, seconds) => {
  await listening();

  press(key);
  await settle();

  expect(told()).toEqual([`{"v":1,"action":"mute","seconds":${seconds}}`]);
  expect(text('.state-word')).toBe('Muted');
});

test('a key that somebody types into a field of the host does nothing', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  for (const markup of [
    '<input id="t">',
    '<textarea id="t"></textarea>',
    '<p id="t" contenteditable>x</p>',
    '<div role="textbox" id="t"></div>',
  ]) {
    document.body.insertAdjacentHTML('beforeend', `<div>${markup}</div>`);
    press('d', document.body.lastElementChild?.firstElementChild as Element);
  }
  await settle();

  expect(told()).toEqual([]);
});

test('a key with a modifier, a repeated one and one that the host took do nothing', async () => {
  await listening();
  await room.call('coach_nudge', nudge());

  press('u', document.body, { ctrlKey: true });
  press('u', document.body, { repeat: true });
  document.body.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
  press('u');
  await settle();

  expect(told()).toEqual([]);
});

test('shortcuts can be switched off, stay off, and the list is still reachable by its button', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  press('?');
  find('#shortcuts').click();

  press('u');
  await settle();

  expect(told()).toEqual([]);
  expect(localStorage.getItem('coach-panel-shortcuts')).toBe('off');
  find('[data-do="help"]').click();
  expect(isSeen('.help')).toBe(false);
});

test('the host can leave the page its keys', async () => {
  panel.setAttribute('shortcuts', 'panel');
  await listening();
  await room.call('coach_nudge', nudge());

  press('u');
  press('x', find('.card'));
  await settle();

  expect(told()).toEqual(['{"v":1,"nudge_id":"n-1","action":"used"}']);
});

test('a proposal shows exactly what will be written, and lapses by itself', async () => {
  await listening();
  const proposal = { id: 'p-1', text: 'Log outcome:  two  spaces\nand a line, \u202Ereversed' };
  await room.call('coach_nudge', nudge({ kind: 'approval', proposal, relevant_ms: 5000 }));
  expect(text('.proposal-text')).toBe('Log outcome:  two  spaces\nand a line, \ufffdreversed');

  await vi.advanceTimersByTimeAsync(5001);
  press('+');
  find('.row-line').click();

  expect(told()).toEqual([]);
  expect(text('.row .fate')).toBe('Lapsed, nothing was written');
});

test('a proposal that another hint has pushed aside can still be approved', async () => {
  await listening();
  const proposal = { id: 'p-1', text: 'Log outcome: yes' };
  await room.call('coach_nudge', nudge({ kind: 'approval', proposal, relevant_ms: 60_000 }));
  await room.call('coach_nudge', nudge({ id: 'n-2' }));
  expect(isSeen('.row [data-do="approve"]')).toBe(true);

  press('+');
  await settle();

  expect(told()).toEqual(['{"v":1,"nudge_id":"n-1","action":"approve"}']);
});

test('what failed is said in plain words', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  room.answers['coach_feedback'] = () => Promise.reject(new Error('gone'));

  press('u');
  await settle();

  expect(text('.notice')).toBe('Not sent: the coach could not be reached.');
});
