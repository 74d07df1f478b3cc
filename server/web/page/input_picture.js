// The picture that the next one begins with, and the part of it that is made anew.

import {h} from './dom.js';
import {t} from './i18n.js';
import {MaskEditor} from './mask_editor.js';
import {base64Of, letGo} from './pictures.js';

export class InputPicture {
  /** @param {import('./pictures.js').Pictures} pictures */
  constructor(pictures) {
    this.pictures = pictures;
    this.editor = new MaskEditor();
    /** @type {{blob: Blob, name: string} | null} name: of the gateway's own, or empty */
    this.source = null;
    this.url = '';
    this.image = h('img', {alt: t('inputPicture')});
    this.choose = h('input', {
      type: 'file', accept: 'image/png,image/jpeg,image/webp', class: 'visually-hidden',
      id: 'input-file', on: {change: () => this.#onChosen()},
    });
    this.strength = h('input', {
      type: 'number', min: 0.05, max: 1, step: 0.05, id: 'strength', placeholder: '0.75',
      'aria-describedby': 'strength-error',
    });
    this.resize = h('select', {id: 'resize-mode'},
        h('option', {value: ''}, t('resizeStretch')),
        h('option', {value: 'RESIZE_MODE_CROP'}, t('resizeCrop')),
        h('option', {value: 'RESIZE_MODE_FILL'}, t('resizeFill')));
    this.onlyMasked = h('input', {type: 'checkbox'});
    this.soft = h('input', {type: 'checkbox'});
    this.panel = h('div', {class: 'input-panel', hidden: true},
        h('div', {class: 'input-frame'}, this.image, this.editor.canvas),
        this.editor.tools,
        h('div', {class: 'field'}, h('label', {for: 'strength'}, t('strength')), this.strength,
            h('p', {class: 'field-error', id: 'strength-error'})),
        h('div', {class: 'field'}, h('label', {for: 'resize-mode'}, t('resizeMode')), this.resize),
        h('label', {class: 'check'}, this.onlyMasked, t('onlyMasked')),
        h('label', {class: 'check'}, this.soft, t('softInpainting')),
        h('button', {type: 'button', class: 'quiet', on: {click: () => this.clear()}},
            t('removePicture')));
    this.element = h('fieldset', {class: 'input-picture'},
        h('legend', {}, t('inputPicture')),
        h('p', {class: 'choose'}, this.choose,
            h('label', {for: 'input-file', class: 'button'}, t('choosePicture')),
            h('span', {class: 'hint'}, t('dropHint'))),
        this.panel);
  }

  #onChosen() {
    const [file] = this.choose.files ?? [];
    if (file !== undefined) this.begin(file, '');
    this.choose.value = '';
  }

  /** @param {Blob} blob @param {string} name "jobs/ID/images/0"; empty: a file of the reader's */
  async begin(blob, name) {
    this.#forget();
    this.source = {blob, name};
    this.url = URL.createObjectURL(blob);
    this.image.src = this.url;
    this.panel.hidden = false;
    await this.image.decode();
    this.editor.reset(this.image.naturalWidth, this.image.naturalHeight);
    this.element.scrollIntoView({block: 'nearest'});
  }

  clear() {
    this.#forget();
    this.panel.hidden = true;
    this.image.removeAttribute('src');
  }

  #forget() {
    if (this.url !== '') letGo(this.url);
    this.url = '';
    this.source = null;
  }

  /** ImageParameters.init_image as JSON; undefined without a picture. */
  async parameters() {
    if (this.source === null) return undefined;
    const {blob, name} = this.source;
    /** @type {Record<string, any>} */
    const init = name === '' ? {content: await base64Of(blob)} : {name};
    if (this.strength.value !== '') init.strength = Number(this.strength.value);
    if (this.resize.value !== '') init.resizeMode = this.resize.value;
    if (!this.editor.isEmpty) {
      init.mask = {content: await base64Of(await this.editor.file())};
      if (this.editor.inverted.checked) init.mask.inverted = true;
      if (this.onlyMasked.checked) init.mask.onlyMasked = true;
      if (this.soft.checked) init.mask.soft = {};
    }
    return init;
  }
}
