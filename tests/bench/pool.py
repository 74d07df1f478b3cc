"""The processes of a Darkroom with fake workers, for measurements."""

import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "integration"))
import grpc  # noqa: E402
import redis  # noqa: E402
from generic_client import GenericClient  # noqa: E402

FIELDS = ("tenant", "submitted", "started", "finished", "device_time")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pool:
    """One redis-server, scheduler and gateway, and workers with these flags; a context.

    Callers without a key are told apart by X-Forwarded-For.
    """

    def __init__(self, programs: pathlib.Path, workers: int, *flags):
        self.programs, self.workers, self.flags = programs, workers, flags
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
        for _ in range(self.workers):
            self.start(self.programs / "darkroom-fake-worker", "--redis", self.redis, *self.flags)
        self.until(lambda: self.client("10.0.0.1").call(
            "darkroom.v1.ModelService.ListModels", {}).models)
        return self

    def __exit__(self, *_):
        for child in reversed(self.children):
            child.terminate()
        for child in reversed(self.children):
            child.wait()
        self.folder.cleanup()

    def client(self, address: str) -> GenericClient:
        """A caller at an address."""
        return GenericClient(self.address, (("x-forwarded-for", address),))

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
