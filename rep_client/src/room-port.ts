/** What this client needs of a LiveKit room: a real `Room` fits, and so does a scripted one. */

import type { PerformRpcParams, RpcInvocationData } from 'livekit-client';
import type { Connection } from './call-state.js';

export interface ParticipantPort {
  readonly identity: string;
  /** What the server says; `isAgent` of livekit-client would also follow a permission. */
  readonly kind: number;
}

export type RpcHandler = (call: RpcInvocationData) => Promise<string>;

export interface RoomPort {
  readonly name: string;
  readonly state: string;
  readonly remoteParticipants: ReadonlyMap<string, ParticipantPort>;
  readonly localParticipant: {
    performRpc(params: PerformRpcParams): Promise<string>;
  };
  /** Throws where the method is registered already, which that of the participant need not do. */
  registerRpcMethod(method: string, handler: RpcHandler): void;
  unregisterRpcMethod(method: string): void;
  // the listener's arguments differ by event, as in livekit-client
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** Tell how the room is connected; while only the signal connection is renewed, messages flow. */
export function connectionOf(room: RoomPort): Connection {
  if (room.state === 'connected' || room.state === 'signalReconnecting') return 'connected';
  return room.state === 'reconnecting' ? 'reconnecting' : 'disconnected';
}
