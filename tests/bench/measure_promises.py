#!/usr/bin/env python3
"""Measures how far the waits that a gateway promises are off, on real processes.

    python3 -m venv /tmp/generic && /tmp/generic/bin/pip install grpcio==1.85.1 \
        grpcio-reflection==1.85.1 redis
    /tmp/generic/bin/python tests/bench/measure_promises.py build/release/bin

One redis-server, scheduler and gateway, and workers with the fake model, of --capacity images at
once. Tenants, callers without a key who are told apart by X-Forwarded-For, come by chance for jobs of
different length, so that for half of the time more come than the workers can do. The first promise
is in CreateJob's answer, the real wait in the store; errors are of waits of a second and more. What
the gateway itself has counted is printed beside it. Prints JSON.
"""

import argparse
import json
import pathlib
import random
import time

from pool import Pool

SERVICE = "darkroom.v1.GenerationService."


def seconds(duration) -> float:
    return duration.seconds + duration.nanos / 1e9


def quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {f"p{share}": round(ordered[int(share / 100 * (len(ordered) - 1))], 3)
            for share in (50, 90)}


def promise(pool: Pool, arguments) -> dict:
    """Name of a job → the wait that was promised, of all jobs that came."""
    chance = random.Random(arguments.seed)
    tenants = [pool.client(f"10.1.0.{i}") for i in range(arguments.tenants)]
    rate = arguments.workers / (arguments.steps * arguments.row_ms / 1000)  # jobs a second, alone
    promised = {}
    end = time.time() + arguments.seconds
    while time.time() < end:
        busy = (end - time.time()) % 40 < 20
        time.sleep(chance.expovariate(rate * (1.4 if busy else 0.5)))
        tenant = chance.choice(tenants)
        parameters = {"prompt": "x", "preview_interval": 0,
                      "steps": chance.randint(arguments.steps // 2, arguments.steps * 3 // 2)}
        job = tenant.call(SERVICE + "CreateJob", {"parameters": parameters})
        promised[job.name] = (tenant, seconds(job.estimated_wait) if job.HasField("estimated_wait")
                              else None)
    return promised


def measure(pool: Pool, arguments) -> dict:
    # So that the model has been measured, and workers have announced it.
    first = pool.client("10.9.9.9")
    list(first.call(SERVICE + "GenerateImage", {"parameters": {"prompt": "x", "steps": 10}}))
    Pool.until(lambda: first.call("darkroom.v1.ModelService.ListModels", {}).models[0].step_costs)
    promised = promise(pool, arguments)
    errors, waits = [], []
    for name, (tenant, wait) in promised.items():
        job = None
        while job is None or not job.HasField("start_time"):
            job = tenant.call(SERVICE + "GetJob", {"name": name})
        real = (job.start_time.ToNanoseconds() - job.create_time.ToNanoseconds()) / 1e9
        waits.append(real)
        if wait is not None and real >= 1:
            errors.append(abs(wait - real) / real)
    time.sleep(6)  # until the gateway has passed on what it counted
    counted = {}
    for key in pool.store.scan_iter("dr:{default}:pe:*"):
        for field, count in pool.store.hgetall(key).items():
            counted[field] = counted.get(field, 0) + int(count)
    return {
        "jobs": len(promised),
        "waited_a_second": len(errors),
        "wait_seconds": quantiles(waits),
        "first_promise_off_by": quantiles(errors),
        "counted": sum(count for field, count in counted.items() if ":first:" in field),
        "counted_first": {field.rsplit(":", 1)[1]: count for field, count in
                          sorted(counted.items()) if ":first:" in field},
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path, help="folder of the built programs")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--capacity", type=int, default=2, help="images of a worker at once")
    parser.add_argument("--row_ms", type=int, default=50, help="time of a step of one image")
    parser.add_argument("--steps", type=int, default=40, help="of a job, on average")
    parser.add_argument("--tenants", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with Pool(arguments.programs, arguments.workers, "--fake_row_ms", arguments.row_ms,
              "--max_rows", arguments.capacity, "--capacity", arguments.capacity) as pool:
        print(json.dumps(measure(pool, arguments), indent=2))


if __name__ == "__main__":
    main()
