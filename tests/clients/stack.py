"""A whole Darkroom of real processes, for tests of clients: redis-server, gateway, scheduler and a
worker without torch, whose pictures are noise of their seed and size.
"""

import contextlib
import json
import os
import pathlib
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 120


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Stack:
    """Use it in a `with`. `url` is where its HTTP API is."""

    def __init__(self, programs: pathlib.Path, gateway_flags=(), key=""):
        self._programs = programs
        self._gateway_flags = list(gateway_flags)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._ends = contextlib.ExitStack()
        self._redis = f"127.0.0.1:{free_port()}"
        self.url = ""

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._ends.close()
            raise
        return self

    def __exit__(self, *error):
        self._ends.close()

    def _start(self):
        folder = self._ends.enter_context(tempfile.TemporaryDirectory())
        port = self._redis.rpartition(":")[2]
        self._run(["redis-server", "--bind", "127.0.0.1", "--port", port, "--dir", folder,
                   "--appendonly", "yes", "--appendfsync", "always", "--maxmemory", "256mb",
                   "--maxmemory-policy", "noeviction"])
        until(lambda: self._redis_answers(int(port)), "redis-server")
        gateway = self._run_ours("darkroom-gateway", "--listen", "127.0.0.1:0", "--http_listen",
                                 "127.0.0.1:0", *self._gateway_flags, log=subprocess.PIPE)
        self.url = f"http://127.0.0.1:{http_port(gateway)}"
        self._run_ours("darkroom-scheduler")
        self.start_worker()
        until(lambda: self.ask("/v1/models").get("models"), "a model")

    def start_worker(self):
        self._worker = self._run_ours("darkroom-fake-worker")

    def stop_worker(self):
        stop(self._worker)

    def fill_queue(self):
        """With jobs, until no more is taken; without a worker they stay there."""
        with contextlib.suppress(urllib.error.HTTPError):
            while True:
                self.ask("/v1/jobs", {"parameters": {"prompt": "it waits"}})

    def ask(self, path: str, message=None):
        """A method of our own JSON API."""
        body = None if message is None else json.dumps(message).encode()
        headers = self._headers | {"Content-Type": "application/json"}
        asked = urllib.request.Request(self.url + path, body, headers)
        with urllib.request.urlopen(asked, timeout=PATIENCE_SECONDS) as answer:
            return json.load(answer)

    def _run_ours(self, program: str, *flags: str, log=subprocess.DEVNULL):
        return self._run([self._programs / program, "--redis", self._redis, *flags], log)

    def _run(self, command, log=subprocess.DEVNULL):
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        self._ends.callback(stop, process)
        return process

    @staticmethod
    def _redis_answers(port: int) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)) as asking:
            asking.sendall(b"PING\r\n")
            return asking.recv(64).startswith(b"+PONG")
        return False


def http_port(gateway) -> int:
    """The gateway's log says it; from then on the log is read away, so that nothing blocks on it."""
    for line in gateway.stdout:
        with contextlib.suppress(ValueError):
            port = json.loads(line).get("http_port")
            if port:
                threading.Thread(target=drop, args=[gateway.stdout], daemon=True).start()
                return int(port)
    raise RuntimeError("the gateway has ended")


def drop(log):
    for _ in log:
        pass


def until(holds, what: str):
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise RuntimeError(f"{what} did not come within {PATIENCE_SECONDS} s")
        time.sleep(0.05)


def stop(process):
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout is not None:
        process.stdout.close()


def programs_from_environment() -> pathlib.Path:
    """The folder that DARKROOM_BIN names, or that of the preset release."""
    root = pathlib.Path(__file__).resolve().parents[2]
    return pathlib.Path(os.environ.get("DARKROOM_BIN", root / "build/release/bin")).resolve()
