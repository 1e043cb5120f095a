/**
 * What the coach tells the rep: nudges, hello and status, parsed from the wire.
 *
 * Texts are plain text when they leave here. What a field may hold is checked here and nowhere
 * else. Points in time are on the call's clock, in milliseconds.
 */

import { Fields, invalid } from './fields.js';
import { exact } from './plain-text.js';

const ID_LIMIT = 40;
const CALL_ID_LIMIT = 64;
const NAME_LIMIT = 120;
const HEADLINE_LIMIT = 120;
const HEADLINE_WORDS = 12;
const SAY_LIMIT = 160;
const LONG_TEXT_LIMIT = 1200; // a whole message has 2,048 bytes
const REASONS_LIMIT = 16;
const DEFAULT_RELEVANT_MS = 20_000;
const LONGEST_RELEVANT_MS = 600_000;

/** What a nudge is about; a kind that this client does not know is `neutral`. */
export const NUDGE_KINDS = [
  'objection',
  'question',
  'competitor',
  'discount',
  'signal',
  'pace',
  'stage',
  'screen',
  'approval',
  'card',
  'neutral',
] as const;
export type NudgeKind = (typeof NUDGE_KINDS)[number];

/** Whether the people in the call agreed to the coach. */
const CONSENTS = ['pending', 'granted', 'denied', 'revoked', 'unknown'] as const;
export type Consent = (typeof CONSENTS)[number];

/** What the coach says of itself. */
const COACH_STATES = ['waiting_for_consent', 'listening', 'degraded', 'ended', 'unknown'] as const;
export type CoachState = (typeof COACH_STATES)[number];

/** The words, or the moment, that caused a nudge. */
export interface Evidence {
  readonly speaker: string;
  readonly identity: string;
  readonly quote: string;
  readonly startMs: number | null;
  readonly endMs: number | null;
}

/** What waits for the rep's yes: `text` is exactly what will be written. */
export interface Proposal {
  readonly id: string;
  readonly text: string;
}

/** One short hint. */
export interface Nudge {
  readonly run: string;
  readonly callId: string;
  readonly id: string;
  readonly rev: number;
  readonly isFinal: boolean;
  readonly kind: NudgeKind;
  readonly moment: string;
  readonly path: string;
  readonly headline: string;
  readonly detail: string;
  readonly say: string;
  readonly source: { readonly type: string; readonly id: string } | null;
  readonly evidence: Evidence | null;
  readonly proposal: Proposal | null;
  readonly priority: number;
  readonly createdMs: number;
  readonly expiresInMs: number;
  readonly relevantMs: number;
}

/** The coach introduces itself, with the text that the rep reads aloud. */
export interface Hello {
  readonly run: string;
  readonly callId: string;
  readonly atMs: number;
  readonly methods: readonly string[];
  readonly consent: Consent;
  readonly policy: string;
  readonly disclosure: string;
}

/** How the coach is. */
export interface Status {
  readonly run: string;
  readonly callId: string | null;
  readonly atMs: number;
  readonly state: CoachState;
  readonly consent: Consent;
  readonly stage: string;
  readonly guidance: string;
  readonly isThinking: boolean;
  readonly mutedUntilMs: number | null;
  readonly reasons: readonly string[];
  readonly lagMs: number;
}

/** Parse a nudge; throws InvalidMessage. */
export function parseNudge(payload: string): Nudge {
  const fields = Fields.fromJson(payload);
  return {
    run: fields.key('run', CALL_ID_LIMIT),
    callId: fields.key('call_id', CALL_ID_LIMIT),
    id: fields.key('id', ID_LIMIT),
    rev: fields.integer('rev', 0, 0),
    isFinal: fields.flag('final', true),
    kind: fields.oneOf('kind', NUDGE_KINDS, 'neutral'),
    moment: fields.text('moment', NAME_LIMIT),
    path: fields.text('path', ID_LIMIT),
    headline: headline(fields),
    detail: fields.text('detail', LONG_TEXT_LIMIT, true),
    say: fields.text('say', SAY_LIMIT),
    source: source(fields.nested('source')),
    evidence: evidence(fields.nested('evidence')),
    proposal: proposal(fields.nested('proposal')),
    priority: Math.min(100, fields.integer('priority', 0, 50)),
    createdMs: fields.integer('created_ms'),
    expiresInMs: fields.integer('expires_in_ms', 0),
    relevantMs: Math.min(
      fields.integer('relevant_ms', 0, DEFAULT_RELEVANT_MS),
      LONGEST_RELEVANT_MS,
    ),
  };
}

/** Parse the answer to a question: a nudge, or null when nothing fits; throws InvalidMessage. */
export function parseAnswer(payload: string): Nudge | null {
  return payload.trim() === 'null' ? null : parseNudge(payload);
}

/** Parse a hello; throws InvalidMessage. */
export function parseHello(payload: string): Hello {
  const fields = Fields.fromJson(payload);
  const consent = fields.nested('consent');
  return {
    run: fields.key('run', CALL_ID_LIMIT),
    callId: fields.key('call_id', CALL_ID_LIMIT),
    atMs: fields.integer('at_ms', -Infinity, 0),
    methods: fields.texts('methods', ID_LIMIT, REASONS_LIMIT),
    consent: consent?.oneOf('state', CONSENTS, 'unknown') ?? 'unknown',
    policy: consent?.text('policy', ID_LIMIT) ?? '',
    disclosure: fields.text('disclosure', LONG_TEXT_LIMIT, true),
  };
}

/** Parse a status; throws InvalidMessage. */
export function parseStatus(payload: string): Status {
  const fields = Fields.fromJson(payload);
  return {
    run: fields.key('run', CALL_ID_LIMIT),
    callId: fields.raw('call_id') || null,
    atMs: fields.integer('at_ms'),
    state: fields.oneOf('state', COACH_STATES, 'unknown'),
    consent: fields.oneOf('consent', CONSENTS, 'unknown'),
    stage: fields.text('stage', ID_LIMIT),
    guidance: fields.text('guidance', LONG_TEXT_LIMIT),
    isThinking: fields.flag('thinking', false),
    mutedUntilMs: fields.optionalInteger('muted_until_ms'),
    reasons: fields.texts('reasons', ID_LIMIT, REASONS_LIMIT),
    lagMs: fields.integer('lag_ms', -Infinity, 0),
  };
}

function headline(fields: Fields): string {
  const text = fields.text('headline', HEADLINE_LIMIT) || invalid('headline', 'there');
  const words = text.split(' ');
  return words.length > HEADLINE_WORDS ? words.slice(0, HEADLINE_WORDS).join(' ') + '…' : text;
}

function source(fields: Fields | null): Nudge['source'] {
  return fields && { type: fields.text('type', NAME_LIMIT), id: fields.text('id', NAME_LIMIT) };
}

function evidence(fields: Fields | null): Evidence | null {
  return (
    fields && {
      speaker: fields.text('speaker', NAME_LIMIT),
      identity: fields.text('identity', NAME_LIMIT),
      quote: fields.text('quote', LONG_TEXT_LIMIT),
      startMs: fields.optionalInteger('start_ms'),
      endMs: fields.optionalInteger('end_ms'),
    }
  );
}

function proposal(fields: Fields | null): Proposal | null {
  // not shortened: what is approved is what is read, and so nothing to read is nothing to approve
  const text = exact(fields?.raw('text') ?? '');
  return fields && text.trim() ? { id: fields.raw('id'), text } : null;
}
