/**
 * Sends 10,000 hints to one panel in a real Chromium and watches nodes, listeners and heap.
 *
 * Prints one line of JSON; fails when nodes or listeners grow. `npm run bench:nodes -- COUNT`.
 */

import { launchChromium, servePage } from '../gallery/browser.mjs';

const STEPS = 10;
const total = Number(process.argv[2] ?? 10_000);
const page = await servePage('bench', 'nodes-page');
const browser = await launchChromium(['--js-flags=--expose-gc']);

try {
  const tab = await browser.newPage();
  await tab.goto(page.url);
  await tab.waitForSelector('html[data-ready]', { state: 'attached' });
  const devtools = await tab.context().newCDPSession(tab);
  await devtools.send('Performance.enable');
  await tab.evaluate(() => globalThis.send(200)); // fills what is bounded
  const readings = [await reading(devtools)];
  const started = performance.now();
  for (let step = 0; step < STEPS; step += 1) {
    await tab.evaluate((count) => globalThis.send(count), total / STEPS);
    readings.push(await reading(devtools));
  }
  report(readings, (performance.now() - started) / total);
} finally {
  await browser.close();
  page.close();
}

/** Read the counters after collecting garbage. */
async function reading(devtools) {
  await devtools.send('HeapProfiler.collectGarbage');
  await devtools.send('HeapProfiler.collectGarbage');
  const { metrics } = await devtools.send('Performance.getMetrics');
  const value = (name) => metrics.find((metric) => metric.name === name).value;
  return {
    nodes: value('Nodes'),
    listeners: value('JSEventListeners'),
    heap: value('JSHeapUsedSize'),
  };
}

function report(readings, msPerHint) {
  const [first, last] = [readings[0], readings.at(-1)];
  const result = {
    hints: total,
    nodes: { before: first.nodes, after: last.nodes },
    listeners: { before: first.listeners, after: last.listeners },
    heap_kb: { before: kb(first.heap), after: kb(last.heap) },
    heap_bytes_per_hint: Math.round(slope(readings.map(({ heap }) => heap)) / (total / STEPS)),
    ms_per_hint: Number(msPerHint.toFixed(3)),
  };
  console.log(JSON.stringify(result));
  // a few nodes differ with the hint that happens to be shown or unfolded
  const hasGrown = last.nodes > first.nodes + 60 || last.listeners > first.listeners;
  process.exitCode = hasGrown ? 1 : 0;
}

function kb(bytes) {
  return Math.round(bytes / 1024);
}

/** Least squares: growth per step. */
function slope(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sums = values.reduce(
    ([above, below], value, index) => [
      above + (index - middle) * (value - mean),
      below + (index - middle) ** 2,
    ],
    [0, 0],
  );
  return sums[0] / sums[1];
}
