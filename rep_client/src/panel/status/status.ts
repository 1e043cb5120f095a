/** The status, the stage and its guidance: always there, always true. */

import { button, h, setAttribute, setText, setTextOrHide } from '../dom.js';
import { type Shape, icon, setShape } from '../icons.js';
import type { Texts } from '../texts/texts.js';
import type { PanelModel } from '../view-model.js';

const SHAPES: Readonly<Record<PanelModel['condition'], Shape>> = {
  disconnected: 'lost',
  reconnecting: 'again',
  waiting_for_coach: 'waiting',
  ended: 'stopped',
  coach_lost: 'lost',
  waiting_for_consent: 'question',
  consent_denied: 'refused',
  consent_revoking: 'refused',
  consent_revoked: 'refused',
  muted: 'muted',
  degraded: 'degraded',
  listening: 'listening',
  taken: 'lost',
};

export class StatusBar {
  private readonly _shape = icon('waiting', 'state-icon');
  private readonly _word = h('span', { class: 'state-word' });
  private readonly _thinking = h('span', { class: 'thinking' });
  private readonly _why = h('span', { class: 'why' });
  private readonly _mute = button('mute', '', 'tool');
  private readonly _bell = icon('bell');
  private readonly _help = button('help', '', 'tool');
  private readonly _stage = h('span', { class: 'stage-word' });
  private readonly _guidance = h('span', { class: 'guidance', dir: 'auto' });
  private readonly _state = h(
    'div',
    { class: 'state', part: 'status' },
    this._shape,
    h('div', { class: 'words' }, h('span', {}, this._word, this._thinking), this._why),
  );

  readonly element = h(
    'header',
    { class: 'bar' },
    h('div', { class: 'top' }, this._state, this._mute, this._help),
    h('p', { class: 'guide', part: 'guidance' }, this._stage, this._guidance),
  );

  constructor() {
    this._mute.firstElementChild?.replaceWith(this._bell);
    setText(this._help.firstElementChild as Element, '?');
  }

  update(model: PanelModel, texts: Texts): void {
    setAttribute(this._state, 'data-condition', model.condition);
    setShape(this._shape, SHAPES[model.condition]);
    setText(this._word, model.word);
    setTextOrHide(this._thinking, model.isThinking ? texts.thinking : '');
    setTextOrHide(this._why, model.explanation);
    setShape(this._bell, model.isMuted ? 'muted' : 'bell');
    this._name(this._mute, texts.mute, model.ui.sheet === 'mute');
    this._name(this._help, texts.help, model.ui.sheet === 'help');
    this._mute.hidden = !model.canAsk;
    setTextOrHide(this._stage, model.stage);
    setText(this._guidance, model.guidance);
  }

  private _name(tool: HTMLElement, name: string, isOpen: boolean): void {
    setAttribute(tool, 'aria-label', name);
    setAttribute(tool, 'title', name);
    setAttribute(tool, 'aria-expanded', String(isOpen));
  }
}
