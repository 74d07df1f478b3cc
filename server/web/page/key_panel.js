// Where the caller says which key is theirs.

import {h, fill} from './dom.js';
import {t} from './i18n.js';
import {isRemembered, keepKey, readKey} from './keys.js';

export class KeyPanel {
  /** @param {(key: string) => Promise<string>} accept tells what is wrong with a key; '' if nothing */
  constructor(accept) {
    this.accept = accept;
    this.field = h('input', {
      type: 'password', id: 'key', autocomplete: 'off', spellcheck: 'false',
      'aria-describedby': 'key-error',
    });
    this.remember = h('input', {type: 'checkbox', prop: {checked: isRemembered()}});
    this.error = h('p', {class: 'field-error', id: 'key-error', role: 'alert'});
    this.forget = h('button', {
      type: 'button', class: 'quiet', on: {click: () => this.#enter('')},
    }, t('keyForget'));
    const form = h('form', {
      on: {
        submit: (/** @type {Event} */ event) => {
          event.preventDefault();
          this.#enter(this.field.value.trim());
        },
      },
    }, h('div', {class: 'field'}, h('label', {for: 'key'}, t('key')), this.field, this.error),
    h('label', {class: 'check'}, this.remember, t('keyRemember')),
    h('div', {class: 'actions'},
        h('button', {type: 'submit', class: 'primary'}, t('keyUse')), this.forget,
        h('button', {type: 'button', class: 'quiet', on: {click: () => this.element.close()}},
            t('close'))));
    this.element = h('dialog', {class: 'small-dialog', 'aria-labelledby': 'key-heading'},
        h('h2', {id: 'key-heading'}, t('keyHeading')), h('p', {}, t('keyWhy')), form);
    this.button = h('button', {type: 'button', class: 'quiet', on: {click: () => this.open()}},
        t('keyButton'));
  }

  open() {
    fill(this.error);
    this.field.value = '';
    this.forget.hidden = readKey() === '';
    if (!this.element.open) this.element.showModal();
  }

  /** @param {string} key */
  async #enter(key) {
    fill(this.error);
    const wrong = await this.accept(key);
    fill(this.error, wrong);
    if (wrong !== '') return this.field.select();
    keepKey(key, this.remember.checked);
    this.element.close();
  }
}
