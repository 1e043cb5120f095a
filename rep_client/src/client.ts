/**
 * The rep's client without a face: receives the coach's calls on the host's own room, and calls
 * the coach. It owns no connection, shows nothing and writes nothing to the console.
 */

import * as changes from './call-changes.js';
import {
  type CallState,
  type Condition,
  changesAt,
  condition,
  initialState,
  isOpenProposal,
  shownNudges,
} from './call-state.js';
import { CallerGate } from './callers.js';
import { CoachError } from './coach-error.js';
import { CoachLine } from './coach-line.js';
import { type CoachEventMap, type CoachEventName, CoachEvents } from './events.js';
import { InvalidMessage } from './fields.js';
import { type Clock, Stopwatch, ageMs, systemClock } from './freshness.js';
import { type Nudge, parseHello, parseNudge, parseStatus } from './messages.js';
import { registerMethods } from './methods.js';
import type { ControlAction, FeedbackAction, Question } from './requests.js';
import { type ParticipantPort, type RoomPort, connectionOf } from './room-port.js';

const LONGEST_WAIT_MS = 2 ** 31 - 1; // a timer that is set for longer fires at once

export interface CoachOptions {
  /** Believe only this agent; otherwise any participant of kind agent is believed. */
  agentIdentity?: string | null;
  /** Believe only messages of this call; otherwise the first message decides. */
  callId?: string | null;
  /** Both clocks of this machine, for tests. */
  clock?: Clock;
}

export class Coach {
  private readonly _stopwatch: Stopwatch;
  private readonly _gate: CallerGate;
  private readonly _line: CoachLine;
  private readonly _events = new CoachEvents();
  private readonly _unregister: () => void;
  private _current: CallState;
  private _reported: Condition;
  private _roomName: string;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isRefusing = false;
  private _isDisposed = false;

  constructor(
    private readonly _room: RoomPort,
    private readonly _options: CoachOptions,
  ) {
    this._stopwatch = new Stopwatch(_options.clock ?? systemClock);
    this._gate = new CallerGate(_room, _options.agentIdentity ?? null);
    this._line = new CoachLine(_room, this._gate);
    this._roomName = _room.name;
    this._current = initialState(_options.callId ?? null, connectionOf(_room));
    this._reported = condition(this._current, 0);
    this._unregister = registerMethods(_room, this._gate, () => this.now(), {
      coach_nudge: (payload, arrivedAt, caller) => this._onNudge(payload, arrivedAt, caller),
      coach_hello: (payload, _, caller) => {
        const hello = parseHello(payload);
        this._took(changes.receiveHello(this.state, hello, this.now()), 'hello', hello, caller);
        return '{"v":1,"ready":true}';
      },
      coach_status: (payload, _, caller) => {
        const status = parseStatus(payload);
        this._took(changes.receiveStatus(this.state, status, this.now()), 'status', status, caller);
        return 'ok';
      },
    });
    for (const [event, listener] of this._heard) _room.on(event, listener);
    this._line.greet();
  }

  /** What is known at this moment. */
  get state(): CallState {
    this._current = changes.advance(this._current, this.now());
    return this._current;
  }

  get condition(): Condition {
    return condition(this.state, this.now());
  }

  /** Read the client's own time, the one that `state` reckons in, in milliseconds. */
  now(): number {
    return this._stopwatch.now();
  }

  /** Believe only this agent from now on; null: any participant of kind agent. */
  set agentIdentity(identity: string | null) {
    this._gate.agentIdentity = identity;
    this._line.greet(); // whoever is named may have given up saying hello
  }

  /** Listen to one kind of event; the returned function stops it. */
  on<Name extends CoachEventName>(
    name: Name,
    listener: (detail: CoachEventMap[Name]) => void,
  ): () => void {
    return this._events.on(name, listener);
  }

  /** Tell the coach what the rep thinks of a nudge; rejects with CoachError. */
  async feedback(nudgeId: string, action: FeedbackAction, note?: string): Promise<void> {
    const shown = shownNudges(this.state).find(({ nudge }) => nudge.id === nudgeId);
    if (/approve|reject/.test(action) && !(shown && isOpenProposal(shown, this.now()))) {
      throw this._failed(new CoachError('lapsed', 'the proposal has lapsed'));
    }
    this._become(changes.rate(this._current, nudgeId, action, true));
    try {
      await this._line.feedback(nudgeId, action, note);
    } catch (error) {
      this._become(changes.rate(this._current, nudgeId, shown?.feedback, false));
      throw this._failed(error);
    }
    this._become(changes.rate(this._current, nudgeId, action, false));
    this._events.emit('feedback', { nudgeId, action });
  }

  /** Ask for a card, by words or by id; null: nothing fits, or consent was refused meanwhile. */
  async ask(question: Question): Promise<Nudge | null> {
    try {
      const nudge = await this._line.ask(question);
      if (!nudge) return null;
      this._become(changes.receiveAnswer(this.state, nudge, this.now()));
      if (this._current.latest?.nudge !== nudge) return null;
      this._events.emit('nudge', { nudge, ageMs: 0, caller: this._gate.coaches()[0] ?? '' });
      return nudge;
    } catch (error) {
      throw this._failed(error);
    }
  }

  /** Show nothing for so many seconds, or until `unmute`; takes effect at once. */
  async mute(seconds?: number): Promise<void> {
    this._become(changes.mute(this._current, this.now() + (seconds ?? Infinity) * 1000));
    await this._control('mute', seconds);
  }

  async unmute(): Promise<void> {
    this._become(changes.unmute(this._current));
    await this._control('unmute');
  }

  /** Tell what the people in the call said; a no clears everything at once. */
  async consent(answer: 'granted' | 'denied' | 'revoked'): Promise<void> {
    const action = `consent_${answer}` as const;
    if (action === 'consent_granted') {
      this._become(changes.agree(this._current));
      return this._control(action);
    }
    this._become(changes.refuse(this._current, action));
    this._events.emit('cleared');
    this._isRefusing = true;
    try {
      await this._control(action);
    } finally {
      this._isRefusing = false;
    }
  }

  /** End the coach's job in this call. */
  async stop(): Promise<void> {
    await this._control('stop');
  }

  /** Keep the prominent nudge where it is while the rep is busy with it. */
  hold(isHeld: boolean): void {
    if (this._current.isHeld !== isHeld) this._become(changes.hold(this._current, isHeld));
  }

  /** Leave no listener, timer or method behind. Safe to call twice. */
  dispose(): void {
    if (this._isDisposed) return;
    this._isDisposed = true;
    this._events.close();
    this._gate.close();
    clearTimeout(this._timer);
    for (const [event, listener] of this._heard) this._room.off(event, listener);
    this._unregister();
  }

  private _onNudge(payload: string, arrivedAt: number, caller: string): string {
    const nudge = parseNudge(payload);
    const now = this.now();
    const [next, reply] = changes.receiveNudge(this.state, nudge, arrivedAt, now);
    this._current = next;
    if (nudge.run === next.run) this._gate.lastTaken = caller;
    if (reply === 'shown') {
      const age = ageMs(next.freshness, nudge.run, nudge.createdMs, now);
      this._events.emit('nudge', { nudge, ageMs: age, caller });
    } else {
      this._events.emit('ignored', { id: nudge.id, rev: nudge.rev, reply });
    }
    this._changed();
    return reply;
  }

  /** Tell a coach that believes to have consent what the rep has said meanwhile. */
  private _insist(told: string): void {
    const { refusal, isWithheld } = this._current;
    if (!isWithheld || told !== 'granted' || !refusal || this._isRefusing) return;
    this._isRefusing = true;
    const done = () => (this._isRefusing = false);
    this._line.control(refusal).then(done, done); // it is told again with its next status
  }

  private async _control(action: ControlAction, seconds?: number): Promise<void> {
    await this._line.control(action, seconds).catch((error: unknown) => {
      throw this._failed(error);
    });
  }

  private _failed(error: unknown): CoachError {
    const isUnreadable = error instanceof InvalidMessage;
    const failure = isUnreadable
      ? new CoachError('not_understood', error.message, error.code)
      : (error as CoachError);
    this._events.emit('error', failure);
    return failure;
  }

  private readonly _onJoined = (participant: ParticipantPort): void => {
    this._gate.arrived();
    if (!this._gate.mayBeCoach(participant)) return;
    if (participant.identity === this._gate.lastTaken) {
      this._become(changes.withPresence(this._current, true));
    }
    // its own hello may have come before this client was there
    if (this._current.lastHeardAt === null) this._line.greet();
  };

  private readonly _onLeft = (participant: ParticipantPort): void => {
    if (participant.identity !== this._gate.lastTaken) return;
    this._become(changes.withPresence(this._current, false));
  };

  private readonly _onConnection = (): void => {
    const connection = connectionOf(this._room);
    const isBack = connection === 'connected' && this._current.connection !== 'connected';
    if (this._room.name && this._room.name !== this._roomName) {
      if (this._roomName) {
        this._current = initialState(this._options.callId ?? null, connection);
        this._events.emit('cleared');
      }
      this._roomName = this._room.name;
    }
    this._become(changes.withConnection(this._current, connection));
    if (isBack) this._line.greet();
  };

  private readonly _heard = [
    ['participantConnected', this._onJoined],
    ['participantDisconnected', this._onLeft],
    ['connectionStateChanged', this._onConnection],
    ['moved', this._onConnection],
  ] as const;

  /** Take what a message has made of the state: it may have been cleared. */
  private _took<Name extends 'hello' | 'status'>(
    next: CallState,
    name: Name,
    message: CoachEventMap[Name],
    caller: string,
  ): void {
    const before = this._current;
    this._current = next;
    if (message.run === next.run) this._gate.lastTaken = caller;
    if (shownNudges(before).length && !shownNudges(next).length) this._events.emit('cleared');
    if (before.consent !== next.consent) this._events.emit('consent', { consent: next.consent });
    this._events.emit(name, message);
    this._changed();
    this._insist(message.consent);
  }

  private _become(next: CallState): void {
    this._current = next;
    this._changed();
  }

  private _changed(): void {
    if (this._isDisposed) return;
    clearTimeout(this._timer);
    const now = this.now();
    const waitMs = Math.min(changesAt(this._current, now) - now + 1, LONGEST_WAIT_MS);
    this._timer = setTimeout(() => this._become(this.state), waitMs);
    const present = condition(this._current, now);
    if (present !== this._reported) {
      this._reported = present;
      this._events.emit('condition', { condition: present });
      if (present === 'coach_lost') this._events.emit('lost');
    }
    this._events.emit('change');
  }
}
