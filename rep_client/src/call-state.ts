/**
 * What the rep's client knows at one moment: an immutable value, with the questions a view asks.
 *
 * All points in time are own time (see `freshness`), in milliseconds, unless they end in `Ms` of a
 * message. `call-changes` makes the next state from this one.
 */

import { type Freshness, ownTime } from './freshness.js';
import type { Consent, Nudge, Status } from './messages.js';
import type { FeedbackAction } from './requests.js';

export const LOST_AFTER_MS = 45_000;
export const MUTED_REASON = 'muted';

/** This client's own connection to the room. */
export type Connection = 'connected' | 'reconnecting' | 'disconnected';

/** The one word for how things are, the most pressing first. */
export type Condition =
  | 'disconnected'
  | 'reconnecting'
  | 'waiting_for_coach'
  | 'ended'
  | 'coach_lost'
  | 'waiting_for_consent'
  | 'consent_denied'
  | 'consent_revoking'
  | 'consent_revoked'
  | 'muted'
  | 'degraded'
  | 'listening';

/** A nudge that the rep has seen, and what the rep said about it. */
export interface ShownNudge {
  readonly nudge: Nudge;
  readonly shownAt: number;
  /** The last answer of the rep; undefined: none yet. */
  readonly feedback?: FeedbackAction;
  /** The answer is on its way to the coach. */
  readonly isSending?: boolean;
}

/** Everything that is known about the call. */
export interface CallState {
  readonly connection: Connection;
  /** The call this client belongs to, fixed by the host or by the first message. */
  readonly callId: string | null;
  /** The host has fixed it. */
  readonly isNamed: boolean;
  /** The coach's present job in that call; former ones are refused while it is alive. */
  readonly run: string | null;
  readonly formerRuns: readonly string[];
  readonly freshness: Freshness;
  readonly lastHeardAt: number | null;
  /** The agent that was heard last has left the room. */
  readonly hasLeft: boolean;
  readonly status: Status | null;
  readonly consent: Consent;
  readonly disclosure: string;
  /** Nudges created up to here (call's clock) fall under a refused consent. */
  readonly withheldUntilMs: number | null;
  /** The rep has revoked or denied, and this run has not confirmed it yet. */
  readonly isWithheld: boolean;
  /** What the rep last said about consent, if that was a no: a coach that restarts is told again. */
  readonly refusal: 'consent_denied' | 'consent_revoked' | null;
  /** The prominent nudge. */
  readonly latest: ShownNudge | null;
  /** Folded nudges, newest first. */
  readonly history: readonly ShownNudge[];
  /** Highest revision shown, by nudge id. */
  readonly revs: ReadonlyMap<string, number>;
  /** End of the rep's own mute; infinite: until unmuted. */
  readonly mutedUntil: number | null;
  /** The latest nudge stays prominent while the rep is busy with it. */
  readonly isHeld: boolean;
}

/** What is known before anything was heard. */
export function initialState(callId: string | null, connection: Connection): CallState {
  return {
    connection,
    callId,
    isNamed: callId !== null,
    run: null,
    formerRuns: [],
    freshness: new Map(),
    lastHeardAt: null,
    hasLeft: false,
    status: null,
    consent: 'unknown',
    disclosure: '',
    withheldUntilMs: null,
    isWithheld: false,
    refusal: null,
    latest: null,
    history: [],
    revs: new Map(),
    mutedUntil: null,
    isHeld: false,
  };
}

/** Tell whether a coach that was there has left, or been silent for too long. */
export function isLost(state: CallState, now: number): boolean {
  return state.hasLeft || (state.lastHeardAt !== null && now - state.lastHeardAt > LOST_AFTER_MS);
}

/** Tell whether the present run has ended or is lost. */
export function isOver(state: CallState, now: number): boolean {
  return state.status?.state === 'ended' || isLost(state, now);
}

/** Tell until when nothing is shown, by the rep's word or the coach's; null: not muted. */
export function muteEndsAt(state: CallState, now: number): number | null {
  const { status } = state;
  let end = state.mutedUntil ?? 0;
  if (status?.mutedUntilMs != null) {
    end = Math.max(end, ownTime(state.freshness, status.run, status.mutedUntilMs, now));
  }
  if (end <= now && status?.reasons.includes(MUTED_REASON)) end = Infinity;
  return end > now ? end : null;
}

/** Tell whether somebody in the call said no. */
export function isRefusal(consent: Consent): consent is 'denied' | 'revoked' {
  return consent === 'denied' || consent === 'revoked';
}

/** Tell whether the rep has still to ask the people in the call. */
export function needsConsent(state: CallState): boolean {
  const waits = state.status?.state === 'waiting_for_consent' && state.consent === 'unknown';
  return !state.isWithheld && (state.consent === 'pending' || waits);
}

/** Name how things are in one word. */
export function condition(state: CallState, now: number): Condition {
  if (state.connection !== 'connected') return state.connection;
  if (state.lastHeardAt === null) return 'waiting_for_coach';
  if (state.status?.state === 'ended') return 'ended';
  if (isLost(state, now)) return 'coach_lost';
  if (state.isWithheld)
    return state.refusal === 'consent_denied' ? 'consent_denied' : 'consent_revoking';
  if (isRefusal(state.consent)) return `consent_${state.consent}`;
  if (needsConsent(state)) return 'waiting_for_consent';
  if (muteEndsAt(state, now) !== null) return 'muted';
  return state.status?.state === 'degraded' ? 'degraded' : 'listening';
}

/** List what is on the panel, newest first. */
export function shownNudges(state: CallState): readonly ShownNudge[] {
  return state.latest ? [state.latest, ...state.history] : state.history;
}

/** Tell when a nudge stops being prominent, and a proposal lapses. */
export function lapsesAt(shown: ShownNudge): number {
  return shown.shownAt + shown.nudge.relevantMs;
}

/** Tell whether a nudge is a proposal that the rep can still answer. */
export function isOpenProposal(shown: ShownNudge, now: number): boolean {
  const isAnswered = /approve|reject|dismiss/.test(shown.feedback ?? '');
  return shown.nudge.proposal !== null && !isAnswered && now < lapsesAt(shown);
}

/** Tell when the state next looks different by itself; infinite: only if something happens. */
export function changesAt(state: CallState, now: number): number {
  const times = shownNudges(state)
    .filter((shown) => shown === state.latest || isOpenProposal(shown, now))
    .map(lapsesAt);
  times.push((state.lastHeardAt ?? Infinity) + LOST_AFTER_MS + 1);
  times.push(muteEndsAt(state, now) ?? Infinity);
  return Math.min(...times.filter((time) => time > now));
}
