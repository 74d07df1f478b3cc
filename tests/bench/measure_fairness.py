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
import socket
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
import grpc  # noqa: E402
import redis  # noqa: E402
from generic_client import GenericClient  # noqa: E402

CREATE = "darkroom.v1.GenerationService.CreateJob"
FIELDS = ("tenant", "submitted", "started", "finished", "device_time")
CANCEL = "darkroom.v1.GenerationService.CancelJob"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pool:
    """The processes; a context."""

    def __init__(self, programs: pathlib.Path, arguments):
        self.programs, self.arguments = programs, arguments
        self.children = []
        self.folder = tempfile.TemporaryDirectory()

    def start(self, *line) -> None:
        log = open(pathlib.Path(self.folder.name) / f"{len(self.children)}.log", "w")
        self.children.append(subprocess.Popen([str(word) for word in line], stdout=log, stderr=log))

    def __enter__(self):
        folder = pathlib.Path(self.folder.name)
        queue, gateway = free_port(), free_port()
        self.redis, self.address = f"127.0.0.1:{queue}", f"127.0.0.1:{gateway}"
        self.start("redis-server", "--port", queue, "--dir", folder, "--appendonly", "yes",
                   "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "")
        self.store = redis.Redis(port=queue, decode_responses=True)
        self.until(self.store.ping)
        (folder / "pepper").write_text("no secret, but of thirty-two bytes and more")
        self.start(self.programs / "darkroom-scheduler", "--redis", self.redis)
        self.start(self.programs / "darkroom-gateway", "--redis", self.redis, "--listen",
                   self.address, "--max_queued", 1_000_000, "--allow_anonymous",
                   "--key_pepper_file", folder / "pepper", "--trusted_proxies", "127.0.0.0/8")
        for _ in range(self.arguments.workers):
            self.start(self.programs / "darkroom-fake-worker", "--redis", self.redis,
                       "--fake_row_ms", self.arguments.row_ms, "--max_rows", 4, "--capacity", 4)
        self.until(lambda: Tenant(self, "10.0.0.1").models())
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.terminate()
        for child in reversed(self.children):
            child.wait()
        self.folder.cleanup()

    @staticmethod
    def until(condition) -> None:
        for _ in range(200):
            try:
                if condition():
                    return
            except (grpc.RpcError, redis.ConnectionError):
                pass
            time.sleep(0.1)
        raise TimeoutError("the pool did not start")

    def jobs(self) -> list[dict]:
        """What is read of the records of all jobs."""
        keys = list(self.store.scan_iter("dr:{default}:j:*", count=1000))
        records = []
        for first in range(0, len(keys), 1000):
            pipeline = self.store.pipeline(transaction=False)
            for key in keys[first : first + 1000]:
                pipeline.hmget(key, FIELDS)
            records += [dict(zip(FIELDS, values)) for values in pipeline.execute()]
        return records


class Tenant:
    """A caller at an address."""

    def __init__(self, pool: Pool, address: str):
        self.client = GenericClient(pool.address, (("x-forwarded-for", address),))

    def models(self):
        return self.client.call("darkroom.v1.ModelService.ListModels", {}).models

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
    with Pool(arguments.programs, arguments) as pool:
        print(json.dumps(measure(pool, arguments), indent=2))


if __name__ == "__main__":
    main()
