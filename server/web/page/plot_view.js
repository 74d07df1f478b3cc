// A plot as it comes to be: a table of pictures.

import {Refusal} from './api.js';
import {h, fill} from './dom.js';
import {pause} from './events.js';
import {picturesOf} from './gallery.js';
import {t} from './i18n.js';
import {axes} from './plot.js';
import {axisLabel} from './plot_fields.js';
import {drawPlot} from './plot_picture.js';

/** @typedef {import('./plot.js').Axis} Axis */
/** @typedef {import('./plot.js').Cell} Cell */
/** @typedef {import('./gallery.js').Picture} Picture */
/** @typedef {{across: Axis | undefined, down: Axis | undefined, rows: Cell[][]}} Plot */

/**
 * @typedef {object} PlotUses
 * @property {import('./jobs.js').Jobs} jobs
 * @property {import('./pictures.js').Pictures} pictures
 * @property {(picture: Picture) => void} open
 * @property {(error: unknown) => void} fail
 * @property {(text: string) => void} announce
 */

/** Has the cells made, one request each, and shows them. Its pictures are in the gallery, too. */
export class PlotView {
  /** @param {Plot} plot @param {PlotUses} uses */
  constructor(plot, uses) {
    this.plot = plot;
    this.uses = uses;
    this.ending = new AbortController();
    /** @type {Map<Cell, HTMLTableCellElement>} */
    this.places = new Map();
    /** @type {Map<string, Cell>} by the name of the job */
    this.waiting = new Map();
    /** @type {Map<Cell, Picture>} */
    this.made = new Map();
    this.cancelButton = h('button', {
      type: 'button', class: 'quiet', on: {click: () => this.#cancel()},
    }, t('plotCancel'));
    this.downloadButton = h('button', {
      type: 'button', hidden: true, on: {click: () => this.#download()},
    }, t('plotDownload'));
    this.element = h('section', {class: 'plot', 'aria-labelledby': 'plot-heading'},
        h('div', {class: 'plot-head'}, h('h2', {id: 'plot-heading'}, t('plot')),
            this.downloadButton, this.cancelButton,
            h('button', {
              type: 'button', class: 'quiet', 'aria-label': t('dismiss'),
              on: {click: () => this.remove()},
            }, '✕')),
        this.#table());
  }

  #table() {
    const {across, down, rows} = this.plot;
    const heads = [
      h('td', {}), ...rows[0].map((cell) => h('th', {scope: 'col'}, titleOf(across, cell.across)))];
    return h('div', {class: 'table-frame', tabindex: '0', role: 'group', 'aria-label': t('plot')},
        h('table', {}, h('thead', {}, h('tr', {}, ...heads)),
            h('tbody', {}, ...rows.map((row) => h('tr', {},
                h('th', {scope: 'row'}, titleOf(down, row[0].down)),
                ...row.map((cell) => this.#place(cell)))))));
  }

  /** @param {Cell} cell */
  #place(cell) {
    const place = h('td', {}, h('span', {class: 'plot-cell'}, t('plotWaiting')));
    this.places.set(cell, place);
    return place;
  }

  /** Asks for all cells, waiting where the queue is full. */
  async submit() {
    for (const cell of this.plot.rows.flat()) {
      while (!this.ending.signal.aborted && !await this.#submit(cell));
    }
    this.#tellWhetherDone();
  }

  /** @param {Cell} cell @returns {Promise<boolean>} false: it is to be sent again */
  async #submit(cell) {
    try {
      await this.uses.jobs.submit(cell.parameters, (name) => this.waiting.set(name, cell));
    } catch (error) {
      if (error instanceof Refusal && error.retryAfter > 0) {
        await pause(error.retryAfter, this.ending.signal);
        return false;
      }
      this.ending.abort();
      this.#say(cell, t('plotFailed'));
      this.uses.fail(error);
    }
    return true;
  }

  /** @param {string} name of a job */
  has(name) {
    return this.waiting.has(name);
  }

  /** @param {import('./jobs.js').Pending} pending */
  update({job, step, steps}) {
    const cell = this.waiting.get(job.name);
    if (cell !== undefined && steps > 0) this.#say(cell, t('step', {step, steps}));
  }

  /** A job of it has ended. @param {any} job */
  end(job) {
    const cell = this.waiting.get(job.name);
    if (cell === undefined) return;
    this.waiting.delete(job.name);
    const [picture] = picturesOf(job);
    if (picture === undefined) {
      this.#say(cell, job.state === 'JOB_STATE_CANCELLED' ? t('cancelled') : t('plotFailed'));
    } else {
      this.#show(cell, picture);
    }
    this.#tellWhetherDone();
  }

  /** @param {Cell} cell @param {Picture} picture */
  #show(cell, picture) {
    this.made.set(cell, picture);
    const {width, height} = picture.image;
    const image = h('img', {alt: [cell.across, cell.down].filter(Boolean).join(', '), width, height});
    this.uses.pictures.show(image, picture.name);
    this.#put(cell, h('button', {
      type: 'button', class: 'plot-cell', on: {click: () => this.uses.open(picture)},
    }, image));
  }

  /** @param {Cell} cell @param {string} text */
  #say(cell, text) {
    this.#put(cell, h('span', {class: 'plot-cell'}, text));
  }

  /** @param {Cell} cell @param {HTMLElement} content */
  #put(cell, content) {
    const place = this.places.get(cell);
    if (place !== undefined) fill(place, content);
  }

  #tellWhetherDone() {
    this.downloadButton.hidden = this.made.size === 0;
    if (this.waiting.size > 0 || !this.ending.signal.aborted &&
        this.made.size < this.places.size) return;
    this.cancelButton.hidden = true;
    this.uses.announce(t('plotDone'));
  }

  #cancel() {
    this.ending.abort();
    for (const name of this.waiting.keys()) {
      this.uses.jobs.cancel(name).catch((error) => this.uses.fail(error));
    }
  }

  async #download() {
    try {
      const {pictures} = this.uses;
      pictures.hand(await drawPlot(this.plot, this.made, pictures), 'darkroom-grid.png');
    } catch (error) {
      this.uses.fail(error);
    }
  }

  /** Jobs that were sent go on: they are the gallery's as well. */
  remove() {
    this.ending.abort();
    this.element.remove();
  }
}

/** @param {Axis | undefined} axis @param {string} value */
function titleOf(axis, value) {
  if (axis === undefined) return '';
  // A text says by itself what it is.
  return axes[axis.field] ? `${axisLabel(axis.field)}: ${value}` : value;
}
