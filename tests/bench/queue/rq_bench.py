"""RQ: submits jobs one after the other, then completes them in one process. See compare.py."""

import json
import sys
import time

import redis
from rq import Queue, SimpleWorker

port, queued, jobs = (int(word) for word in sys.argv[1:4])
connection = redis.Redis(port=port)
queue = Queue("bench", connection=connection)


def submit(count: int) -> list[float]:
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        queue.enqueue("builtins.len", "x" * 100)
        times.append(time.perf_counter() - begun)
    return sorted(times)


for first in range(0, queued, 1000):
    queue.enqueue_many(
        [Queue.prepare_data("builtins.len", args=("x" * 100,)) for _ in range(min(1000, queued))])
begin = time.perf_counter()
times = submit(jobs)
submitting = time.perf_counter() - begin
begin = time.perf_counter()
SimpleWorker([queue], connection=connection).work(burst=True, max_jobs=jobs, logging_level="ERROR")
working = time.perf_counter() - begin
print(json.dumps({
    "queue": "rq",
    "submit_per_second": round(jobs / submitting),
    "submit_p99_ms": round(1000 * times[int(0.99 * (jobs - 1))], 1),
    "complete_per_second": round(jobs / working),
    "path_per_second": round(jobs / (submitting + working)),
}))
