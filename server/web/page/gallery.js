// The pictures that the caller has made, as the gateway lists them.

import {h, fill} from './dom.js';
import {t} from './i18n.js';

const pageSize = 24;

/** @typedef {{name: string, job: any, image: any}} Picture a finished one, "jobs/ID/images/0" */

/**
 * The pictures of a job, in order.
 * @param {any} job
 * @returns {Picture[]}
 */
export function picturesOf(job) {
  return (job.images ?? []).map((/** @type {any} */ image) =>
    ({name: `${job.name}/images/${image.index ?? 0}`, job, image}));
}

/** Newest first; older ones when they are asked for. */
export class Gallery {
  /**
   * @param {import('./api.js').Api} api
   * @param {import('./pictures.js').Pictures} pictures
   * @param {(picture: Picture) => void} open
   */
  constructor(api, pictures, open) {
    this.api = api;
    this.pictures = pictures;
    this.open = open;
    /** @type {Picture[]} */
    this.shown = [];
    /** @type {Set<string>} */
    this.jobs = new Set();
    this.next = '';
    this.tiles = h('ul', {class: 'tiles'});
    this.empty = h('p', {class: 'empty', hidden: true}, t('galleryEmpty'));
    this.more = h('button', {
      type: 'button', class: 'quiet more', hidden: true, on: {click: () => this.readMore()},
    }, t('more'));
    const heading = h('h2', {id: 'gallery-heading'}, t('gallery'));
    this.element = h('section', {class: 'gallery', 'aria-labelledby': heading.id},
        heading, this.empty, this.tiles, this.more);
  }

  /**
   * The newest page.
   * @param {(job: any) => void} follow jobs of it that have not ended
   * @param {(job: any) => boolean} hasEnded
   */
  async read(follow, hasEnded) {
    const page = await this.api.get(`/v1/jobs?pageSize=${pageSize}`);
    const jobs = page.jobs ?? [];
    for (const job of jobs) {
      if (hasEnded(job)) this.#addLast(job);
    }
    for (const job of [...jobs].reverse()) {
      if (!hasEnded(job)) follow(job);
    }
    this.#setNext(page.nextPageToken ?? '');
  }

  async readMore() {
    this.more.disabled = true;
    try {
      const page = await this.api.get(
          `/v1/jobs?pageSize=${pageSize}&pageToken=${encodeURIComponent(this.next)}`);
      for (const job of page.jobs ?? []) this.#addLast(job);
      this.#setNext(page.nextPageToken ?? '');
    } finally {
      this.more.disabled = false;
    }
  }

  /** A job that has just ended. @param {any} job */
  addFirst(job) {
    if (!this.#isNew(job)) return;
    const pictures = picturesOf(job);
    this.shown.unshift(...pictures);
    this.tiles.prepend(...pictures.map((picture) => this.#tile(picture)));
    this.#setNext(this.next);
  }

  /** @param {any} job */
  #addLast(job) {
    if (!this.#isNew(job)) return;
    const pictures = picturesOf(job);
    this.shown.push(...pictures);
    this.tiles.append(...pictures.map((picture) => this.#tile(picture)));
  }

  /** @param {any} job */
  #isNew(job) {
    const isNew = !this.jobs.has(job.name);
    this.jobs.add(job.name);
    return isNew;
  }

  /** @param {string} token */
  #setNext(token) {
    this.next = token;
    this.more.hidden = token === '';
    this.empty.hidden = this.shown.length > 0 || token !== '';
  }

  /** @param {Picture} picture */
  #tile(picture) {
    const {width = 512, height = 512} = picture.image;
    const image = h('img', {alt: picture.job.parameters?.prompt || t('untitled'), width, height});
    image.style.setProperty('aspect-ratio', `${width} / ${height}`);
    this.pictures.show(image, picture.name);
    return h('li', {}, h('button', {
      type: 'button', class: 'tile', on: {click: () => this.open(picture)},
    }, image));
  }

  /** The one before or after it. @param {Picture} picture @param {number} by */
  beside(picture, by) {
    const at = this.shown.findIndex((other) => other.name === picture.name);
    return at < 0 ? undefined : this.shown[at + by];
  }

  /** @param {...import('./dom.js').Child} children */
  say(...children) {
    fill(this.empty, ...children);
    this.empty.hidden = false;
  }
}
