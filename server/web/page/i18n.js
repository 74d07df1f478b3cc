// The page's words, in the language of its reader.

import {en} from './i18n/en.js';
import {ru} from './i18n/ru.js';

/** @typedef {keyof typeof en} Word */
/** @type {Record<string, Record<Word, string>>} */
const tables = {en, ru};
const remembered = 'darkroom.language';

export const languages = [['en', 'English'], ['ru', 'Русский']];

/**
 * The first of these languages that the page speaks.
 * @param {readonly string[]} wished as browsers tell them, "ru-RU"
 */
export function chooseLanguage(wished) {
  return wished.map((tag) => tag.slice(0, 2).toLowerCase()).find((tag) => tag in tables) ?? 'en';
}

let current = 'en';

export function language() {
  return current;
}

/** As the reader chose it, or as the browser is set. */
export function beginLanguage() {
  const chosen = localStorage.getItem(remembered);
  current = chooseLanguage(chosen === null ? navigator.languages : [chosen, ...navigator.languages]);
  document.documentElement.lang = current;
}

/** The page is read anew in it. @param {string} tag */
export function switchLanguage(tag) {
  localStorage.setItem(remembered, tag);
  location.reload();
}

/**
 * A text with "{name}" filled in.
 * @param {Word} word
 * @param {Record<string, string | number>} [values]
 */
export function t(word, values = {}) {
  return fillIn(tables[current][word], values);
}

/**
 * @param {string} text
 * @param {Record<string, string | number>} values
 */
export function fillIn(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => name in values ? String(values[name]) : whole);
}

/** "1 min 20 s". @param {number} seconds */
export function duration(seconds) {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 60) return t('seconds', {count: whole});
  if (whole < 3600) {
    return t('minutes', {count: Math.floor(whole / 60), seconds: whole % 60});
  }
  return t('hours', {count: Math.floor(whole / 3600), minutes: Math.floor(whole % 3600 / 60)});
}
