/**
 * Builds dist/coach.js (headless) and dist/coach-panel.js (the element, with the headless client
 * and every language inside): each is one module that a host can copy alone.
 *
 * Neither contains livekit-client: it is the host's own.
 */

import { build } from 'esbuild';

import { minifiedStyles, shortPrivateNames } from './plugins.mjs';

const options = {
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  legalComments: 'none',
  charset: 'utf8',
  external: ['livekit-client'],
  plugins: [minifiedStyles, shortPrivateNames],
  logLevel: 'warning',
};

await build({ ...options, entryPoints: ['src/coach.ts'] });
await build({
  ...options,
  entryPoints: ['src/panel/coach-panel.ts'],
  // all that is no code comes first: what is alike compresses better side by side
  inject: ['src/panel/styles.ts', 'src/panel/icons.ts', 'src/panel/texts/texts.ts'],
});
