/** Messages of the coach, as it writes them. */

export const CALL = 'c-2291';

type Message = Record<string, unknown>;

export const hello = (fields: Message = {}): Message => ({
  v: 1,
  run: 'r7',
  at_ms: 0,
  call_id: CALL,
  methods: ['coach_feedback', 'coach_control', 'coach_ask'],
  consent: { state: 'granted', policy: 'call' },
  disclosure: 'I have an assistant in this call. Is everybody all right with that?',
  ...fields,
});

export const status = (fields: Message = {}): Message => ({
  v: 1,
  run: 'r7',
  at_ms: 0,
  call_id: CALL,
  state: 'listening',
  consent: 'granted',
  stage: 'discovery',
  guidance: 'Ask before you show.',
  thinking: false,
  muted_until_ms: null,
  reasons: [],
  lag_ms: 0,
  ...fields,
});

export const nudge = (fields: Message = {}): Message => ({
  v: 1,
  run: 'r7',
  call_id: CALL,
  id: 'n-1',
  rev: 0,
  final: true,
  moment: 'price_objection',
  kind: 'objection',
  path: 'trigger',
  headline: 'Price objection: anchor on payback',
  detail: 'They flagged budget. Show the ROI slide; cite the 6-week payback.',
  say: 'Most teams earn this back in six weeks. Shall we look at yours?',
  source: { type: 'battlecard', id: 'roi-calculator' },
  evidence: {
    speaker: 'prospect',
    identity: 'buyer-1',
    quote: 'that is way over our budget',
    start_ms: 61200,
    end_ms: 63050,
  },
  priority: 70,
  created_ms: 10,
  expires_in_ms: 6000,
  relevant_ms: 20000,
  ...fields,
});
