/** Shows one scene: `?scene=nudge-objection&theme=dark&lang=de&dir=rtl`. */

import '../src/panel/coach-panel.js';
import { FakeRoom } from '../test/fake-room.js';
import { arabic } from './arabic.js';
import { scenes } from './scenes.js';

const wanted = new URLSearchParams(location.search);
const panel = document.querySelector('coach-panel')!;
const room = new FakeRoom();

const rest = (ms = 0): Promise<void> =>
  new Promise((resolve) => setTimeout(() => requestAnimationFrame(() => resolve()), ms));
const press = (key: string): void => {
  document.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
};

const theme = wanted.get('theme');
if (theme) panel.setAttribute('theme', theme);
document.documentElement.lang = wanted.get('lang') ?? 'en';
document.documentElement.dir = wanted.get('dir') ?? 'ltr';
if (wanted.get('lang') === 'ar') panel.texts = arabic;
panel.room = room as never;
await scenes[wanted.get('scene') ?? 'listening']?.({ room, press, rest });
await rest(Number(wanted.get('age') ?? 400));
document.documentElement.dataset['ready'] = 'yes';
