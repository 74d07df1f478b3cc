// The caller's jobs that have not ended, and what is known of each.

import {Outage, Refusal, parseSeconds} from './api.js';
import {watch, pause} from './events.js';
import {freshRequestId} from './parameters.js';
import {blobOf} from './pictures.js';

// Browsers have about six connections an origin; the others are for all else.
const mostStreams = 3;
const pollPause = 2000;
const submitPause = 1000;

/**
 * @typedef {object} Pending
 * @property {any} job darkroom.v1.Job
 * @property {number} position in the queue; -1: not known
 * @property {number} wait seconds, foretold; -1: not known
 * @property {number} step
 * @property {number} steps 0: it has not begun
 * @property {number} left seconds; -1: not known
 * @property {Blob | null} preview of the image that was made last
 * @property {boolean} cancelling
 */

const endStates = ['JOB_STATE_SUCCEEDED', 'JOB_STATE_FAILED', 'JOB_STATE_CANCELLED',
  'JOB_STATE_EXPIRED'];

/** @param {any} job */
export const hasEnded = (job) => endStates.includes(job.state);

/**
 * Submits jobs and follows them. Events: "begun", "changed", "ended" with {detail: Pending}, and
 * "connection" with {detail: boolean}.
 */
export class Jobs extends EventTarget {
  /** @param {import('./api.js').Api} api */
  constructor(api) {
    super();
    this.api = api;
    /** @type {Map<string, Pending>} */
    this.pending = new Map();
    this.streams = 0;
    this.ending = new AbortController();
    this.connected = true;
    this.#poll();
  }

  /** From now on nothing is told. */
  close() {
    this.ending.abort();
  }

  /**
   * Has a picture made. An answer that was lost is asked for again: the request id keeps that from
   * making it twice.
   * @param {object} parameters
   * @param {(name: string) => void} [accepted] told the job's name before anybody else
   */
  async submit(parameters, accepted = () => {}) {
    const request = {parameters, requestId: freshRequestId()};
    for (;;) {
      try {
        const job = await this.api.post('/v1/jobs', request);
        this.#connection(true);
        accepted(job.name);
        this.follow(job);
        return job;
      } catch (error) {
        if (!(error instanceof Outage) || this.ending.signal.aborted) throw error;
        this.#connection(false);
        await pause(submitPause, this.ending.signal);
      }
    }
  }

  /** Begins to tell of a job that has not ended. @param {any} job */
  follow(job) {
    if (this.pending.has(job.name)) return;
    /** @type {Pending} */
    const pending = {
      job, position: Number(job.queuePosition ?? 0), wait: secondsOf(job.estimatedWait), step: 0,
      steps: 0, left: -1, preview: null, cancelling: false,
    };
    this.pending.set(job.name, pending);
    this.#tell('begun', pending);
    this.#watchMore();
  }

  /** @param {string} name */
  async cancel(name) {
    const pending = this.pending.get(name);
    if (pending === undefined) return;
    pending.cancelling = true;
    this.#tell('changed', pending);
    try {
      const job = await this.api.post(`/v1/${name}:cancel`, {});
      if (hasEnded(job)) this.#end(pending, job);
    } catch (error) {
      pending.cancelling = false;
      this.#tell('changed', pending);
      throw error;
    }
  }

  #watchMore() {
    for (const pending of this.pending.values()) {
      if (this.streams >= mostStreams) return;
      if (this.watched.has(pending)) continue;
      this.watched.add(pending);
      ++this.streams;
      this.#watch(pending);
    }
  }

  /** @type {Set<Pending>} */
  watched = new Set();

  /** @param {Pending} pending */
  async #watch(pending) {
    const leave = new AbortController();
    this.ending.signal.addEventListener('abort', () => leave.abort());
    this.addEventListener('ended', (event) => {
      if (/** @type {CustomEvent} */ (event).detail === pending) leave.abort();
    });
    try {
      await watch(this.api, pending.job.name, (event) => this.#take(pending, event),
          (connected) => this.#connection(connected), leave.signal);
      if (this.pending.has(pending.job.name)) await this.#look(pending);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) this.#forget(pending);
    } finally {
      --this.streams;
      this.watched.delete(pending);
      this.#watchMore();
    }
  }

  /** @param {Pending} pending @param {any} event darkroom.v1.JobEvent */
  #take(pending, event) {
    if (event.queued !== undefined) {
      pending.position = Number(event.queued.position ?? 0);
      pending.wait = secondsOf(event.queued.estimatedWait);
      Object.assign(pending, {steps: 0, preview: null});
    } else if (event.started !== undefined) {
      Object.assign(pending, {position: -1, wait: -1});
      pending.job = {...pending.job, state: 'JOB_STATE_RUNNING'};
    } else if (event.progress !== undefined) {
      pending.step = event.progress.step ?? 0;
      pending.steps = event.progress.steps ?? 0;
      pending.left = secondsOf(event.progress.timeLeft);
    } else if (event.preview !== undefined) {
      pending.preview = blobOf(event.preview.data, event.preview.mimeType ?? 'image/jpeg');
    } else if (event.finished !== undefined) {
      return this.#end(pending, event.finished.job);
    }
    this.#tell('changed', pending);
  }

  async #poll() {
    while (!this.ending.signal.aborted) {
      await pause(pollPause, this.ending.signal);
      for (const pending of this.pending.values()) {
        if (!this.watched.has(pending)) await this.#look(pending);
      }
    }
  }

  /** @param {Pending} pending */
  async #look(pending) {
    try {
      const job = await this.api.get(`/v1/${pending.job.name}`, this.ending.signal);
      if (hasEnded(job)) return this.#end(pending, job);
      pending.job = job;
      pending.position = Number(job.queuePosition ?? 0);
      pending.wait = secondsOf(job.estimatedWait);
      this.#tell('changed', pending);
    } catch (error) {
      if (error instanceof Refusal && error.status === 404) this.#forget(pending);
      if (error instanceof Outage) this.#connection(false);
    }
  }

  /** @param {Pending} pending @param {any} job */
  #end(pending, job) {
    if (!this.pending.delete(pending.job.name)) return;
    pending.job = job;
    this.#tell('ended', pending);
  }

  /** @param {Pending} pending */
  #forget(pending) {
    this.#end(pending, {...pending.job, state: 'JOB_STATE_EXPIRED'});
  }

  /** @param {boolean} connected */
  #connection(connected) {
    if (connected === this.connected) return;
    this.connected = connected;
    this.dispatchEvent(new CustomEvent('connection', {detail: connected}));
  }

  /** @param {string} what @param {Pending} pending */
  #tell(what, pending) {
    if (this.ending.signal.aborted) return;
    this.dispatchEvent(new CustomEvent(what, {detail: pending}));
  }
}

/** @param {string | undefined} duration */
const secondsOf = (duration) => duration === undefined ? -1 : parseSeconds(duration);
