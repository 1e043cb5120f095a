/** The headless client: what a host that draws its own panel imports. */

import type { Room } from 'livekit-client';
import { Coach, type CoachOptions } from './client.js';
import type { RoomPort } from './room-port.js';

export type { CallState, Condition, Connection, ShownNudge } from './call-state.js';
export type { CoachErrorCode } from './coach-error.js';
export type { CoachEventMap, CoachEventName } from './events.js';
export type { Consent, Evidence, Hello, Nudge, NudgeKind, Proposal, Status } from './messages.js';
export type { ControlAction, FeedbackAction, Question } from './requests.js';
export type { Coach, CoachOptions };
export { CoachError } from './coach-error.js';

/**
 * Attach to a room that may or may not be connected yet.
 *
 * Throws CoachError `already_attached` if the room already has a client of the coach, and
 * `two_copies` if the room was made by another copy of livekit-client.
 */
export function connectCoach(room: Room | RoomPort, options: CoachOptions = {}): Coach {
  return new Coach(room as RoomPort, options);
}
