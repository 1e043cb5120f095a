import { expect, test } from 'vitest';
import { nudge, status } from '../../test/samples.js';
import { hold, advance, receiveNudge, receiveStatus, refuse } from '../call-changes.js';
import { type CallState, initialState } from '../call-state.js';
import { parseNudge, parseStatus } from '../messages.js';
import { de } from './texts/de.js';
import { en } from './texts/en.js';
import { type UiState, initialUi, reduce } from './ui-state.js';
import { type PanelModel, callTime, panelModel } from './view-model.js';

const withStatus = (state: CallState, fields = {}, now = 0): CallState =>
  receiveStatus(state, parseStatus(JSON.stringify(status(fields))), now);
const withNudge = (state: CallState, fields = {}, now = 0): CallState =>
  receiveNudge(state, parseNudge(JSON.stringify(nudge(fields))), now, now)[0];
const seen = (state: CallState, now = 0, ui: UiState = initialUi): PanelModel =>
  panelModel(state, ui, {
    texts: en,
    now,
    wallMs: 1_700_000_000_000,
    language: 'en-GB',
    isTaken: false,
  });
const fresh = initialState(null, 'connected');

test('the status is never blank', () => {
  const states = [
    fresh,
    initialState(null, 'disconnected'),
    withStatus(fresh, { state: 'something new', stage: '', guidance: '' }),
    withStatus(fresh, { state: 'ended' }),
    refuse(withStatus(fresh), 'consent_revoked'),
  ];

  for (const state of states) {
    const { word, guidance, quiet } = seen(state);
    expect(word && guidance && quiet[0]).toBeTruthy();
  }
});

test('stage and guidance stand there beside whatever happens', () => {
  const state = withNudge(withStatus(fresh, { state: 'degraded', reasons: ['llm_down'] }));

  const model = seen(state);

  expect([model.stage, model.guidance]).toEqual(['Discovery', 'Ask before you show.']);
});

test('a stage that nobody wrote a word for is readable', () => {
  expect(seen(withStatus(fresh, { stage: 'follow_up' })).stage).toBe('Follow up');
});

test('muted says until when on the wall', () => {
  const state = withStatus(fresh, { muted_until_ms: 120_000 });

  expect(seen(state).explanation).toMatch(/^Until \d\d:\d\d$/);
  expect(seen(withStatus(fresh, { reasons: ['muted'] })).explanation).toBe('Until you unmute');
});

test('a hint that the rep reads on in stays, and folds when let go', () => {
  const state = hold(withNudge(withStatus(fresh), { relevant_ms: 1000 }), true);

  expect(advance(state, 5000).latest).not.toBeNull();
  expect(advance(hold(state, false), 5000).latest).toBeNull();
});

test('refused consent shows no hint and no question', () => {
  const model = seen(withStatus(withNudge(withStatus(fresh)), { at_ms: 50, consent: 'revoked' }));

  expect([model.scene, model.card, model.earlier.length]).toEqual(['refused', null, 0]);
});

test('clearing takes the headline out of an open note', () => {
  const noting = reduce(initialUi, { type: 'note', nudgeId: 'n', headline: 'secret' });

  expect(reduce(noting, { type: 'cleared' })).toEqual(initialUi);
});

test('points of the call are written as a player does', () => {
  expect([0, 61_200, 3_723_000].map(callTime)).toEqual(['0:00', '1:01', '1:02:03']);
});

test('both languages have the same keys, and no text is empty by mistake', () => {
  const keys = (value: unknown, path = ''): string[] =>
    typeof value === 'object' && value
      ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}.${key}`))
      : [`${path}${value === '' ? ' empty' : ''}`];

  expect(keys(de)).toEqual(keys(en));
  expect(keys(en).filter((key) => key.endsWith(' empty'))).toEqual(['.reasons.muted empty']);
});
