// A plot as one picture, with the values beside it.

import {h} from './dom.js';

const margin = 40;
const rowLabel = 160;

/**
 * @param {import('./plot_view.js').Plot} plot
 * @param {Map<import('./plot.js').Cell, import('./gallery.js').Picture>} made
 * @param {import('./pictures.js').Pictures} pictures
 * @returns {Promise<Blob>}
 */
export async function drawPlot({down, rows}, made, pictures) {
  const images = [...made.values()].map(({image}) => image);
  const width = Math.max(...images.map((image) => image.width));
  const height = Math.max(...images.map((image) => image.height));
  const left = down === undefined ? 0 : rowLabel;
  const canvas = h('canvas', {prop: {
    width: left + rows[0].length * width, height: margin + rows.length * height,
  }});
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws nothing');
  context.fillStyle = 'white';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = 'black';
  context.font = '16px sans-serif';
  context.textBaseline = 'middle';
  rows[0].forEach((cell, column) => context.fillText(
      cell.across, left + column * width + 8, margin / 2, width - 16));
  for (const [row, cells] of rows.entries()) {
    const top = margin + row * height;
    if (down !== undefined) context.fillText(cells[0].down, 8, top + height / 2, rowLabel - 16);
    for (const [column, cell] of cells.entries()) {
      const picture = made.get(cell);
      if (picture === undefined) continue;
      const bitmap = await createImageBitmap(await pictures.file(picture.name));
      context.drawImage(bitmap, left + column * width, top);
      bitmap.close();
    }
  }
  return new Promise((resolve, reject) => canvas.toBlob(
      (blob) => blob === null ? reject(new Error('the grid is too large')) : resolve(blob)));
}
