// The page as a person works it: by what its parts are called, never by how it is built.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import {Visit} from './browser.mjs';
import {eventually} from './stack.mjs';

/** @typedef {import('playwright-core').Locator} Locator */

/** One visitor at the page. */
export class FrontPage {
  /** @param {Visit} visit */
  constructor(visit) {
    this.visit = visit;
    this.page = visit.page;
  }

  /**
   * @param {string} url
   * @param {import('./browser.mjs').VisitOptions} [options]
   */
  static async open(url, options) {
    const page = new FrontPage(await Visit.begin(url, options));
    await page.awaitReady();
    return page;
  }

  /** Until it knows what can be made here. */
  async awaitReady() {
    await this.generateButton.and(this.page.locator(':enabled')).waitFor();
  }

  get prompt() {
    return this.page.getByRole('textbox', {name: 'Prompt', exact: true});
  }
  get generateButton() {
    return this.page.getByRole('button', {name: 'Generate', exact: true});
  }
  get cancelButton() {
    return this.page.getByRole('button', {name: 'Cancel'}).first();
  }
  get progress() {
    return this.page.getByRole('progressbar').first();
  }
  /** Of the job under way: what it will be. */
  get preview() {
    return this.page.getByRole('img', {name: /preview/i}).first();
  }
  get details() {
    return this.page.getByRole('dialog').last();
  }
  get gallery() {
    return this.page.getByRole('region', {name: 'Gallery'});
  }
  get alert() {
    return this.page.getByRole('alert').filter({hasText: /\S/}).first();
  }

  /** A field of numbers. @param {string} name */
  number(name) {
    return this.page.getByRole('spinbutton', {name, exact: true});
  }

  /**
   * Fills in what is named and has a picture made.
   * @param {{prompt?: string, numbers?: Record<string, number>}} wishes
   */
  async generate({prompt, numbers = {}}) {
    if (prompt !== undefined) await this.prompt.fill(prompt);
    for (const [name, value] of Object.entries(numbers)) {
      await this.number(name).fill(`${value}`);
    }
    await this.generateButton.click();
  }

  /** The picture of this prompt, newest first. @param {string} prompt */
  picture(prompt) {
    return this.gallery.getByRole('img', {name: prompt}).first();
  }

  /**
   * Until the picture of this prompt is there and can be seen.
   * @param {string} prompt
   * @returns {Promise<Locator>}
   */
  async awaitPicture(prompt) {
    const picture = this.picture(prompt);
    await picture.waitFor({timeout: 120_000});
    await awaitPixels(picture);
    return picture;
  }

  /** Of a finished picture, all its parameters. @param {string} prompt */
  async showDetails(prompt) {
    if (await this.details.isVisible()) return;
    await this.picture(prompt).click();
    await this.details.waitFor();
  }

  /** What opens the details of a picture. @param {string} prompt */
  opener(prompt) {
    return this.gallery.getByRole('button', {name: prompt}).first();
  }

  /** Until the page says that it does not reach its gateway. */
  async awaitOutage() {
    await this.page.getByRole('status').or(this.page.getByRole('alert'))
        .filter({hasText: /connection|reach|again/i}).first().waitFor();
  }

  /** Where administrators see workers and queue; there is none for others. */
  get operatorsView() {
    return this.page.getByRole('button', {name: 'Operator', exact: true});
  }

  /** Has the page go on with the key. @param {string} key */
  async enterKey(key) {
    const field = this.page.getByLabel('API key');
    if (!await field.isVisible()) {
      await this.page.getByRole('button', {name: 'Key', exact: true}).click();
    }
    await field.fill(key);
    await field.press('Enter');
  }

  /** Makes it what the next one begins with. @param {string} prompt */
  async useAsInput(prompt) {
    await this.showDetails(prompt);
    await this.page.getByRole('button', {name: 'Use as input'}).last().click();
  }

  /** A blot in the middle of the picture to begin with. */
  async paintMask() {
    const canvas = this.page.locator('canvas').last();
    await canvas.scrollIntoViewIfNeeded();
    const box = await canvas.boundingBox();
    if (box === null) throw new Error('there is nothing to paint on');
    const {mouse} = this.page;
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    await mouse.move(x - 3, y);
    await mouse.down();
    await mouse.move(x + 3, y + 3, {steps: 5});
    await mouse.up();
  }

  /** Two of a picture's pixels. @param {string} prompt */
  async pixels(prompt) {
    return this.picture(prompt).evaluate((element) => {
      const image = /** @type {HTMLImageElement} */ (element);
      const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
      const context = canvas.getContext('2d');
      if (context === null) throw new Error('no canvas');
      context.drawImage(image, 0, 0);
      const at = (/** @type {number} */ x, /** @type {number} */ y) =>
        [...context.getImageData(x, y, 1, 1).data];
      return {corner: at(0, 0), centre: at(canvas.width >> 1, canvas.height >> 1)};
    });
  }

  /** By the Tab key alone. @param {Locator} control */
  async tabTo(control) {
    for (let presses = 0; presses < 200; ++presses) {
      if (await control.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`no Tab leads to ${control}`);
  }

  /** Neither of these stands anywhere in the page. @param {string[]} texts */
  async assertShowsNothingOf(...texts) {
    const content = await this.page.content();
    for (const text of texts) assert.ok(!content.includes(text), `the page shows ${text}`);
  }

  /** What holds fields back until somebody wants them. */
  async openAllParts() {
    for (const summary of await this.page.locator('details:not([open]) > summary').all()) {
      if (await summary.isVisible()) await summary.click();
    }
  }

  /** What stands in a control, once it is that. @param {Locator} control @param {string} wanted */
  async awaitValue(control, wanted) {
    await eventually(`${wanted} in a field`, async () => await value(control) === wanted);
  }

  /**
   * The file of a picture as the visitor gets it, and its name.
   * @param {string} prompt
   * @returns {Promise<{bytes: Buffer, name: string}>}
   */
  async download(prompt) {
    await this.showDetails(prompt);
    const [download] = await Promise.all([
      this.page.waitForEvent('download'),
      this.page.locator('a[download], button').filter({hasText: 'Download'}).last().click(),
    ]);
    return {bytes: fs.readFileSync(await download.path()), name: download.suggestedFilename()};
  }

  /** Drops a file of these bytes on the page. @param {Buffer} bytes @param {string} name */
  async drop(bytes, name) {
    const data = await this.page.evaluateHandle(({base64, name}) => {
      const raw = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
      const transfer = new DataTransfer();
      transfer.items.add(new File([raw], name, {type: 'image/png'}));
      return transfer;
    }, {base64: bytes.toString('base64'), name});
    for (const event of ['dragenter', 'dragover', 'drop']) {
      await this.page.locator('body').dispatchEvent(event, {dataTransfer: data});
    }
  }

  /** Nothing that no page should do has happened; then the visitor leaves. */
  async leave() {
    try {
      await this.visit.assertFaultless();
    } finally {
      await this.visit.close();
    }
  }
}

/** Until an image has been decoded. @param {Locator} image */
export async function awaitPixels(image) {
  await image.evaluate(async (element) => {
    const picture = /** @type {HTMLImageElement} */ (element);
    await picture.decode();
    if (picture.naturalWidth === 0) throw new Error('the image is empty');
  });
}

/** @param {Locator} control */
export async function value(control) {
  return control.evaluate((element) => /** @type {HTMLInputElement} */ (element).value);
}
