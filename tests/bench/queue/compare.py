#!/usr/bin/env python3
r"""Runs Darkroom's queue and others, one after the other, each on an empty redis-server of the same
settings (those of `darkroom up`: every write on disk before it is acknowledged), and prints a line of
JSON each.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install rq==3.0.0 celery==5.7.0 \
        redis==8.1.0 packaging
    npm install --prefix /tmp/peers bullmq@6.7.0 ioredis && cp tests/bench/queue/bullmq.mjs /tmp/peers/
    (cd tests/bench/queue/asynq && go mod tidy && go build -o /tmp/peers/asynq)
    python3 tests/bench/queue/compare.py build/release/bin/queue_bench /tmp/peers

Darkroom's jobs are of 1,000 tenants, in fair order; the others have one list. RQ and Celery submit
one job after the other, as their clients do; the rest has --in_flight at once. Every queue keeps its
results.
"""

import argparse
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def commands(arguments, port: int) -> dict[str, list]:
    peers = arguments.peers
    sizes = [port, arguments.queued, arguments.jobs, arguments.in_flight]
    ours = [arguments.queue_bench, "--redis", f"127.0.0.1:{port}", "--queued", arguments.queued,
            "--jobs", arguments.jobs, "--in_flight", arguments.in_flight]
    return {
        "darkroom": ours,
        "darkroom, 8 jobs a lease": [*ours, "--lease", 8],
        "asynq": [peers / "asynq", *sizes],
        "bullmq": ["node", peers / "bullmq.mjs", *sizes],
        "rq": [peers / "bin/python", HERE / "rq_bench.py", *sizes],
        "celery": [peers / "bin/python", HERE / "celery_bench.py", *sizes],
    }


def run(name: str, arguments) -> None:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(
            ["redis-server", "--port", str(port), "--dir", folder, "--appendonly", "yes",
             "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "",
             "--stream-node-max-bytes", "512", "--hash-max-listpack-value", "4096",
             "--logfile", "redis.log"])
        time.sleep(0.5)
        try:
            line = [str(word) for word in commands(arguments, port)[name]]
            done = subprocess.run(line, stdout=subprocess.PIPE, text=True, timeout=900)
            print(f"{name}: {done.stdout.strip()}", flush=True)
        finally:
            server.kill()
            server.wait()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("queue_bench", type=pathlib.Path)
    parser.add_argument("peers", type=pathlib.Path)
    parser.add_argument("--queued", type=int, default=100_000)
    parser.add_argument("--jobs", type=int, default=10_000)
    parser.add_argument("--in_flight", type=int, default=64)
    parser.add_argument("--only", help="name of one queue")
    arguments = parser.parse_args()
    for name in commands(arguments, 0):
        if arguments.only in (None, name):
            run(name, arguments)


if __name__ == "__main__":
    sys.exit(main())
