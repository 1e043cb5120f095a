/** How the state of a call changes: one function per thing that can happen, all of them pure. */

import {
  type CallState,
  type Connection,
  MUTED_REASON,
  type ShownNudge,
  isOver,
  isRefusal,
  lapsesAt,
  muteEndsAt,
  shownNudges,
} from './call-state.js';
import { INVALID_PAYLOAD, InvalidMessage } from './fields.js';
import { ageMs, withMessage } from './freshness.js';
import type { Consent, Hello, Nudge, Status } from './messages.js';
import type { FeedbackAction } from './requests.js';

const HISTORY_LIMIT = 30;
const REVS_LIMIT = 256;
const FORMER_RUNS_LIMIT = 8;

/** What the coach is told about a nudge. */
export type Reply = 'shown' | 'muted' | 'expired' | 'duplicate';

/**
 * Show a nudge, or say why not; throws InvalidMessage if it is of another call.
 *
 * `now` is later than `arrivedAt` if its sender was waited for.
 */
export function receiveNudge(
  before: CallState,
  nudge: Nudge,
  arrivedAt: number,
  now: number,
): [CallState, Reply] {
  const state = heard(before, nudge, nudge.createdMs, arrivedAt);
  if (nudge.run !== state.run) return [state, 'expired'];
  if ((state.revs.get(nudge.id) ?? -1) >= nudge.rev) return [state, 'duplicate'];
  const age = ageMs(state.freshness, nudge.run, nudge.createdMs, now);
  if (age > nudge.expiresInMs || isWithheld(state, nudge)) return [state, 'expired'];
  if (muteEndsAt(state, now) !== null) return [state, 'muted'];
  return show(state, nudge, now);
}

/** Show what the rep has asked for: also while muted, and also when it was shown before. */
export function receiveAnswer(before: CallState, nudge: Nudge, now: number): CallState {
  const state = heard(before, nudge, nudge.createdMs, now);
  if (nudge.run !== state.run || isWithheld(state, nudge)) return state;
  const history = shownNudges(state).filter((shown) => shown.nudge.id !== nudge.id);
  return putFirst({ ...state, history, latest: null }, nudge, now);
}

/** Take the coach's introduction; throws InvalidMessage if it is of another call. */
export function receiveHello(before: CallState, hello: Hello, now: number): CallState {
  const state = heard(before, hello, hello.atMs, now);
  if (hello.run !== state.run) return state;
  const told = { ...state, disclosure: hello.disclosure };
  // its consent is older than what the last status said
  if (state.status && hello.atMs < state.status.atMs) return told;
  return withConsent(told, hello.consent, hello.atMs);
}

/** Take the coach's status; an older one than the last changes nothing. Throws like the others. */
export function receiveStatus(before: CallState, status: Status, now: number): CallState {
  const state = heard(before, status, status.atMs, now);
  if (status.run !== state.run || (state.status && status.atMs < state.status.atMs)) return state;
  return withConsent({ ...state, status }, status.consent, status.atMs);
}

/** Fold the prominent nudge away when its time is over and the rep is not busy with it. */
export function advance(state: CallState, now: number): CallState {
  const { latest } = state;
  return latest && !state.isHeld && now >= lapsesAt(latest) ? folded(state) : state;
}

/** Keep the prominent nudge where it is while the rep is busy with it, or let it go. */
export function hold(state: CallState, isHeld: boolean): CallState {
  return { ...state, isHeld };
}

/** Show nothing until then; infinite: until unmuted. */
export function mute(state: CallState, until: number): CallState {
  return { ...state, mutedUntil: until };
}

/** Show nudges again; what the last status said about muting is over, too. */
export function unmute(state: CallState): CallState {
  const status = state.status && {
    ...state.status,
    mutedUntilMs: null,
    reasons: state.status.reasons.filter((reason) => reason !== MUTED_REASON),
  };
  return { ...state, mutedUntil: null, status };
}

/** Note what the rep thinks of a nudge; a dismissed or answered one leaves the stage. */
export function rate(
  state: CallState,
  nudgeId: string,
  feedback: FeedbackAction | undefined,
  isSending: boolean,
): CallState {
  const next = withShown(state, nudgeId, ({ nudge, shownAt }) =>
    feedback ? { nudge, shownAt, feedback, isSending } : { nudge, shownAt },
  );
  const leaves = feedback === 'dismiss' || (!isSending && /approve|reject/.test(feedback ?? ''));
  return leaves && state.latest?.nudge.id === nudgeId ? folded(next) : next;
}

/** Clear everything because the rep says no; show nothing until the coach has confirmed it. */
export function refuse(state: CallState, refusal: NonNullable<CallState['refusal']>): CallState {
  return { ...cleared(state), isWithheld: true, refusal };
}

/** Forget that the rep said no: everybody agreed after all. */
export function agree(state: CallState): CallState {
  return { ...state, isWithheld: false, refusal: null };
}

/** Note how this client is connected. */
export function withConnection(state: CallState, connection: Connection): CallState {
  return { ...state, connection };
}

/** Note whether the agent that was heard last is in the room. */
export function withPresence(state: CallState, isPresent: boolean): CallState {
  return { ...state, hasLeft: !isPresent };
}

/** Check the call, follow a new run, and take note of the time. */
function heard(
  before: CallState,
  { run, callId }: Nudge | Hello | Status,
  stampMs: number,
  arrivedAt: number,
): CallState {
  const isOther = callId !== null && before.callId !== null && callId !== before.callId;
  // whoever dispatches anew and names no call gets another one: it may follow one that is over
  if (isOther && (before.isNamed || !isOver(before, arrivedAt))) {
    throw new InvalidMessage(INVALID_PAYLOAD, 'another call');
  }
  const mayReplace = !before.formerRuns.includes(run) || isOver(before, arrivedAt);
  const state = run !== before.run && mayReplace ? withRun(before, run) : before;
  return {
    ...state,
    callId: callId ?? state.callId,
    freshness: withMessage(state.freshness, run, stampMs, arrivedAt),
    lastHeardAt: run === state.run ? arrivedAt : state.lastHeardAt,
    hasLeft: run !== state.run && state.hasLeft,
  };
}

function withRun(state: CallState, run: string): CallState {
  const former = [...state.formerRuns, state.run].filter(
    (name): name is string => name !== null && name !== run,
  );
  return {
    ...folded(state),
    run,
    formerRuns: former.slice(-FORMER_RUNS_LIMIT),
    status: null,
    consent: 'unknown',
    withheldUntilMs: null,
    // a coach that begins anew may not know that the rep said no
    isWithheld: state.refusal !== null,
    revs: new Map(),
  };
}

function withConsent(before: CallState, consent: Consent, atMs: number): CallState {
  if (consent === 'unknown') return before;
  const state = isRefusal(consent) ? cleared(before) : before;
  return {
    ...state,
    consent,
    withheldUntilMs: consent === 'granted' ? state.withheldUntilMs : atMs,
    // a grant that was sent before the rep's no reached the coach does not undo it
    isWithheld: state.isWithheld && consent === 'granted',
  };
}

function isWithheld(state: CallState, nudge: Nudge): boolean {
  return state.isWithheld || nudge.createdMs <= (state.withheldUntilMs ?? -Infinity);
}

function show(state: CallState, nudge: Nudge, now: number): [CallState, Reply] {
  if (!state.revs.has(nudge.id)) return [putFirst(state, nudge, now), 'shown'];
  // it was shown and has left the panel since
  const isGone = shownNudges(state).every((shown) => shown.nudge.id !== nudge.id);
  if (isGone) return [state, 'duplicate'];
  const next = withShown(state, nudge.id, (shown) => ({ ...shown, nudge }));
  return [{ ...next, revs: withRev(state, nudge) }, 'shown'];
}

/** Change one nudge where it is. */
function withShown(
  state: CallState,
  nudgeId: string,
  change: (shown: ShownNudge) => ShownNudge,
): CallState {
  const changed = (shown: ShownNudge) => (shown.nudge.id === nudgeId ? change(shown) : shown);
  return {
    ...state,
    latest: state.latest && changed(state.latest),
    history: state.history.map(changed),
  };
}

function putFirst(state: CallState, nudge: Nudge, now: number): CallState {
  const latest = { nudge, shownAt: now };
  return { ...folded(state), latest, revs: withRev(state, nudge) };
}

function folded(state: CallState): CallState {
  const history = shownNudges(state).slice(0, HISTORY_LIMIT);
  return { ...state, latest: null, history, isHeld: false };
}

function cleared(state: CallState): CallState {
  return { ...state, latest: null, history: [], isHeld: false };
}

function withRev(state: CallState, nudge: Nudge): ReadonlyMap<string, number> {
  const revs = new Map(state.revs);
  revs.delete(nudge.id); // the last set is the last to be forgotten
  if (revs.size >= REVS_LIMIT) revs.delete(revs.keys().next().value as string);
  return revs.set(nudge.id, nudge.rev);
}
