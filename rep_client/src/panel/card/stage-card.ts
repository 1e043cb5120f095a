/** The prominent hint: kind, headline, body, and a quiet line that says how long it stays. */

import { h, setAttribute, setText } from '../dom.js';
import { icon, setShape } from '../icons.js';
import type { Texts } from '../texts/texts.js';
import type { CardModel } from '../view-model.js';
import { CardBody } from './card.js';

const LONG_HEADLINE = 72; // characters; more is set smaller, so that the line to say stays in sight

export class StageCard {
  private readonly _life = h('div', { class: 'life', part: 'countdown' });
  private readonly _shape = icon('neutral', 'kind-icon');
  private readonly _kind = h('span', { class: 'kind-word' });
  private readonly _time = h('span', { class: 'time' });
  private readonly _headline = h('h2', { class: 'headline', part: 'headline', dir: 'auto' });
  private readonly _body = new CardBody();
  private _shownAt = NaN;
  private _countdown: Animation | undefined;

  readonly element = h(
    'article',
    { class: 'card', part: 'card' },
    h('div', { class: 'track', 'aria-hidden': 'true' }, this._life),
    h('p', { class: 'kind', part: 'kind' }, this._shape, this._kind, this._time),
    this._headline,
    this._body.element,
  );

  constructor(readonly id: string) {
    setAttribute(this.element, 'data-nudge', id);
  }

  /** Draw the hint of this id. */
  update(card: CardModel, isHeld: boolean, texts: Texts): void {
    setAttribute(this.element, 'data-kind', card.kind);
    setShape(this._shape, card.kind);
    setText(this._kind, card.kindWord);
    setText(this._time, card.time);
    setText(this._headline, card.headline);
    this._headline.classList.toggle('long', card.headline.length > LONG_HEADLINE);
    this._body.update(card, texts);
    this._count(card, isHeld);
  }

  /** Take the card away. A countdown that runs on would keep it in memory. */
  remove(): void {
    this._countdown?.cancel();
    this.element.remove();
  }

  /** Start the countdown, and anew for a hint that was asked for again. */
  private _count(card: CardModel, isHeld: boolean): void {
    this._life.classList.toggle('held', isHeld);
    if (card.shownAt === this._shownAt) return;
    this._countdown?.cancel();
    this._shownAt = card.shownAt;
    const left = Math.max(0, 1 - card.passedMs / card.lifeMs);
    const isCalm = globalThis.matchMedia?.('(prefers-reduced-motion: reduce)').matches;
    this._countdown = this._life.animate?.(
      [{ transform: `scaleX(${left})` }, { transform: 'scaleX(0)' }],
      {
        duration: Math.max(1, card.lifeMs - card.passedMs),
        fill: 'forwards',
        easing: isCalm ? 'steps(6, end)' : 'linear',
      },
    );
    this._countdown?.finished.catch(() => undefined); // cancelled by the next one
  }
}
