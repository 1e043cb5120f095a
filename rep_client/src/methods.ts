/** The methods that the coach calls: registered on the host's room, answered to the coach alone. */

import type { CallerGate } from './callers.js';
import { CoachError } from './coach-error.js';
import { InvalidMessage, UNSUPPORTED_METHOD } from './fields.js';
import { Room, RpcError } from './livekit.js';
import type { RoomPort } from './room-port.js';

/** Takes a message of the coach and returns the reply; throws InvalidMessage. */
export type Receiver = (payload: string, arrivedAt: number, caller: string) => string;

/**
 * Register a method for each receiver, or none; the returned function takes them back.
 *
 * Throws CoachError `already_attached` and `two_copies`.
 */
export function registerMethods(
  room: RoomPort,
  gate: CallerGate,
  now: () => number,
  receivers: Readonly<Record<string, Receiver>>,
): () => void {
  // its errors would be strange to the other copy, and so tell more than that there is no method
  if ('engine' in room && !(room instanceof Room)) {
    throw new CoachError('two_copies', 'the room is of another copy of livekit-client');
  }
  const done: string[] = [];
  const takeBack = (): void => {
    for (const method of done.splice(0)) room.unregisterRpcMethod(method);
  };
  try {
    for (const [method, receive] of Object.entries(receivers)) {
      room.registerRpcMethod(method, async ({ payload, callerIdentity }) => {
        const arrivedAt = now();
        // whoever is not the coach must not even learn that the method exists
        if (!(await gate.admits(callerIdentity)) || !done.length) throw noSuchMethod();
        try {
          return receive(payload, arrivedAt, callerIdentity);
        } catch (error) {
          if (error instanceof InvalidMessage) throw new RpcError(error.code, error.message);
          throw new RpcError(1500, 'failed');
        }
      });
      done.push(method);
    }
  } catch {
    takeBack(); // somebody else's methods stay as they are
    throw new CoachError(
      'already_attached',
      'the room has a client: dispose of that one first',
    );
  }
  return takeBack;
}

/** Make the error that livekit-client gives for a method that nobody registered, to the letter. */
function noSuchMethod(): RpcError {
  return new RpcError(UNSUPPORTED_METHOD, 'Method not supported at destination');
}
