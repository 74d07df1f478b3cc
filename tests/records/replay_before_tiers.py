"""Makes the pool of recorded jobs as a version from before there were tiers would have.

Usage: replay_before_tiers.py RECORDED OUT [--commit 3be0d77]

Runs that version's own scripts, which git has, in a redis-server, for the jobs of RECORDED, a file
of record_pool.py: what a job asks for and what came of it is the same in both versions.
"""

import argparse
import pathlib
import re
import subprocess
import tempfile

from record_pool import PREFIX, Redis, free_port, until, write

LUA = "scheduler/redis/lua"
# KEYS of that version's scripts.
NAMES = ("j: e: p: i: t: q: queued deadlines leases dead ended counters models records w: a: c: "
         "work documents d:").split()
SECOND = 1_000_000
HOUR = 3600 * SECOND


def unquoted(line: str) -> list[bytes]:
    return [re.sub(rb"\\([0-7]{3})", lambda octal: bytes([int(octal[1], 8)]), word.encode())
            for word in line.strip('"\n').split('" "')]


class Scripts:
    def __init__(self, redis: Redis, commit: str):
        self.redis, self.commit = redis, commit
        self.keys = [PREFIX + name.encode() for name in NAMES]

    def source(self, name: str) -> str:
        return subprocess.run(["git", "show", f"{self.commit}:{LUA}/{name}.lua"], check=True,
                              capture_output=True, text=True).stdout

    def __call__(self, name: str, *arguments):
        text = self.source("prelude") + "\n" + self.source(name)
        return self.redis("EVAL", text, len(self.keys), *self.keys, *arguments)


def replay(run: Scripts, recorded: dict[bytes, list[bytes]]) -> None:
    def fields(key: bytes) -> dict[bytes, bytes]:
        flat = recorded[key]
        return dict(zip(flat[::2], flat[1::2]))

    jobs = {key[2:]: fields(key) for key in recorded if key.startswith(b"j:")}
    for key in recorded:
        if key.startswith(b"d:"):
            run("put_document", key[2:], recorded[key][0], 24 * HOUR, 200)
    run("announce", "recorded", 15 * SECOND, 24 * HOUR, 100, "fake", fields(b"records")[b"fake"])
    for job, was in sorted(jobs.items(), key=lambda item: int(item[1][b"order"])):
        run("submit", job, was[b"tenant"], was[b"model"], was[b"spec"], was[b"cost"], "",
            was[b"digest"], was[b"request"], 0)
        if was[b"state"] == b"CANCELLED":
            run("cancel", was[b"tenant"], job, HOUR)
        if was[b"state"] == b"FAILED":
            for _ in range(2):
                run("acquire", "recorded", 1, 1, HOUR, "", "fake")
                run("reap", 100, HOUR)
        if was[b"state"] in (b"SUCCEEDED", b"RUNNING"):
            run("acquire", "recorded", 1, 15 * SECOND, HOUR, "", "fake")
            run("append_event", job, 1, "progress", "step", 2, "steps", 3, "time_left", 200_000)
            run("put_preview", job, 1, 0, b"\xff\xd8 no picture")
            run("append_event", job, 1, "preview", "image", 0, "step", 2)
        if was[b"state"] == b"SUCCEEDED":
            picture = b"r:" + job + b":1:0"
            run.redis("SET", PREFIX + picture, recorded[picture][0])
            run("append_event", job, 1, "image", "image", 0, "fence", 1)
            run("finish", job, 1, "succeeded", was[b"result"], "", "", was[b"device_time"], HOUR)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("recorded", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--commit", default="3be0d77")
    options = parser.parse_args()
    recorded = {}
    for line in options.recorded.read_text().splitlines():
        words = unquoted(line)
        recorded[words[1]] = words[2:]
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        server = subprocess.Popen(["redis-server", "--port", str(port), "--dir", folder, "--save",
                                   ""], stdout=subprocess.DEVNULL)
        try:
            until(lambda: Redis(port)("PING"), "redis-server")
            redis = Redis(port)
            replay(Scripts(redis, options.commit), recorded)
            write(redis, options.out)
        finally:
            server.kill()
            server.wait()


if __name__ == "__main__":
    main()
