/** The element: takes the host's room, connects the headless client and the view. */

import type { Room } from 'livekit-client';
import { initialState } from '../call-state.js';
import {
  type Coach,
  CoachError,
  type CoachEventMap,
  type CoachEventName,
  connectCoach,
} from '../coach.js';
import type { RoomPort } from '../room-port.js';
import { PanelActions, areShortcutsRemembered } from './actions.js';
import { PanelView } from './panel-view.js';
import { actionOf } from './shortcuts.js';
import { type Texts, languageFor, textsFor } from './texts/texts.js';
import { type UiEvent, type UiState, initialUi, reduce } from './ui-state.js';
import { panelModel } from './view-model.js';

/** The element's own events: those of the headless client, `change` excepted. */
export type CoachPanelEventMap = {
  [Name in Exclude<CoachEventName, 'change'> as `coach-${Name}`]: CustomEvent<CoachEventMap[Name]>;
};

const FORWARDED: readonly Exclude<CoachEventName, 'change'>[] = [
  'nudge',
  'ignored',
  'cleared',
  'hello',
  'status',
  'consent',
  'condition',
  'feedback',
  'lost',
  'error',
];
const NOTICE_MS = 6000;

export type { Texts };

/**
 * The rep's private panel.
 *
 * @attr agent-identity - Believe only this agent.
 * @attr call-id - Believe only messages of this call.
 * @attr shortcuts - `page` (default), `panel` (only while the focus is inside) or `off`.
 * @attr theme - `light` or `dark`; otherwise the system's.
 * @attr lang - Language of the panel's words; otherwise the page's.
 *
 * @event coach-nudge - A hint is shown: `{nudge, ageMs, caller}`.
 * @event coach-ignored - A hint arrived and was not shown: `{id, rev, reply}`.
 * @event coach-cleared - What was shown has been taken back.
 * @event coach-hello - The coach introduced itself.
 * @event coach-status - The coach said how it is.
 * @event coach-consent - Consent has changed: `{consent}`.
 * @event coach-condition - How things are has changed: `{condition}`.
 * @event coach-feedback - The coach has taken the rep's answer: `{nudgeId, action}`.
 * @event coach-lost - The coach has left, or was silent for 45 s.
 * @event coach-error - A `CoachError`: something did not happen.
 *
 * @csspart panel, status, guidance, card, kind, headline, countdown, say, evidence, detail,
 *   proposal, feedback, consent, disclosure, empty, earlier, earlier-item, sheet, ask, notice
 */
export class CoachPanel extends HTMLElement {
  static readonly observedAttributes = ['agent-identity', 'call-id', 'lang', 'shortcuts'];

  private readonly _view = new PanelView();
  private readonly _actions = new PanelActions({
    view: this._view,
    // a function each, for what changes while the element lives
    coach: () => this._coach,
    ui: () => this._ui,
    texts: () => this.texts,
    focused: () => this.shadowRoot?.activeElement as HTMLElement | null,
    change: (event) => this._change(event),
    notice: (notice) => this._notice(notice),
  });
  private _ui: UiState = reduce(initialUi, {
    type: 'shortcuts',
    areOn: areShortcutsRemembered(),
  });
  private _room: RoomPort | null = null;
  private _coach: Coach | null = null;
  private _ownTexts: Texts | null = null;
  private _isTaken = false;
  private _noticeTimer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    const shadow = this.attachShadow({ mode: 'open' });
    this._view.attach(shadow);
    this._actions.listen(shadow);
  }

  /** The host's own room, connected or not yet; null lets go of it. Setting it again starts anew. */
  get room(): Room | null {
    return this._room as Room | null;
  }
  set room(room: Room | RoomPort | null) {
    this._detach();
    this._room = room as RoomPort | null;
    this._attach();
    this._render();
  }

  /** Believe only this agent; null: any participant of kind agent. */
  get agentIdentity(): string | null {
    return this.getAttribute('agent-identity');
  }
  set agentIdentity(identity: string | null) {
    this._reflect('agent-identity', identity);
  }

  /** Believe only messages of this call; null: the first message decides. */
  get callId(): string | null {
    return this.getAttribute('call-id');
  }
  set callId(callId: string | null) {
    this._reflect('call-id', callId);
  }

  /** The words of the panel, where the host has better ones than `lang` chooses. */
  get texts(): Texts {
    return this._ownTexts ?? textsFor(this._language());
  }
  set texts(texts: Texts | null) {
    this._ownTexts = texts;
    this._render();
  }

  /** The headless client behind the panel, while a room is set. */
  get coach(): Coach | null {
    return this._coach;
  }

  /** Let go of the room: no listener, timer or RPC method stays behind. */
  dispose(): void {
    this.room = null;
  }

  connectedCallback(): void {
    this._takeEarlyProperties();
    if (!this._coach && !this._isTaken) this._attach(); // it was out of the page for a while
    document.addEventListener('keydown', this._onKey);
    document.addEventListener('visibilitychange', this._render);
    this._render();
  }

  disconnectedCallback(): void {
    document.removeEventListener('keydown', this._onKey);
    document.removeEventListener('visibilitychange', this._render);
    // what nobody can see must not answer "shown"; a mere move within the page is over by then
    queueMicrotask(() => {
      if (!this.isConnected) this._detach();
    });
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (before === value) return;
    if (name === 'agent-identity' && this._coach) this._coach.agentIdentity = value;
    if (name === 'call-id' && this._coach && value !== this._coach.state.callId) {
      this._detach();
      this._attach();
    }
    this._render();
  }

  private _attach(): void {
    if (!this._room) return;
    const { agentIdentity, callId } = this;
    try {
      this._coach = connectCoach(this._room, { agentIdentity, callId });
    } catch (error) {
      if (!(error instanceof CoachError)) throw error;
      this._isTaken = true;
      this._tell('error', error);
      return;
    }
    for (const name of FORWARDED) this._coach.on(name, (detail) => this._tell(name, detail));
    this._coach.on('cleared', () => this._change({ type: 'cleared' }));
    this._coach.on('error', (error) => this._notice(this.texts.errors[error.code]));
    this._coach.on('change', this._render);
  }

  private _detach(): void {
    this._coach?.dispose();
    this._coach = null;
    this._isTaken = false;
    clearTimeout(this._noticeTimer);
    this._ui = reduce(this._ui, { type: 'cleared' });
  }

  /** Take what the host set before this element's code was there. */
  private _takeEarlyProperties(): void {
    for (const name of ['agentIdentity', 'callId', 'texts', 'room'] as const) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete (this as Partial<this>)[name];
      Object.assign(this, { [name]: value });
    }
  }

  private _reflect(name: string, value: string | null): void {
    if (value === null) this.removeAttribute(name);
    else this.setAttribute(name, value);
  }

  private _tell<Name extends CoachEventName>(name: Name, detail: CoachEventMap[Name]): void {
    this.dispatchEvent(new CustomEvent(`coach-${name}`, { detail, bubbles: true, composed: true }));
  }

  private _change(event: UiEvent): void {
    this._ui = reduce(this._ui, event);
    this._render();
  }

  private _notice(notice: string): void {
    clearTimeout(this._noticeTimer);
    this._change({ type: 'notice', notice });
    this._noticeTimer = setTimeout(() => this._change({ type: 'notice', notice: '' }), NOTICE_MS);
  }

  private readonly _render = (): void => {
    const state = this._coach?.state ?? initialState(null, 'disconnected');
    const language = this._language();
    const around = {
      texts: this.texts,
      now: this._coach?.now() ?? 0,
      wallMs: Date.now(),
      language,
      isTaken: this._isTaken,
    };
    this._view.root.lang = this._ownTexts ? language : languageFor(language);
    this._view.update(panelModel(state, this._ui, around), state.isHeld, around.texts);
  };

  private _language(): string {
    const marked = this.closest<HTMLElement>('[lang]')?.lang || document.documentElement.lang;
    return marked || navigator.language;
  }

  private readonly _onKey = (event: KeyboardEvent): void => {
    const action = actionOf(event);
    const scope = this.getAttribute('shortcuts') ?? 'page';
    const isInside = event.composedPath().includes(this);
    if (!action || scope === 'off' || (scope === 'panel' && !isInside)) return;
    // the list stays reachable from inside, or nobody could switch them on again
    if (!this._ui.areShortcutsOn && !(action === 'help' && isInside)) return;
    if (this._actions.act(action)) event.preventDefault();
  };
}

/** Listeners are typed for the events of the element, too. */
export interface CoachPanel {
  addEventListener<Name extends keyof CoachPanelEventMap>(
    name: Name,
    listener: (this: CoachPanel, event: CoachPanelEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener<Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (this: CoachPanel, event: HTMLElementEventMap[Name]) => unknown,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof CoachPanelEventMap>(
    name: Name,
    listener: (this: CoachPanel, event: CoachPanelEventMap[Name]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener<Name extends keyof HTMLElementEventMap>(
    name: Name,
    listener: (this: CoachPanel, event: HTMLElementEventMap[Name]) => unknown,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    name: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

if (!customElements.get('coach-panel')) customElements.define('coach-panel', CoachPanel);

declare global {
  interface HTMLElementTagNameMap {
    'coach-panel': CoachPanel;
  }
}
