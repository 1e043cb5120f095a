/** Which key does what, and when a key belongs to somebody who is typing. */

/** What the rep can do; the panel carries it out. */
export type Action =
  | 'useful'
  | 'used'
  | 'dispute'
  | 'dismiss'
  | 'details'
  | 'approve'
  | 'reject'
  | 'mute'
  | 'mute-1'
  | 'mute-5'
  | 'mute-15'
  | 'unmute'
  | 'granted'
  | 'denied'
  | 'revoked'
  | 'ask'
  | 'help'
  | 'close'
  | 'earlier'
  | 'shortcuts';

export const KEYS: Readonly<Record<string, Action>> = {
  u: 'useful',
  x: 'used',
  '!': 'dispute',
  d: 'dismiss',
  o: 'details',
  '+': 'approve',
  '-': 'reject',
  '1': 'mute-1',
  '5': 'mute-5',
  f: 'mute-15',
  m: 'unmute',
  g: 'granted',
  n: 'denied',
  r: 'revoked',
  a: 'ask',
  '?': 'help',
};

const TYPED_INTO =
  'input,textarea,select,[contenteditable]:not([contenteditable="false"]),' +
  '[role="textbox"],[role="searchbox"],[role="combobox"],[role="spinbutton"],[role="listbox"],' +
  '[role="application"]';

/** Name what a key press means; null: it is none of ours. */
export function actionOf(event: KeyboardEvent): Action | null {
  if (event.defaultPrevented || event.repeat || event.isComposing) return null;
  if (event.ctrlKey || event.metaKey || event.altKey || isTyped(event)) return null;
  const key = event.key.toLowerCase(); // with Caps Lock, too
  return (Object.hasOwn(KEYS, key) && KEYS[key]) || null;
}

/** Tell whether the key goes into a field: ours, the host's, or one in anybody's open shadow. */
function isTyped(event: KeyboardEvent): boolean {
  if (document.designMode === 'on') return true;
  return event.composedPath().some((node) => node instanceof Element && node.matches(TYPED_INTO));
}
