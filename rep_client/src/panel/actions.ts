/** What the rep does with buttons, keys and forms, carried out on the headless client. */

import { type ShownNudge, isOpenProposal, shownNudges } from '../call-state.js';
import type { Coach, FeedbackAction } from '../coach.js';
import type { PanelView } from './panel-view.js';
import type { Action } from './shortcuts.js';
import type { Texts } from './texts/texts.js';
import type { UiEvent, UiState } from './ui-state.js';

const REMEMBERED = 'coach-panel-shortcuts';

/** What the actions need of the element. */
interface ActionHost {
  readonly view: PanelView;
  coach(): Coach | null;
  ui(): UiState;
  texts(): Texts;
  /** The element of the panel that has the focus. */
  focused(): HTMLElement | null;
  change(event: UiEvent): void;
  notice(notice: string): void;
}

export class PanelActions {
  constructor(private readonly _host: ActionHost) {}

  /** Listen inside the shadow root; the listeners live as long as the element. */
  listen(shadow: ShadowRoot): void {
    shadow.addEventListener('click', this._onClick);
    shadow.addEventListener('submit', this._onSubmit);
    shadow.addEventListener('keydown', this._onEscape as EventListener);
    shadow.addEventListener('focusin', this._hold);
    shadow.addEventListener('focusout', this._hold);
  }

  /** Carry out what a button or a key means; tell whether there was anything to do. */
  act(action: Action, nudgeId = this._focusedNudgeId()): boolean {
    const isDone = this._carryOut(action, nudgeId);
    this._hold();
    return isDone;
  }

  private _carryOut(action: Action, nudgeId: string | undefined): boolean {
    const [coach, view] = [this._host.coach(), this._host.view];
    const [, minutes] = /^mute-(\d+)$/.exec(action) ?? [];
    if (action === 'close') return this._did({ type: 'close' });
    if (action === 'help' || action === 'mute')
      return this._did({ type: 'sheet', sheet: action }, () => view.focusSheet());
    if (action === 'shortcuts') return this._switchShortcuts();
    if (action === 'earlier') return this._did({ type: 'earlier', nudgeId: nudgeId ?? '' });
    if (!coach) return false;
    if (action === 'ask') return this._focusAsk();
    if (minutes) return this._muted(coach.mute(Number(minutes) * 60));
    if (action === 'unmute') return this._muted(coach.unmute());
    if (action === 'granted' || action === 'denied' || action === 'revoked') {
      return this._consent(coach, action);
    }
    return this._answer(coach, action, nudgeId);
  }

  private _did(event: UiEvent, afterwards?: () => void): boolean {
    this._host.change(event);
    if (this._host.ui().sheet) afterwards?.();
    return true;
  }

  private _switchShortcuts(): boolean {
    const areOn = !this._host.ui().areShortcutsOn;
    try {
      localStorage.setItem(REMEMBERED, areOn ? 'on' : 'off');
    } catch {
      // a browser that keeps nothing: it holds for this page
    }
    return this._did({ type: 'shortcuts', areOn });
  }

  private _focusAsk(): boolean {
    const view = this._host.view;
    const { field } = view.foot;
    if (field.closest('[hidden]')) return false;
    view.focus(field);
    return true;
  }

  private _muted(sent: Promise<void>): boolean {
    sent.catch(ignore); // the element has told the rep
    return this._did({ type: 'close' });
  }

  private _consent(coach: Coach, answer: 'granted' | 'denied' | 'revoked'): boolean {
    const { consent, isWithheld } = coach.state;
    const isFitting = {
      granted: consent !== 'granted' || isWithheld,
      denied: consent === 'pending' || consent === 'unknown',
      revoked: consent === 'granted',
    };
    if (coach.state.lastHeardAt === null || !isFitting[answer]) return false;
    coach.consent(answer).catch(ignore);
    return true;
  }

  private _answer(coach: Coach, action: Action, nudgeId: string | undefined): boolean {
    const shown = this._meant(coach, action, nudgeId);
    if (!shown) return false;
    const { id, headline, detail, source } = shown.nudge;
    if (action === 'details') {
      if (!detail && !source?.id) return false;
      return this._did({ type: 'detail', nudgeId: id });
    }
    if (action === 'dispute') {
      const view = this._host.view;
      return this._did({ type: 'note', nudgeId: id, headline }, () => view.focus(view.note.field));
    }
    this._send(coach, id, action as FeedbackAction);
    return true;
  }

  /** Find the nudge that an answer is about: the one pointed at, the prominent, the newest. */
  private _meant(coach: Coach, action: Action, nudgeId?: string): ShownNudge | undefined {
    const shown = shownNudges(coach.state);
    const isMeant = /approve|reject/.test(action)
      ? (one: ShownNudge) => isOpenProposal(one, coach.now())
      : () => true;
    if (nudgeId) return shown.find((one) => one.nudge.id === nudgeId && isMeant(one));
    return shown.find(isMeant);
  }

  private _send(coach: Coach, id: string, action: FeedbackAction, note?: string): void {
    const done = () => this._host.notice(this._host.texts().done[action]);
    coach.feedback(id, action, note).then(done, ignore);
  }

  private readonly _onClick = (event: Event): void => {
    const source = (event.target as Element).closest<HTMLElement>('[data-do]');
    if (!source) return;
    this.act(source.dataset['do'] as Action, nudgeIdAround(source));
  };

  private readonly _onEscape = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape') return;
    if (this._host.ui().sheet) this.act('close');
    else (event.target as HTMLElement).blur();
  };

  private readonly _onSubmit = (event: Event): void => {
    event.preventDefault();
    const isQuestion = (event.target as HTMLElement).dataset['form'] === 'ask';
    if (isQuestion) void this._ask();
    else this._sendNote();
  };

  private async _ask(): Promise<void> {
    const [coach, texts, view] = [this._host.coach(), this._host.texts(), this._host.view];
    const text = view.foot.field.value.trim();
    if (!coach || !text) return;
    this._host.notice(texts.sending);
    try {
      const nudge = await coach.ask(text);
      view.foot.field.value = '';
      this._host.notice(nudge ? '' : texts.nothingFits);
    } catch {
      // the element has told the rep; the question stays for another try
    }
  }

  private _sendNote(): void {
    const [coach, { note }] = [this._host.coach(), this._host.ui()];
    if (!coach || !note) return;
    const text = this._host.view.note.field.value.trim();
    this._send(coach, note.nudgeId, 'dispute', text);
    this.act('close');
  }

  /** While the rep reads on in a hint, or works on it with the keyboard, it stays. */
  private readonly _hold = (): void => {
    const coach = this._host.coach();
    const latest = coach?.state.latest?.nudge.id;
    if (!coach || !latest) return;
    const focused = this._host.focused();
    const isWorkedOn = nudgeIdAround(focused) === latest && focused?.matches(':focus-visible');
    coach.hold(this._host.ui().detailId === latest || isWorkedOn === true);
  };

  private _focusedNudgeId(): string | undefined {
    return nudgeIdAround(this._host.focused());
  }
}

/** Tell whether the rep has left the shortcuts on; on is the beginning. */
export function areShortcutsRemembered(): boolean {
  try {
    return localStorage.getItem(REMEMBERED) !== 'off';
  } catch {
    return true;
  }
}

function nudgeIdAround(element: Element | null): string | undefined {
  return element?.closest<HTMLElement>('[data-nudge]')?.dataset['nudge'];
}

function ignore(): void {
  // CoachError: the element's `error` listener has told the rep already
}
