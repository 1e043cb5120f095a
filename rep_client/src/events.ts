/** What the headless client reports to the program around it. */

import type { Condition } from './call-state.js';
import type { CoachError } from './coach-error.js';
import type { Consent, Hello, Nudge, Status } from './messages.js';
import type { FeedbackAction } from './requests.js';

export interface CoachEventMap {
  /** A nudge is to be shown now; a higher `rev` of an `id` replaces the lower. */
  nudge: { readonly nudge: Nudge; readonly ageMs: number; readonly caller: string };
  /** A nudge arrived and must not be shown; nothing of its text is told. */
  ignored: {
    readonly id: string;
    readonly rev: number;
    readonly reply: 'muted' | 'expired' | 'duplicate';
  };
  /** What was shown must disappear: consent was refused, revoked, or another call has begun. */
  cleared: null;
  hello: Hello;
  status: Status;
  consent: { readonly consent: Consent };
  /** The coach has accepted the rep's answer. */
  feedback: { readonly nudgeId: string; readonly action: FeedbackAction };
  /** How things are has changed. */
  condition: { readonly condition: Condition };
  /** The coach has left without a word, or was silent for 45 s. */
  lost: null;
  /** Something did not reach the coach, or was refused by it. */
  error: CoachError;
  /** The state has changed in any way; comes last. */
  change: null;
}

export type CoachEventName = keyof CoachEventMap;

/** Listeners by event; one that throws is reported as an error of the page and disturbs nobody. */
export class CoachEvents {
  private readonly _target = new EventTarget();
  private _isClosed = false;

  on<Name extends CoachEventName>(
    name: Name,
    listener: (detail: CoachEventMap[Name]) => void,
  ): () => void {
    const heard = (event: Event) => listener((event as CustomEvent<CoachEventMap[Name]>).detail);
    this._target.addEventListener(name, heard);
    return () => this._target.removeEventListener(name, heard);
  }

  emit<Name extends CoachEventName>(name: Name, detail?: CoachEventMap[Name]): void {
    if (!this._isClosed) this._target.dispatchEvent(new CustomEvent(name, { detail }));
  }

  /** Tell nobody anything any more. */
  close(): void {
    this._isClosed = true;
  }
}
