/** The foot of the panel: ask for a card, what was just done, and the way to revoke consent. */

import { button, h, setAttribute, setButton, setText } from '../dom.js';
import { icon } from '../icons.js';
import type { Texts } from '../texts/texts.js';
import type { PanelModel } from '../view-model.js';

const QUESTION_LIMIT = 300; // characters

export class Foot {
  readonly field = h('input', {
    class: 'field',
    type: 'text',
    autocomplete: 'off',
    enterkeyhint: 'send',
    maxlength: String(QUESTION_LIMIT),
  });
  private readonly _send = h('button', { type: 'submit', class: 'tool' }, icon('send'));
  private readonly _ask = h(
    'form',
    { class: 'ask', part: 'ask', 'data-form': 'ask' },
    this.field,
    this._send,
  );
  private readonly _notice = h('p', { class: 'notice', part: 'notice' });
  private readonly _granted = h('span');
  private readonly _revoke = button('revoked', 'R', 'link');
  private readonly _consent = h('p', { class: 'consent-line' }, this._granted, this._revoke);

  readonly element = h('footer', { class: 'foot' }, this._notice, this._ask, this._consent);

  update({ ui, canAsk, isGranted }: PanelModel, texts: Texts): void {
    setText(this._notice, ui.notice);
    this._notice.hidden = !ui.notice;
    this._ask.hidden = !canAsk;
    setAttribute(this.field, 'aria-label', texts.ask);
    setAttribute(this.field, 'placeholder', `${texts.ask} …`);
    setAttribute(this._send, 'aria-label', texts.send);
    this._consent.hidden = !isGranted;
    setText(this._granted, texts.consent.isGranted);
    setButton(this._revoke, texts.consent.revoke);
    this.element.hidden = !ui.notice && !canAsk && !isGranted;
  }
}
