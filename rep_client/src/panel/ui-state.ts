/** What the rep has opened and typed into: state of the panel alone, none of it known to the coach. */

export type Sheet = 'mute' | 'help' | 'note';

export interface UiState {
  /** What is open between the hint and the earlier ones; one thing at a time. */
  readonly sheet: Sheet | null;
  /** The nudge that the note is about; survives that the nudge leaves the stage. */
  readonly note: { readonly nudgeId: string; readonly headline: string } | null;
  /** The nudge whose details are open. */
  readonly detailId: string | null;
  /** The earlier nudge that is unfolded. */
  readonly earlierId: string | null;
  /** One line for the rep about what was just done. */
  readonly notice: string;
  readonly areShortcutsOn: boolean;
}

export type UiEvent =
  | { readonly type: 'sheet'; readonly sheet: Sheet }
  | { readonly type: 'close' }
  | { readonly type: 'note'; readonly nudgeId: string; readonly headline: string }
  | { readonly type: 'detail'; readonly nudgeId: string }
  | { readonly type: 'earlier'; readonly nudgeId: string }
  | { readonly type: 'notice'; readonly notice: string }
  | { readonly type: 'shortcuts'; readonly areOn: boolean }
  | { readonly type: 'cleared' };

export const initialUi: UiState = {
  sheet: null,
  note: null,
  detailId: null,
  earlierId: null,
  notice: '',
  areShortcutsOn: true,
};

/** Take one event; the same event again closes what it opened. */
export function reduce(state: UiState, event: UiEvent): UiState {
  switch (event.type) {
    case 'sheet':
      return { ...state, note: null, sheet: state.sheet === event.sheet ? null : event.sheet };
    case 'close':
      return { ...state, sheet: null, note: null };
    case 'note': {
      const { nudgeId, headline } = event;
      return { ...state, sheet: 'note', note: { nudgeId, headline }, notice: '' };
    }
    case 'detail':
      return { ...state, detailId: toggled(state.detailId, event.nudgeId) };
    case 'earlier':
      return { ...state, earlierId: toggled(state.earlierId, event.nudgeId) };
    case 'notice':
      return { ...state, notice: event.notice };
    case 'shortcuts':
      return { ...state, areShortcutsOn: event.areOn };
    case 'cleared':
      // a headline must not stand in the note after its nudge was taken back
      return { ...initialUi, areShortcutsOn: state.areShortcutsOn };
  }
}

function toggled(before: string | null, id: string): string | null {
  return before === id ? null : id;
}
