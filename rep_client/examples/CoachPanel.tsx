/** The panel in React 19: a custom element whose properties React sets by itself. */

import 'coach-panel';
import type { CoachPanel as CoachPanelElement } from 'coach-panel';
import type { Room } from 'livekit-client';
import { useEffect, useRef } from 'react';

export function CoachPanel({ room, callId }: { room: Room; callId?: string }) {
  const panel = useRef<CoachPanelElement>(null);

  useEffect(() => {
    const element = panel.current;
    if (!element) return;
    element.callId = callId ?? null;
    element.room = room;
    return () => element.dispose();
  }, [room, callId]);

  return <coach-panel ref={panel} />;
}

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'coach-panel': React.DetailedHTMLProps<
        React.HTMLAttributes<CoachPanelElement>,
        CoachPanelElement
      >;
    }
  }
}
