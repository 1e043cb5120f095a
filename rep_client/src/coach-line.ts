/** The calls that the rep makes to the coach. Nobody else is ever called. */

import type { CallerGate } from './callers.js';
import { CoachError, type CoachErrorCode } from './coach-error.js';
import { INVALID_PAYLOAD, TOO_LARGE, UNKNOWN_ID, UNSUPPORTED_METHOD } from './fields.js';
import { RpcError } from './livekit.js';
import { type Nudge, parseAnswer } from './messages.js';
import {
  type ControlAction,
  type FeedbackAction,
  type Question,
  askRequest,
  controlRequest,
  feedbackRequest,
} from './requests.js';
import type { RoomPort } from './room-port.js';

const BY_RPC_CODE: Readonly<Record<number, CoachErrorCode>> = {
  [INVALID_PAYLOAD]: 'not_understood',
  [UNKNOWN_ID]: 'unknown_id',
  [TOO_LARGE]: 'unsendable',
  [UNSUPPORTED_METHOD]: 'not_allowed',
  1502: 'timeout',
};

/** Calls the agent that the gate takes for the coach; what fails rejects with CoachError. */
export class CoachLine {
  constructor(
    private readonly _room: RoomPort,
    private readonly _gate: CallerGate,
  ) {}

  async feedback(nudgeId: string, action: FeedbackAction, note?: string): Promise<void> {
    await this._call('coach_feedback', feedbackRequest(nudgeId, action, note));
  }

  async control(action: ControlAction, seconds?: number): Promise<void> {
    await this._call('coach_control', controlRequest(action, seconds));
  }

  async ask(question: Question): Promise<Nudge | null> {
    return parseAnswer(await this._call('coach_ask', askRequest(question)));
  }

  /** Ask every agent present to introduce itself; one that does not is no coach, or not ready. */
  greet(): void {
    for (const identity of this._gate.coaches()) {
      // a coach that is not ready says hello by itself when it is
      this._perform(identity, 'coach_control', controlRequest('hello')).catch(() => undefined);
    }
  }

  private async _call(method: string, payload: string): Promise<string> {
    const [coach] = this._room.state === 'connected' ? this._gate.coaches() : [];
    if (coach === undefined) throw new CoachError('no_coach', 'no coach');
    try {
      return await this._perform(coach, method, payload);
    } catch (error) {
      const rpcCode = error instanceof RpcError ? error.code : null;
      const code = BY_RPC_CODE[rpcCode ?? 0] ?? 'unreachable';
      throw new CoachError(code, `the coach did not take ${method}`, rpcCode);
    }
  }

  private _perform(identity: string, method: string, payload: string): Promise<string> {
    return this._room.localParticipant.performRpc({
      destinationIdentity: identity,
      method,
      payload,
    });
  }
}
