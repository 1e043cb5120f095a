// Notes when each nudge of the benchmark was painted. It runs before any script of the page.
//
// The panel's change is seen by a MutationObserver, in the same task. The next animation frame's
// callback runs just before that frame's style, layout and paint, and a task that is posted from
// there runs right after them: by then the frame is handed to the compositor.
(() => {
  const painted = [];
  const seen = new Set();
  const channel = new MessageChannel();
  const waiting = [];
  const now = () => performance.timeOrigin + performance.now();

  channel.port1.onmessage = () => {
    const entry = waiting.shift();
    entry.painted_ms = now();
    painted.push(entry);
  };

  const look = (root) => {
    for (const [word] of (root.textContent ?? '').matchAll(/\bpainted\d+x/g)) {
      if (seen.has(word)) continue;
      seen.add(word);
      const entry = { word, changed_ms: now() };
      requestAnimationFrame(() => {
        entry.frame_ms = now();
        waiting.push(entry);
        channel.port2.postMessage(null);
      });
    }
  };

  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    new MutationObserver(() => look(root)).observe(root, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    return root;
  };

  Object.defineProperty(window, '__painted', { value: () => painted });
})();
