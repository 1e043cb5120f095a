/** The panel's words, by language: one file each, all with the same keys. */

import { en } from './en.js';

export type Texts = typeof en;

/** Languages besides English are files of their own, loaded when somebody wants them. */
const OTHERS: Readonly<Record<string, () => Promise<Texts>>> = {
  de: async () => (await import('./de.js')).de,
};
const loaded = new Map<string, Texts>([['en', en]]);

/**
 * Choose the words for a BCP 47 tag; English where there are none.
 *
 * A language that has to be loaded first is English until `whenLoaded` is called.
 */
export function textsFor(language: string, whenLoaded: () => void): Texts {
  const name = language.toLowerCase().split('-')[0] ?? '';
  const texts = loaded.get(name);
  if (texts) return texts;
  loaded.set(name, en);
  if (Object.hasOwn(OTHERS, name)) {
    const take = (others: Texts): void => {
      loaded.set(name, others);
      whenLoaded();
    };
    OTHERS[name]?.().then(take, () => undefined); // English is better than nothing
  }
  return en;
}

/** Say a reason of the status in plain words; one that nobody wrote words for, too. */
export function reasonInWords(texts: Texts, reason: string): string {
  const known = word(texts.reasons, reason);
  if (known !== undefined) return known;
  const [, service = reason, trouble = ''] =
    /^(.*)_(down|slow|fallback|reconnecting)$/.exec(reason) ?? [];
  const name = word(texts.services, service) ?? service.replaceAll('_', ' ');
  return (word(texts.troubles, trouble) ?? '{}').replace('{}', name);
}

/** Look up a word by a name that came from outside. */
export function word(words: Readonly<Record<string, string>>, name: string): string | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined;
}
