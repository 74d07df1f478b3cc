// Where a reader says what a plot compares.

import {h, fill, freshId} from './dom.js';
import {t} from './i18n.js';
import {PlotError, axes, axisOf, plotOf} from './plot.js';

/** @typedef {import('./plot.js').Axis} Axis */
/** @typedef {{select: HTMLSelectElement, values: HTMLInputElement, element: HTMLElement}} AxisFields */

/** Of a field that may be an axis, as people read it. @param {string} field */
export function axisLabel(field) {
  /** @type {Record<string, string>} */
  const known = {
    steps: t('steps'), guidanceScale: t('guidance'), seed: t('seed'), sampler: t('sampler'),
    schedule: t('schedule'), clipSkip: t('clipSkip'), width: t('width'), height: t('height'),
    strength: t('strength'), prompt: t('plotReplace'),
  };
  return known[field] ?? field;
}

export class PlotFields {
  constructor() {
    this.error = h('p', {class: 'field-error', id: freshId('plot-error'), role: 'alert'});
    this.across = this.#axis(t('plotX'), t('plotValuesX'));
    this.down = this.#axis(t('plotY'), t('plotValuesY'));
    this.element = h('details', {}, h('summary', {}, t('plotMake')),
        this.across.element, this.down.element, this.error,
        h('p', {class: 'hint'}, t('plotHint')));
  }

  /** @param {string} label @param {string} valuesLabel @returns {AxisFields} */
  #axis(label, valuesLabel) {
    const select = h('select', {id: freshId('axis')}, h('option', {value: ''}, t('plotNothing')),
        ...Object.keys(axes).map((field) => h('option', {value: field}, axisLabel(field))));
    const values = h('input', {
      type: 'text', id: freshId('axis-values'), 'aria-describedby': this.error.id,
      spellcheck: 'false', autocomplete: 'off', prop: {disabled: true},
    });
    select.addEventListener('change', () => {
      values.disabled = select.value === '';
      values.placeholder = exampleOf(select.value);
    });
    return {
      select, values, element: h('div', {class: 'plot-axis'},
          h('div', {class: 'field'}, h('label', {for: select.id}, label), select),
          h('div', {class: 'field'}, h('label', {for: values.id}, valuesLabel), values)),
    };
  }

  get isUsed() {
    return this.across.select.value !== '' || this.down.select.value !== '';
  }

  /**
   * What is asked for; null when it cannot be, which the fields then say.
   * @param {import('./parameters.js').Parameters} parameters
   */
  read(parameters) {
    fill(this.error);
    try {
      const across = axisOf(this.across.select.value, this.across.values.value);
      const down = axisOf(this.down.select.value, this.down.values.value);
      return {across, down, rows: plotOf(parameters, across, down)};
    } catch (error) {
      if (!(error instanceof PlotError)) throw error;
      fill(this.error, t(error.word, error.values));
      this.element.open = true;
      (this.across.select.value === '' ? this.down : this.across).values.focus();
      return null;
    }
  }
}

/** @param {string} field */
function exampleOf(field) {
  /** @type {Record<string, string>} */
  const examples = {
    steps: '10-30 (+10)', guidanceScale: '3, 5, 7', seed: '1-4', sampler: 'Euler a, DPM++ 2M',
    schedule: 'Karras, Uniform', clipSkip: '1, 2', width: '512, 768', height: '512, 768',
    strength: '0.3-0.9 [3]', prompt: t('plotReplaceHint'),
  };
  return examples[field] ?? '';
}
