/** What the gallery and the bench need of the outside: the built page on loopback, and a Chromium. */

import { createServer } from 'node:http';
import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium } from 'playwright-core';

import { minifiedStyles } from '../build/plugins.mjs';

const CANDIDATES = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const TYPES = { html: 'text/html', css: 'text/css', js: 'text/javascript' };

/** Bundle a page's script (livekit-client included) and serve it with its folder on loopback. */
export async function servePage(folder, script) {
  const { outputFiles } = await build({
    entryPoints: [join(folder, `${script}.ts`)],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    charset: 'utf8',
    write: false,
    plugins: [minifiedStyles],
    logLevel: 'warning',
  });
  const server = createServer(async (request, response) => {
    const name = new URL(request.url, 'http://page').pathname.slice(1) || 'index.html';
    const type = TYPES[name.split('.').pop()];
    try {
      const isScript = name === `${script}.js`;
      const body = isScript ? outputFiles[0].contents : await readFile(join(folder, name));
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return { url, close: () => server.close() };
}

/** Start the Chromium or Chrome that is installed. */
export async function launchChromium(args = []) {
  for (const executablePath of CANDIDATES.filter(Boolean)) {
    const isThere = await access(executablePath).then(
      () => true,
      () => false,
    );
    if (!isThere) continue;
    // root, as in a container, cannot use the browser's sandbox
    const unboxed = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    return chromium.launch({ executablePath, args: [...args, ...unboxed] });
  }
  console.error(
    'No Chromium found. On Debian: apt-get install chromium. Elsewhere: install Chrome or Chromium,\n' +
      'or name it: CHROMIUM=/path/to/chromium npm run screenshots',
  );
  process.exit(2);
}
