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
  private readonly _saysNotice = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  private readonly _saysState = h('p', { class: 'unseen', role: 'status', 'aria-live': 'polite' });

  readonly root = h(
    'section',
    { class: 'panel', part: 'panel', tabindex: '-1' },
    this._status.element,
    this._body,
    this.foot.element,
    this._saysHint,
    this._saysNotice,
    this._saysState,
  );
  private _shadow: ShadowRoot | undefined;
  private _said = '';
  private _sheet: PanelModel['ui']['sheet'] = null;
  /** What had the focus when a sheet was opened. */
  private _opener: Element | null = null;

  /** Fill a shadow root. */
  attach(shadow: ShadowRoot): void {
    this._shadow = shadow;
    shadow.adoptedStyleSheets = [styles()];
    shadow.append(this.root);
  }

  update(model: PanelModel, isHeld: boolean, texts: Texts): void {
    const focused = this._shadow?.activeElement ?? null;
    const nudgeId = this._card?.element.contains(focused) ? this._card.id : '';
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
    this._keepFocus(focused, nudgeId, model.ui.sheet);
  }

  /** Move the focus somewhere in the panel; only ever because the rep asked for it. */
  focus(target: HTMLElement = this.root): void {
    target.focus({ preventScroll: target === this.root });
    target.closest('.sheet')?.scrollIntoView({ block: 'nearest' });
  }

  focusSheet(): void {
    this.focus(this.root.querySelector<HTMLElement>('.sheet:not([hidden])') ?? this.root);
  }

  /** A hint has a card of its own: a button that is being pressed must not become another's. */
  private _updateCard({ scene, card }: PanelModel, isHeld: boolean, texts: Texts): void {
    const shown = scene === 'nudge' ? card : null;
    if (this._card?.id !== shown?.id) {
      this._card?.remove();
      this._card = shown && new StageCard(shown.id);
      if (this._card) this._stage.prepend(this._card.element);
    }
    if (shown) this._card?.update(shown, isHeld, texts);
  }

  /** What was focused may have disappeared: go back to the opener, on with the hint, or stay here. */
  private _keepFocus(focused: Element | null, nudgeId: string, sheet: typeof this._sheet): void {
    if (sheet && !this._sheet) this._opener = focused ?? document.activeElement;
    if (focused && !isThere(focused)) {
      const isClosed = this._sheet && !sheet;
      const next = isClosed ? this._opener : this._timeline.lineOf(nudgeId);
      (next && isThere(next) ? (next as HTMLElement) : this.root).focus({ preventScroll: true });
    }
    this._sheet = sheet;
  }

  /** Say a new hint once, a proposal word for word; the details that follow are for the eye. */
  private _announce({ card, scene, word, explanation, ui }: PanelModel): void {
    const shown = scene === 'nudge' ? card : null;
    const showing = shown ? `${shown.id} ${shown.shownAt}` : '';
    if (showing !== this._said) {
      const { kindWord, headline, proposal, say } = shown ?? {};
      // a new node, or the same words would not be said again when they are asked for again
      this._saysHint.replaceChildren(inOneLine([kindWord, headline, proposal, say]));
      if (shown) this._body.scrollTop = 0;
    }
    this._said = showing;
    setText(this._saysNotice, ui.notice); // apart, or its end would say the state again
    setText(this._saysState, inOneLine([word, explanation]));
  }
}

function inOneLine(texts: readonly (string | undefined)[]): string {
  return texts.filter(Boolean).join('. ');
}

function isThere(element: Element): boolean {
  return element.isConnected && !element.closest('[hidden]');
}
