/** Every state of the panel, each brought about by what a coach and a rep would really do. */

import type { FakeRoom } from '../test/fake-room.js';
import { ARABIC_GUIDANCE, arabicWords, isArabic } from './arabic.js';
import { hello, nudge, status } from '../test/samples.js';
import { DISCLOSURE, GUIDANCE, QUESTION, COMPETITOR, SIGNAL, PACE, PROPOSAL } from './hints.js';

export interface Stage {
  readonly room: FakeRoom;
  /** Press a key as the rep does. */
  press(key: string): void;
  /** Wait until the page has drawn, or longer. */
  rest(ms?: number): Promise<void>;
}

type Scene = (stage: Stage) => Promise<void>;

export const scenes: Readonly<Record<string, Scene>> = {
  'not-connected': async ({ room }) => room.become('disconnected'),
  'waiting-for-coach': async ({ room }) => room.become('connected'),
  'waiting-for-consent': async ({ room }) => {
    room.join();
    await room.call(
      'coach_hello',
      hello({ disclosure: DISCLOSURE, consent: { state: 'pending', policy: 'call' } }),
    );
    await room.call(
      'coach_status',
      status({
        state: 'waiting_for_consent',
        consent: 'pending',
        stage: 'opening',
        guidance: 'Agree on the time, the goal of the call and what happens at its end.',
      }),
    );
  },
  'consent-denied': async ({ room }) => {
    await granted(room);
    await room.call(
      'coach_status',
      status({ state: 'waiting_for_consent', consent: 'denied', guidance: GUIDANCE }),
    );
  },
  'consent-revoking': async (stage) => {
    await granted(stage.room);
    stage.room.answers['coach_control'] = () => new Promise(() => undefined);
    stage.press('r');
  },
  'consent-revoked': async ({ room }) => {
    await granted(room);
    await room.call(
      'coach_status',
      status({ state: 'waiting_for_consent', consent: 'revoked', guidance: GUIDANCE }),
    );
  },
  listening: async ({ room }) => granted(room),
  thinking: async ({ room }) => {
    await granted(room);
    await room.call('coach_status', status({ thinking: true, guidance: GUIDANCE }));
  },
  degraded: async ({ room }) => {
    await granted(room);
    await room.call(
      'coach_status',
      status({ state: 'degraded', reasons: ['llm_down', 'rep_moments_off'], guidance: GUIDANCE }),
    );
  },
  muted: async (stage) => {
    await granted(stage.room);
    stage.press('5');
  },
  ended: async ({ room }) => {
    await talk(room);
    await room.call('coach_status', status({ at_ms: 500_000, state: 'ended', guidance: GUIDANCE }));
  },
  lost: async ({ room }) => {
    await granted(room);
    room.leave();
  },
  reconnecting: async ({ room }) => {
    await granted(room);
    room.become('reconnecting');
  },
  'nudge-objection': async ({ room }) => {
    await granted(room);
    await show(room, { created_ms: 63_110 });
  },
  'nudge-details': async (stage) => {
    await granted(stage.room);
    await show(stage.room, { created_ms: 63_110 });
    stage.press('o');
  },
  'nudge-question': async ({ room }) => {
    await granted(room);
    await show(room, QUESTION);
  },
  'nudge-competitor': async ({ room }) => {
    await granted(room);
    await show(room, COMPETITOR);
  },
  'nudge-discount': async ({ room }) => {
    await granted(room);
    await show(room, {
      kind: 'discount',
      headline: 'Discount asked: trade it, do not give it',
      say: 'If we find a way on price, can you sign this month?',
      created_ms: 90_000,
    });
  },
  'nudge-signal': async ({ room }) => {
    await granted(room);
    await show(room, SIGNAL);
  },
  'nudge-pace': async ({ room }) => {
    await granted(room);
    await show(room, PACE);
  },
  'nudge-stage': async ({ room }) => {
    await granted(room);
    await show(room, {
      kind: 'stage',
      headline: 'Before you present: who decides, and by when?',
      say: 'Who else should see this before you decide?',
      evidence: null,
      created_ms: 240_000,
    });
  },
  'nudge-screen': async ({ room }) => {
    await granted(room);
    await show(room, {
      kind: 'screen',
      headline: 'Same slide for four minutes',
      say: '',
      detail: 'Move on to the schedule board or stop sharing.',
      evidence: null,
      created_ms: 290_000,
    });
  },
  'nudge-card': async ({ room }) => {
    await granted(room);
    await show(room, {
      kind: 'card',
      path: 'ask',
      headline: 'Encryption: AES-256 at rest, TLS 1.3 in transit',
      say: '',
      evidence: null,
      created_ms: 333_000,
    });
  },
  'nudge-unknown': async ({ room }) => {
    await granted(room);
    await show(room, {
      kind: 'omen',
      headline: 'A kind of hint that this panel does not know',
      created_ms: 20_000,
    });
  },
  'nudge-longest': async (stage) => {
    await granted(stage.room);
    await show(stage.room, {
      headline:
        'Unternehmenslizenzvereinbarungen verlängern: Zahlungsziel, Mengenrabatt, Laufzeit, Kündigungsfrist, Ansprechpartner, Freigabe, Unterschrift',
      say: 'Wollen wir zuerst über das Zahlungsziel sprechen und danach darüber, welche Laufzeit zu Ihrem Haushaltsjahr passt, oder lieber umgekehrt beginnen?',
      detail:
        'Erst die Laufzeit, dann das Zahlungsziel.\nNie beides in einem Satz.\nWer die Unterschrift leistet, gehört ins Protokoll.',
      created_ms: 3_723_000,
    });
    stage.press('o');
  },
  'nudge-rated': async (stage) => {
    await granted(stage.room);
    await show(stage.room, { created_ms: 63_110 });
    stage.press('u');
  },
  approval: async ({ room }) => {
    await granted(room);
    await show(room, PROPOSAL);
  },
  'approval-below-a-hint': async ({ room }) => {
    await granted(room);
    await show(room, PROPOSAL);
    await show(room, { ...SIGNAL, created_ms: 432_000 });
  },
  'approval-lapsed': async (stage) => {
    await granted(stage.room);
    await show(stage.room, { ...PROPOSAL, relevant_ms: 30 });
    await stage.rest(120);
    click('.row-line');
  },
  'timeline-quiet': async ({ room }) => talk(room),
  'timeline-with-hint': async (stage) => {
    await talk(stage.room);
    await show(stage.room, SIGNAL);
  },
  'timeline-open': async (stage) => {
    await talk(stage.room);
    click('.row:nth-child(2) .row-line');
  },
  note: async (stage) => {
    await talk(stage.room);
    await show(stage.room, SIGNAL);
    stage.press('!');
  },
  'mute-menu': async (stage) => {
    await talk(stage.room);
    click('[data-do="mute"]');
  },
  help: async (stage) => {
    await talk(stage.room);
    stage.press('?');
  },
  failed: async (stage) => {
    await granted(stage.room);
    await show(stage.room, { created_ms: 63_110 });
    stage.room.answers['coach_feedback'] = () => Promise.reject(new Error('gone'));
    stage.press('u');
  },
};

function click(selector: string): void {
  const shadow = document.querySelector('coach-panel')?.shadowRoot;
  shadow?.querySelector<HTMLElement>(selector)?.click();
}

async function granted(room: FakeRoom): Promise<void> {
  room.join();
  await room.call('coach_hello', hello({ disclosure: DISCLOSURE }));
  await room.call('coach_status', status({ guidance: isArabic() ? ARABIC_GUIDANCE : GUIDANCE }));
}

/** A call of some minutes with a few hints behind it. */
async function talk(room: FakeRoom): Promise<void> {
  await granted(room);
  await show(room, { id: 'n-o', created_ms: 63_110, relevant_ms: 0 });
  await show(room, { ...PACE, relevant_ms: 0 });
  await show(room, { ...COMPETITOR, relevant_ms: 0 });
  await show(room, { ...QUESTION, relevant_ms: 0 });
  const panel = document.querySelector('coach-panel');
  await panel?.coach?.feedback('n-o', 'used');
  await panel?.coach?.feedback('n-q', 'useful');
}

/** Show a hint that is never too old, whatever it says of its time. */
async function show(room: FakeRoom, fields: Record<string, unknown>): Promise<void> {
  const words = isArabic() ? arabicWords(fields) : {};
  await room.call('coach_nudge', nudge({ ...fields, ...words, expires_in_ms: 10_000_000 }));
}
