/** The row of buttons: microphone, camera, screen, sound, leave. */

import { type Room, RoomEvent } from 'livekit-client';

import { byId, icon, make, say } from './elements.js';
import { SharesTooMuch, sharedTrack, shareScreen, stopSharing } from './screen.js';

const CHANGES = [
  RoomEvent.Connected,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
] as const;

/** No browser tells whether a window is the one that this page is in. */
const WINDOW_IS_SHARED = 'You share a window: not this one, or everybody sees the coach.';

export class Controls {
  constructor(private readonly room: Room) {
    const me = room.localParticipant;
    onClick('microphone', () => this.setMicrophone(!me.isMicrophoneEnabled));
    onClick('camera', () => this.setCamera(!me.isCameraEnabled));
    onClick('share', () => this.toggleShare());
    onClick('sound', () => room.startAudio());
    onClick('leave', () => room.disconnect());
    for (const change of CHANGES) {
      room.on(change, () => this.draw());
    }
    room.on(RoomEvent.AudioPlaybackStatusChanged, () => {
      byId('sound').hidden = room.canPlaybackAudio; // browsers wait for a click
    });
  }

  async setMicrophone(isOn: boolean): Promise<void> {
    await attempt(this.room.localParticipant.setMicrophoneEnabled(isOn), 'microphone');
    this.draw();
  }

  async setCamera(isOn: boolean): Promise<void> {
    await attempt(this.room.localParticipant.setCameraEnabled(isOn), 'camera');
    this.draw();
  }

  private async toggleShare(): Promise<void> {
    if (sharedTrack(this.room)) {
      await stopSharing(this.room);
      say('You no longer share your screen.');
    } else {
      try {
        const surface = await shareScreen(this.room, () => this.draw());
        say(surface === 'window' ? WINDOW_IS_SHARED : 'You share a tab.');
      } catch (error) {
        say(whyNotShared(error));
      }
    }
    this.draw();
  }

  private draw(): void {
    const me = this.room.localParticipant;
    const isSharing = sharedTrack(this.room) !== undefined;
    const hears = me.isMicrophoneEnabled;
    const sees = me.isCameraEnabled;
    show('microphone', hears, hears ? 'mic' : 'mic-off', ['Unmute', 'Mute']);
    show('camera', sees, sees ? 'camera' : 'camera-off', ['Start camera', 'Stop camera']);
    show('share', isSharing, 'share', ['Share screen', 'Stop sharing']);
  }
}

/** Shows what a button does now; the word changes, so no pressed state is announced beside it. */
function show(id: string, isOn: boolean, symbol: string, words: [string, string]): void {
  const button = byId(id);
  button.classList.toggle('on', isOn);
  button.replaceChildren(icon(symbol), make('span', '', words[isOn ? 1 : 0]));
}

function onClick(id: string, act: () => Promise<void>): void {
  byId(id).addEventListener('click', () => void act());
}

async function attempt(change: Promise<unknown>, device: string): Promise<void> {
  try {
    await change;
  } catch (error) {
    const isDenied = error instanceof DOMException && error.name === 'NotAllowedError';
    say(isDenied ? `The browser does not allow the ${device}.` : `There is no ${device} to use.`);
  }
}

function whyNotShared(error: unknown): string {
  if (error instanceof SharesTooMuch) {
    return 'A whole screen would show the coach to everybody. Share a tab or a window.';
  }
  const isOwnChoice = error instanceof DOMException && error.name === 'NotAllowedError';
  return isOwnChoice ? 'Nothing is shared.' : 'The screen cannot be shared.';
}
