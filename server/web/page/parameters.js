// darkroom.v1.ImageParameters, as JSON has them, and what the page makes of them. Pure.

/** @typedef {Record<string, any>} Parameters */

/**
 * What the form says of a picture, as texts of its fields; '' is what the model does by itself.
 * @typedef {object} Wishes
 * @property {string} prompt
 * @property {string} negativePrompt
 * @property {string} model
 * @property {string} sampler
 * @property {string} schedule
 * @property {string} steps
 * @property {string} guidanceScale
 * @property {string} width
 * @property {string} height
 * @property {string} seed
 * @property {string} clipSkip
 * @property {string} imageCount
 * @property {string} strength of the picture to begin with
 * @property {boolean} hires
 * @property {string} hiresScale
 * @property {string} hiresUpscaler
 * @property {string} hiresStrength
 * @property {string} hiresSteps
 * @property {boolean} tiling
 * @property {string[]} styles
 */

/** @typedef {'prompt' | 'negativePrompt' | 'model' | 'sampler' | 'schedule'} TextField */
/** @typedef {'steps' | 'guidanceScale' | 'width' | 'height' | 'seed' | 'clipSkip' | 'imageCount'} NumberField */

/** @type {TextField[]} */
const texts = ['prompt', 'negativePrompt', 'model', 'sampler', 'schedule'];
/** @type {NumberField[]} */
const numbers = ['steps', 'guidanceScale', 'width', 'height', 'seed', 'clipSkip', 'imageCount'];

/** @param {string} text */
const numberOf = (text) => text.trim() === '' ? undefined : Number(text);

/**
 * @param {Wishes} wishes
 * @returns {Parameters}
 */
export function parametersOf(wishes) {
  /** @type {Parameters} */
  const parameters = {};
  for (const name of texts) {
    if (wishes[name] !== '') parameters[name] = wishes[name];
  }
  for (const name of numbers) {
    const value = numberOf(wishes[name]);
    if (value !== undefined) parameters[name] = name === 'seed' ? String(value) : value;
  }
  if (wishes.tiling) parameters.tiling = true;
  if (wishes.styles.length > 0) parameters.styles = wishes.styles;
  if (wishes.hires) {
    parameters.hiresFix = defined({
      scale: numberOf(wishes.hiresScale),
      upscaler: wishes.hiresUpscaler || undefined,
      strength: numberOf(wishes.hiresStrength),
      steps: numberOf(wishes.hiresSteps),
    });
  }
  return parameters;
}

/**
 * The same the other way round. What the form has no field for is told by `rest`.
 * @param {Parameters} parameters
 * @returns {{wishes: Partial<Wishes>, rest: string[]}}
 */
export function wishesOf(parameters) {
  /** @type {Partial<Wishes>} */
  const wishes = {};
  for (const name of texts) wishes[name] = parameters[name] ?? '';
  for (const name of numbers) {
    wishes[name] = parameters[name] === undefined ? '' : String(parameters[name]);
  }
  wishes.model = (wishes.model ?? '').replace(/^models\//, '');
  wishes.tiling = parameters.tiling === true;
  wishes.styles = parameters.styles ?? [];
  const hires = parameters.hiresFix;
  wishes.hires = hires !== undefined;
  if (hires !== undefined) {
    wishes.hiresScale = text(hires.scale);
    wishes.hiresUpscaler = hires.upscaler ?? '';
    wishes.hiresStrength = text(hires.strength);
    wishes.hiresSteps = text(hires.steps);
  }
  if (parameters.initImage?.strength !== undefined) {
    wishes.strength = String(parameters.initImage.strength);
  }
  const known = [...texts, ...numbers, 'tiling', 'styles', 'hiresFix', 'initImage'];
  return {wishes, rest: Object.keys(parameters).filter((name) => !known.includes(name))};
}

/** @param {unknown} value */
const text = (value) => value === undefined ? '' : String(value);

/**
 * Without what is undefined.
 * @param {Record<string, unknown>} object
 */
function defined(object) {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

/**
 * Those of another picture that resembles image `index` of a job.
 * @param {Parameters} parameters of the job, resolved
 * @param {number} index
 * @returns {Parameters}
 */
export function variationOf(parameters, index) {
  return {...single(parameters, index), variation: {seed: '-1', strength: 0.25}};
}

/**
 * Those of image `index` of a job alone.
 * @param {Parameters} parameters
 * @param {number} index
 */
export function single(parameters, index) {
  const seed = BigInt(parameters.seed ?? 0);
  /** @type {Parameters} */
  const alone = {...parameters, imageCount: 1};
  // With a variation all images of a job have one seed, and the second noise tells them apart.
  const variation = parameters.variation;
  if (variation !== undefined) {
    alone.variation = {...variation, seed: String(BigInt(variation.seed ?? 0) + BigInt(index))};
  } else {
    alone.seed = String(seed + BigInt(index));
  }
  return alone;
}

/**
 * Those of the picture `name`, `scale` times as wide and high.
 * @param {string} name "jobs/ID/images/0"
 * @param {string} model
 * @param {string} upscaler
 * @param {number} scale
 */
export function upscaleOf(name, model, upscaler, scale) {
  return {model, initImage: {name}, upscale: defined({scale, upscaler: upscaler || undefined})};
}

/**
 * All of it as lines "guidanceScale: 7", what lies deeper as "hiresFix.scale: 2", without files.
 * @param {Parameters} parameters
 * @returns {[string, string][]}
 */
export function linesOf(parameters, prefix = '') {
  /** @type {[string, string][]} */
  const lines = [];
  for (const [name, value] of Object.entries(parameters)) {
    if (name === 'content') continue;
    if (Array.isArray(value)) {
      lines.push([prefix + name, value.join(', ')]);
    } else if (typeof value === 'object' && value !== null) {
      lines.push(...linesOf(value, `${prefix}${name}.`));
    } else {
      lines.push([prefix + name, String(value)]);
    }
  }
  return lines;
}

/**
 * The field of the form that a violation is about: "parameters.guidance_scale" is guidanceScale.
 * @param {string} path
 */
export function fieldOf(path) {
  const camel = path.replace(/^parameters\./, '').replace(/_(\w)/g, (_, char) => char.toUpperCase());
  const hires = camel.match(/^hiresFix\.(\w)(\w*)/);
  if (hires !== null) return `hires${hires[1].toUpperCase()}${hires[2]}`;
  if (camel === 'initImage.strength') return 'strength';
  return camel.split(/[.[]/)[0];
}

/** A name for a request that is sent again when its answer is lost. */
export function freshRequestId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Sizes near the model's own area, by their proportions.
 * @param {{defaultWidth?: number, defaultHeight?: number, sizeMultiple?: number, maxSide?: number}} model
 * @returns {{ratio: string, width: number, height: number}[]}
 */
export function sizePresets(model) {
  const {defaultWidth = 512, defaultHeight = 512, sizeMultiple = 8, maxSide = 2048} = model;
  const area = defaultWidth * defaultHeight;
  /** @type {[number, number][]} */
  const ratios = [[1, 1], [4, 3], [3, 2], [16, 9], [3, 4], [2, 3], [9, 16]];
  const fit = (/** @type {number} */ side) =>
    Math.min(maxSide, Math.max(sizeMultiple, Math.round(side / sizeMultiple) * sizeMultiple));
  return ratios.map(([x, y]) => ({
    ratio: `${x}:${y}`,
    width: fit(Math.sqrt(area * x / y)),
    height: fit(Math.sqrt(area * y / x)),
  }));
}
