/** The body of one hint: what to say, why, more on demand, and the rep's answer. */

import { button, h, setAttribute, setButton, setText, setTextOrHide } from '../dom.js';
import type { Action } from '../shortcuts.js';
import type { Texts } from '../texts/texts.js';
import type { CardModel } from '../view-model.js';

const FEEDBACK: readonly [Action & keyof Texts['actions'], string][] = [
  ['useful', 'U'],
  ['used', 'X'],
  ['dispute', '!'],
  ['dismiss', 'D'],
];

/** Used on the stage and, unfolded, among the earlier hints. */
export class CardBody {
  private readonly _sayLabel = h('span', { class: 'label' });
  private readonly _sayText = h('span', { class: 'say-text', dir: 'auto' });
  private readonly _say = h('p', { class: 'say', part: 'say' }, this._sayLabel, this._sayText);
  private readonly _quote = h('q', { dir: 'auto' });
  private readonly _speaker = h('span', { class: 'speaker' });
  private readonly _evidence = h(
    'p',
    { class: 'evidence', part: 'evidence' },
    this._quote,
    this._speaker,
  );
  private readonly _proposalLabel = h('span', { class: 'label' });
  private readonly _proposalText = h('p', { class: 'proposal-text', dir: 'auto' });
  private readonly _approve = button('approve', '+', 'button primary');
  private readonly _reject = button('reject', '-');
  private readonly _decision = h('div', { class: 'pair' }, this._approve, this._reject);
  private readonly _fate = h('p', { class: 'fate' });
  private readonly _proposal = h(
    'div',
    { class: 'proposal', part: 'proposal' },
    this._proposalLabel,
    this._proposalText,
    this._decision,
    this._fate,
  );
  private readonly _toggle = button('details', 'O', 'link');
  private readonly _detail = h('p', { class: 'detail-text', dir: 'auto' });
  private readonly _source = h('p', { class: 'source' });
  private readonly _more = h(
    'div',
    { class: 'detail', part: 'detail' },
    this._detail,
    this._source,
  );
  private readonly _answers = FEEDBACK.map(([action, key]) => button(action, key, 'answer'));
  private readonly _feedback = h(
    'div',
    { class: 'answers', part: 'feedback', role: 'group' },
    ...this._answers,
  );

  readonly element = h(
    'div',
    { class: 'card-body' },
    this._proposal, // first: whoever approves has read what is approved
    this._say,
    this._evidence,
    h('div', { class: 'more' }, this._toggle, this._more),
    this._feedback,
  );

  update(card: CardModel, texts: Texts): void {
    setText(this._sayLabel, texts.say);
    setText(this._sayText, card.say);
    this._say.hidden = !card.say;
    setText(this._quote, card.quote);
    setText(this._speaker, card.speaker);
    this._evidence.hidden = !card.quote;
    this._updateProposal(card, texts);
    setButton(this._toggle, texts.details, Boolean(card.detail || card.source));
    setAttribute(this._toggle, 'aria-expanded', String(card.isDetailOpen));
    this._more.hidden = !card.isDetailOpen;
    setTextOrHide(this._detail, card.detail);
    setTextOrHide(this._source, card.source);
    setAttribute(this._feedback, 'aria-label', texts.feedback);
    this._answers.forEach((answer, index) => {
      const action = FEEDBACK[index]?.[0] ?? 'useful';
      setButton(answer, texts.actions[action]);
      setAttribute(answer, 'aria-pressed', String(card.feedback === action));
    });
  }

  private _updateProposal(card: CardModel, texts: Texts): void {
    this._proposal.hidden = !card.proposal;
    this._feedback.hidden = card.isOpenProposal;
    setText(this._proposalLabel, card.proposalWord);
    setText(this._proposalText, card.proposal);
    setText(this._fate, card.isSending ? texts.sending : card.fate);
    setButton(this._approve, texts.actions.approve);
    setButton(this._reject, texts.actions.reject);
    this._decision.hidden = !card.isOpenProposal;
  }
}
