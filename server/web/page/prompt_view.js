// What the model reads in the prompts, while they are written.

import {h, fill} from './dom.js';
import {t} from './i18n.js';

const settle = 500;
const chunkTokens = 75;

export class PromptView {
  /** @param {import('./api.js').Api} api @param {() => object} parameters of the form, now */
  constructor(api, parameters) {
    this.api = api;
    this.parameters = parameters;
    this.timer = 0;
    this.asked = 0;
    this.summary = h('summary', {}, t('promptRead'));
    this.body = h('div', {class: 'tokens-body'});
    this.element = h('details', {class: 'prompt-view'}, this.summary, this.body);
    this.element.addEventListener('toggle', () => this.changed());
  }

  /** Of what the meaning of the prompts depends on. */
  changed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#explain(), settle);
  }

  async #explain() {
    const asked = ++this.asked;
    try {
      const explained = await this.api.post('/v1/prompts:explain', {parameters: this.parameters()});
      if (asked === this.asked) this.#show(explained);
    } catch (error) {
      // What is wrong with it is told when it is sent.
      if (asked === this.asked) fill(this.summary, t('promptRead'));
    }
  }

  /** @param {any} explained darkroom.v1.ExplainPromptResponse */
  #show(explained) {
    const counts = textsOf(explained.prompt).map((text) => countOf(text));
    const most = Math.max(0, ...counts.map(({tokens}) => tokens));
    const chunks = Math.max(1, ...counts.map((count) => count.chunks));
    fill(this.summary, t('tokenCount', {tokens: most, room: chunks * chunkTokens}));
    if (!this.element.open) return;
    fill(this.body,
        ...this.#section(t('prompt'), explained.prompt),
        ...this.#section(t('negativePrompt'), explained.negativePrompt));
  }

  /** @param {string} title @param {any} prompt */
  #section(title, prompt) {
    const warnings = (prompt?.warnings ?? []).map((/** @type {string} */ warning) =>
      h('p', {class: 'warning'}, warning));
    const networks = (prompt?.extraNetworks ?? []).map((/** @type {any} */ network) =>
      h('span', {class: 'network'}, [network.kind, ...(network.arguments ?? [])].join(':')));
    const chunks = textsOf(prompt).flatMap((text) => chunksOf(text))
        .filter((chunk) => (chunk.tokens ?? []).length > 0);
    if (warnings.length + networks.length + chunks.length === 0) return [];
    return [
      h('h2', {class: 'minor'}, title), ...warnings,
      networks.length > 0 && h('p', {}, ...networks),
      ...chunks.map((chunk, index) =>
        h('p', {class: 'chunk'}, h('span', {class: 'chunk-number'}, `${index + 1}`),
            ...chunk.tokens.map(tokenView))),
    ];
  }
}

/** @param {any} token */
function tokenView(token) {
  const weight = token.weight ?? 0;
  const level = weight > 1.001 ? 'more' : weight < 0.999 ? 'less' : 'plain';
  const text = token.embedding || (token.text ?? '').trim();
  // A word's last token has a blank behind it.
  const joined = !token.embedding && !/\s$/.test(token.text ?? '') ? ' joined' : '';
  const mark = level === 'plain' ? '' : ` ${Math.round(weight * 100) / 100}`;
  return h('span', {class: `token ${level}${joined}`}, text, mark !== '' && h('small', {}, mark));
}

/** @param {any} prompt @returns {any[]} */
const textsOf = (prompt) => (prompt?.parts ?? []).flatMap(
    (/** @type {any} */ part) => part.texts ?? []);
/** @param {any} text @returns {any[]} */
const chunksOf = (text) => text.chunks ?? [];

/** @param {any} text */
function countOf(text) {
  const chunks = chunksOf(text);
  return {
    chunks: chunks.length,
    tokens: chunks.reduce((sum, chunk) => sum + (chunk.tokens ?? []).length, 0),
  };
}
