/** Builds and patches DOM nodes. Data only ever becomes text. */

type Child = Node | string;

/** Make an element; attributes are set as they are, children appended. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Set a node's text, if it is another one. */
export function setText(node: Element, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Set a text, and hide the node while there is none. */
export function setTextOrHide(node: HTMLElement, text: string): void {
  setText(node, text);
  node.hidden = !text;
}

/** Set an attribute, if it is another one. */
export function setAttribute(node: Element, name: string, value: string): void {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/** Make a button that does `action` (see `CoachPanel`), with the key that does the same. */
export function button(action: string, key = '', className = 'button'): HTMLButtonElement {
  const made = h('button', { type: 'button', class: className, 'data-do': action }, h('span'));
  if (key) made.append(h('kbd', { 'aria-hidden': 'true' }, key));
  return made;
}

/** Set a button's word and whether it can be pressed. */
export function setButton(node: HTMLButtonElement, word: string, isShown = true): void {
  if (node.firstElementChild) setText(node.firstElementChild, word);
  node.hidden = !isShown;
}
