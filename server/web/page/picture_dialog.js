// One picture, large, with all that it was made of and all that can be made of it.

import {h, fill} from './dom.js';
import {t} from './i18n.js';
import {linesOf, single, upscaleOf, variationOf} from './parameters.js';

/** @typedef {import('./gallery.js').Picture} Picture */

/**
 * @typedef {object} Uses what can be done with a picture
 * @property {(parameters: object) => void} submit
 * @property {(parameters: any) => void} reuse fills in the form
 * @property {(picture: Picture) => void} begin makes it what the next one begins with
 * @property {(error: unknown) => void} fail
 * @property {() => any[]} upscalers
 * @property {(picture: Picture, by: number) => Picture | undefined} beside
 */

export class PictureDialog {
  /**
   * @param {import('./pictures.js').Pictures} pictures
   * @param {Uses} uses
   */
  constructor(pictures, uses) {
    this.pictures = pictures;
    this.uses = uses;
    this.element = h('dialog', {
      class: 'picture-dialog', 'aria-labelledby': 'picture-heading',
      on: {
        keydown: (/** @type {KeyboardEvent} */ event) => this.#onKey(event),
        click: (/** @type {MouseEvent} */ event) => {
          if (event.target === this.element) this.element.close();
        },
      },
    });
    /** @type {Picture | null} */
    this.picture = null;
  }

  /** @param {Picture} picture @param {number} [by] -1 or 1: from the one after or before it */
  open(picture, by = 0) {
    this.picture = picture;
    const {job, image, name} = picture;
    const view = h('img', {
      class: 'large', alt: job.parameters?.prompt || t('untitled'), width: image.width,
      height: image.height,
    });
    this.pictures.show(view, name);
    const beside = [this.#step(-1, '‹', t('newer')), this.#step(1, '›', t('older'))];
    fill(this.element,
        h('div', {class: 'dialog-head'},
            h('h2', {id: 'picture-heading'}, t('picture')),
            h('div', {class: 'together'}, ...beside),
            h('button', {
              type: 'button', class: 'quiet', 'aria-label': t('close'),
              on: {click: () => this.element.close()},
            }, '✕')),
        h('div', {class: 'dialog-body'},
            h('div', {class: 'large-frame'}, view),
            h('div', {class: 'facts'}, this.#actions(picture), this.#facts(picture))));
    if (!this.element.open) this.element.showModal();
    // What had the focus went with the picture before.
    const [newer, older] = beside;
    const next = by < 0 ? newer : older;
    if (by !== 0) (next.disabled ? beside.find((one) => !one.disabled) : next)?.focus();
  }

  /** @param {number} by @param {string} sign @param {string} label */
  #step(by, sign, label) {
    const {picture} = this;
    const other = picture === null ? undefined : this.uses.beside(picture, by);
    return h('button', {
      type: 'button', class: 'quiet', 'aria-label': label, title: label,
      prop: {disabled: other === undefined},
      on: {click: () => other !== undefined && this.open(other, by)},
    }, sign);
  }

  /** @param {Picture} picture */
  #actions(picture) {
    const {job, image, name} = picture;
    const index = image.index ?? 0;
    const scale = h('select', {'aria-label': t('upscaleFactor')},
        ...[2, 3, 4].map((times) => h('option', {value: times}, `${times}×`)));
    const upscaler = h('select', {'aria-label': t('upscaler')},
        ...upscalersFor(this.uses.upscalers()).map((one) => h('option', {value: one}, one)));
    const isMade = job.parameters?.upscale === undefined;
    return h('div', {class: 'actions'},
        this.#action(t('download'), () => this.#download(picture), 'primary'),
        isMade && this.#action(t('reuse'), () => this.uses.reuse(single(job.parameters, index))),
        this.#action(t('useAsInput'), () => this.uses.begin(picture)),
        isMade && this.#action(t('vary'),
            () => this.uses.submit(variationOf(job.parameters, index))),
        h('div', {class: 'together'},
            this.#action(t('upscale'), () => this.uses.submit(upscaleOf(
                name, job.parameters?.model ?? '', upscaler.value, Number(scale.value)))),
            scale, upscaler),
        image.infotext && this.#action(t('copyText'), () => copy(image.infotext)));
  }

  /** @param {string} text @param {() => unknown} act @param {string} [kind] */
  #action(text, act, kind = '') {
    const leaves = ![t('download'), t('copyText')].includes(text);
    return h('button', {
      type: 'button', class: kind, on: {
        click: async () => {
          if (leaves) this.element.close();
          try {
            await act();
          } catch (error) {
            this.uses.fail(error);
          }
        },
      },
    }, text);
  }

  /** @param {Picture} picture */
  #facts(picture) {
    const {job, image} = picture;
    const lines = linesOf({...job.parameters, seed: image.seed ?? job.parameters?.seed});
    lines.push(['model', job.parameters?.model ?? ''], ['size', `${image.width}×${image.height}`],
        ['job', job.name]);
    const seen = new Set();
    return h('dl', {class: 'fact-list'}, ...lines
        .filter(([name]) => !seen.has(name) && seen.add(name))
        .map(([name, value]) => h('div', {}, h('dt', {}, labelOf(name)), h('dd', {}, value))));
  }

  /** @param {Picture} picture */
  #download({name, job, image}) {
    const type = (image.mimeType ?? 'image/png').split('/')[1];
    const id = job.name.replace('jobs/', '').slice(0, 8);
    return this.pictures.download(name, `darkroom-${id}-${image.index ?? 0}.${type}`);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
    if (by === undefined || this.picture === null || event.target instanceof HTMLSelectElement) return;
    const beside = this.uses.beside(this.picture, by);
    if (beside !== undefined) this.open(beside, by);
  }
}

/** Of pictures, not of latents. @param {any[]} upscalers */
function upscalersFor(upscalers) {
  return upscalers.filter((one) => one.kind !== 'UPSCALER_KIND_LATENT').map((one) => one.name);
}

/** Also where the page is not on a secure origin. @param {string} text */
async function copy(text) {
  if (navigator.clipboard !== undefined) return navigator.clipboard.writeText(text);
  const field = h('textarea', {prop: {value: text}});
  document.querySelector('dialog[open]')?.append(field);
  field.select();
  document.execCommand('copy');
  field.remove();
}

/** "guidanceScale" as people read it. @param {string} name */
function labelOf(name) {
  /** @type {Record<string, string>} */
  const known = {
    prompt: t('prompt'), negativePrompt: t('negativePrompt'), model: t('model'),
    sampler: t('sampler'), schedule: t('schedule'), steps: t('steps'),
    guidanceScale: t('guidance'), width: t('width'), height: t('height'), seed: t('seed'),
    clipSkip: t('clipSkip'), imageCount: t('count'), size: t('size'), job: t('job'),
  };
  return known[name] ??
    name.replace(/([A-Z])/g, ' $1').replace(/\./g, ' · ').replace(/^./, (char) => char.toUpperCase());
}
