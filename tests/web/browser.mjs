// Chromium with one empty profile, and what every test wants to be true of a page: it logs no error,
// breaks no rule of its Content-Security-Policy, asks no other host for anything and runs nothing
// that somebody wrote into a prompt.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
// scripts/test.sh installs these beside the other things that it fetches, not in the checkout.
const modules = process.env.DARKROOM_NODE_MODULES ?? path.join(root, 'node_modules');
const require = createRequire(path.join(modules, 'x.js'));
/** @type {{chromium: import('playwright-core').BrowserType}} */
const {chromium} = require('playwright-core');
const axeSource = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const screenshots = process.env.DARKROOM_WEB_SCREENSHOTS ??
    path.join(root, 'build/web-screenshots');

/** The width of a desk's screen, and of a phone's. */
export const desktop = {width: 1280, height: 900};
export const phone = {width: 390, height: 844};

// What a script that should not run does: alert, or this.
const marker = 'darkroomTestRan';

/**
 * @typedef {object} VisitOptions
 * @property {{width: number, height: number}} [viewport]
 * @property {'light' | 'dark'} [colorScheme]
 * @property {string} [locale]
 */

/** One visitor's browser, until close(). */
export class Visit {
  /** @type {string[]} */
  #faults = [];
  /** @type {RegExp[]} */
  #excused = [];
  #profile;
  #context;
  #url;
  page;

  /**
   * @param {string} url of the page
   * @param {string} profile
   * @param {import('playwright-core').BrowserContext} context
   * @param {import('playwright-core').Page} page
   */
  constructor(url, profile, context, page) {
    this.#url = url;
    this.#profile = profile;
    this.#context = context;
    this.page = page;
    this.#watch();
  }

  /**
   * A new visitor, whose browser remembers nothing.
   * @param {string} url
   * @param {VisitOptions} [options]
   */
  static async begin(url, options = {}) {
    const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'darkroom-chromium-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env.DARKROOM_CHROMIUM ?? '/usr/bin/chromium',
      headless: true,
      viewport: options.viewport ?? desktop,
      hasTouch: options.viewport === phone,
      colorScheme: options.colorScheme ?? 'light',
      locale: options.locale ?? 'en-GB',
      acceptDownloads: true,
      // Root may not use the sandbox.
      chromiumSandbox: process.getuid?.() !== 0,
      args: ['--disable-background-networking', '--disable-component-update', '--no-first-run',
        '--disable-dev-shm-usage', '--disable-gpu'],
    });
    context.setDefaultTimeout(30_000);
    const page = context.pages()[0] ?? await context.newPage();
    const visit = new Visit(url, profile, context, page);
    await page.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
      });
    });
    await page.goto(url);
    return visit;
  }

  #watch() {
    const fault = (/** @type {string} */ what) => this.#faults.push(what);
    this.#context.on('request', (request) => {
      const target = new URL(request.url());
      const inside = ['blob:', 'data:'].includes(target.protocol);
      if (!inside && target.origin !== new URL(this.#url).origin) fault(`asks ${request.url()}`);
    });
    this.page.on('console', (message) => {
      if (message.type() === 'error') fault(`logs: ${message.text()} ${message.location().url}`);
    });
    this.page.on('pageerror', (error) => fault(`throws: ${error.stack ?? error}`));
    this.page.on('dialog', (dialog) => {
      fault(`opens a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    this.page.on('crash', () => fault('crashes'));
  }

  /** Such a message is what the test is about. @param {RegExp} message */
  excuse(message) {
    this.#excused.push(message);
  }

  /** What everybody wants to be true, so far. */
  async assertFaultless() {
    const ran = await this.page.evaluate((name) => name in globalThis, marker);
    assert.equal(ran, false, 'a script ran that somebody wrote into a text');
    const faults = this.#faults.filter((what) => !this.#excused.some((how) => how.test(what)));
    assert.deepEqual(faults, []);
  }

  /** No fault that axe-core calls serious or critical. @param {string} where */
  async assertAccessible(where) {
    const page = this.page;
    // By the debugger, which the page's policy does not bind.
    await page.evaluate(axeSource);
    const violations = await page.evaluate(async () => {
      const axe = /** @type {any} */ (globalThis).axe;
      const {violations} = await axe.run(document, {
        runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
      });
      return violations.map((/** @type {any} */ violation) => ({
        impact: violation.impact,
        what: `${violation.impact} ${violation.id}: ${violation.nodes.slice(0, 3)
            .map((/** @type {any} */ node) => `${node.target} ${node.failureSummary}`)
            .join(' | ')}`,
      }));
    });
    const grave = violations.filter((/** @type {{impact: string}} */ {impact}) =>
      ['serious', 'critical'].includes(impact));
    assert.deepEqual(grave.map((/** @type {{what: string}} */ {what}) => what), [], where);
  }

  /** The page is no wider than the window. */
  async assertFits() {
    const {inner, scroll} = await this.page.evaluate(() => ({
      inner: innerWidth, scroll: document.documentElement.scrollWidth}));
    assert.ok(scroll <= inner, `the page is ${scroll} wide in a window of ${inner}`);
  }

  /** A picture of the whole page for people to look at. @param {string} name */
  async shoot(name) {
    fs.mkdirSync(screenshots, {recursive: true});
    await this.page.screenshot({path: path.join(screenshots, `${name}.png`), fullPage: true});
  }

  async close() {
    await this.#context.close();
    fs.rmSync(this.#profile, {recursive: true, force: true});
  }
}

/** Text that does something where it is taken for markup. */
export const hostileText = `</script></textarea><img src=x onerror="globalThis.${marker}=1">` +
    `<svg onload="globalThis.${marker}=1">"'><b>bold`;
