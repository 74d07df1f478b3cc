// BullMQ: submits jobs, then completes them, with many operations in flight. See compare.py.
import { Queue, Worker } from 'bullmq';

const [port, queued, jobs, inFlight] = process.argv.slice(2).map(Number);
const connection = { host: '127.0.0.1', port, maxRetriesPerRequest: null };
const queue = new Queue('bench', { connection });
await queue.waitUntilReady();

const quantile = (times, share) =>
  times.sort((a, b) => a - b)[Math.floor(share * (times.length - 1))];

async function submit(count, times) {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next++;
      const begun = performance.now();
      await queue.add('job', { spec: 'x'.repeat(100) }, { jobId: `j${times ? 't' : 'q'}${index}` });
      times?.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
}

await submit(queued);
const times = [];
let begin = performance.now();
await submit(jobs, times);
const submitting = (performance.now() - begin) / 1000;

begin = performance.now();
let done = 0;
const working = await new Promise((resolve) => {
  const worker = new Worker('bench', async () => 'result', { connection, concurrency: inFlight });
  worker.on('completed', async () => {
    if (++done === jobs) {
      resolve((performance.now() - begin) / 1000);
      await worker.close(true);
    }
  });
});
console.log(JSON.stringify({
  queue: 'bullmq',
  submit_per_second: Math.round(jobs / submitting),
  submit_p99_ms: Math.round(quantile(times, 0.99) * 10) / 10,
  complete_per_second: Math.round(jobs / working),
  path_per_second: Math.round(jobs / (submitting + working)),
}));
process.exit(0);
