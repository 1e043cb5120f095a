/** A small meeting page: joins a call as the rep or as the prospect, the coach beside the rep. */

import { DisconnectReason, Room, RoomEvent } from 'livekit-client';

import { Coach, isAgent } from './coach.js';
import { Controls } from './controls.js';
import { byId, say } from './elements.js';
import { type Admission, askForToken } from './endpoints.js';
import { Tiles } from './tiles.js';

/** What a reload takes up again. */
const JOINED = 'joined';

/** A page that is left or reloaded hangs up by itself; that is no wish to leave the call. */
let isUnloading = false;
addEventListener('beforeunload', () => {
  isUnloading = true;
});

interface Wishes {
  name: string;
  microphone: boolean;
  camera: boolean;
}

async function join(wishes: Wishes): Promise<void> {
  const button = byId<HTMLButtonElement>('join-button');
  button.disabled = true;
  byId('join-error').textContent = '';
  try {
    await enter(await askForToken(wishes.name), wishes);
  } catch {
    showLobby('The call cannot be joined. Is the link still good?');
  }
  button.disabled = false;
}

async function enter(admission: Admission, wishes: Wishes): Promise<void> {
  const room = new Room({ adaptiveStream: true, dynacast: true });
  new Tiles(room);
  const controls = new Controls(room);
  const coach = admission.role === 'rep' ? await Coach.beside(room, admission.call_id) : undefined;
  follow(room, admission, coach);
  try {
    await room.connect(admission.url, admission.token);
  } catch (error) {
    coach?.dispose();
    throw error;
  }
  sessionStorage.setItem(JOINED, JSON.stringify(wishes));
  byId('lobby').hidden = true;
  byId('meeting').hidden = false;
  await Promise.all([
    coach?.call(),
    wishes.microphone ? controls.setMicrophone(true) : undefined,
    wishes.camera ? controls.setCamera(true) : undefined,
  ]);
}

/** Shows what becomes of the connection, and who is there. */
function follow(room: Room, admission: Admission, coach: Coach | undefined): void {
  const draw = (): void => {
    const others = [...room.remoteParticipants.values()];
    const people = others.filter((other) => !isAgent(other));
    const names = people.map((person) => person.name || person.identity);
    byId('title').textContent = names.length > 0 ? `Call with ${names.join(', ')}` : 'Call';
    byId('assistant').hidden = people.length === others.length;
    byId('alone').hidden = !admission.invitation || people.length > 0;
  };
  if (admission.invitation) {
    byId<HTMLAnchorElement>('invitation').href = admission.invitation;
  }
  room.on(RoomEvent.Connected, draw);
  room.on(RoomEvent.ParticipantConnected, draw);
  room.on(RoomEvent.ParticipantDisconnected, draw);
  room.on(RoomEvent.Reconnecting, () => say('Reconnecting …'));
  room.on(RoomEvent.Reconnected, () => say('Connected again.'));
  room.on(RoomEvent.Disconnected, (reason) => {
    coach?.dispose();
    if (!isUnloading && !byId('meeting').hidden) {
      showLobby(whyLeft(reason));
    }
  });
}

function whyLeft(reason: DisconnectReason | undefined): string {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return 'You have left the call.';
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'You have joined from another window.';
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'The call has ended.';
    default:
      return 'The connection was lost.';
  }
}

function showLobby(why: string): void {
  sessionStorage.removeItem(JOINED);
  byId('tiles').replaceChildren();
  byId('meeting').hidden = true;
  byId('lobby').hidden = false;
  byId('join-error').textContent = why;
  byId('join-button').focus();
}

function wishes(): Wishes {
  return {
    name: byId<HTMLInputElement>('name').value,
    microphone: byId<HTMLInputElement>('with-microphone').checked,
    camera: byId<HTMLInputElement>('with-camera').checked,
  };
}

byId('join').addEventListener('submit', (event) => {
  event.preventDefault();
  void join(wishes());
});
const earlier = sessionStorage.getItem(JOINED);
if (earlier) {
  void join(JSON.parse(earlier) as Wishes);
}
