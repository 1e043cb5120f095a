/** The earlier hints, newest first, each one a line that unfolds. */

import { CardBody } from '../card/card.js';
import { h, setAttribute, setText, setTextOrHide } from '../dom.js';
import { icon, setShape } from '../icons.js';
import type { Texts } from '../texts/texts.js';
import type { CardModel, PanelModel } from '../view-model.js';

class Row {
  private readonly _shape = icon('neutral', 'kind-icon');
  private readonly _kind = h('span', { class: 'unseen' });
  private readonly _headline = h('span', { class: 'row-headline', dir: 'auto' });
  private readonly _mark = h('span', { class: 'mark' });
  private readonly _time = h('span', { class: 'time' });
  readonly line = h(
    'button',
    { type: 'button', class: 'row-line', 'data-do': 'earlier' },
    this._shape,
    this._kind,
    this._headline,
    this._mark,
    this._time,
  );
  private _body: CardBody | undefined;

  readonly element = h('li', { class: 'row', part: 'earlier-item' }, this.line);

  update(card: CardModel, isOpen: boolean, texts: Texts): void {
    setAttribute(this.element, 'data-nudge', card.id);
    setAttribute(this.element, 'data-kind', card.kind);
    setAttribute(this.line, 'aria-expanded', String(isOpen));
    setShape(this._shape, card.kind);
    setText(this._kind, `${card.kindWord}: `);
    setText(this._headline, card.headline);
    setText(this._time, card.time);
    setTextOrHide(this._mark, card.isOpenProposal ? '' : card.feedbackWord);
    if (isOpen) {
      this._body ??= new CardBody();
      // what was unfolded is shown whole
      this._body.update({ ...card, isDetailOpen: true }, texts);
      if (!this._body.element.isConnected) this.element.append(this._body.element);
    } else {
      this._body?.element.remove();
      this._body = undefined;
    }
  }
}

export class Timeline {
  private readonly _title = h('h2', { class: 'earlier-title', id: 'earlier' });
  private readonly _list = h('ol', { class: 'rows' });
  private readonly _rows = new Map<string, Row>();

  readonly element = h(
    'section',
    { class: 'earlier', part: 'earlier', 'aria-labelledby': 'earlier' },
    this._title,
    this._list,
  );

  /** The button that unfolds a hint, if it is here. */
  lineOf(nudgeId: string): HTMLElement | undefined {
    return this._rows.get(nudgeId)?.line;
  }

  update({ earlier, openEarlierId }: PanelModel, texts: Texts): void {
    this.element.hidden = earlier.length === 0;
    setText(this._title, texts.earlier);
    const ids = new Set(earlier.map(({ id }) => id));
    for (const [id, row] of this._rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this._rows.delete(id);
    }
    earlier.forEach((card, index) => {
      const row = this._rows.get(card.id) ?? new Row();
      this._rows.set(card.id, row);
      row.update(card, card.id === openEarlierId, texts);
      const there = this._list.children[index] ?? null;
      if (there !== row.element) this._list.insertBefore(row.element, there);
    });
  }
}
