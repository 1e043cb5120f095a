/** A panel of one's own: the headless client, and two elements of the page. */

import { connectCoach } from 'coach-panel/coach';
import type { Room } from 'livekit-client';

export function ownPanel(room: Room, headline: HTMLElement, state: HTMLElement): () => void {
  const coach = connectCoach(room);
  coach.on('nudge', ({ nudge }) => {
    headline.textContent = nudge.headline; // as text, never as markup
  });
  coach.on('cleared', () => {
    headline.textContent = '';
  });
  coach.on('condition', ({ condition }) => {
    state.textContent = condition;
  });
  return () => coach.dispose();
}
