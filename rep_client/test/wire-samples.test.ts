/** The wire samples that Python reads, too; see tests/wire/README.md of the repository. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MESSAGE_LIMIT_BYTES } from '../src/fields.js';
import { parseHello, parseNudge, parseStatus } from '../src/messages.js';
import {
  type ControlAction,
  type FeedbackAction,
  askRequest,
  controlRequest,
  feedbackRequest,
} from '../src/requests.js';

type Content = Record<string, unknown>;
interface Sample {
  name: string;
  payload: unknown;
  pad?: { field: string; to_bytes: number };
  reads?: Content;
  refused?: number;
}

const FOLDER = join(import.meta.dirname, '../../tests/wire');
const PARSERS = { nudges: parseNudge, hellos: parseHello, statuses: parseStatus } as const;
const bytes = (text: string): number => new TextEncoder().encode(text).length;

function samples<Kind = Sample>(name: string): Kind[] {
  return JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8')) as Kind[];
}

function textOf({ payload, pad }: Sample): string {
  if (typeof payload === 'string') return payload;
  if (!pad) return JSON.stringify(payload);
  const before = String((payload as Content)[pad.field]);
  const filler = before.at(-1) ?? 'x';
  const missing = pad.to_bytes - bytes(JSON.stringify(payload));
  const whole = Math.floor(missing / bytes(filler));
  const fill = filler.repeat(whole) + 'x'.repeat(missing - whole * bytes(filler));
  return JSON.stringify({ ...(payload as Content), [pad.field]: before + fill });
}

/** Name fields as on the wire and in Python. */
function snake(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snake);
  if (typeof value !== 'object' || value === null) return value;
  const name = (key: string): string =>
    key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [name(key), snake(inner)]));
}

const cases = Object.entries(PARSERS).flatMap(([file, parse]) =>
  samples(file).map((sample) => ({ ...sample, sample, parse, title: `${file}: ${sample.name}` })),
);

test.each(cases.filter(({ reads }) => reads))('$title is read', ({ sample, parse, reads }) => {
  const message = snake(parse(textOf(sample))) as Content;

  for (const [field, value] of Object.entries(reads ?? {})) {
    expect([field, message[field]]).toEqual([field, value]);
  }
});

test.each(cases.filter(({ refused }) => refused))(
  '$title is refused',
  ({ sample, parse, refused }) => {
    expect(() => parse(textOf(sample))).toThrow(expect.objectContaining({ code: refused }));
  },
);

test('padding reaches the size to the byte', () => {
  const padded = cases.filter(({ pad }) => pad);

  expect(padded.map(({ sample }) => bytes(textOf(sample)))).toEqual(
    padded.map(({ pad }) => pad?.to_bytes),
  );
  expect(padded.some(({ pad }) => pad?.to_bytes === MESSAGE_LIMIT_BYTES)).toBe(true);
});

interface Request {
  name: string;
  method: string;
  arguments: {
    nudge_id?: string;
    action?: string;
    note?: string;
    seconds?: number;
    text?: string;
    card?: string;
  };
  payload: Content;
}

test.each(samples<Request>('requests'))('$method, $name is written', (sample) => {
  const { nudge_id = '', action = '', note, seconds, text, card = '' } = sample.arguments;
  const written = {
    coach_feedback: () => feedbackRequest(nudge_id, action as FeedbackAction, note),
    coach_control: () => controlRequest(action as ControlAction, seconds),
    coach_ask: () => askRequest(text ?? { card }),
  }[sample.method];

  expect(JSON.parse(written?.() ?? '')).toEqual(sample.payload);
});
