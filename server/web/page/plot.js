// One request as a table of them, in which one or two parameters take several values. Pure.

/** @typedef {import('./i18n.js').Word} Word */
/** @typedef {import('./parameters.js').Parameters} Parameters */
/** @typedef {{field: string, values: string[]}} Axis */
/** @typedef {{across: string, down: string, parameters: Parameters}} Cell '' where there is no axis */

export const mostCells = 64;

/** The axes that there are, and whether their values are numbers. @type {Record<string, boolean>} */
export const axes = {
  steps: true, guidanceScale: true, seed: true, sampler: false, schedule: false, clipSkip: true,
  width: true, height: true, strength: true, prompt: false,
};

/** What is wrong with a plot, in the page's words. */
export class PlotError extends Error {
  /** @param {Word} word @param {Record<string, string | number>} [values] */
  constructor(word, values = {}) {
    super(word);
    this.word = word;
    this.values = values;
  }
}

/** "a, "b, c"" as a and b, c. @param {string} text */
function split(text) {
  const found = [...text.matchAll(/\s*(?:"([^"]*)"|([^,]*))\s*(?:,|$)/g)];
  return found.map(([, quoted, plain]) => (quoted ?? plain).trim()).filter((value) => value !== '');
}

const range = /^(-?[\d.]+)\s*-\s*(-?[\d.]+)(?:\s*\(([+-][\d.]+)\)|\s*\[(\d+)\])?$/;

/** Without what binary fractions add. @param {number} value */
const plainNumber = (value) => String(Number(value.toFixed(6)));

/** "10-30 (+5)", "1-10 [4]" or one number. @param {string} text @returns {string[]} */
function numbersOf(text) {
  if (text !== '' && Number.isFinite(Number(text))) return [text];
  const match = text.match(range);
  if (match === null) throw new PlotError('plotNotNumber', {value: text});
  const [from, to] = [Number(match[1]), Number(match[2])];
  const count = match[4] === undefined ? 0 : Number(match[4]);
  const step = count > 1 ? (to - from) / (count - 1) : Number(match[3] ?? (Math.sign(to - from) || 1));
  const steps = count > 0 ? count - 1 : Math.floor((to - from) / step + 1e-9);
  if (!(steps >= 0) || !Number.isFinite(steps)) throw new PlotError('plotNotNumber', {value: text});
  if (steps >= mostCells) throw new PlotError('plotTooMany', {count: steps + 1, most: mostCells});
  return Array.from({length: steps + 1}, (_, at) => plainNumber(from + at * step));
}

/**
 * The axis that a reader asks for; undefined without a field.
 * @param {string} field one of `axes`, or empty
 * @param {string} text its values
 * @returns {Axis | undefined}
 */
export function axisOf(field, text) {
  if (field === '') return undefined;
  const parts = split(text);
  const values = axes[field] ? parts.flatMap(numbersOf) : parts;
  if (values.length === 0) throw new PlotError('plotEmpty');
  return {field, values};
}

/**
 * The parameters with one of an axis' values.
 * @param {Parameters} parameters
 * @param {Axis | undefined} axis
 * @param {string} value
 * @returns {Parameters}
 */
function withValue(parameters, axis, value) {
  if (axis === undefined) return parameters;
  const {field} = axis;
  if (field === 'prompt') {
    const [sought] = axis.values;
    return {...parameters, prompt: String(parameters.prompt ?? '').split(sought).join(value)};
  }
  if (field === 'strength') {
    return {...parameters, initImage: {...parameters.initImage, strength: Number(value)}};
  }
  return {...parameters, [field]: axes[field] && field !== 'seed' ? Number(value) : value};
}

/**
 * The rows of a plot. All its pictures have one seed, unless that is an axis.
 * @param {Parameters} parameters
 * @param {Axis | undefined} across
 * @param {Axis | undefined} down
 * @returns {Cell[][]}
 */
export function plotOf(parameters, across, down) {
  if (across?.field === down?.field) throw new PlotError('plotSame');
  for (const axis of [across, down]) {
    if (axis?.field === 'strength' && parameters.initImage === undefined) {
      throw new PlotError('plotNoPicture');
    }
    if (axis?.field !== 'prompt') continue;
    const [sought] = axis.values;
    if (!String(parameters.prompt ?? '').includes(sought)) {
      throw new PlotError('plotNotInPrompt', {value: sought});
    }
  }
  const [columns, rows] = [across?.values ?? [''], down?.values ?? ['']];
  const count = columns.length * rows.length;
  if (count > mostCells) throw new PlotError('plotTooMany', {count, most: mostCells});
  const all = {...parameters, imageCount: 1};
  return rows.map((y) => columns.map((x) => ({
    across: x, down: y, parameters: withValue(withValue(all, across, x), down, y),
  })));
}
