import { expect, test, vi } from 'vitest';
import { find, isSeen, listening, panel, room, settle, text } from '../../test/drawn.js';
import { AGENT, FakeRoom } from '../../test/fake-room.js';
import { nudge, status } from '../../test/samples.js';
import type { CoachPanelEventMap } from './coach-panel.js';
import { de } from './texts/de.js';
import { en } from './texts/en.js';

test('without a room it says that there is no call', () => {
  expect(text('.state-word')).toBe('Not in the call');
  expect(text('.guidance')).not.toBe('');
});

test('a hint stands there with its kind as a word, its line to say and its evidence', async () => {
  await listening();

  await room.call('coach_nudge', nudge());

  expect(isSeen('.card')).toBe(true);
  expect(text('.kind-word')).toBe('Objection');
  expect(text('.headline')).toBe('Price objection: anchor on payback');
  expect(text('.say-text')).toBe('Most teams earn this back in six weeks. Shall we look at yours?');
  expect(text('.evidence')).toBe('that is way over our budgetProspect, 1:01');
  expect(isSeen('.detail')).toBe(false);
});

test('a room that connects later is fine', async () => {
  room.state = 'disconnected';
  panel.room = room as never;
  expect(text('.state-word')).toBe('Not in the call');

  room.become('connected');

  expect(text('.state-word')).toBe('Waiting for the coach');
});

test('another room: the former one keeps nothing of the panel', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  const other = new FakeRoom();

  panel.room = other as never;

  expect([room.methods.size, room.listenerCount]).toEqual([0, 0]);
  expect(other.methods.size).toBe(3);
  expect(panel.shadowRoot?.querySelector('.card')).toBeNull();
});

test('two panels on one room: the second says so, the first goes on', async () => {
  await listening();
  const errors: string[] = [];
  const second = document.createElement('coach-panel');
  second.addEventListener('coach-error', (event) => errors.push(event.detail.code));
  document.body.append(second);

  second.room = room as never;

  expect(errors).toEqual(['already_attached']);
  expect(second.shadowRoot?.querySelector('.quiet-hint')?.textContent).toContain(
    'Another coach panel',
  );
  expect(await room.call('coach_nudge', nudge())).toBe('shown');
});

test('a question that nothing fits is answered in words', async () => {
  await listening();
  room.answers['coach_ask'] = () => 'null';
  (find('.ask .field') as HTMLInputElement).value = 'parking';

  find('.ask').dispatchEvent(new Event('submit', { bubbles: true, cancelable: true }));
  await settle();

  expect(text('.notice')).toBe('Nothing in the playbook fits.');
  expect(room.performed.at(-1)).toMatchObject({
    destinationIdentity: AGENT,
    payload: '{"v":1,"text":"parking"}',
  });
});

test('a hint is announced politely and takes no focus', async () => {
  document.body.insertAdjacentHTML('beforeend', '<button id="host">host</button>');
  const host = document.querySelector<HTMLElement>('#host');
  host?.focus();
  await listening();

  await room.call('coach_nudge', nudge());

  const said = panel.shadowRoot?.querySelector('[aria-live="polite"]')?.textContent;
  expect(said).toContain('Objection. Price objection: anchor on payback.');
  expect(document.activeElement).toBe(host);
});

test('degraded says why in plain words', async () => {
  await listening();

  await room.call(
    'coach_status',
    status({ state: 'degraded', reasons: ['stt_down', 'new_service_slow'] }),
  );

  expect(text('.state-word')).toBe('Listening, with limits');
  expect(text('.why')).toBe('Speech recognition is down · new service is slow');
});

test.each([en, de])(
  'every reason that the coach can give has words of its own',
  ({ reasons }) => {
    const given = ['llm', 'llm_first_choice', 'stt_first_choice', 'crm', 'outcome', 'trace', 'inbox'];

    for (const name of given) expect(reasons).toHaveProperty(`${name}_down`);
    expect(reasons).toHaveProperty('rep_moments_off');
  },
);

test('a listener to an event of the element gets its detail, typed', async () => {
  await listening();
  const headlines: string[] = [];
  const listener = (event: CoachPanelEventMap['coach-nudge']) =>
    headlines.push(event.detail.nudge.headline);

  panel.addEventListener('coach-nudge', listener);
  await room.call('coach_nudge', nudge());
  panel.removeEventListener('coach-nudge', listener);
  await room.call('coach_nudge', nudge({ id: 'n-2' }));

  expect(headlines).toEqual(['Price objection: anchor on payback']);
});

test('German is loaded when the page is German', async () => {
  document.documentElement.lang = 'de-AT';
  await listening();
  vi.useRealTimers();

  await vi.waitFor(() => expect(text('.state-word')).toBe('Hört zu'));
});

test('a language without words falls back to English', async () => {
  panel.lang = 'constructor';
  await listening();

  expect(text('.state-word')).toBe('Listening');
});

test('a hundred hints leave no more nodes than forty', async () => {
  await listening();
  const count = (): number => panel.shadowRoot?.querySelectorAll('*').length ?? 0;
  for (let index = 0; index < 40; index += 1)
    await room.call('coach_nudge', nudge({ id: `a-${index}` }));
  const before = count();

  for (let index = 0; index < 100; index += 1)
    await room.call('coach_nudge', nudge({ id: `b-${index}` }));

  expect(count()).toBe(before);
});

test('removed from the page it answers nothing; put back it starts anew', async () => {
  await listening();
  await room.call('coach_nudge', nudge());

  panel.remove();
  await settle();
  expect([room.methods.size, room.listenerCount]).toEqual([0, 0]);
  document.body.append(panel);

  expect(room.methods.size).toBe(3);
  expect(panel.shadowRoot?.querySelector('.card')).toBeNull();
});

test('moved within the page it goes on as before', async () => {
  await listening();
  await room.call('coach_nudge', nudge());
  const aside = document.body.appendChild(document.createElement('aside'));

  aside.append(panel);
  await settle();

  expect(text('.headline')).toBe('Price objection: anchor on payback');
});

test('a room that was set before the code of the element came is taken', () => {
  const early = new FakeRoom();
  panel.remove();
  Object.defineProperty(panel, 'room', {
    value: early,
    configurable: true,
    writable: true,
    enumerable: true,
  });

  document.body.append(panel);

  expect(panel.room).toBe(early);
  expect(early.methods.size).toBe(3);
});
