// The page of a prospect who means no good: joins with whatever token it was given, listens to
// everything, and calls whom it likes. `window.attack` is for the test.

import { Room, RoomEvent } from './livekit-client.js';

const room = new Room();
const heard = [];
const METHODS = ['coach_nudge', 'coach_hello', 'coach_status', 'coach_feedback', 'coach_control', 'coach_ask'];

for (const method of METHODS) {
  room.registerRpcMethod(method, async ({ payload }) => {
    heard.push(payload);
    return 'shown';
  });
}
room.on(RoomEvent.DataReceived, (payload) => heard.push(new TextDecoder().decode(payload)));

async function call(identity, method, payload) {
  try {
    const reply = await room.localParticipant.performRpc({
      destinationIdentity: identity,
      method,
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      responseTimeout: 3000,
    });
    return { reply };
  } catch (error) {
    return { code: error.code ?? 0, message: error.rawMessage ?? error.message, data: error.data ?? '' };
  }
}

/** Makes a call by hand, as a stream, in somebody else's name. */
async function spoof(identity, sender, method, payload) {
  const attributes = { id: crypto.randomUUID(), method, version: '2', response_timeout_ms: '3000' };
  try {
    await room.localParticipant.sendText(JSON.stringify(payload), {
      topic: 'lk.rpc_request',
      destinationIdentities: [identity],
      senderIdentity: sender,
      attributes: Object.fromEntries(Object.entries(attributes).map(([k, v]) => [`lk.rpc_request_${k}`, v])),
    });
    return 'sent';
  } catch (error) {
    return `not sent: ${error.message}`;
  }
}

async function broadcast(payload) {
  try {
    await room.localParticipant.publishData(new TextEncoder().encode(JSON.stringify(payload)), { reliable: true });
    return 'sent';
  } catch (error) {
    return `not sent: ${error.message}`;
  }
}

window.attack = {
  join: (url, token) => room.connect(url, token),
  others: () => [...room.remoteParticipants.values()].map((p) => ({ identity: p.identity, isAgent: p.isAgent })),
  call,
  spoof,
  broadcast,
  heard: () => heard,
};
