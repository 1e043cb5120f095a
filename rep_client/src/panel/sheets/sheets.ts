/** What opens between the hint and the earlier ones: muting, a note, the list of shortcuts. */

import { button, h, setAttribute, setButton, setText } from '../dom.js';
import { type Texts, filled } from '../texts/texts.js';
import type { PanelModel } from '../view-model.js';

const MINUTES = [
  [1, '1'],
  [5, '5'],
  [15, 'F'],
] as const;
const NOTE_LIMIT = 400; // characters; a whole message has 2,048 bytes

const SHORTCUTS: readonly [string, keyof Texts['keys']][] = [
  ['U', 'useful'],
  ['X', 'used'],
  ['!', 'dispute'],
  ['D', 'dismiss'],
  ['O', 'details'],
  ['+ -', 'approve'],
  ['1 5 F', 'mute'],
  ['M', 'unmute'],
  ['G N', 'granted'],
  ['R', 'revoked'],
  ['A', 'ask'],
  ['?', 'help'],
];

export class MuteSheet {
  private readonly _title = h('h2', { class: 'sheet-title', id: 'mute' });
  private readonly _choices = MINUTES.map(([minutes, key]) => button(`mute-${minutes}`, key));
  private readonly _unmute = button('unmute', 'M');
  readonly element = h(
    'section',
    { class: 'sheet mute', part: 'sheet', 'aria-labelledby': 'mute', tabindex: '-1' },
    this._title,
    h('div', { class: 'choices' }, ...this._choices, this._unmute),
  );

  update({ ui, isMuted }: PanelModel, texts: Texts): void {
    this.element.hidden = ui.sheet !== 'mute';
    setText(this._title, texts.muteFor);
    this._choices.forEach((choice, index) => {
      setButton(choice, filled(texts.minutes, String(MINUTES[index]?.[0])));
    });
    setButton(this._unmute, texts.unmute, isMuted);
  }
}

export class NoteSheet {
  private readonly _title = h('label', { class: 'sheet-title', for: 'note' });
  private readonly _about = h('p', { class: 'about', id: 'about', dir: 'auto' });
  readonly field = h('textarea', {
    id: 'note',
    class: 'field',
    rows: '2',
    maxlength: String(NOTE_LIMIT),
    'aria-describedby': 'about',
    dir: 'auto',
  });
  private readonly _send = h('button', { type: 'submit', class: 'button primary' }, h('span'));
  private readonly _cancel = button('close');
  readonly element = h(
    'form',
    { class: 'sheet note', part: 'sheet', 'data-form': 'note' },
    this._title,
    this._about,
    this.field,
    h('div', { class: 'pair' }, this._send, this._cancel),
  );

  update({ ui }: PanelModel, texts: Texts): void {
    this.element.hidden = ui.sheet !== 'note';
    setText(this._title, texts.noteTitle);
    setText(this._about, ui.note?.headline ?? '');
    setAttribute(this.field, 'placeholder', texts.noteExample);
    setButton(this._send, texts.send);
    setButton(this._cancel, texts.cancel);
    if (!ui.note && this.field.value) this.field.value = '';
  }
}

export class HelpSheet {
  private readonly _title = h('h2', { class: 'sheet-title', id: 'help' });
  private readonly _close = button('close', '', 'link');
  private readonly _words = SHORTCUTS.map(() => h('dd'));
  private readonly _box = h('input', { type: 'checkbox', id: 'shortcuts', 'data-do': 'shortcuts' });
  private readonly _switch = h('label', { for: 'shortcuts' });
  private readonly _hint = h('p', { class: 'fate' });
  readonly element = h(
    'section',
    { class: 'sheet help', part: 'sheet', 'aria-labelledby': 'help', tabindex: '-1' },
    h('div', { class: 'sheet-head' }, this._title, this._close),
    h('dl', {}, ...SHORTCUTS.map(([keys], index) => this._entry(keys, index))),
    h('p', { class: 'switch' }, this._box, this._switch),
    this._hint,
  );

  update({ ui }: PanelModel, texts: Texts): void {
    this.element.hidden = ui.sheet !== 'help';
    setText(this._title, texts.help);
    setButton(this._close, texts.close);
    SHORTCUTS.forEach(([, name], index) => {
      const word = this._words[index];
      if (word) setText(word, texts.keys[name]);
    });
    this._box.checked = ui.areShortcutsOn;
    setText(this._switch, texts.helpSwitch);
    setText(this._hint, texts.helpHint);
  }

  private _entry(keys: string, index: number): HTMLElement {
    const marks = keys.split(' ').map((key) => h('kbd', {}, key));
    return h('div', {}, h('dt', {}, ...marks), this._words[index] ?? '');
  }
}
