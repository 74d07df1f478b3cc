// What the host sees: workers, the queue, and jobs that were given up.

import {parseSeconds} from './api.js';
import {h, fill} from './dom.js';
import {duration, t} from './i18n.js';

const refresh = 2000;

export class OperatorView {
  /** @param {import('./api.js').Api} api @param {(error: unknown) => void} fail */
  constructor(api, fail) {
    this.api = api;
    this.fail = fail;
    this.body = h('div', {});
    this.element = h('section', {
      class: 'operator', 'aria-labelledby': 'operator-heading', hidden: true,
    }, h('h2', {id: 'operator-heading'}, t('operator')), this.body);
    this.button = h('button', {
      type: 'button', class: 'quiet', 'aria-expanded': 'false', hidden: true,
      on: {click: () => this.toggle()},
    }, t('operator'));
    this.timer = 0;
  }

  toggle() {
    this.element.hidden = !this.element.hidden;
    this.button.setAttribute('aria-expanded', String(!this.element.hidden));
    clearTimeout(this.timer);
    if (!this.element.hidden) this.#read();
  }

  /** Of a caller who may not. */
  close() {
    if (!this.element.hidden) this.toggle();
    this.button.hidden = true;
  }

  async #read() {
    try {
      const [fleet, dead] = await Promise.all([
        this.api.get('/v1/fleet'), this.api.get('/v1/deadLetters?pageSize=20')]);
      if (!this.body.contains(document.activeElement)) this.#show(fleet, dead.deadLetters ?? []);
    } catch (error) {
      this.fail(error);
    }
    if (!this.element.hidden) this.timer = setTimeout(() => this.#read(), refresh);
  }

  /** @param {any} fleet @param {any[]} dead */
  #show(fleet, dead) {
    fill(this.body,
        h('p', {class: 'figures'},
            figure(t('queued'), fleet.queuedJobs ?? 0), figure(t('running'), fleet.runningJobs ?? 0),
            figure(t('lastMinute'), fleet.picturesLastMinute ?? 0),
            figure(t('deadLetters'), fleet.deadLetters ?? 0)),
        h('h3', {}, t('workers')), this.#workers(fleet.workers ?? []),
        h('h3', {}, t('queueByTier')), tiers(fleet.tiers ?? []),
        h('h3', {}, t('deadLetters')), this.#dead(dead));
  }

  /** @param {any[]} workers */
  #workers(workers) {
    return table([t('name'), t('device'), t('state'), t('rows'), t('models'), t('actions')],
        workers.map((worker) => [
          nameOf(worker.name), `${worker.host ?? ''} ${worker.device ?? ''}`,
          stateOf(worker), `${worker.rows ?? 0} / ${worker.rowCapacity ?? 1}`,
          (worker.residentModels ?? []).map((/** @type {any} */ one) => nameOf(one.model)).join(', '),
          h('span', {class: 'together'},
              this.#act(worker.name, 'pause', t('pause'), nameOf(worker.name)),
              this.#act(worker.name, 'resume', t('resume'), nameOf(worker.name)),
              this.#act(worker.name, 'drain', t('drain'), nameOf(worker.name))),
        ]));
  }

  /** @param {any[]} letters */
  #dead(letters) {
    if (letters.length === 0) return h('p', {}, t('none'));
    return table([t('job'), t('tenant'), t('reason'), t('actions')], letters.map((letter) => [
      nameOf(letter.name), letter.tenant, letter.message || letter.reason,
      this.#act(letter.name, 'requeue', t('requeue'), nameOf(letter.name)),
    ]));
  }

  /** @param {string} name @param {string} verb @param {string} text @param {string} whom */
  #act(name, verb, text, whom) {
    return h('button', {
      type: 'button', 'aria-label': `${text}: ${whom}`, on: {
        click: async (/** @type {Event} */ event) => {
          const button = /** @type {HTMLButtonElement} */ (event.target);
          button.disabled = true;
          try {
            await this.api.post(`/v1/${name}:${verb}`, {});
          } catch (error) {
            this.fail(error);
          }
          button.blur();
          button.disabled = false;
        },
      },
    }, text);
  }
}

/** @param {any[]} queues */
function tiers(queues) {
  if (queues.length === 0) return h('p', {}, t('queueEmpty'));
  return table([t('tier'), t('queued'), t('deviceTime'), t('oldest')], queues.map((queue) => [
    queue.tier, queue.queuedJobs, duration(parseSeconds(queue.queuedDeviceTime)),
    queue.oldestWait === undefined ? '–' : duration(parseSeconds(queue.oldestWait))]));
}

/** @param {string} name "workers/w1" */
const nameOf = (name) => name.split('/').pop() ?? name;

/** @param {any} worker */
function stateOf(worker) {
  const state = String(worker.state ?? '').replace('WORKER_STATE_', '').toLowerCase();
  const asked = String(worker.requestedState ?? '').replace('WORKER_STATE_', '').toLowerCase();
  return asked === '' || asked === state ? state : `${state} → ${asked}`;
}

/** @param {string} text @param {string | number} value */
const figure = (text, value) => h('span', {class: 'figure'}, h('strong', {}, value), ` ${text}`);

/** @param {string[]} heads @param {import('./dom.js').Child[][]} rows */
function table(heads, rows) {
  return h('div', {class: 'table-frame', tabindex: '0', role: 'group', 'aria-label': heads[0]},
      h('table', {},
          h('thead', {}, h('tr', {}, ...heads.map((head) => h('th', {scope: 'col'}, head)))),
          h('tbody', {}, ...rows.map((row) => h('tr', {}, ...row.map((cell) => h('td', {}, cell)))))));
}
