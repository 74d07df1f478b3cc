// A job under way, as it is seen.

import {h, fill} from './dom.js';
import {duration, t} from './i18n.js';
import {letGo} from './pictures.js';

/** @typedef {import('./jobs.js').Pending} Pending */

/** One job's preview, progress, place and time left, and the button that cancels it. */
export class JobCard {
  /**
   * @param {Pending} pending
   * @param {(name: string) => void} cancel
   */
  constructor(pending, cancel) {
    this.image = h('img', {class: 'preview', alt: t('preview'), hidden: true});
    this.line = h('p', {class: 'job-line'});
    this.bar = h('progress', {class: 'job-bar', 'aria-label': t('progress')});
    this.button = h('button', {
      type: 'button', class: 'quiet', on: {click: () => cancel(pending.job.name)},
    }, t('cancel'));
    this.element = h('article', {class: 'job'},
        h('div', {class: 'job-frame'}, this.image),
        h('div', {class: 'job-text'},
            h('p', {class: 'job-prompt'}, pending.job.parameters?.prompt ?? ''),
            this.line, this.bar, this.button));
    this.url = '';
    /** @type {Blob | null} */
    this.preview = null;
    this.update(pending);
  }

  /** @param {Pending} pending */
  update(pending) {
    fill(this.line, lineOf(pending));
    if (pending.steps > 0) {
      this.bar.max = pending.steps;
      this.bar.value = pending.step;
    } else {
      this.bar.removeAttribute('value');
    }
    this.button.disabled = pending.cancelling;
    if (pending.preview !== this.preview) this.#show(pending.preview);
  }

  /** @param {Blob | null} preview */
  #show(preview) {
    this.preview = preview;
    const before = this.url;
    this.url = preview === null ? '' : URL.createObjectURL(preview);
    this.image.hidden = preview === null;
    if (preview !== null) this.image.src = this.url;
    if (before !== '') letGo(before);
  }

  remove() {
    if (this.url !== '') letGo(this.url);
    this.element.remove();
  }
}

/** @param {Pending} pending */
function lineOf(pending) {
  if (pending.cancelling) return t('cancelling');
  if (pending.steps > 0) {
    const step = t('step', {step: pending.step, steps: pending.steps});
    return pending.left < 0 ? step : `${step} · ${t('left', {time: duration(pending.left)})}`;
  }
  if (pending.job.state === 'JOB_STATE_RUNNING') return t('starting');
  const place = pending.position > 0 ? t('ahead', {count: pending.position}) : t('next');
  return pending.wait < 0 ? place : `${place} · ${t('wait', {time: duration(pending.wait)})}`;
}
