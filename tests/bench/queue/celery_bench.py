"""Celery: submits jobs one after the other, then completes them with threads. See compare.py."""

import json
import os
import sys
import threading
import time

from celery import Celery, signals

port, queued, jobs, in_flight = (int(word) for word in sys.argv[1:5])
url = f"redis://127.0.0.1:{port}/0"
app = Celery("bench", broker=url, backend=url)
app.conf.update(worker_hijack_root_logger=False, worker_redirect_stdouts=False,
                task_acks_late=True, broker_pool_limit=in_flight)
done = 0
ended = threading.Event()
lock = threading.Lock()


@app.task(name="job")
def job(text: str) -> int:
    return len(text)


@signals.task_success.connect
def count(**_) -> None:
    global done
    with lock:
        done += 1
        if done == jobs:
            ended.set()


def submit(count: int) -> list[float]:
    times = []
    for _ in range(count):
        begun = time.perf_counter()
        job.delay("x" * 100)
        times.append(time.perf_counter() - begun)
    return sorted(times)


submit(queued)
begin = time.perf_counter()
times = submit(jobs)
submitting = time.perf_counter() - begin
begin = time.perf_counter()
worker = app.Worker(pool="threads", concurrency=in_flight, loglevel="ERROR", quiet=True)
threading.Thread(target=worker.start, daemon=True).start()
ended.wait()
working = time.perf_counter() - begin
print(json.dumps({
    "queue": "celery",
    "submit_per_second": round(jobs / submitting),
    "submit_p99_ms": round(1000 * times[int(0.99 * (jobs - 1))], 1),
    "complete_per_second": round(jobs / working),
    "path_per_second": round(jobs / (submitting + working)),
}), flush=True)
os._exit(0)  # the worker has no other end that is this soon
