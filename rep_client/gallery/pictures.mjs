/** Which scenes are drawn how: every state in light and dark, a choice of them in every other way. */

const STATES = [
  'not-connected',
  'waiting-for-coach',
  'waiting-for-consent',
  'consent-denied',
  'consent-revoking',
  'consent-revoked',
  'listening',
  'thinking',
  'degraded',
  'muted',
  'ended',
  'lost',
  'reconnecting',
  'nudge-objection',
  'nudge-details',
  'nudge-question',
  'nudge-competitor',
  'nudge-discount',
  'nudge-signal',
  'nudge-pace',
  'nudge-stage',
  'nudge-screen',
  'nudge-card',
  'nudge-unknown',
  'nudge-longest',
  'nudge-rated',
  'approval',
  'approval-below-a-hint',
  'approval-lapsed',
  'timeline-quiet',
  'timeline-with-hint',
  'timeline-open',
  'note',
  'mute-menu',
  'help',
  'failed',
];
const CHOSEN = [
  'waiting-for-consent',
  'listening',
  'nudge-details',
  'approval',
  'timeline-with-hint',
  'help',
];

/** What has the longest lines. */
const NARROW = ['nudge-details', 'nudge-longest', 'degraded'];

export const README_PICTURE = 'timeline-with-hint.light';

const drawn = (way, scenes, options, query = {}) =>
  scenes.map((scene) => ({ name: `${scene}.${way}`, query: { scene, ...query }, ...options }));

export const pictures = [
  ...drawn('light', STATES, { media: { colorScheme: 'light' } }),
  ...drawn('dark', STATES, { media: { colorScheme: 'dark' } }),
  ...drawn('high-contrast', CHOSEN, { media: { forcedColors: 'active', colorScheme: 'dark' } }),
  ...drawn('more-contrast', ['nudge-details'], { media: { contrast: 'more' } }),
  ...drawn('calm', ['nudge-objection', 'listening'], { media: { reducedMotion: 'reduce' } }),
  ...drawn('320', CHOSEN, { width: 320, height: 568 }),
  ...[340, 360, 400].flatMap((width) => drawn(`${width}`, NARROW, { width })),
  ...[320, 340, 360, 400].flatMap((width) =>
    drawn(`${width}.de`, NARROW, { width }, { lang: 'de' }),
  ),
  ...drawn('wide', ['listening', 'timeline-with-hint', 'waiting-for-consent', 'help'], {
    width: 900,
    height: 520,
  }),
  ...drawn('zoom-200', CHOSEN, { width: 760, height: 1136, zoom: 2 }),
  ...drawn(
    'rtl',
    ['listening', 'nudge-details', 'timeline-with-hint', 'waiting-for-consent'],
    {},
    { lang: 'ar', dir: 'rtl' },
  ),
  ...drawn('de', [...CHOSEN, 'degraded', 'muted', 'nudge-longest'], {}, { lang: 'de' }),
];
