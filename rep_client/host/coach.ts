/** The coach beside the rep's call: its panel, and what to do when it is not there. */

import { type Participant, ParticipantKind, type Room, RoomEvent } from 'livekit-client';

import { byId } from './elements.js';
import { callCoach } from './endpoints.js';

/** What this page uses of `<coach-panel>`. */
interface CoachPanel extends HTMLElement {
  room: Room | null;
  agentIdentity: string | null;
  callId: string | null;
  dispose(): void;
}

export class Coach {
  private readonly panel = document.createElement('coach-panel') as CoachPanel;
  private readonly button = byId<HTMLButtonElement>('call-coach');
  private identity?: string;
  private hasFailed = false;

  private constructor(
    private readonly room: Room,
    callId: string,
  ) {
    this.panel.callId = callId;
    this.panel.room = room; // before it connects, so that no first word of the coach is missed
    byId('panel').replaceChildren(this.panel);
    byId('side').hidden = false;
    byId('meeting').classList.add('has-side');
    this.button.onclick = () => void this.call();
    room.on(RoomEvent.ParticipantConnected, this.draw);
    room.on(RoomEvent.ParticipantDisconnected, this.draw);
  }

  /** Shows the panel. Its code is loaded here, so a prospect's page never holds it. */
  static async beside(room: Room, callId: string): Promise<Coach> {
    await import('coach-panel');
    return new Coach(room, callId);
  }

  /** Asks the backend for the coach. One that is already there is found, not doubled. */
  async call(): Promise<void> {
    this.button.disabled = true;
    byId('coach-missing-text').textContent = 'The coach is on its way …';
    this.panel.agentIdentity = null; // another one may speak before the answer names it
    try {
      this.identity = await callCoach(this.identity);
      this.panel.agentIdentity = this.identity;
      this.hasFailed = false;
    } catch {
      this.hasFailed = true;
    }
    this.button.disabled = false;
    this.draw();
  }

  dispose(): void {
    this.room.off(RoomEvent.ParticipantConnected, this.draw);
    this.room.off(RoomEvent.ParticipantDisconnected, this.draw);
    this.panel.dispose();
    this.panel.remove();
    byId('side').hidden = true;
    byId('meeting').classList.remove('has-side');
  }

  private readonly draw = (): void => {
    const agents = [...this.room.remoteParticipants.values()].filter(isAgent);
    // another one than the panel believes is as good as none, until the backend has named it
    const isThere = agents.some(({ identity }) => identity === (this.identity ?? identity));
    byId('coach-missing').hidden = isThere || this.button.disabled;
    byId('coach-missing-text').textContent = this.hasFailed
      ? 'No coach came.'
      : 'The coach is not in the call.';
  };
}

export function isAgent(person: Participant): boolean {
  return person.kind === ParticipantKind.AGENT;
}
