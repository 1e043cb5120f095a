// Drives Chromium for the tests: one order a line on standard input, one answer a line on standard
// output, both JSON. When the input ends, every browser is closed.

import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';

const require = createRequire(new URL('../../rep_client/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const browsers = new Map();
const pages = new Map();

const orders = {
  async launch({ browser, executable, args }) {
    const launched = await chromium.launch({ executablePath: executable, args, headless: true });
    browsers.set(browser, launched);
    return launched.version();
  },

  async open({ browser, page, url, scripts = [], permissions = [], options = {} }) {
    const context = await browsers.get(browser).newContext({ viewport: { width: 1280, height: 800 }, ...options });
    if (permissions.length) await context.grantPermissions(permissions);
    for (const path of scripts) await context.addInitScript({ path });
    const opened = await context.newPage();
    const entry = { page: opened, context, complaints: [] };
    pages.set(page, entry);
    opened.on('pageerror', (error) => entry.complaints.push(`error: ${error.message}`));
    opened.on('console', (message) => {
      if (message.type() === 'error') entry.complaints.push(`console: ${message.text()}`);
    });
    if (url) await opened.goto(url);
  },

  async tab({ page, name, url }) {
    const { context } = pages.get(page);
    const opened = await context.newPage();
    pages.set(name, { page: opened, context, complaints: [] });
    await opened.goto(url);
    await on(page).bringToFront();
  },

  goto: ({ page, url }) => on(page).goto(url).then(() => null),
  reload: ({ page }) => on(page).reload().then(() => null),
  evaluate: ({ page, script, argument }) => on(page).evaluate(asFunction(script), argument),
  click: ({ page, selector }) => on(page).click(selector, { timeout: 10_000 }),
  fill: ({ page, selector, text }) => on(page).fill(selector, text, { timeout: 10_000 }),
  press: ({ page, key }) => on(page).keyboard.press(key),
  type: ({ page, text }) => on(page).keyboard.type(text),
  front: ({ page }) => on(page).bringToFront(),
  offline: ({ page, is }) => pages.get(page).context.setOffline(is),
  resize: ({ page, width, height }) => on(page).setViewportSize({ width, height }),
  media: ({ page, ...features }) => on(page).emulateMedia(features),
  screenshot: ({ page, path }) => on(page).screenshot({ path }).then(() => null),
  complaints: ({ page }) => pages.get(page).complaints,

  async axe({ page }) {
    const source = require('node:fs').readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    await on(page).evaluate(source);
    const { violations } = await on(page).evaluate(() => window.axe.run());
    return violations.map(({ id, nodes }) => ({ id, nodes: nodes.map((node) => node.html) }));
  },

  async leave({ page }) {
    const { context } = pages.get(page);
    pages.delete(page);
    await context.close();
  },

  async quit({ browser }) {
    await browsers.get(browser).close();
    browsers.delete(browser);
  },
};

function on(name) {
  const found = pages.get(name);
  if (!found) throw new Error(`no page ${name}`);
  return found.page;
}

/** A test's script is the source of a function of one argument. */
function asFunction(script) {
  return new Function(`return (${script})`)();
}

async function carryOut(line) {
  const { id, order, ...fields } = JSON.parse(line);
  try {
    const value = await orders[order](fields);
    answer({ id, value: value ?? null });
  } catch (error) {
    answer({ id, error: String(error?.message ?? error) });
  }
}

function answer(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => void carryOut(line));
lines.on('close', async () => {
  await Promise.allSettled([...browsers.values()].map((browser) => browser.close()));
  process.exit(0);
});
