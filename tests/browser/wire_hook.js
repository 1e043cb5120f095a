// Notes every byte that a page gets or sends, below whatever library it uses. It runs before any
// script of the page. `__wire()` returns what was noted.
(() => {
  const noted = [];
  const unwatched = [];
  const text = new TextEncoder();

  const note = (way, place, data) => {
    const entry = { way, place, at: performance.now(), bytes: null };
    noted.push(entry);
    if (data === null || data === undefined) entry.bytes = new Uint8Array();
    else if (typeof data === 'string') entry.bytes = text.encode(data);
    else if (data instanceof ArrayBuffer) entry.bytes = new Uint8Array(data.slice(0));
    else if (ArrayBuffer.isView(data))
      entry.bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    else if (data instanceof Blob)
      entry.bytes = data.arrayBuffer().then((buffer) => new Uint8Array(buffer));
    else entry.bytes = text.encode(String(data));
  };

  const listen = EventTarget.prototype.addEventListener;
  const watched = new WeakSet();
  const watch = (source, place) => {
    if (watched.has(source)) return source;
    watched.add(source);
    listen.call(source, 'message', (event) => note('in', place, event.data));
    return source;
  };

  const patch = (prototype, name, make) => {
    prototype[name] = make(prototype[name]);
  };
  const sending = (place) => (original) =>
    function (data) {
      note('out', place, data);
      return original.apply(this, arguments);
    };
  patch(RTCDataChannel.prototype, 'send', sending('channel'));
  patch(WebSocket.prototype, 'send', sending('socket'));
  patch(RTCPeerConnection.prototype, 'createDataChannel', (original) => function () {
    return watch(original.apply(this, arguments), 'channel');
  });

  const constructing = (Class, meet) =>
    new Proxy(Class, {
      construct(target, given, newTarget) {
        const made = Reflect.construct(target, given, newTarget);
        meet(made);
        return made;
      },
    });
  window.RTCPeerConnection = constructing(RTCPeerConnection, (connection) =>
    listen.call(connection, 'datachannel', (event) => watch(event.channel, 'channel')),
  );
  window.webkitRTCPeerConnection = window.RTCPeerConnection;
  window.WebSocket = constructing(WebSocket, (socket) => watch(socket, 'socket'));

  patch(window, 'fetch', (original) => async function (...given) {
    const response = await original.apply(this, given);
    const copy = response.clone();
    noted.push({
      way: 'in',
      place: 'fetch',
      at: performance.now(),
      bytes: copy.arrayBuffer().then((buffer) => new Uint8Array(buffer)).catch(() => new Uint8Array()),
    });
    return response;
  });

  // What could carry bytes past all this is not used by the page; if it ever is, a test says so.
  for (const name of ['WebTransport', 'WebSocketStream', 'EventSource', 'Worker', 'SharedWorker', 'XMLHttpRequest']) {
    if (window[name]) window[name] = constructing(window[name], () => unwatched.push(name));
  }

  const base64 = (bytes) => {
    let binary = '';
    for (const byte of bytes) binary += String.fromCharCode(byte);
    return btoa(binary);
  };
  Object.defineProperty(window, '__wire', {
    value: async () => ({
      unwatched: [...unwatched],
      noted: await Promise.all(
        noted.map(async ({ way, place, at, bytes }) => ({ way, place, at, bytes: base64(await bytes) })),
      ),
    }),
  });
})();
