// One Darkroom of real processes: redis-server and the programs of DARKROOM_BIN, in a folder of its
// own and on free ports.

import {spawn} from 'node:child_process';
import {createHash} from 'node:crypto';
import {once} from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import {fileURLToPath} from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const bin = process.env.DARKROOM_BIN ?? path.join(root, 'build/release/bin');
const patienceMs = 120_000;

/** @returns {Promise<number>} a port that nobody has */
async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = /** @type {net.AddressInfo} */ (server.address());
  server.close();
  await once(server, 'close');
  return port;
}

/**
 * Asks again and again until it is told something else than nothing or an error.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} ask
 * @returns {Promise<T>}
 */
export async function eventually(what, ask) {
  const last = Date.now() + patienceMs;
  for (;;) {
    let why = 'not yet';
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      why = String(error);
    }
    if (Date.now() > last) throw new Error(`${what}: ${why}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/**
 * @typedef {object} StackOptions
 * @property {number} [fakeStepMs] the fake worker's, a step and image; without it: the demo model
 * @property {Record<string, string>} [keys] secret to line of the keys' file without the hash:
 *     "tenant", or "tenant tier scopes"
 */

export class Stack {
  /** @type {Map<string, import('node:child_process').ChildProcess>} */
  #children = new Map();
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'darkroom-web-'));
  #redis = 0;
  #grpc = 0;
  #http = 0;
  /** @type {StackOptions} */
  #options;

  /** @param {StackOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {StackOptions} [options] */
  static async start(options = {}) {
    const stack = new Stack(options);
    try {
      await stack.#startAll();
    } catch (error) {
      const logs = stack.logs();
      await stack.stop();
      throw new Error(`${error}\n${logs}`);
    }
    return stack;
  }

  /** Where the page is: "http://127.0.0.1:PORT". */
  get url() {
    return `http://127.0.0.1:${this.#http}`;
  }

  async #startAll() {
    this.#redis = await freePort();
    this.#grpc = await freePort();
    this.#http = await freePort();
    this.#run('redis', 'redis-server', [
      '--port', `${this.#redis}`, '--bind', '127.0.0.1', '--dir', this.#folder, '--save', '',
      '--appendonly', 'yes', '--appendfsync', 'always', '--maxmemory-policy', 'noeviction']);
    await eventually('redis-server', async () => {
      const socket = net.connect(this.#redis, '127.0.0.1');
      await once(socket, 'connect');
      return socket.destroy();
    });
    this.#run('scheduler', path.join(bin, 'darkroom-scheduler'), this.#ofPool());
    this.startWorker();
    await this.startGateway();
    await eventually('a model', async () => {
      const [key] = Object.keys(this.#options.keys ?? {});
      const headers = key === undefined ? undefined : {Authorization: `Bearer ${key}`};
      const answer = await fetch(`${this.url}/v1/models`, {headers});
      const list = /** @type {{models?: {workers?: number}[]}} */ (await answer.json());
      return list.models?.some((model) => (model.workers ?? 0) > 0);
    });
  }

  startWorker() {
    const {fakeStepMs} = this.#options;
    if (fakeStepMs === undefined) {
      const models = ['--models', path.join(root, 'models'), '--threads', '1'];
      this.#run('worker', path.join(bin, 'darkroom-worker'), [...this.#ofPool(), ...models]);
    } else {
      const speed = ['--fake_row_ms', `${fakeStepMs}`];
      this.#run('worker', path.join(bin, 'darkroom-fake-worker'), [...this.#ofPool(), ...speed]);
    }
  }

  /** Returns when it serves. */
  async startGateway() {
    const line = [...this.#ofPool(), '--listen', `127.0.0.1:${this.#grpc}`, '--http_listen',
      `127.0.0.1:${this.#http}`];
    const {keys} = this.#options;
    if (keys !== undefined) {
      const file = path.join(this.#folder, 'keys');
      const lines = Object.entries(keys).map(([secret, what]) => {
        const [tenant, ...more] = what.split(' ');
        const hash = createHash('sha256').update(secret).digest('hex');
        return [tenant, hash, ...more].join(' ');
      });
      fs.writeFileSync(file, lines.join('\n') + '\n');
      line.push('--api_keys_file', file);
    }
    this.#run('gateway', path.join(bin, 'darkroom-gateway'), line);
    await eventually('the gateway', async () => (await fetch(`${this.url}/healthz`)).ok);
  }

  /** With SIGKILL. @param {'gateway' | 'worker'} part */
  async kill(part) {
    const child = this.#children.get(part);
    if (child === undefined || child.exitCode !== null) throw new Error(`there is no ${part}`);
    child.kill('SIGKILL');
    await once(child, 'exit');
  }

  async stop() {
    for (const child of [...this.#children.values()].reverse()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    fs.rmSync(this.#folder, {recursive: true, force: true});
  }

  /** The last lines of all, for the message of a failed test. */
  logs() {
    return [...this.#children.keys()].map((part) => {
      const lines = fs.readFileSync(this.#log(part), 'utf8').split('\n');
      return [`--- ${part}`, ...lines.slice(-15)].join('\n');
    }).join('\n');
  }

  #ofPool() {
    return ['--redis', `127.0.0.1:${this.#redis}`];
  }

  /** @param {string} part */
  #log(part) {
    return path.join(this.#folder, `${part}.log`);
  }

  /**
   * @param {string} part
   * @param {string} program
   * @param {string[]} line
   */
  #run(part, program, line) {
    const log = fs.openSync(this.#log(part), 'a');
    const child = spawn(program, line, {
      stdio: ['ignore', log, log],
      // Its threads share their cores with a browser: they wait for each other without spinning.
      env: {...process.env, OMP_WAIT_POLICY: 'passive'},
    });
    fs.closeSync(log);
    child.on('error', (error) => fs.appendFileSync(this.#log(part), `${error}\n`));
    this.#children.set(part, child);
  }
}
