/** A scripted, recording room: the server's half of what the client uses of livekit-client. */

import { ParticipantKind, type PerformRpcParams, RpcError } from 'livekit-client';
import type { ParticipantPort, RoomPort, RpcHandler } from '../src/room-port.js';

type Listener = (...args: never[]) => void;
type Answer = (params: PerformRpcParams) => string | Promise<string>;

export const AGENT = 'call-assistant-j1';

export class FakeRoom implements RoomPort {
  name = 'room-1';
  state = 'connected';
  readonly remoteParticipants = new Map<string, ParticipantPort>();
  /** What the rep's client has called, in order. */
  readonly performed: PerformRpcParams[] = [];
  readonly methods = new Map<string, RpcHandler>();
  readonly listeners = new Map<string, Set<Listener>>();
  /** Answers of the agent, by method; by default it takes everything. */
  readonly answers: Record<string, Answer> = {};

  readonly localParticipant = {
    performRpc: async (params: PerformRpcParams): Promise<string> => {
      this.performed.push(params);
      return (this.answers[params.method] ?? (() => 'ok'))(params);
    },
  };

  registerRpcMethod(method: string, handler: RpcHandler): void {
    if (this.methods.has(method)) throw Error(`RPC handler already registered for ${method}`);
    this.methods.set(method, handler);
  }

  unregisterRpcMethod(method: string): void {
    this.methods.delete(method);
  }

  on(event: string, listener: Listener): this {
    this.listeners.set(event, (this.listeners.get(event) ?? new Set()).add(listener));
    return this;
  }

  off(event: string, listener: Listener): this {
    this.listeners.get(event)?.delete(listener);
    return this;
  }

  emit(event: string, ...args: unknown[]): void {
    for (const listener of [...(this.listeners.get(event) ?? [])]) listener(...(args as never[]));
  }

  get listenerCount(): number {
    return [...this.listeners.values()].reduce((count, { size }) => count + size, 0);
  }

  /** Let somebody join; an agent unless told otherwise. */
  join(identity = AGENT, kind: number = ParticipantKind.AGENT): void {
    const participant = { identity, kind };
    this.remoteParticipants.set(identity, participant);
    this.emit('participantConnected', participant);
  }

  leave(identity = AGENT): void {
    const participant = this.remoteParticipants.get(identity);
    this.remoteParticipants.delete(identity);
    this.emit('participantDisconnected', participant);
  }

  become(state: string): void {
    this.state = state;
    this.emit('connectionStateChanged', state);
  }

  /** Call a method of the rep's client the way the SDK does: nobody registered it, error 1400. */
  async call(method: string, payload: unknown, callerIdentity = AGENT): Promise<string> {
    const handler = this.methods.get(method);
    const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
    if (!handler) throw RpcError.builtIn('UNSUPPORTED_METHOD');
    return handler({ requestId: 'q', callerIdentity, payload: text, responseTimeout: 2000 });
  }
}
