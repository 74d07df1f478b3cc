// The gateway's interface, docs/http.md.

/** @typedef {{field: string, description: string}} Violation */

/** What the gateway refused, as it told it. */
export class Refusal extends Error {
  /**
   * @param {number} status of HTTP
   * @param {any} body {"error": ...}; undefined when it could not be read
   */
  constructor(status, body) {
    const error = body?.error ?? {};
    super(error.message ?? `HTTP ${status}`);
    this.status = status;
    /** @type {any[]} */
    this.details = error.details ?? [];
    this.reason = this.#detail('ErrorInfo')?.reason ?? '';
    /** @type {Violation[]} */
    this.violations = this.#detail('BadRequest')?.fieldViolations ?? [];
    /** Milliseconds after which it is worth trying again; 0: not told. */
    this.retryAfter = 1000 * parseSeconds(this.#detail('RetryInfo')?.retryDelay);
  }

  /** @param {string} kind */
  #detail(kind) {
    return this.details.find((detail) => String(detail['@type']).endsWith(`google.rpc.${kind}`));
  }
}

/** The gateway could not be reached. */
export class Outage extends Error {}

/** "2.500s" in seconds; 0 of nothing. @param {string | undefined} text */
export function parseSeconds(text) {
  return text === undefined ? 0 : Number.parseFloat(text) || 0;
}

/** Calls the gateway with one caller's key. */
export class Api {
  /** @param {string} key empty: none */
  constructor(key) {
    this.key = key;
  }

  /** @param {string} path @param {AbortSignal} [signal] */
  async get(path, signal) {
    return (await this.ask(path, {signal})).json();
  }

  /** @param {string} path @param {object} body */
  async post(path, body) {
    const init = {
      method: 'POST',
      headers: {'Content-Type': 'application/json'},
      body: JSON.stringify(body),
    };
    return (await this.ask(path, init)).json();
  }

  /** All of a list, page by page. @param {string} path @param {string} field */
  async list(path, field) {
    const found = [];
    let token = '';
    do {
      const query = token === '' ? '' : `?pageToken=${encodeURIComponent(token)}`;
      const page = await this.get(path + query);
      found.push(...(page[field] ?? []));
      token = page.nextPageToken ?? '';
    } while (token !== '');
    return found;
  }

  /**
   * The answer, which is good.
   * @param {string} path
   * @param {RequestInit} [init]
   * @returns {Promise<Response>}
   */
  async ask(path, init = {}) {
    const headers = new Headers(init.headers);
    if (this.key !== '') headers.set('Authorization', `Bearer ${this.key}`);
    let answer;
    try {
      answer = await fetch(path, {...init, headers, credentials: 'omit'});
    } catch (error) {
      if (init.signal?.aborted) throw error;
      throw new Outage('the gateway cannot be reached');
    }
    if (answer.ok) return answer;
    let body;
    try {
      body = await answer.json();
    } catch {
      body = undefined;
    }
    throw new Refusal(answer.status, body);
  }
}
