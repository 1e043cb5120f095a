/** What the coach says in the scenes. */

export const DISCLOSURE =
  'Before we start: I have an assistant in this call. It is the participant called Call assistant. ' +
  'While we talk, it listens, turns what we say into text and gives me short hints, which only I can see. ' +
  'If I share my screen, it looks at that too. It never looks at your camera and it never speaks. ' +
  'You may say no and the call goes on without it. You may also change your mind at any time: ' +
  'tell me, and it stops listening at once and what it heard is deleted. ' +
  'Is everybody on the call all right with that?';
export const GUIDANCE =
  "Ask before you show: crews, today's tool, what goes wrong, who decides, by when, what it may cost.";

export const QUESTION = {
  id: 'n-q',
  kind: 'question',
  moment: 'security_question',
  headline: 'Security: SOC 2 report, data stays in the EU',
  say: 'We hold SOC 2 Type II, and your data never leaves Frankfurt.',
  created_ms: 312_000,
  evidence: {
    speaker: 'prospect',
    identity: 'buyer-1',
    quote: 'where is our data stored',
    start_ms: 310_000,
    end_ms: 311_400,
  },
};
export const COMPETITOR = {
  id: 'n-c',
  kind: 'competitor',
  headline: 'FieldFox: no offline mode, crews lose jobs in cellars',
  say: 'How do your crews work where there is no signal?',
  created_ms: 201_000,
};
export const SIGNAL = {
  id: 'n-s',
  kind: 'signal',
  headline: 'Buying signal: agree on the next step now',
  say: 'Shall we put the pilot on Thursday?',
  created_ms: 402_000,
  evidence: {
    speaker: 'prospect',
    identity: 'buyer-1',
    quote: 'when could we start',
    start_ms: 400_000,
    end_ms: 401_200,
  },
};
export const PACE = {
  id: 'n-p',
  kind: 'pace',
  headline: 'You have spoken for two minutes: ask something',
  say: 'What of this matters most to you?',
  detail: '',
  evidence: null,
  source: null,
  created_ms: 151_000,
};
export const PROPOSAL = {
  id: 'n-a',
  kind: 'approval',
  path: 'tool',
  headline: '15 % is above your authority: ask for approval',
  say: 'Let me check what I can do on price by tomorrow.',
  detail: '',
  created_ms: 430_000,
  relevant_ms: 60_000,
  evidence: {
    speaker: 'rep',
    identity: 'rep-1',
    quote: 'I could do fifteen percent',
    start_ms: 428_000,
    end_ms: 429_500,
  },
  proposal: {
    id: 'p-1',
    text: 'Log outcome: discount of 15 % requested by Summit Electric, approval of J. Kern needed, decision by Friday.',
  },
};
