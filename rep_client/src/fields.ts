/** Reads typed fields out of one JSON message; every way to be wrong ends in InvalidMessage. */

import { plain } from './plain-text.js';

export const MESSAGE_LIMIT_BYTES = 2048;

/** LiveKit's error code for a method that nobody registered. */
export const UNSUPPORTED_METHOD = 1400;

/** Error codes of the wire contract. */
export const INVALID_PAYLOAD = 2400;
export const UNKNOWN_ID = 2404;
export const TOO_LARGE = 2413;

/** A message that is refused; its text names a field and never repeats a value. */
export class InvalidMessage extends Error {
  constructor(
    readonly code: number,
    message: string,
  ) {
    super(message);
  }
}

/** The object of a message; fields that nobody asks for are ignored. */
export class Fields {
  private constructor(private readonly _content: Readonly<Record<string, unknown>>) {}

  /** Parse a message of at most 2,048 bytes. */
  static fromJson(payload: string): Fields {
    if (isTooLarge(payload)) throw new InvalidMessage(TOO_LARGE, 'too large');
    let content: unknown;
    try {
      content = JSON.parse(payload);
    } catch {
      // what is not JSON is no object either
    }
    return isObject(content) ? new Fields(content) : invalid('message', 'a JSON object');
  }

  /** Read an optional text as it is: for comparisons only, never for the screen. */
  raw(name: string): string {
    const value = this._given(name) ?? '';
    return typeof value === 'string' ? value : invalid(name, 'text');
  }

  /** Read an optional text as plain text; absent and null are the empty text. */
  text(name: string, limitCharacters: number, keepLines = false): string {
    return plain(this.raw(name), limitCharacters, keepLines);
  }

  /** Read an opaque id, which is never shown and never cut. */
  key(name: string, limitCharacters: number): string {
    const value = this.raw(name);
    // half a character cannot be sent back
    const isWhole = value && [...value].length <= limitCharacters && !/\p{Cs}/u.test(value);
    return isWhole ? value : invalid(name, `text of 1 to ${limitCharacters} characters`);
  }

  /** Read an integer that may be absent or null. */
  optionalInteger(name: string): number | null {
    const value = this._given(name);
    if (value === null) return null;
    return Number.isSafeInteger(value) ? (value as number) : invalid(name, 'an integer');
  }

  /** Read an integer; without `otherwise` it must be there. */
  integer(name: string, least = -Infinity, otherwise?: number): number {
    const value = this.optionalInteger(name) ?? otherwise ?? invalid(name, 'there');
    return value >= least ? value : invalid(name, `at least ${least}`);
  }

  flag(name: string, otherwise: boolean): boolean {
    const value = this._given(name) ?? otherwise;
    return typeof value === 'boolean' ? value : invalid(name, 'true or false');
  }

  /** Read a list of texts as plain texts; what exceeds the count is left out. */
  texts(name: string, limitCharacters: number, limitCount: number): string[] {
    const values = this._given(name) ?? [];
    if (!Array.isArray(values) || !values.every((value) => typeof value === 'string')) {
      return invalid(name, 'a list of texts');
    }
    return values.slice(0, limitCount).map((value: string) => plain(value, limitCharacters));
  }

  /** Read an object that may be absent or null. */
  nested(name: string): Fields | null {
    const value = this._given(name);
    if (value === null) return null;
    return isObject(value) ? new Fields(value) : invalid(name, 'an object');
  }

  /** Read one of several words; any other text is `otherwise`. */
  oneOf<Word extends string>(name: string, words: readonly Word[], otherwise: Word): Word {
    const value = this.raw(name) as Word;
    return words.includes(value) ? value : otherwise;
  }

  private _given(name: string): unknown {
    // own fields only: a message has no "constructor"
    return Object.hasOwn(this._content, name) ? (this._content[name] ?? null) : null;
  }
}

/** Tell whether a message exceeds 2,048 bytes. */
export function isTooLarge(payload: string): boolean {
  return new TextEncoder().encode(payload).length > MESSAGE_LIMIT_BYTES;
}

/** Refuse a message for one of its fields. */
export function invalid(name: string, wanted: string): never {
  throw new InvalidMessage(INVALID_PAYLOAD, `${name} must be ${wanted}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
