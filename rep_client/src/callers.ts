/** Who may call the rep's client: agents, and only the named one if the host named one. */

import { ParticipantKind } from './livekit.js';
import type { ParticipantPort, RoomPort } from './room-port.js';

const KNOWN_WITHIN_MS = 3000; // the server announces an agent without tracks that much later
const WAITING_LIMIT = 32; // calls that may wait for their caller at the same time
const COACH_PREFIX = 'call-assistant-';

/** Tells agents from everybody else, by what the server says about a participant. */
export class CallerGate {
  /** The agent whose message was taken last: what the rep says goes there. */
  lastTaken: string | null = null;
  private readonly _waiting = new Set<() => void>();
  private _isClosed = false;

  constructor(
    private readonly _room: RoomPort,
    /** Believe only this agent; null: believe any participant of kind agent. */
    public agentIdentity: string | null,
  ) {}

  /** Decide about a caller; one that is not in the participant list yet is waited for. */
  async admits(identity: string): Promise<boolean> {
    if (!identity || !this._isNamed(identity)) return false;
    if (!this._room.remoteParticipants.has(identity)) await this._arrival(identity);
    return this.mayBeCoach(this._room.remoteParticipants.get(identity));
  }

  /** Tell whether messages of this participant are believed. */
  mayBeCoach(participant: ParticipantPort | undefined): boolean {
    return participant?.kind === ParticipantKind.AGENT && this._isNamed(participant.identity);
  }

  /** List the agents present, the most likely coach first. */
  coaches(): string[] {
    const rank = (identity: string) =>
      identity === this.lastTaken ? 0 : identity.startsWith(COACH_PREFIX) ? 1 : 2;
    return [...this._room.remoteParticipants.values()]
      .filter((participant) => this.mayBeCoach(participant))
      .map((participant) => participant.identity)
      .sort((one, other) => rank(one) - rank(other));
  }

  /** Take note that somebody has joined. */
  arrived(): void {
    for (const look of [...this._waiting]) look();
  }

  /** Stop waiting for anybody. */
  close(): void {
    this._isClosed = true;
    this.arrived();
  }

  private _isNamed(identity: string): boolean {
    return this.agentIdentity === null || this.agentIdentity === identity;
  }

  private _arrival(identity: string): Promise<void> {
    if (this._waiting.size >= WAITING_LIMIT) return Promise.resolve();
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this._waiting.delete(look);
        resolve();
      };
      const look = () => {
        if (this._isClosed || this._room.remoteParticipants.has(identity)) done();
      };
      const timer = setTimeout(done, KNOWN_WITHIN_MS);
      this._waiting.add(look);
    });
  }
}
