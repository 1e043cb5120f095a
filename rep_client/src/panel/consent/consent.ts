/** Consent: the text to read aloud and the answers; and what stands there after a no. */

import { button, h, setAttribute, setButton, setText } from '../dom.js';
import type { Texts } from '../texts/texts.js';
import type { PanelModel } from '../view-model.js';

export class ConsentCard {
  private readonly _title = h('h2', { class: 'consent-title' });
  private readonly _calm = h('p', { class: 'consent-calm' });
  private readonly _label = h('span', { class: 'label' });
  private readonly _text = h('p', { class: 'read-aloud', part: 'disclosure', dir: 'auto' });
  private readonly _granted = button('granted', 'G', 'button primary');
  private readonly _denied = button('denied', 'N');

  readonly element = h(
    'section',
    { class: 'consent', part: 'consent' },
    this._title,
    this._calm,
    h('div', { class: 'aloud' }, this._label, this._text),
    h('div', { class: 'pair' }, this._granted, this._denied),
  );

  update({ scene, condition, disclosure }: PanelModel, texts: Texts): void {
    const isAsking = scene === 'consent';
    this.element.hidden = !isAsking && scene !== 'refused';
    setAttribute(this.element, 'data-scene', scene);
    setText(this._title, isAsking ? texts.consent.title : texts.consent.without);
    const isDeleted = condition === 'consent_revoked';
    const { nothing, deleted } = texts.consent;
    setText(this._calm, isDeleted ? `${nothing} ${deleted}` : nothing);
    setText(this._label, texts.consent.readAloud);
    setText(this._text, disclosure);
    setButton(this._granted, isAsking ? texts.consent.granted : texts.consent.now);
    setButton(this._denied, texts.consent.denied, isAsking);
  }
}
