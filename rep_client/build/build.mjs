/**
 * Builds dist/coach.js (headless), dist/coach-panel.js (the element, which imports the former) and
 * dist/texts/ (languages besides English, which the element loads when they are wanted).
 *
 * Neither contains livekit-client: it is the host's own.
 */

import { build } from 'esbuild';

import { filesApart, minifiedStyles } from './plugins.mjs';

const options = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  mangleProps: /^_/, // private members; names of the wire and of the interface never begin so
  external: ['livekit-client'],
  logLevel: 'warning',
};

await build({
  ...options,
  entryPoints: { coach: 'src/coach.ts', 'texts/de': 'src/panel/texts/de.ts' },
});
await build({
  ...options,
  entryPoints: ['src/panel/coach-panel.ts'],
  plugins: [filesApart, minifiedStyles],
});
