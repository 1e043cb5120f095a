/**
 * Turns whatever text arrived into text that can only be read.
 *
 * A quote that a prospect managed to get into a nudge must not be able to reverse the reading
 * direction, pile marks over neighbouring lines or hide characters.
 */

const LINE_BREAKS = /\r\n?|[\v\f\x85\u2028\u2029]/g;
// controls, formats, halves, unassigned, and the letters and marks that are drawn as nothing;
// joiners and what makes an emoji coloured apart: Persian, Hindi and emoji need them
const UNSEEN = /(?![\n\t\u200c\u200d\ufe0f])[\p{C}\p{DI}]/gu;
// more than three combining marks climb over the neighbouring lines
const TOO_MANY_MARKS = /([\p{Mn}\p{Me}]{3})[\p{Mn}\p{Me}]+/gu;

/** Strip everything that is not visible text; cut at a word, an ellipsis included in the limit. */
export function plain(text: string, limitCharacters: number, keepLines = false): string {
  const lines = text
    .replace(LINE_BREAKS, '\n')
    .replace(UNSEEN, '')
    .replace(TOO_MANY_MARKS, '$1')
    .split('\n')
    .map((line) => line.replace(/\s+/g, ' ').trim())
    .filter(Boolean);
  return shortened(lines.join(keepLines ? '\n' : ' '), limitCharacters);
}

/** Keep every character, and make those visible that would not be: for text that is approved. */
export function exact(text: string): string {
  return text.replace(LINE_BREAKS, '\n').replace(UNSEEN, '\ufffd');
}

function shortened(text: string, limitCharacters: number): string {
  const characters = [...text];
  if (characters.length <= limitCharacters) return text;
  const head = characters.slice(0, limitCharacters - 1).join('');
  return head.replace(/(\S)\s+\S*$/, '$1') + '…';
}
