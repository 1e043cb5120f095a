/** What the rep tells the coach: feedback, control and questions, as JSON for the wire. */

import { CoachError } from './coach-error.js';
import { isTooLarge } from './fields.js';

/** What the rep thinks of a nudge, or answers to a proposal. */
export type FeedbackAction = 'useful' | 'dismiss' | 'used' | 'dispute' | 'approve' | 'reject';

/** What the rep tells the coach to do. */
export type ControlAction =
  'hello' | 'consent_granted' | 'consent_denied' | 'consent_revoked' | 'mute' | 'unmute' | 'stop';

/** The rep asks with words or names a card, not both. */
export type Question = string | { readonly card: string };

/** Write the payload of `coach_feedback`; like the others it throws CoachError `unsendable`. */
export function feedbackRequest(nudgeId: string, action: FeedbackAction, note?: string): string {
  return written({ nudge_id: nudgeId, action, note: note || undefined });
}

/** Write the payload of `coach_control`. */
export function controlRequest(action: ControlAction, seconds?: number): string {
  const whole = seconds === undefined ? undefined : Math.max(1, Math.round(seconds));
  return written({ action, seconds: whole });
}

/** Write the payload of `coach_ask`. */
export function askRequest(question: Question): string {
  if (!question) throw new CoachError('unsendable', 'a question needs words');
  return written(typeof question === 'string' ? { text: question } : question);
}

function written(content: Record<string, unknown>): string {
  const payload = JSON.stringify({ v: 1, ...content });
  if (isTooLarge(payload)) throw new CoachError('unsendable', 'too large');
  return payload;
}
