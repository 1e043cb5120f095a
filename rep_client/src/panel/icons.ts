/** The panel's shapes: one silhouette per kind of nudge and per condition, drawn on 24 by 24. */

const NAMESPACE = 'http://www.w3.org/2000/svg';

/** Holes are cut by the even-odd rule, so a shape is one path in one colour. */
const SHAPES = {
  objection:
    'M12 2.2 22.6 21a1 1 0 0 1-.9 1.4H2.3A1 1 0 0 1 1.4 21Zm-1.3 7 .4 6.4h1.8l.4-6.4Zm1.3 8.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Z',
  question:
    'M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21Zm0 4.7c-2.4 0-4.1 1.4-4.2 3.6h2.3c.1-1 .8-1.6 1.8-1.6s1.8.6 1.8 1.5c0 .8-.4 1.2-1.3 1.8-1.2.7-1.7 1.5-1.6 2.9v.5h2.2v-.4c0-.8.3-1.2 1.3-1.8 1.1-.7 1.8-1.6 1.8-3 0-2.1-1.7-3.5-4.1-3.5Zm-.1 10a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6Z',
  competitor: 'M12 .9 23.1 12 12 23.1.9 12Zm-4 7.4L4.3 12 8 15.7v-2.6h8v2.6L19.7 12 16 8.3v2.6H8Z',
  discount:
    'M2 2h10.5L23 12.5 12.5 23 2 12.5Zm4.7 2.7a2 2 0 1 0 0 4 2 2 0 0 0 0-4Zm9 5.2-6.9 5.9 1.3 1.5 6.9-5.9Z',
  signal: 'm12 1 3.3 7.1 7.7.9-5.7 5.3 1.5 7.7L12 18.2 5.2 22l1.5-7.7L1 9l7.7-.9Z',
  pace: 'M12 1.5a10.5 10.5 0 1 1 0 21 10.5 10.5 0 0 1 0-21Zm-1.2 4v7.2l5.1 3.1 1.2-2-3.9-2.4V5.5Z',
  stage: 'M3 1.5h2.4v1.3h15.9l-3.6 5.7 3.6 5.7H5.4v8.3H3Z',
  screen: 'M1.5 3.5h21v14h-8v2.3h3v2.2h-11v-2.2h3v-2.3h-8Zm2.5 2.5v9h16V6Z',
  approval: 'M2 2h20v20H2Zm15 4.8-6.8 7.6-3.4-3.1-1.6 1.8 5.2 4.6 8.4-9.3Z',
  card: 'M4 2h16v20H4Zm3 4v2.2h10V6Zm0 4.5v2.2h10v-2.2Zm0 4.5v2.2h6V15Z',
  neutral: 'M12 4a8 8 0 1 1 0 16 8 8 0 0 1 0-16Z',
  listening: 'M12 5a7 7 0 1 1 0 14 7 7 0 0 1 0-14Z',
  degraded: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Zm0 2.5v13a6.5 6.5 0 0 0 0-13Z',
  muted:
    'M12 2.5a6.5 6.5 0 0 1 6.5 6.5v4.5l2 3.5h-17l2-3.5V9A6.5 6.5 0 0 1 12 2.5ZM9.2 18.5h5.6a2.8 2.8 0 0 1-5.6 0ZM3.6 2 22 20.4 20.4 22 2 3.6Z',
  waiting: 'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18Zm0 2.6a6.4 6.4 0 1 0 0 12.8 6.4 6.4 0 0 0 0-12.8Z',
  refused:
    'M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20ZM6.3 8.1a7.3 7.3 0 0 0 9.6 9.6Zm11.4 7.8A7.3 7.3 0 0 0 8.1 6.3Z',
  stopped: 'M5 5h14v14H5Z',
  lost: 'M5.2 3 12 9.8 18.8 3 21 5.2 14.2 12l6.8 6.8-2.2 2.2L12 14.2 5.2 21 3 18.8 9.8 12 3 5.2Z',
  again:
    'M12 3.5a8.5 8.5 0 0 1 7.6 4.7l1.9-1.3.5 6.6-6.3-2.2 2-1.4A6 6 0 1 0 17.6 14h2.7A8.5 8.5 0 1 1 12 3.5Z',
  bell: 'M12 2.5a6.5 6.5 0 0 1 6.5 6.5v4.5l2 3.5h-17l2-3.5V9A6.5 6.5 0 0 1 12 2.5Zm0 2.2A4.3 4.3 0 0 0 7.7 9v5l-.5.8h9.6l-.5-.8V9A4.3 4.3 0 0 0 12 4.7ZM9.2 18.5h5.6a2.8 2.8 0 0 1-5.6 0Z',
  send: 'M2.5 3 22 12 2.5 21l2.3-7.8L14 12 4.8 10.8Z',
} as const;

export type Shape = keyof typeof SHAPES;

/** Draw a shape; a word always stands beside it, so it is hidden from screen readers. */
export function icon(shape: Shape, className = 'icon'): SVGSVGElement {
  const drawn = document.createElementNS(NAMESPACE, 'svg');
  drawn.setAttribute('viewBox', '0 0 24 24');
  drawn.setAttribute('class', className);
  drawn.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(NAMESPACE, 'path');
  path.setAttribute('fill-rule', 'evenodd');
  drawn.append(path);
  setShape(drawn, shape);
  return drawn;
}

/** Draw another shape in place. */
export function setShape(drawn: SVGSVGElement, shape: Shape): void {
  const path = drawn.firstElementChild as SVGPathElement;
  if (path.getAttribute('d') !== SHAPES[shape]) path.setAttribute('d', SHAPES[shape]);
}
