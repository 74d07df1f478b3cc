#!/usr/bin/env python3
"""Measures a gateway with thousands of open watch streams.

    python3 -m venv /tmp/generic && /tmp/generic/bin/pip install grpcio==1.85.1 \
        grpcio-reflection==1.85.1 redis
    /tmp/generic/bin/python tests/bench/measure_streams.py build/release/bin

One worker with the fake model computes --running jobs at once, each of which tells of its progress
at most four times a second; the other jobs wait, and their watchers are told their place. Each of
--streams jobs has a watcher. Memory is what the gateway's resident set grew by when the streams were
opened. A delivery's time is from the event's own, which is Redis's clock, to its arrival here: the
client takes its part of the same cores. Prints JSON.
"""

import argparse
import asyncio
import json
import pathlib
import time

import grpc
from google.protobuf import message_factory
from pool import Pool
from process_use import processor_seconds, resident_kib

CREATE = "darkroom.v1.GenerationService.CreateJob"
WATCH = "darkroom.v1.GenerationService.WatchJob"
TENANTS = 100
STREAMS_A_CHANNEL = 100


async def follow(channel, address: str, request: bytes, arrivals: list, opened: list) -> None:
    stub = channel.unary_stream("/" + WATCH.replace(".WatchJob", "/WatchJob"))
    first = True
    async for event in stub(request, metadata=(("x-forwarded-for", address),)):
        arrivals.append((time.time(), event))
        if first:
            opened.append(None)
            first = False


async def measure(pool: Pool, arguments) -> dict:
    clients = [pool.client(f"10.1.0.{i}") for i in range(TENANTS)]
    watch_type = message_factory.GetMessageClass(clients[0].method(WATCH).input_type)
    event_type = message_factory.GetMessageClass(clients[0].method(WATCH).output_type)
    jobs = []
    for i in range(arguments.streams):
        parameters = {"prompt": "x", "steps": 150, "preview_interval": 0}
        job = clients[i % TENANTS].call(CREATE, {"parameters": parameters})
        jobs.append((f"10.1.0.{i % TENANTS}", watch_type(name=job.name).SerializeToString()))
    gateway = pool.children[2].pid
    before = resident_kib(gateway)
    arrivals, opened, channels, watchers = [], [], [], []
    for i, (address, request) in enumerate(jobs):
        if i % STREAMS_A_CHANNEL == 0:
            channels.append(grpc.aio.insecure_channel(
                pool.address, options=(("grpc.use_local_subchannel_pool", 1),)))
        watchers.append(asyncio.create_task(
            follow(channels[-1], address, request, arrivals, opened)))
        if i % 50 == 0:
            await asyncio.sleep(0.05)
    while len(opened) < len(jobs):
        await asyncio.sleep(0.1)
    await asyncio.sleep(5)
    arrivals.clear()
    begin, spent = time.time(), processor_seconds(gateway)
    await asyncio.sleep(arguments.seconds)
    length, spent = time.time() - begin, processor_seconds(gateway) - spent
    heard = list(arrivals)
    after = resident_kib(gateway)
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)

    events = [(at, event_type.FromString(event)) for at, event in heard]
    delays = sorted(at - event.time.ToMicroseconds() / 1e6 for at, event in events
                    if event.WhichOneof("kind") == "progress")
    return {
        "streams": len(jobs),
        "kib_per_stream": round((after - before) / len(jobs), 1),
        "events_per_second": round(len(events) / length),
        "progress_per_second": round(len(delays) / length),
        "delivery_ms": {name: round(1000 * delays[int(share * (len(delays) - 1))], 1)
                        for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))},
        "gateway_cores": round(spent / length, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path, help="folder of the built programs")
    parser.add_argument("--streams", type=int, default=5000)
    parser.add_argument("--running", type=int, default=250)
    parser.add_argument("--seconds", type=float, default=15)
    arguments = parser.parse_args()
    with Pool(arguments.programs, 1, "--fake_row_ms", 250 / arguments.running,
              "--max_rows", arguments.running, "--capacity", arguments.running) as pool:
        print(json.dumps(asyncio.run(measure(pool, arguments)), indent=2))


if __name__ == "__main__":
    main()
