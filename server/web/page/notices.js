// What went wrong, and what it helps to know, until it is put away.

import {Outage, Refusal} from './api.js';
import {h, fill} from './dom.js';
import {duration, t} from './i18n.js';

export class Notices {
  constructor() {
    this.element = h('div', {class: 'notices'});
    this.outage = h('p', {class: 'outage', role: 'status'});
  }

  /** @param {string} text @param {...import('./dom.js').Child} more */
  warn(text, ...more) {
    const notice = h('div', {class: 'notice', role: 'alert'}, h('p', {}, text, ...more),
        h('button', {
          type: 'button', class: 'quiet', 'aria-label': t('dismiss'),
          on: {click: () => notice.remove()},
        }, '✕'));
    this.element.prepend(notice);
    return notice;
  }

  /** @param {unknown} error */
  fail(error) {
    if (error instanceof Outage) return this.warn(t('outage'));
    const text = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Refusal) || error.retryAfter === 0) return this.warn(text);
    return this.#countDown(text, error.retryAfter);
  }

  /** @param {string} text @param {number} ms */
  #countDown(text, ms) {
    const left = h('span', {'aria-hidden': 'true'});
    const notice = this.warn(text, ' ', left);
    const end = Date.now() + ms;
    const tell = () => {
      const seconds = (end - Date.now()) / 1000;
      fill(left, seconds > 0 ? t('retryIn', {time: duration(seconds)}) : t('retryNow'));
      if (seconds > 0 && notice.isConnected) setTimeout(tell, 1000);
    };
    tell();
    return notice;
  }

  clear() {
    fill(this.element);
  }

  /** @param {boolean} connected */
  connection(connected) {
    fill(this.outage, connected ? '' : t('reconnecting'));
    this.outage.classList.toggle('shown', !connected);
  }
}
