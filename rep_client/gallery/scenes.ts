/** Every state of the panel, each brought about by what a coach and a rep would really do. */

import type { FakeRoom } from '../test/fake-room.js';
import { ARABIC_GUIDANCE, arabicWords, isArabic } from './arabic.js';
import { hello, nudge, status } from '../test/samples.js';

export interface Stage {
  readonly room: FakeRoom;
  /** Press a key as the rep does. */
  press(key: string): void;
  /** Wait until the page has drawn, or longer. */
  rest(ms?: number): Promise<void>;
}

type Scene = (stage: Stage) => Promise<void>;

const DISCLOSURE =
  'Before we start: I have an assistant in this call. It is the participant called Call assistant. ' +
  'While we talk, it listens, turns what we say into text and gives me short hints, which only I can see. ' +
  'If I share my screen, it looks at that too. It never looks at your camera and it never speaks. ' +
  'You may say no and the call goes on without it. You may also change your mind at any time: ' +
  'tell me, and it stops listening at once and what it heard is deleted. ' +
  'Is everybody on the call all right with that?';
const GUIDANCE =
  "Ask before you show: crews, today's tool, what goes wrong, who decides, by when, what it may cost.";

const QUESTION = {
  id: 'n-q',
  kind: 'question',
  moment: 'security_question',
  headline: 'Security: SOC 2 report, data stays in the EU',
  say: 'We hold SOC 2 Type II, and your data never leaves Frankfurt.',
  created_ms: 312_000,
  evidence: { speaker: 'prospect', identity: 'buyer-1', quote: 'where is our data stored', start_ms: 310_000, end_ms: 311_400 },
};
const COMPETITOR = {
  id: 'n-c',
  kind: 'competitor',
  headline: 'FieldFox: no offline mode, crews lose jobs in cellars',
  say: 'How do your crews work where there is no signal?',
  created_ms: 201_000,
};
const SIGNAL = {
  id: 'n-s',
  kind: 'signal',
  headline: 'Buying signal: agree on the next step now',
  say: 'Shall we put the pilot on Thursday?',
  created_ms: 402_000,
  evidence: { speaker: 'prospect', identity: 'buyer-1', quote: 'when could we start', start_ms: 400_000, end_ms: 401_200 },
};
const PACE = {
  id: 'n-p',
  kind: 'pace',
  headline: 'You have spoken for two minutes: ask something',
  say: 'What of this matters most to you?',
  detail: '',
  evidence: null,
  source: null,
  created_ms: 151_000,
};
const PROPOSAL = {
  id: 'n-a',
  kind: 'approval',
  path: 'tool',
  headline: '15 % is above your authority: ask for approval',
  say: 'Let me check what I can do on price by tomorrow.',
  detail: '',
  created_ms: 430_000,
  relevant_ms: 60_000,
  evidence: { speaker: 'rep', identity: 'rep-1', quote: 'I could do fifteen percent', start_ms: 428_000, end_ms: 429_500 },
  proposal: { id: 'p-1', text: 'Log outcome: discount of 15 % requested by Summit Electric, approval of J. Kern needed, decision by Friday.' },
};

export const scenes: Readonly<Record<string, Scene>> = {
  'not-connected': async ({ room }) => room.become('disconnected'),
  'waiting-for-coach': async ({ room }) => room.become('connected'),
  'waiting-for-consent': async ({ room }) => {
    room.join();
    await room.call('coach_hello', hello({ disclosure: DISCLOSURE, consent: { state: 'pending', policy: 'call' } }));
    await room.call('coach_status', status({ state: 'waiting_for_consent', consent: 'pending', stage: 'opening', guidance: 'Agree on the time, the goal of the call and what happens at its end.' }));
  },
  'consent-denied': async ({ room }) => {
    await granted(room);
    await room.call('coach_status', status({ state: 'waiting_for_consent', consent: 'denied', guidance: GUIDANCE }));
  },
  'consent-revoking': async (stage) => {
    await granted(stage.room);
    stage.room.answers['coach_control'] = () => new Promise(() => undefined);
    stage.press('r');
  },
  'consent-revoked': async ({ room }) => {
    await granted(room);
    await room.call('coach_status', status({ state: 'waiting_for_consent', consent: 'revoked', guidance: GUIDANCE }));
  },
  listening: async ({ room }) => granted(room),
  thinking: async ({ room }) => {
    await granted(room);
    await room.call('coach_status', status({ thinking: true, guidance: GUIDANCE }));
  },
  degraded: async ({ room }) => {
    await granted(room);
    await room.call('coach_status', status({ state: 'degraded', reasons: ['stt_down', 'rep_moments_off'], guidance: GUIDANCE }));
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
    await show(room, { kind: 'discount', headline: 'Discount asked: trade it, do not give it', say: 'If we find a way on price, can you sign this month?', created_ms: 90_000 });
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
    await show(room, { kind: 'stage', headline: 'Before you present: who decides, and by when?', say: 'Who else should see this before you decide?', evidence: null, created_ms: 240_000 });
  },
  'nudge-screen': async ({ room }) => {
    await granted(room);
    await show(room, { kind: 'screen', headline: 'Same slide for four minutes', say: '', detail: 'Move on to the schedule board or stop sharing.', evidence: null, created_ms: 290_000 });
  },
  'nudge-card': async ({ room }) => {
    await granted(room);
    await show(room, { kind: 'card', path: 'ask', headline: 'Encryption: AES-256 at rest, TLS 1.3 in transit', say: '', evidence: null, created_ms: 333_000 });
  },
  'nudge-unknown': async ({ room }) => {
    await granted(room);
    await show(room, { kind: 'omen', headline: 'A kind of hint that this panel does not know', created_ms: 20_000 });
  },
  'nudge-longest': async (stage) => {
    await granted(stage.room);
    await show(stage.room, {
      headline: 'Unternehmenslizenzvereinbarungen verlängern: Zahlungsziel, Mengenrabatt, Laufzeit, Kündigungsfrist, Ansprechpartner, Freigabe, Unterschrift',
      say: 'Wollen wir zuerst über das Zahlungsziel sprechen und danach darüber, welche Laufzeit zu Ihrem Haushaltsjahr passt, oder lieber umgekehrt beginnen?',
      detail: 'Erst die Laufzeit, dann das Zahlungsziel.\nNie beides in einem Satz.\nWer die Unterschrift leistet, gehört ins Protokoll.',
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
    stage.press('e');
    click(stage, '.row-line');
  },
  'timeline-quiet': async ({ room }) => talk(room),
  'timeline-with-hint': async (stage) => {
    await talk(stage.room);
    await show(stage.room, SIGNAL);
  },
  'timeline-open': async (stage) => {
    await talk(stage.room);
    click(stage, '.row:nth-child(2) .row-line');
  },
  note: async (stage) => {
    await talk(stage.room);
    await show(stage.room, SIGNAL);
    stage.press('!');
  },
  'mute-menu': async (stage) => {
    await talk(stage.room);
    click(stage, '[data-do="mute"]');
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

function click({ room: _ }: Stage, selector: string): void {
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
