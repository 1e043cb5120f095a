/**
 * Shares a tab or a window, never what would show the rep's panel to everybody.
 *
 * The panel is private in the room; a shared screen is a way around all of that, through glass.
 */

import { type LocalTrack, LocalVideoTrack, type Room, Track } from 'livekit-client';

/** Newer than the DOM library's own types. */
interface SurfaceOptions extends DisplayMediaStreamOptions {
  selfBrowserSurface: 'include' | 'exclude';
  monitorTypeSurfaces: 'include' | 'exclude';
  surfaceSwitching: 'include' | 'exclude';
}

export class SharesTooMuch extends Error {}

/**
 * Asks what to share, publishes it, and returns what kind of surface it is.
 * Throws `SharesTooMuch` for a whole screen.
 */
export async function shareScreen(room: Room, onEnded: () => void): Promise<string | undefined> {
  const options: SurfaceOptions = {
    video: { displaySurface: 'browser', frameRate: 15 },
    audio: false,
    selfBrowserSurface: 'exclude',
    monitorTypeSurfaces: 'exclude',
    surfaceSwitching: 'exclude',
  };
  const stream = await navigator.mediaDevices.getDisplayMedia(options);
  const media = stream.getVideoTracks()[0];
  if (!media) {
    return undefined;
  }
  const { displaySurface } = media.getSettings();
  // Not every browser knows how to leave whole screens out of its list.
  if (displaySurface === 'monitor') {
    media.stop();
    throw new SharesTooMuch();
  }
  media.contentHint = 'detail';
  const track = new LocalVideoTrack(media, undefined, false);
  media.addEventListener('ended', () => {
    void stopSharing(room).finally(onEnded);
  });
  await room.localParticipant.publishTrack(track, { source: Track.Source.ScreenShare });
  return displaySurface;
}

export async function stopSharing(room: Room): Promise<void> {
  const track = sharedTrack(room);
  if (track) {
    await room.localParticipant.unpublishTrack(track, true);
  }
}

export function sharedTrack(room: Room): LocalTrack | undefined {
  return room.localParticipant.getTrackPublication(Track.Source.ScreenShare)?.track;
}
