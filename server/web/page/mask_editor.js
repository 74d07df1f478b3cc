// A brush over a picture: what is painted is made anew.

import {h} from './dom.js';
import {t} from './i18n.js';

/** @typedef {{erase: boolean, size: number, points: [number, number][]}} Stroke in pixels of the picture */
/** @typedef {{left: number, top: number, width: number, height: number}} Box likewise */

export class MaskEditor {
  constructor() {
    this.canvas = h('canvas', {
      class: 'mask', role: 'img', 'aria-label': t('maskCanvas'),
      on: {
        pointerdown: (/** @type {PointerEvent} */ event) => this.#begin(event),
        pointermove: (/** @type {PointerEvent} */ event) => this.#go(event),
        pointerup: () => this.#end(),
        pointercancel: () => this.#end(),
      },
    });
    /** @type {(Stroke | Box)[]} */
    this.marks = [];
    /** @type {Stroke | null} */
    this.stroke = null;
    this.size = h('input', {
      type: 'range', min: 1, max: 40, prop: {value: '12'}, 'aria-label': t('brushSize'),
    });
    this.eraser = h('input', {type: 'checkbox'});
    this.inverted = h('input', {type: 'checkbox'});
    this.tools = h('div', {class: 'mask-tools', role: 'group', 'aria-label': t('brush')},
        h('label', {}, t('brushSize'), this.size),
        h('label', {}, this.eraser, t('eraser')),
        h('label', {}, this.inverted, t('maskInverted')),
        h('button', {type: 'button', on: {click: () => this.undo()}}, t('undo')),
        h('button', {type: 'button', on: {click: () => this.clear()}}, t('clear')),
        this.#boxFields());
  }

  /** By numbers, for those who have no pointer. */
  #boxFields() {
    const field = (/** @type {string} */ name, /** @type {number} */ value) =>
      h('input', {type: 'number', min: 0, max: 100, 'aria-label': name, prop: {value: `${value}`}});
    const left = field(t('boxLeft'), 25);
    const top = field(t('boxTop'), 25);
    const width = field(t('boxWidth'), 50);
    const height = field(t('boxHeight'), 50);
    const add = () => {
      const x = this.canvas.width / 100;
      const y = this.canvas.height / 100;
      this.marks.push({
        left: Number(left.value) * x, top: Number(top.value) * y,
        width: Number(width.value) * x, height: Number(height.value) * y,
      });
      this.#draw();
    };
    return h('details', {class: 'box'}, h('summary', {}, t('box')),
        h('div', {class: 'box-fields'}, left, top, width, height,
            h('button', {type: 'button', on: {click: add}}, t('boxAdd'))));
  }

  /** Nothing is painted on a picture of this size. @param {number} width @param {number} height */
  reset(width, height) {
    this.canvas.width = width;
    this.canvas.height = height;
    this.marks = [];
    this.#draw();
  }

  undo() {
    this.marks.pop();
    this.#draw();
  }

  clear() {
    this.marks = [];
    this.#draw();
  }

  get isEmpty() {
    return this.marks.length === 0;
  }

  /** White where the picture is to be made anew. @returns {Promise<Blob>} */
  async file() {
    const canvas = h('canvas', {prop: {width: this.canvas.width, height: this.canvas.height}});
    const context = contextOf(canvas);
    context.drawImage(this.canvas, 0, 0);
    context.globalCompositeOperation = 'source-in';
    context.fillStyle = 'white';
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.globalCompositeOperation = 'destination-over';
    context.fillStyle = 'black';
    context.fillRect(0, 0, canvas.width, canvas.height);
    return new Promise((resolve, reject) => canvas.toBlob(
        (blob) => blob === null ? reject(new Error('no mask')) : resolve(blob), 'image/png'));
  }

  /** @param {PointerEvent} event */
  #begin(event) {
    this.canvas.setPointerCapture(event.pointerId);
    const side = Math.max(this.canvas.width, this.canvas.height);
    this.stroke = {
      erase: this.eraser.checked, size: Number(this.size.value) / 100 * side,
      points: [this.#point(event)],
    };
    this.marks.push(this.stroke);
    this.#draw();
  }

  /** @param {PointerEvent} event */
  #go(event) {
    if (this.stroke === null) return;
    this.stroke.points.push(this.#point(event));
    this.#draw();
  }

  #end() {
    this.stroke = null;
  }

  /** @param {PointerEvent} event @returns {[number, number]} */
  #point(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) * this.canvas.width / box.width,
      (event.clientY - box.top) * this.canvas.height / box.height];
  }

  #draw() {
    const context = contextOf(this.canvas);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    context.lineCap = context.lineJoin = 'round';
    context.strokeStyle = context.fillStyle = '#e5484d';
    for (const mark of this.marks) {
      if ('left' in mark) {
        context.globalCompositeOperation = 'source-over';
        context.fillRect(mark.left, mark.top, mark.width, mark.height);
        continue;
      }
      context.globalCompositeOperation = mark.erase ? 'destination-out' : 'source-over';
      context.lineWidth = mark.size;
      context.beginPath();
      const [first] = mark.points;
      context.moveTo(...first);
      for (const point of mark.points) context.lineTo(...point);
      context.stroke();
    }
  }
}

/** @param {HTMLCanvasElement} canvas */
function contextOf(canvas) {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws nothing');
  return context;
}
