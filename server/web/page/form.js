// What the next picture is to be.

import {h, fill, freshId} from './dom.js';
import {t} from './i18n.js';
import {fieldOf, sizePresets} from './parameters.js';

/** @typedef {import('./parameters.js').Wishes} Wishes */

const draftPlace = 'darkroom.draft';

export class Form {
  /** @param {{submit: () => void, changed: () => void, modelChosen: () => void}} told */
  constructor(told) {
    this.told = told;
    /** @type {any[]} */
    this.models = [];
    /** @type {Record<string, HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement>} */
    this.controls = {};
    /** @type {Record<string, HTMLElement>} */
    this.errors = {};
    /** @type {Record<string, HTMLInputElement>} */
    this.sliders = {};
    /** @type {Map<string, HTMLInputElement>} */
    this.styleBoxes = new Map();
    this.lastSeed = '';

    const select = (/** @type {string} */ name) => this.#control(name, h('select'));
    const prompt = this.#control('prompt', h('textarea', {rows: 4, spellcheck: 'false'}));
    const negative = this.#control('negativePrompt', h('textarea', {rows: 2, spellcheck: 'false'}));
    this.loras = h('select', {'aria-label': t('addLora'), on: {change: () => this.#addNetwork()}});
    this.presets = h('div', {class: 'presets', role: 'group', 'aria-label': t('sizePresets')});
    this.styles = h('div', {class: 'styles'});
    this.stylesPart = h('details', {hidden: true}, h('summary', {}, t('styles')), this.styles);
    this.generate = h('button', {type: 'submit', class: 'primary generate', disabled: true},
        t('generate'));
    const hires = this.#control('hires', h('input', {type: 'checkbox'}));
    const tiling = this.#control('tiling', h('input', {type: 'checkbox'}));
    this.inputPlace = h('div', {});
    this.promptPlace = h('div', {});
    this.plotPlace = h('div', {});

    this.element = h('form', {
      class: 'form', 'aria-label': t('settings'), novalidate: true,
      on: {
        submit: (/** @type {Event} */ event) => {
          event.preventDefault();
          told.submit();
        },
        input: () => this.#onInput(),
        keydown: (/** @type {KeyboardEvent} */ event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          event.preventDefault();
          told.submit();
        },
      },
    },
    this.#field('prompt', t('prompt'), prompt),
    this.#field('negativePrompt', t('negativePrompt'), negative),
    this.promptPlace,
    h('div', {class: 'submit'}, this.generate, h('span', {class: 'hint'}, t('shortcut'))),
    h('div', {class: 'pair'},
        this.#field('model', t('model'), select('model')),
        h('div', {class: 'field'}, h('span', {class: 'label', 'aria-hidden': 'true'}, t('lora')),
            this.loras)),
    this.presets,
    h('div', {class: 'pair'}, this.#number('width', t('width'), {min: 64, max: 2048, step: 8}),
        this.#number('height', t('height'), {min: 64, max: 2048, step: 8})),
    h('div', {class: 'pair'}, this.#number('steps', t('steps'), {min: 1, max: 150, step: 1}),
        this.#number('guidanceScale', t('guidance'), {min: 1, max: 30, step: 0.5})),
    h('div', {class: 'pair'},
        this.#field('sampler', t('sampler'), select('sampler')),
        this.#field('schedule', t('schedule'), select('schedule'))),
    h('div', {class: 'pair'}, this.#seed(),
        this.#number('imageCount', t('count'), {min: 1, max: 4, step: 1})),
    this.inputPlace,
    this.stylesPart,
    h('details', {}, h('summary', {}, t('hires')),
        h('label', {class: 'check'}, hires, t('hiresUse')),
        h('div', {class: 'pair'},
            this.#number('hiresScale', t('hiresScale'), {min: 1, max: 4, step: 0.25}),
            this.#field('hiresUpscaler', t('upscaler'), select('hiresUpscaler'))),
        h('div', {class: 'pair'},
            this.#number('hiresStrength', t('hiresStrength'), {min: 0.05, max: 1, step: 0.05}),
            this.#number('hiresSteps', t('hiresSteps'), {min: 0, max: 150, step: 1}))),
    this.plotPlace,
    h('details', {}, h('summary', {}, t('more_settings')),
        this.#number('clipSkip', t('clipSkip'), {min: 1, max: 12, step: 1}),
        h('label', {class: 'check'}, tiling, t('tiling')),
        h('button', {type: 'button', class: 'quiet', on: {click: () => this.#reset()}},
            t('reset'))));
    this.controls.model.addEventListener('change', () => {
      this.#useModel();
      told.modelChosen();
    });
    this.#useModel();
    this.#readDraft();
  }

  /**
   * @template {HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement} C
   * @param {string} name
   * @param {C} control
   */
  #control(name, control) {
    control.id = freshId(name);
    this.controls[name] = control;
    return control;
  }

  /** @param {string} name @param {string} label @param {...import('./dom.js').Child} controls */
  #field(name, label, ...controls) {
    const control = this.controls[name];
    const error = h('p', {class: 'field-error', id: `${control.id}-error`});
    control.setAttribute('aria-describedby', error.id);
    this.errors[name] = error;
    return h('div', {class: 'field'}, h('label', {for: control.id}, label), ...controls, error);
  }

  /**
   * A number with a slider; empty is what the model does by itself.
   * @param {string} name
   * @param {string} label
   * @param {{min: number, max: number, step: number}} range
   */
  #number(name, label, range) {
    const number = /** @type {HTMLInputElement} */ (this.#control(name, h('input', {
      type: 'number', inputmode: 'decimal', ...range,
    })));
    const slider = h('input', {
      type: 'range', 'aria-label': t('slider', {name: label}), ...range,
      on: {input: () => this.#set(name, slider.value)},
    });
    number.addEventListener('input', () => this.#moveSlider(name));
    this.sliders[name] = slider;
    return this.#field(name, label, h('span', {class: 'number'}, slider, number));
  }

  #seed() {
    const number = this.#control('seed', h('input', {
      type: 'number', min: -1, max: 4294967295, step: 1, placeholder: t('random'),
    }));
    return this.#field('seed', t('seed'), h('span', {class: 'number'}, number,
        h('button', {type: 'button', title: t('seedRandom'), 'aria-label': t('seedRandom'),
          on: {click: () => this.#set('seed', '')}}, '⚄'),
        h('button', {type: 'button', title: t('seedReuse'), 'aria-label': t('seedReuse'),
          on: {click: () => this.#set('seed', this.lastSeed)}}, '↺')));
  }

  /** @param {string} name */
  #moveSlider(name) {
    const {value, placeholder} = /** @type {HTMLInputElement} */ (this.controls[name]);
    this.sliders[name].value = value || placeholder;
    if (name === 'width' || name === 'height') this.#pressPreset();
  }

  /** @param {string} name @param {string} value */
  #set(name, value) {
    this.controls[name].value = value;
    if (name in this.sliders) this.#moveSlider(name);
    this.#onInput();
  }

  #onInput() {
    sessionStorage.setItem(draftPlace, JSON.stringify(this.wishes()));
    this.told.changed();
  }

  #readDraft() {
    try {
      this.fill(JSON.parse(sessionStorage.getItem(draftPlace) ?? '{}'));
    } catch {
      sessionStorage.removeItem(draftPlace);
    }
  }

  #reset() {
    for (const [name, control] of Object.entries(this.controls)) {
      if (control instanceof HTMLInputElement && control.type === 'checkbox') control.checked = false;
      else if (!['prompt', 'negativePrompt', 'model'].includes(name)) this.#set(name, '');
    }
    for (const box of this.styleBoxes.values()) box.checked = false;
    this.#onInput();
  }

  /** @param {any[]} models */
  setModels(models) {
    this.models = models;
    const chosen = this.controls.model.value;
    fill(this.controls.model, ...models.map((model) =>
      h('option', {value: idOf(model)}, model.displayName || idOf(model))));
    if (models.some((model) => idOf(model) === chosen)) this.controls.model.value = chosen;
    this.#useModel();
    this.#readDraft();
  }

  get model() {
    return this.models.find((model) => idOf(model) === this.controls.model.value) ?? {};
  }

  /** "models/demo/adapters", or "adapters" while no model is known. @param {string} part */
  pathOf(part) {
    return this.controls.model.value === '' ? part : `models/${this.controls.model.value}/${part}`;
  }

  /** Ranges and defaults are the model's. */
  #useModel() {
    const model = this.model;
    this.#choices('sampler', model.samplers ?? [], model.defaultSampler);
    this.#choices('schedule', model.schedules ?? [], model.defaultSchedule);
    this.#range('steps', {max: model.maxSteps ?? 150}, model.defaultSteps ?? 20);
    this.#range('guidanceScale', {}, model.defaultGuidanceScale ?? 7);
    const side = {max: model.maxSide ?? 2048, step: model.sizeMultiple ?? 8};
    this.#range('width', side, model.defaultWidth ?? 512);
    this.#range('height', side, model.defaultHeight ?? 512);
    this.#range('imageCount', {max: model.maxImages ?? 4}, 1);
    this.#range('clipSkip', {max: model.maxClipSkip ?? 12}, 1);
    this.#range('hiresScale', {}, 2);
    this.#range('hiresStrength', {}, 0.7);
    this.#range('hiresSteps', {}, 0);
    fill(this.presets, ...sizePresets(model).map(({ratio, width, height}) => h('button', {
      type: 'button', title: `${width} × ${height}`, 'data-size': `${width}x${height}`, on: {
        click: () => {
          this.#set('width', `${width}`);
          this.#set('height', `${height}`);
        },
      },
    }, shapeOf(width, height), ratio)));
    this.#pressPreset();
  }

  /** Shows which of the sizes is the chosen one. */
  #pressPreset() {
    const side = (/** @type {string} */ name) => {
      const {value, placeholder} = /** @type {HTMLInputElement} */ (this.controls[name]);
      return value || placeholder;
    };
    const chosen = `${side('width')}x${side('height')}`;
    for (const button of this.presets.querySelectorAll('button')) {
      button.setAttribute('aria-pressed', String(button.dataset.size === chosen));
    }
  }

  /** @param {string} name @param {string[]} values @param {string | undefined} usual */
  #choices(name, values, usual) {
    const control = this.controls[name];
    const chosen = control.value;
    fill(control,
        h('option', {value: ''}, usual ? t('usual', {value: usual}) : t('automatic')),
        ...values.map((value) => h('option', {value}, value)));
    control.value = values.includes(chosen) ? chosen : '';
  }

  /** @param {string} name @param {Record<string, number>} range @param {number} usual */
  #range(name, range, usual) {
    const number = /** @type {HTMLInputElement} */ (this.controls[name]);
    Object.assign(number, mapValues(range));
    Object.assign(this.sliders[name], mapValues(range));
    number.placeholder = String(usual);
    this.#moveSlider(name);
  }

  /** @param {any[]} adapters */
  setAdapters(adapters) {
    const option = (/** @type {any} */ one) => {
      const isLora = one.kind === 'ADAPTER_KIND_LORA';
      const words = (one.triggerWords ?? []).slice(0, 3).join(', ');
      return h('option', {
        value: isLora ? `<lora:${one.name}:0.8>` : one.name, title: words,
      }, one.displayName || one.name);
    };
    const group = (/** @type {string} */ label, /** @type {string} */ kind) => {
      const members = adapters.filter((one) => one.kind === kind);
      return members.length > 0 && h('optgroup', {label}, ...members.map(option));
    };
    fill(this.loras,
        h('option', {value: ''}, adapters.length > 0 ? t('addLora') : t('noLoras')),
        group('LoRA', 'ADAPTER_KIND_LORA'), group(t('embeddings'), 'ADAPTER_KIND_EMBEDDING'));
    this.loras.disabled = adapters.length === 0;
  }

  #addNetwork() {
    const text = this.loras.value;
    this.loras.value = '';
    if (text === '') return;
    const before = this.controls.prompt.value;
    this.#set('prompt', before === '' ? text : `${before.trimEnd()} ${text}`);
  }

  /** @param {any[]} upscalers */
  setUpscalers(upscalers) {
    this.#choices('hiresUpscaler', upscalers.map((one) => one.name), 'Latent');
  }

  /** @param {any[]} styles */
  setStyles(styles) {
    this.styleBoxes.clear();
    fill(this.styles, ...styles.map((style) => {
      const box = h('input', {type: 'checkbox'});
      this.styleBoxes.set(style.name, box);
      return h('label', {class: 'check', title: style.prompt ?? ''}, box, style.name);
    }));
    this.stylesPart.hidden = styles.length === 0;
    this.#readDraft();
  }

  /** @returns {Wishes} */
  wishes() {
    const values = Object.fromEntries(Object.entries(this.controls).map(([name, control]) => [
      name, control instanceof HTMLInputElement && control.type === 'checkbox' ?
        control.checked : control.value]));
    const styles = [...this.styleBoxes].filter(([, box]) => box.checked).map(([name]) => name);
    return /** @type {Wishes} */ (/** @type {unknown} */ ({...values, strength: '', styles}));
  }

  /** @param {Partial<Wishes>} wishes */
  fill(wishes) {
    for (const [name, value] of Object.entries(wishes)) {
      const control = this.controls[name];
      if (control === undefined) continue;
      if (control instanceof HTMLInputElement && control.type === 'checkbox') {
        control.checked = value === true;
      } else {
        control.value = String(value);
        if (control.value === '' && value !== '' && control instanceof HTMLSelectElement) continue;
        if (name in this.sliders) this.#moveSlider(name);
      }
    }
    if (wishes.styles !== undefined) {
      for (const [name, box] of this.styleBoxes) box.checked = wishes.styles.includes(name);
    }
    if (wishes.model !== undefined) this.#useModel();
    for (const name of /** @type {const} */ (['sampler', 'schedule'])) {
      if (wishes[name] !== undefined) this.#choose(name, wishes[name]);
    }
  }

  /** @param {string} name @param {string} value */
  #choose(name, value) {
    const options = [.../** @type {HTMLSelectElement} */ (this.controls[name]).options];
    this.controls[name].value = options.some((option) => option.value === value) ? value : '';
  }

  /**
   * Tells each field what is wrong with it.
   * @param {import('./api.js').Violation[]} violations
   * @returns {import('./api.js').Violation[]} those that no field is about
   */
  showViolations(violations) {
    for (const [name, error] of Object.entries(this.errors)) {
      fill(error);
      this.controls[name].removeAttribute('aria-invalid');
    }
    const others = [];
    let first = true;
    for (const violation of violations) {
      const name = fieldOf(violation.field);
      const error = this.errors[name];
      if (error === undefined) {
        others.push(violation);
        continue;
      }
      fill(error, violation.description);
      this.controls[name].setAttribute('aria-invalid', 'true');
      this.controls[name].closest('details')?.setAttribute('open', '');
      if (first) this.controls[name].focus();
      first = false;
    }
    return others;
  }
}

/** A size's outline, as an icon. @param {number} width @param {number} height */
function shapeOf(width, height) {
  const shape = h('span', {class: 'shape', 'aria-hidden': 'true'});
  const most = Math.max(width, height);
  shape.style.setProperty('width', `${14 * width / most}px`);
  shape.style.setProperty('height', `${14 * height / most}px`);
  return shape;
}

/** @param {any} model */
const idOf = (model) => String(model.name ?? '').replace('models/', '');

/** @param {Record<string, number>} numbers */
const mapValues = (numbers) => Object.fromEntries(
    Object.entries(numbers).map(([name, value]) => [name, String(value)]));
