#!/usr/bin/env python3
"""Measures a gateway with thousands of idle streams of Server-Sent Events, and requests beside them.

    ulimit -n 65536; python3 tests/bench/measure_http_streams.py build/release/bin

No worker takes jobs, so all wait. --streams watchers share --jobs jobs. Then, for --seconds, --rate
requests a second create jobs, each on a connection of its own, and GET /healthz is asked ten times a
second. Memory is what the gateway's resident set grew by when the streams were opened. The clients
are one Python process on the same machine, whose part of the cores is theirs. Prints JSON.
"""

import argparse
import asyncio
import json
import pathlib
import socket
import subprocess
import tempfile
import time
import urllib.request

from process_use import processor_seconds, resident_kib

JOB = json.dumps({"parameters": {"prompt": "x", "steps": 20}}).encode()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Stack:
    """redis-server, scheduler, gateway, and a worker that is paused once it has shown its model."""

    def __init__(self, programs: pathlib.Path):
        self.programs, self.children = programs, []
        self.folder = tempfile.TemporaryDirectory()

    def start(self, *line) -> subprocess.Popen:
        log = open(pathlib.Path(self.folder.name) / f"{len(self.children)}.log", "w")
        child = subprocess.Popen([str(word) for word in line], stdout=log, stderr=log)
        self.children.append(child)
        return child

    def __enter__(self):
        queue, self.port = free_port(), free_port()
        redis = f"127.0.0.1:{queue}"
        self.start("redis-server", "--port", queue, "--dir", self.folder.name, "--appendonly",
                   "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save",
                   "")
        time.sleep(1)
        self.start(self.programs / "darkroom-scheduler", "--redis", redis)
        self.gateway = self.start(
            self.programs / "darkroom-gateway", "--redis", redis, "--listen",
            f"127.0.0.1:{free_port()}", "--http_listen", f"127.0.0.1:{self.port}", "--max_queued",
            1_000_000)
        self.start(self.programs / "darkroom-fake-worker", "--redis", redis, "--fake_row_ms",
                   1_000_000, "--max_rows", 1)
        while not json.loads(self.get("/v1/models") or "{}").get("models"):
            time.sleep(0.2)
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.kill()
            child.wait()
        self.folder.cleanup()

    def get(self, path: str) -> bytes:
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}").read()
        except OSError:
            return b""


async def ask(port: int, method: str, path: str, body: bytes = b"") -> tuple[bytes, float]:
    """The answer on a connection of its own, and its seconds."""
    began = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
                 f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()
                 + body)
    answer = await reader.read(-1)
    writer.close()
    return answer, time.perf_counter() - began


async def watch(port: int, job: str, opened: list, events: list) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=4096)
    writer.write(f"GET /v1/{job}/events HTTP/1.1\r\nHost: h\r\n\r\n".encode())
    first = True
    while piece := await reader.read(4096):
        events[0] += piece.count(b"\nevent: ")
        if first and b"event: accepted" in piece:
            opened.append(None)
            first = False


def percentiles(seconds: list[float]) -> dict:
    ordered = sorted(seconds)
    return {name: round(1000 * ordered[int(share * (len(ordered) - 1))], 1)
            for name, share in (("p50", 0.5), ("p99", 0.99), ("max", 1))}


async def every(period: float, until: float, call) -> list[float]:
    tasks = []
    due = time.perf_counter()
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        tasks.append(asyncio.create_task(call()))
        due += period
    answers = await asyncio.gather(*tasks)
    assert all(answer.startswith(b"HTTP/1.1 200") for answer, _ in answers), answers[0]
    return [seconds for _, seconds in answers]


async def measure(stack: Stack, arguments) -> dict:
    jobs = []
    for _ in range(arguments.jobs):
        answer, _ = await ask(stack.port, "POST", "/v1/jobs", JOB)
        jobs.append(json.loads(answer.split(b"\r\n\r\n", 1)[1])["name"])
    pid, opened, events = stack.gateway.pid, [], [0]
    before = resident_kib(pid)
    watchers = []
    for i in range(arguments.streams):
        watchers.append(asyncio.create_task(
            watch(stack.port, jobs[i % len(jobs)], opened, events)))
        if i % 50 == 0:
            await asyncio.sleep(0.02)
    while len(opened) < arguments.streams:
        await asyncio.sleep(0.1)
    await asyncio.sleep(5)
    after = resident_kib(pid)
    begin, spent, events[0] = time.perf_counter(), processor_seconds(pid), 0
    until = begin + arguments.seconds
    created, healthy = await asyncio.gather(
        every(1 / arguments.rate, until, lambda: ask(stack.port, "POST", "/v1/jobs", JOB)),
        every(0.1, until, lambda: ask(stack.port, "GET", "/healthz")))
    length = time.perf_counter() - begin
    spent = processor_seconds(pid) - spent
    for watcher in watchers:
        watcher.cancel()
    await asyncio.gather(*watchers, return_exceptions=True)
    return {
        "streams": arguments.streams,
        "kib_per_stream": round((after - before) / arguments.streams, 1),
        "events_per_second": round(events[0] / length),
        "created_per_second": round(len(created) / length),
        "create_ms": percentiles(created),
        "health_ms": percentiles(healthy),
        "gateway_cores": round(spent / length, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path, help="folder of the built programs")
    parser.add_argument("--streams", type=int, default=10_000)
    parser.add_argument("--jobs", type=int, default=1_000)
    parser.add_argument("--rate", type=float, default=200)
    parser.add_argument("--seconds", type=float, default=15)
    arguments = parser.parse_args()
    with Stack(arguments.programs) as stack:
        print(json.dumps(asyncio.run(measure(stack, arguments)), indent=2))


if __name__ == "__main__":
    main()
