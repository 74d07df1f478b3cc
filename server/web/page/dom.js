// Makes elements. Text goes in as text alone: there is no way to have markup read here.

/** @typedef {Node | string | number | null | undefined | false} Child */

/**
 * @typedef {object} Attributes
 * @property {Record<string, (event: any) => void>} [on] handlers by the name of their event
 * @property {Record<string, unknown>} [prop] properties: value, checked, disabled
 */

/**
 * An element. Attributes that are null, undefined or false are left out; true is an empty one.
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Attributes & Record<string, unknown>} [attributes]
 * @param {...Child} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  const {on = {}, prop = {}, ...rest} = attributes;
  for (const [name, value] of Object.entries(rest)) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : String(value));
  }
  for (const [name, handler] of Object.entries(on)) element.addEventListener(name, handler);
  Object.assign(element, prop);
  append(element, children);
  return element;
}

/**
 * @param {Element} element
 * @param {Child[]} children
 */
export function append(element, children) {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    element.append(typeof child === 'number' ? String(child) : child);
  }
}

/**
 * Puts these in place of what the element has.
 * @param {Element} element
 * @param {...Child} children
 */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
}

let ids = 0;
/** An id that nothing else in the page has. @param {string} stem */
export function freshId(stem) {
  return `${stem}-${++ids}`;
}
