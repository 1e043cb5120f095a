/** Draws who is in the call: a tile for each person, the shared screen large above them. */

import { type Participant, ParticipantKind, type Room, RoomEvent, Track } from 'livekit-client';

import { byId, icon, make } from './elements.js';

const CHANGES = [
  RoomEvent.Connected,
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantNameChanged,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.LocalTrackPublished,
  RoomEvent.LocalTrackUnpublished,
  RoomEvent.TrackMuted,
  RoomEvent.TrackUnmuted,
] as const;

/** A track, and the element that plays it. */
interface Shown {
  track: Track;
  element: HTMLMediaElement;
}

export class Tiles {
  private readonly tiles = new Map<string, Tile>();
  private readonly sounds = new Map<string, HTMLMediaElement>();
  private screen: Shown | undefined;

  constructor(private readonly room: Room) {
    for (const change of CHANGES) {
      room.on(change, () => this.draw());
    }
    room.on(RoomEvent.ActiveSpeakersChanged, (speakers) => {
      const speaking = new Set(speakers.map((speaker) => speaker.identity));
      for (const [identity, tile] of this.tiles) {
        tile.element.classList.toggle('speaks', speaking.has(identity));
      }
    });
  }

  private draw(): void {
    const people = [this.room.localParticipant, ...this.room.remoteParticipants.values()].filter(
      (each) => each.identity !== '' && each.kind !== ParticipantKind.AGENT,
    );
    for (const identity of this.tiles.keys()) {
      if (!people.some((person) => person.identity === identity)) {
        this.tiles.get(identity)?.remove();
        this.tiles.delete(identity);
      }
    }
    for (const person of people) {
      this.tileOf(person).draw(person);
    }
    this.play(people);
    this.drawScreen(people);
  }

  private tileOf(person: Participant): Tile {
    let tile = this.tiles.get(person.identity);
    if (!tile) {
      tile = new Tile(person.isLocal);
      this.tiles.set(person.identity, tile);
      byId('tiles').append(tile.element);
    }
    return tile;
  }

  /** Plays everybody else's voice, each in an element of its own. */
  private play(people: Participant[]): void {
    const heard = new Map<string, Track>();
    for (const person of people.filter((each) => !each.isLocal)) {
      const track = person.getTrackPublication(Track.Source.Microphone)?.track;
      if (track?.sid) {
        heard.set(track.sid, track);
      }
    }
    for (const [sid, element] of this.sounds) {
      if (!heard.has(sid)) {
        element.remove();
        this.sounds.delete(sid);
      }
    }
    for (const [sid, track] of heard) {
      if (!this.sounds.has(sid)) {
        const element = track.attach();
        this.sounds.set(sid, element);
        document.body.append(element);
      }
    }
  }

  private drawScreen(people: Participant[]): void {
    const track = people
      .map((person) => person.getTrackPublication(Track.Source.ScreenShare))
      .find((publication) => publication?.track && !publication.isMuted)?.track;
    if (track === this.screen?.track) {
      return;
    }
    this.screen?.track.detach(this.screen.element);
    this.screen?.element.remove();
    this.screen = track && { track, element: track.attach() };
    const place = byId('screen');
    place.hidden = !this.screen;
    place.parentElement?.classList.toggle('shares', this.screen !== undefined);
    if (this.screen) {
      this.screen.element.setAttribute('aria-label', 'The shared screen');
      place.append(this.screen.element);
    }
  }
}

class Tile {
  readonly element: HTMLLIElement;
  private readonly initials = make('span', 'initials');
  private readonly label = make('span', 'label');
  private camera: Shown | undefined;
  private drawn = '';

  constructor(isOwn: boolean) {
    this.element = make('li', isOwn ? 'tile own' : 'tile');
    this.initials.setAttribute('aria-hidden', 'true');
    this.element.append(this.initials, this.label);
  }

  draw(person: Participant): void {
    const name = person.name || person.identity;
    const shown = person.isLocal ? `${name} (you)` : name;
    const state = `${shown} ${person.isMicrophoneEnabled}`;
    if (state !== this.drawn) {
      this.drawn = state;
      this.initials.textContent = initialsOf(name);
      this.label.replaceChildren(
        ...(person.isMicrophoneEnabled ? [] : [icon('mic-off')]),
        make('span', 'name', person.isMicrophoneEnabled ? shown : `${shown}, muted`),
      );
    }
    this.drawCamera(person);
  }

  remove(): void {
    this.camera?.track.detach(this.camera.element);
    this.element.remove();
  }

  private drawCamera(person: Participant): void {
    const publication = person.getTrackPublication(Track.Source.Camera);
    const track = publication && !publication.isMuted ? publication.track : undefined;
    if (track === this.camera?.track) {
      return;
    }
    this.camera?.track.detach(this.camera.element);
    this.camera?.element.remove();
    this.camera = track && { track, element: track.attach() };
    if (this.camera) {
      this.camera.element.setAttribute('aria-hidden', 'true'); // the label says who it is
      this.initials.after(this.camera.element);
    }
  }
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/u).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : '']
    .map((word) => [...(word ?? '')][0]?.toUpperCase() ?? '')
    .join('');
}
