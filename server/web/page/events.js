// A job's story as Server-Sent Events, read by fetch: EventSource cannot send a key.

import {Outage, Refusal} from './api.js';

/** @typedef {{id: string, event: string, data: string}} ServerEvent */

const firstPause = 500;
const longestPause = 5000;

/** Takes a stream's text apart, in whatever pieces it comes. */
export class EventParser {
  #rest = '';

  /**
   * The events that end in this piece.
   * @param {string} text
   * @returns {ServerEvent[]}
   */
  feed(text) {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    return blocks.map(parseBlock).filter((event) => event.data !== '');
  }
}

/** @param {string} block */
function parseBlock(block) {
  const event = {id: '', event: 'message', data: ''};
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon <= 0) continue;
    const value = line.slice(colon + 1).replace(/^ /, '');
    const name = line.slice(0, colon);
    if (name === 'data') event.data += (event.data === '' ? '' : '\n') + value;
    if (name === 'id' || name === 'event') event[name] = value;
  }
  return event;
}

/** @param {number} ms @param {AbortSignal} signal */
export function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(undefined);
    });
  });
}

/**
 * Tells of a job's events until it has ended, through lost connections and gateways that come and
 * go. Refusals end it.
 * @param {import('./api.js').Api} api
 * @param {string} job "jobs/ID"
 * @param {(event: any) => void} onEvent with a darkroom.v1.JobEvent
 * @param {(connected: boolean) => void} onConnection
 * @param {AbortSignal} signal
 */
export async function watch(api, job, onEvent, onConnection, signal) {
  let last = '';
  let wait = firstPause;
  while (!signal.aborted) {
    try {
      /** @type {Record<string, string>} */
      const headers = last === '' ? {} : {'Last-Event-ID': last};
      const answer = await api.ask(`/v1/${job}/events`, {headers, signal});
      onConnection(true);
      if (answer.status === 204 || answer.body === null) return;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      const parser = new EventParser();
      for (;;) {
        const {done, value} = await reader.read();
        if (done) break;
        for (const event of parser.feed(value)) {
          if (event.id === '') continue;
          last = event.id;
          wait = firstPause;
          onEvent(JSON.parse(event.data));
          if (event.event === 'finished') return;
        }
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof Refusal && error.status < 500 && error.status !== 429) throw error;
      if (error instanceof Outage || !(error instanceof Refusal)) onConnection(false);
    }
    await pause(wait, signal);
    wait = Math.min(2 * wait, longestPause);
  }
}
