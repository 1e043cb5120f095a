/**
 * Fails when a module is larger than its limit (gzip), or is not whole in itself.
 *
 * The element holds the headless client, so what counts there is what it adds to that.
 */

import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const HEADLESS_LIMIT = 6000;
const ELEMENT_LIMIT = 16_000;
const PEERS = ['livekit-client'];

const headless = await sizeOf('dist/coach.js');
const panel = await sizeOf('dist/coach-panel.js');
console.log(`dist/coach-panel.js, as a whole: ${panel} bytes gzip`);
check('dist/coach.js', headless, HEADLESS_LIMIT);
check('dist/coach-panel.js less dist/coach.js', panel - headless, ELEMENT_LIMIT);
await checkImports('dist/coach.js');
await checkImports('dist/coach-panel.js');

async function sizeOf(path) {
  return gzipSync(await readFile(path), { level: 9 }).length;
}

function check(name, size, limit) {
  const isFitting = size < limit;
  console.log(`${name}: ${size} bytes gzip, limit ${limit}${isFitting ? '' : ' EXCEEDED'}`);
  if (!isFitting) process.exitCode = 1;
}

/** A host copies one file: it may import what the host has anyway, and nothing beside it. */
async function checkImports(path) {
  const { metafile } = await build({
    entryPoints: [path],
    bundle: true,
    format: 'esm',
    external: ['*'],
    metafile: true,
    write: false,
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
  const others = imported.map(({ path: name }) => name).filter((name) => !PEERS.includes(name));
  if (!others.length) return;
  console.log(`${path} imports ${others.join(', ')}`);
  process.exitCode = 1;
}
