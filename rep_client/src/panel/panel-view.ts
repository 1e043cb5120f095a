/** The panel's DOM: built once, patched from a model, with what screen readers are told. */

import { Foot } from './ask/ask.js';
import { StageCard } from './card/stage-card.js';
import { ConsentCard } from './consent/consent.js';
import { h, setAttribute, setText } from './dom.js';
import { HelpSheet, MuteSheet, NoteSheet } from './sheets/sheets.js';
import { StatusBar } from './status/status.js';
import { styles } from './styles.js';
import type { Texts } from './texts/texts.js';
import { Timeline } from './timeline/timeline.js';
import type { PanelModel } from './view-model.js';

export class PanelView {
  readonly note = new NoteSheet();
  readonly foot = new Foot();
  private readonly _status = new StatusBar();
  /** There while there is a hint: what was taken back must not linger in the page. */
  private _card: StageCard | null = null;
  private readonly _consent = new ConsentCard();
  private readonly _mute = new MuteSheet();
  private readonly _help = new HelpSheet();
  private readonly _timeline = new Timeline();
  private readonly _quietWord = h('p', { class: 'quiet-word' });
  private readonly _quietHint = h('p', { class: 'quiet-hint' });
  private readonly _quiet = h(
    'div',
    { class: 'quiet', part: 'empty' },
    h('div', { class: 'rings', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')),
    this._quietWord,
    this._quietHint,
  );
  private readonly _stage = h('div', { class: 'stage' }, this._consent.element, this._quiet);
  private readonly _body = h(
    'div',
    { class: 'body' },
    this._stage,
    this._mute.element,
    this.note.element,
    this._help.element,
    this._timeline.element,
  );
  private readonly _saysHint = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  private readonly _saysState = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });

  readonly root = h(
    'section',
    { class: 'panel', part: 'panel', tabindex: '-1' },
    this._status.element,
    this._body,
    this.foot.element,
    this._saysHint,
    this._saysState,
  );
  private _shownId = '';

  /** Fill a shadow root. */
  attach(shadow: ShadowRoot): void {
    shadow.adoptedStyleSheets = [styles()];
    shadow.append(this.root);
  }

  update(model: PanelModel, isHeld: boolean, texts: Texts): void {
    setAttribute(this.root, 'aria-label', texts.panel);
    setAttribute(this.root, 'data-scene', model.scene);
    setAttribute(this.root, 'data-condition', model.condition);
    this._status.update(model, texts);
    this._updateCard(model, isHeld, texts);
    this._consent.update(model, texts);
    this._quiet.hidden = model.scene !== 'quiet';
    setText(this._quietWord, model.quiet[0]);
    setText(this._quietHint, model.quiet[1]);
    this._mute.update(model, texts);
    this.note.update(model, texts);
    this._help.update(model, texts);
    this._timeline.update(model, texts);
    this.foot.update(model, texts);
    this._announce(model);
  }

  /** Move the focus somewhere in the panel; only ever because the rep asked for it. */
  focus(target: HTMLElement = this.root): void {
    target.focus({ preventScroll: target === this.root });
    target.closest('.sheet')?.scrollIntoView({ block: 'nearest' });
  }

  focusHelp(): void {
    this.focus(this._help.element);
  }

  private _updateCard({ scene, card }: PanelModel, isHeld: boolean, texts: Texts): void {
    if (scene === 'nudge' && card) {
      this._card ??= new StageCard();
      if (!this._card.element.isConnected) this._stage.prepend(this._card.element);
      this._card.update(card, isHeld, texts);
    } else {
      this._card?.element.remove();
      this._card = null;
    }
  }

  /** Say a new hint once; the details that follow it are for the eye. */
  private _announce({ card, scene, word, explanation, ui }: PanelModel): void {
    const shown = scene === 'nudge' ? card : null;
    if (shown && shown.id !== this._shownId) {
      setText(
        this._saysHint,
        [shown.kindWord, shown.headline, shown.say].filter(Boolean).join('. '),
      );
      this._body.scrollTop = 0;
    }
    if (!shown && this._shownId) setText(this._saysHint, '');
    this._shownId = shown?.id ?? '';
    setText(this._saysState, [word, explanation, ui.notice].filter(Boolean).join('. '));
  }
}
