/** The panel's words, by language: one file each, all with the same keys. */

import { de } from './de.js';
import { type Texts, en } from './en.js';

export type { Texts };

const LANGUAGES: Readonly<Record<string, Texts>> = { en, de };

/** Name the language of the panel's own words for a BCP 47 tag; English where there are none. */
export function languageFor(tag: string): string {
  const name = tag.toLowerCase().split('-')[0] ?? '';
  return Object.hasOwn(LANGUAGES, name) ? name : 'en';
}

/** Choose the words for a BCP 47 tag. */
export function textsFor(tag: string): Texts {
  return LANGUAGES[languageFor(tag)] ?? en;
}

/** Say a reason of the status in plain words; one that nobody wrote words for, too. */
export function reasonInWords(texts: Texts, reason: string): string {
  const known = word(texts.reasons, reason);
  if (known !== undefined) return known;
  const [, service = reason, trouble = ''] =
    /^(.*)_(down|slow|fallback|reconnecting)$/.exec(reason) ?? [];
  const name = word(texts.services, service) ?? service.replaceAll('_', ' ');
  return filled(word(texts.troubles, trouble) ?? '{}', name);
}

/** Put a value in its place as it is, dollar signs and all. */
export function filled(text: string, value: string): string {
  return text.replace('{}', () => value);
}

/** Look up a word by a name that came from outside. */
export function word(words: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined;
}
