/**
 * Draws every state of the panel in a real Chromium into screenshots/, and panel.png for the README.
 *
 * Runs axe-core on each and looks for what runs over its edge; fails when there is anything.
 * `npm run screenshots -- WORD…` draws only what has one of the words in its name.
 */

import { mkdir, readFile } from 'node:fs/promises';

import { launchChromium, servePage } from './browser.mjs';
import { README_PICTURE, pictures } from './pictures.mjs';

const words = process.argv.slice(2);
const axe = await readFile('node_modules/axe-core/axe.min.js', 'utf8');
const page = await servePage('gallery', 'gallery');
const browser = await launchChromium(['--force-color-profile=srgb']);
let failures = 0;

await mkdir('screenshots', { recursive: true });
try {
  for (const picture of pictures) {
    if (words.length && !words.some((word) => picture.name.includes(word))) continue;
    failures += await draw(picture);
  }
} finally {
  await browser.close();
  page.close();
}
console.log(failures ? `${failures} findings` : 'axe-core found nothing to complain about, and everything fits');
process.exit(failures ? 1 : 0);

async function draw({ name, width = 380, height = 640, query, media = {}, zoom = 1 }) {
  const context = await browser.newContext({
    viewport: { width: Math.round(width / zoom), height: Math.round(height / zoom) },
    deviceScaleFactor: 2 * zoom,
    bypassCSP: true, // for axe-core, which is put into the page; the page itself has a strict policy
    ...media,
  });
  const tab = await context.newPage();
  const problems = [];
  tab.on('console', (message) => problems.push(`console: ${message.text()}`));
  tab.on('pageerror', (error) => problems.push(`page: ${error}`));
  await tab.goto(`${page.url}?${new URLSearchParams(query)}`);
  await tab.waitForSelector('html[data-ready]', { state: 'attached', timeout: 10_000 });
  await tab.evaluate(axe);
  const { violations } = await tab.evaluate(() => globalThis.axe.run(document));
  problems.push(...(await tab.evaluate(tooWide)));
  await tab.screenshot({ path: `screenshots/${name}.png` });
  if (name === README_PICTURE) await tab.screenshot({ path: 'panel.png' });
  await context.close();
  for (const { id, nodes } of violations) {
    for (const node of nodes)
      console.log(
        `${name}: ${id}: ${node.target.flat().join(' ')}: ${node.any[0]?.message ?? node.all[0]?.message ?? node.failureSummary}`,
      );
  }
  for (const problem of problems) console.log(`${name}: ${problem}`);
  if (!violations.length && !problems.length) console.log(`${name}: ok`);
  return violations.length + problems.length;
}

/** In the page: list what is wider than its place. */
function tooWide() {
  const panel = document.querySelector('coach-panel');
  const edges = panel.getBoundingClientRect();
  const found = [];
  for (const element of panel.shadowRoot.querySelectorAll('*')) {
    const style = getComputedStyle(element);
    // the rings breathe, and the feedback reaches into the card's padding
    const isMeant =
      style.textOverflow === 'ellipsis' || element.matches('.unseen, .unseen *, .rings, .card-body');
    if (isMeant || !element.getClientRects().length) continue;
    const { left, right } = element.getBoundingClientRect();
    const isOutside = left < edges.left - 1 || right > edges.right + 1;
    const isOverfull = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
    const name = element.getAttribute('class') ?? element.localName;
    if (isOutside || isOverfull) found.push(`too wide: ${name}, at ${edges.width} px`);
  }
  return found;
}
