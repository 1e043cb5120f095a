/**
 * Builds the sample meeting page into dist/host/: node host/build.mjs, after the panel itself.
 *
 * livekit-client is one chunk that the page and the panel share; the panel is another, which only
 * a rep's page loads.
 */

import { copyFile, mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const here = new URL('./', import.meta.url);
const out = new URL('../dist/host/', import.meta.url);

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
await build({
  entryPoints: [fileURLToPath(new URL('main.ts', here))],
  outdir: fileURLToPath(out),
  bundle: true,
  splitting: true,
  format: 'esm',
  target: 'es2022',
  minify: true,
  chunkNames: '[name]-[hash]',
  logLevel: 'warning',
});
for (const name of ['index.html', 'host.css']) {
  await copyFile(new URL(name, here), new URL(name, out));
}
