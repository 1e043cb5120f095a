/** Fails when a bundle is larger than its limit (gzip, without livekit-client). */

import { readFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

const LIMITS = { 'dist/coach.js': 6000, 'dist/coach-panel.js': 16_384 };

let isTooLarge = false;
for (const [path, limit] of Object.entries(LIMITS)) {
  const size = gzipSync(await readFile(path), { level: 9 }).length;
  isTooLarge ||= size >= limit;
  console.log(`${path}: ${size} bytes gzip, limit ${limit}${size < limit ? '' : ' EXCEEDED'}`);
}
process.exit(isTooLarge ? 1 : 0);
