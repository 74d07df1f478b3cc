// The page: its parts, and how they know of one another.

import {Api, Refusal, parseSeconds} from './api.js';
import {h, fill} from './dom.js';
import {Form} from './form.js';
import {Gallery, picturesOf} from './gallery.js';
import {beginLanguage, duration, language, languages, switchLanguage, t} from './i18n.js';
import {InputPicture} from './input_picture.js';
import {JobCard} from './job_card.js';
import {Jobs, hasEnded} from './jobs.js';
import {KeyPanel} from './key_panel.js';
import {readKey} from './keys.js';
import {Notices} from './notices.js';
import {OperatorView} from './operator.js';
import {parametersOf, wishesOf} from './parameters.js';
import {PictureDialog} from './picture_dialog.js';
import {PlotFields} from './plot_fields.js';
import {PlotView} from './plot_view.js';
import {Pictures, base64Of} from './pictures.js';
import {withoutPixels} from './png.js';
import {PromptView} from './prompt_view.js';
import {themeButton} from './theme.js';

const narrow = matchMedia('(max-width: 820px)');

class App {
  constructor() {
    this.api = new Api(readKey());
    this.pictures = new Pictures(this.api);
    this.notices = new Notices();
    this.form = new Form({
      submit: () => this.generate(),
      changed: () => this.promptView?.changed(),
      modelChosen: () => this.#readBeside().catch((error) => this.fail(error)),
    });
    this.plotFields = new PlotFields();
    this.form.plotPlace.replaceWith(this.plotFields.element);
    /** @type {PlotView | null} */
    this.plot = null;
    this.promptView = new PromptView(this.api, () => this.#explained());
    this.form.promptPlace.replaceWith(this.promptView.element);
    this.input = new InputPicture(this.pictures);
    this.form.inputPlace.replaceWith(this.input.element);
    this.operator = new OperatorView(this.api, (error) => this.fail(error));
    this.keyPanel = new KeyPanel((key) => this.useKey(key));
    this.limits = h('p', {class: 'limits'});
    /** @type {any[]} */
    this.upscalers = [];
    /** @type {Map<string, JobCard>} */
    this.cards = new Map();
    this.cardList = h('div', {class: 'jobs'});
    this.dialog = new PictureDialog(this.pictures, {
      submit: (parameters) => this.submit(parameters),
      reuse: (parameters) => this.reuse(parameters),
      begin: async (picture) => {
        await this.input.begin(await this.pictures.file(picture.name), picture.name);
      },
      fail: (error) => this.fail(error),
      upscalers: () => this.upscalers,
      beside: (picture, by) => this.gallery.beside(picture, by),
    });
    this.gallery = this.#newGallery();
    this.jobs = this.#newJobs();
    this.#layOut();
    this.#listenForFiles();
  }

  #layOut() {
    const choice = h('select', {
      'aria-label': t('language'),
      on: {change: () => switchLanguage(choice.value)},
    }, ...languages.map(([tag, name]) => h('option', {value: tag, lang: tag}, name)));
    choice.value = language();
    const tools = /** @type {HTMLElement} */ (document.getElementById('tools'));
    tools.setAttribute('aria-label', t('tools'));
    fill(tools, this.operator.button, this.keyPanel.button, themeButton(), choice);
    this.place = h('div', {class: 'results'}, this.notices.outage, this.notices.element,
        this.operator.element, this.cardList, this.gallery.element);
    fill(/** @type {HTMLElement} */ (document.getElementById('main')),
        h('div', {class: 'side'}, this.form.element, this.limits), this.place);
    document.body.append(this.dialog.element, this.keyPanel.element);
  }

  // Both belong to one caller, and are made anew for another.

  #newGallery() {
    return new Gallery(this.api, this.pictures, (picture) => this.dialog.open(picture));
  }

  #newJobs() {
    const jobs = new Jobs(this.api);
    const on = (/** @type {string} */ what, /** @type {(detail: any) => void} */ act) =>
      jobs.addEventListener(what, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on('begun', (pending) => this.#onBegun(pending));
    on('changed', (pending) => {
      this.cards.get(pending.job.name)?.update(pending);
      this.plot?.update(pending);
    });
    on('ended', (pending) => this.#onEnded(pending));
    on('connection', (connected) => this.notices.connection(connected));
    return jobs;
  }

  /** Everything that the gateway tells the caller. */
  async read() {
    try {
      const caller = await this.api.get('/v1/account');
      this.#showCaller(caller);
      if (!caller.tenant) return this.keyPanel.open();
      await Promise.all([
        this.gallery.read((job) => this.jobs.follow(job), hasEnded), this.#readChoices()]);
    } catch (error) {
      this.fail(error);
      if (!(error instanceof Refusal)) setTimeout(() => this.read(), 2000);
    } finally {
      this.form.generate.disabled = false;
    }
  }

  async #readChoices() {
    const [models, styles] = await Promise.all([
      this.api.list('/v1/models', 'models'), this.api.get('/v1/styles')]);
    this.form.setModels(models);
    this.form.setStyles(styles.styles ?? []);
    if (models.length === 0) return this.notices.warn(t('noModels'));
    await this.#readBeside();
    this.promptView.changed();
  }

  /** What there is for the chosen model. */
  async #readBeside() {
    const [adapters, upscalers] = await Promise.all([
      this.api.list(`/v1/${this.form.pathOf('adapters')}`, 'adapters'),
      this.api.get(`/v1/${this.form.pathOf('upscalers')}`)]);
    this.form.setAdapters(adapters);
    this.upscalers = upscalers.upscalers ?? [];
    this.form.setUpscalers(this.upscalers);
  }

  /** @param {any} caller darkroom.v1.Account */
  #showCaller(caller) {
    const scopes = caller.scopes ?? [];
    this.operator.button.hidden = !scopes.includes('KEY_SCOPE_ADMIN');
    if (this.operator.button.hidden) this.operator.close();
    fill(this.limits, caller.tier ? t('tierOf', {tier: caller.tier}) : '', limitOf(caller));
  }

  /** @param {string} key @returns {Promise<string>} what is wrong with it */
  async useKey(key) {
    try {
      const caller = await new Api(key).get('/v1/account');
      if (key !== '' && !caller.tenant) return t('keyWrong');
    } catch (error) {
      if (error instanceof Refusal && error.status === 401) return t('keyWrong');
      return error instanceof Error ? error.message : String(error);
    }
    this.api.key = key;
    this.jobs.close();
    this.plot?.remove();
    this.plot = null;
    for (const card of this.cards.values()) card.remove();
    this.cards.clear();
    const before = this.gallery.element;
    this.gallery = this.#newGallery();
    this.jobs = this.#newJobs();
    before.replaceWith(this.gallery.element);
    this.input.clear();
    this.notices.clear();
    this.read();
    return '';
  }

  #explained() {
    const {prompt, negativePrompt, model, sampler, schedule, steps, styles} =
      parametersOf(this.form.wishes());
    return {prompt, negativePrompt, model, sampler, schedule, steps, styles};
  }

  async generate() {
    this.form.showViolations([]);
    const parameters = parametersOf(this.form.wishes());
    const initImage = await this.input.parameters();
    if (initImage !== undefined) {
      parameters.initImage = initImage;
      delete parameters.hiresFix;
    }
    if (this.plotFields.isUsed) return this.#makePlot(parameters);
    await this.submit(parameters);
  }

  /** @param {import('./parameters.js').Parameters} parameters */
  async #makePlot(parameters) {
    const [seed] = crypto.getRandomValues(new Uint32Array(1));
    const plot = this.plotFields.read({seed: String(seed), ...parameters});
    if (plot === null) return;
    this.plot?.remove();
    this.plot = new PlotView(plot, {
      jobs: this.jobs, pictures: this.pictures, open: (picture) => this.dialog.open(picture),
      fail: (error) => this.fail(error), announce: (text) => this.announce(text),
    });
    this.cardList.before(this.plot.element);
    await this.plot.submit();
  }

  /** @param {object} parameters */
  async submit(parameters) {
    this.announce(t('sent'));
    try {
      const job = await this.jobs.submit(parameters);
      this.form.lastSeed = String(job.parameters?.seed ?? '');
      // On a phone it is below the form.
      if (narrow.matches) this.cards.get(job.name)?.element.scrollIntoView({block: 'center'});
    } catch (error) {
      const others = error instanceof Refusal ? this.form.showViolations(error.violations) : [];
      const told = error instanceof Refusal && error.violations.length > 0 && others.length === 0;
      if (!told) this.fail(error);
    }
  }

  /** @param {any} pending */
  #onBegun(pending) {
    if (this.plot?.has(pending.job.name)) return;
    const card = new JobCard(pending, (name) => {
      this.jobs.cancel(name).catch((error) => this.fail(error));
    });
    this.cards.set(pending.job.name, card);
    this.cardList.prepend(card.element);
  }

  /** @param {any} pending */
  #onEnded({job}) {
    const isPlotted = this.plot?.has(job.name) === true;
    this.plot?.end(job);
    this.cards.get(job.name)?.remove();
    this.cards.delete(job.name);
    if (job.state === 'JOB_STATE_SUCCEEDED') {
      this.gallery.addFirst(job);
      if (!isPlotted) this.announce(t('done', {count: picturesOf(job).length}));
    } else if (job.state === 'JOB_STATE_CANCELLED') {
      this.announce(t('cancelled'));
    } else {
      this.notices.warn(t('failed', {why: job.error?.message ?? t('expired')}));
    }
  }

  /** @param {any} parameters */
  reuse(parameters) {
    const {wishes, rest} = wishesOf(parameters);
    this.form.fill(wishes);
    if (wishes.strength !== undefined) this.input.strength.value = wishes.strength;
    this.promptView.changed();
    this.announce(rest.length > 0 ? t('restoredBut', {names: rest.join(', ')}) : t('restored'));
    this.form.controls.prompt.focus();
  }

  /** Pictures that are dropped or pasted anywhere. */
  #listenForFiles() {
    document.addEventListener('dragover', (event) => event.preventDefault());
    document.addEventListener('drop', (event) => {
      event.preventDefault();
      this.takeFile(event.dataTransfer?.files[0]);
    });
    document.addEventListener('paste', (event) => this.takeFile(event.clipboardData?.files[0]));
  }

  /** Gives back the parameters that it holds, or begins with it. @param {File | undefined} file */
  async takeFile(file) {
    if (file === undefined || !file.type.startsWith('image/')) return;
    const text = withoutPixels(new Uint8Array(await file.arrayBuffer()));
    try {
      if (text === null) return await this.input.begin(file, '');
      const png = await base64Of(new Blob([/** @type {BlobPart} */ (text)]));
      const read = await this.api.post('/v1/infotexts:read', {png});
      this.reuse(read.parameters ?? {});
      for (const note of read.notes ?? []) this.notices.warn(note);
    } catch (error) {
      if (!(error instanceof Refusal)) return this.fail(error);
      await this.input.begin(file, '').catch((wrong) => this.fail(wrong));
    }
  }

  /** For those who hear the page. @param {string} text */
  announce(text) {
    fill(/** @type {HTMLElement} */ (document.getElementById('status')), text);
  }

  /** @param {unknown} error */
  fail(error) {
    if (error instanceof Refusal && error.status === 401) {
      this.keyPanel.open();
      return;
    }
    this.notices.fail(error);
  }
}

/** @param {any} caller darkroom.v1.Account */
function limitOf(caller) {
  if (caller.dailyDeviceTime === undefined) return '';
  return ` · ${t('dailyLimit', {time: duration(parseSeconds(caller.dailyDeviceTime))})}`;
}

beginLanguage();
const app = new App();
app.read();
