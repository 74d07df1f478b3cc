#!/usr/bin/env python3
"""Measures how a pool of real processes divides its device time among tenants.

    python3 -m venv /tmp/generic && /tmp/generic/bin/pip install grpcio==1.85.1 \
        grpcio-reflection==1.85.1 redis
    /tmp/generic/bin/python tests/bench/measure_fairness.py build/release/bin

One redis-server, scheduler and gateway, and workers with the fake model, whose steps take the time
that they are told to. Tenants are callers without a key, told apart by X-Forwarded-For. First one
tenant queues --heavy jobs and --light others --each jobs each: Jain's index of the device time that
they have in --seconds, all of them backlogged. Then the light ones' jobs are cancelled, and one
visitor after another comes for a single job beside the heavy tenant: how long it waits. Prints JSON.
"""

import argparse
import collections
import json
import pathlib
import statistics
import time

from pool import Pool

CREATE = "darkroom.v1.GenerationService.CreateJob"
CANCEL = "darkroom.v1.GenerationService.CancelJob"


class Tenant:
    """A caller at an address."""

    def __init__(self, pool: Pool, address: str):
        self.client = pool.client(address)

    def queue(self, jobs: int) -> list[str]:
        parameters = {"prompt": "x", "steps": 10, "preview_interval": 0}
        return [self.client.call(CREATE, {"parameters": parameters}).name for _ in range(jobs)]

    def cancel(self, names: list[str]) -> None:
        for name in names:
            self.client.call(CANCEL, {"name": name})


def jain(values: list[float]) -> float:
    return sum(values) ** 2 / (len(values) * sum(value * value for value in values))


def divided(pool: Pool, since: float, until: float) -> dict[str, float]:
    """Seconds of device time of what ended in between, by tenant."""
    had = collections.defaultdict(float)
    for job in pool.jobs():
        if since * 1e6 <= float(job["finished"] or 0) < until * 1e6:
            had[job["tenant"]] += float(job["device_time"] or 0) / 1e6
    return had


def measure(pool: Pool, arguments) -> dict:
    heavy = Tenant(pool, "10.9.9.9")
    heavy.queue(arguments.heavy)
    light = [Tenant(pool, f"10.1.0.{i}") for i in range(arguments.light)]
    names = [tenant.queue(arguments.each) for tenant in light]
    begin = time.time()
    time.sleep(arguments.seconds)
    had = divided(pool, begin, time.time())
    waiting = pool.store.hgetall("dr:{default}:waiting")
    shares = [seconds for tenant, seconds in had.items() if tenant in waiting]

    for tenant, its in zip(light, names):
        tenant.cancel(its)
    before = {job["tenant"] for job in pool.jobs()}
    for i in range(arguments.visitors):
        Tenant(pool, f"10.2.0.{i}").queue(1)
        time.sleep(0.5)
    time.sleep(5)
    waits = [(float(job["started"]) - float(job["submitted"])) / 1e6
             for job in pool.jobs() if job["tenant"] not in before and job["started"]]
    return {
        "backlogged_tenants": len(shares),
        "jain": round(jain(shares), 4),
        "device_seconds": {"least": round(min(shares), 2), "most": round(max(shares), 2)},
        "fleet_seconds": arguments.seconds * arguments.workers,
        "visitors": len(waits),
        "visitor_wait_seconds": {"p50": round(statistics.median(waits), 3),
                                 "max": round(max(waits), 3)},
        "job_seconds": 10 * arguments.row_ms / 1000,
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path, help="folder of the built programs")
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--row_ms", type=int, default=20, help="time of a step of one image")
    parser.add_argument("--heavy", type=int, default=10_000)
    parser.add_argument("--light", type=int, default=50)
    parser.add_argument("--each", type=int, default=60)
    parser.add_argument("--visitors", type=int, default=30)
    parser.add_argument("--seconds", type=float, default=60)
    arguments = parser.parse_args()
    with Pool(arguments.programs, arguments.workers, "--fake_row_ms", arguments.row_ms,
              "--max_rows", 4, "--capacity", 4) as pool:
        print(json.dumps(measure(pool, arguments), indent=2))


if __name__ == "__main__":
    main()
