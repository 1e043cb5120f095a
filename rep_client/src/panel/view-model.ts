/**
 * What the panel shows, as words: made of the call's state, what is open, and the time.
 *
 * Pure: nothing here touches the page or looks at a clock.
 */

import {
  type CallState,
  type Condition,
  type ShownNudge,
  condition,
  isOpenProposal,
  lapsesAt,
  muteEndsAt,
} from '../call-state.js';
import type { Evidence, NudgeKind } from '../messages.js';
import type { FeedbackAction } from '../requests.js';
import { type Texts, filled, reasonInWords, word } from './texts/texts.js';
import type { UiState } from './ui-state.js';

/** One hint, on the stage or among the earlier ones. */
export interface CardModel {
  readonly id: string;
  readonly kind: NudgeKind;
  readonly kindWord: string;
  readonly time: string;
  readonly headline: string;
  readonly say: string;
  readonly quote: string;
  readonly speaker: string;
  readonly detail: string;
  readonly source: string;
  readonly isDetailOpen: boolean;
  readonly proposal: string;
  readonly proposalWord: string;
  /** What becomes, or has become, of the proposal. */
  readonly fate: string;
  readonly isOpenProposal: boolean;
  readonly feedback: FeedbackAction | null;
  readonly feedbackWord: string;
  readonly isSending: boolean;
  /** Own time. */
  readonly shownAt: number;
  /** How much of its time has passed and how long it is, in milliseconds. */
  readonly passedMs: number;
  readonly lifeMs: number;
}

/** What fills the place of the hint. */
export type Scene = 'nudge' | 'consent' | 'refused' | 'quiet';

export interface PanelModel {
  readonly condition: Condition | 'taken';
  readonly word: string;
  /** Why, until when, what is wrong: the second line of the status. */
  readonly explanation: string;
  readonly isThinking: boolean;
  readonly stage: string;
  readonly guidance: string;
  readonly scene: Scene;
  readonly card: CardModel | null;
  readonly quiet: readonly [string, string];
  readonly disclosure: string;
  readonly isGranted: boolean;
  readonly isMuted: boolean;
  readonly canAsk: boolean;
  readonly earlier: readonly CardModel[];
  readonly openEarlierId: string | null;
  readonly ui: UiState;
}

/** What the model needs to know besides the state. */
export interface Surroundings {
  readonly texts: Texts;
  /** Own time, in milliseconds. */
  readonly now: number;
  /** Wall time that belongs to `now`, in milliseconds since 1970. */
  readonly wallMs: number;
  readonly language: string;
  /** Another client of the coach sits on the room. */
  readonly isTaken: boolean;
}

/** Make the model. */
export function panelModel(state: CallState, ui: UiState, around: Surroundings): PanelModel {
  const { texts, now } = around;
  const present = around.isTaken ? 'taken' : condition(state, now);
  const card = state.latest && cardModel(state.latest, ui, around);
  return {
    condition: present,
    word: present === 'taken' ? (texts.quiet.taken?.[0] ?? '') : texts.conditions[present],
    explanation: explanation(present, state, around),
    isThinking: isHearing(present) && state.status?.isThinking === true,
    stage: stageWord(state.status?.stage ?? '', texts),
    guidance: state.status?.guidance || texts.noGuidance,
    scene: scene(present, card !== null),
    card,
    quiet: texts.quiet[present] ?? texts.quiet.listening ?? ['', ''],
    disclosure: state.disclosure || texts.consent.noText,
    isGranted: state.consent === 'granted' && !state.isWithheld && present !== 'ended',
    isMuted: muteEndsAt(state, now) !== null,
    canAsk: isHearing(present) || present === 'muted',
    earlier: state.history.map((shown) => cardModel(shown, ui, around)),
    openEarlierId: ui.earlierId ?? openProposalId(state, now),
    ui,
  };
}

function isHearing(present: Condition | 'taken'): boolean {
  return present === 'listening' || present === 'degraded';
}

function scene(present: Condition | 'taken', hasCard: boolean): Scene {
  if (present === 'waiting_for_consent') return 'consent';
  if (present === 'consent_denied' || present === 'consent_revoked') return 'refused';
  return hasCard && present !== 'taken' ? 'nudge' : 'quiet';
}

function explanation(
  present: Condition | 'taken',
  state: CallState,
  { texts, now, wallMs, language }: Surroundings,
): string {
  if (present === 'taken') return '';
  if (present === 'coach_lost') return state.hasLeft ? texts.left : texts.lost;
  const words: string[] = [];
  if (present === 'muted') {
    const end = muteEndsAt(state, now) ?? now;
    words.push(
      Number.isFinite(end)
        ? filled(texts.mutedUntil, clock(wallMs + end - now, language))
        : texts.mutedOpen,
    );
  }
  if (isHearing(present) || present === 'muted') {
    words.push(...(state.status?.reasons ?? []).map((reason) => reasonInWords(texts, reason)));
  }
  return words.filter(Boolean).join(' · ');
}

function clock(wallMs: number, language: string): string {
  const form = { hour: 'numeric', minute: '2-digit' } as const;
  return new Date(wallMs).toLocaleTimeString(language, form);
}

function stageWord(stage: string, texts: Texts): string {
  const plain = stage.replaceAll('_', ' ');
  return word(texts.stages, stage) ?? plain.charAt(0).toUpperCase() + plain.slice(1);
}

function openProposalId(state: CallState, now: number): string | null {
  return state.history.find((shown) => isOpenProposal(shown, now))?.nudge.id ?? null;
}

function cardModel(shown: ShownNudge, ui: UiState, { texts, now }: Surroundings): CardModel {
  const { nudge, feedback = null, isSending = false } = shown;
  const isOpen = isOpenProposal(shown, now);
  return {
    id: nudge.id,
    kind: nudge.kind,
    kindWord: texts.kinds[nudge.kind],
    time: callTime(nudge.createdMs),
    headline: nudge.headline,
    say: nudge.say,
    quote: nudge.evidence?.quote ?? '',
    speaker: speaker(nudge.evidence, texts),
    detail: nudge.detail,
    source: nudge.source?.id
      ? filled(texts.source, nudge.source.id.replaceAll('-', ' '))
      : '',
    isDetailOpen: ui.detailId === nudge.id,
    proposal: nudge.proposal?.text ?? '',
    proposalWord: isOpen ? texts.willBeWritten : texts.wasProposed,
    fate: nudge.proposal ? fate(shown, isOpen, texts) : '',
    isOpenProposal: isOpen,
    feedback,
    feedbackWord: feedback ? (isSending ? texts.sending : texts.given[feedback]) : '',
    isSending,
    shownAt: shown.shownAt,
    passedMs: Math.max(0, now - shown.shownAt),
    lifeMs: lapsesAt(shown) - shown.shownAt,
  };
}

function fate(shown: ShownNudge, isOpen: boolean, texts: Texts): string {
  if (isOpen) return texts.lapses;
  const { feedback } = shown;
  if (feedback === 'approve' || feedback === 'reject') return texts.given[feedback];
  return texts.lapsed;
}

function speaker(evidence: Evidence | null, texts: Texts): string {
  if (!evidence) return '';
  const name = word(texts.speakers, evidence.speaker);
  const time = evidence.startMs === null ? '' : callTime(evidence.startMs);
  return [name, time].filter(Boolean).join(', ');
}

/** Write a point on the call's clock the way a player does: 1:02. */
export function callTime(atMs: number): string {
  const seconds = Math.max(0, Math.floor(atMs / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = String(seconds % 60).padStart(2, '0');
  return hours ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}
