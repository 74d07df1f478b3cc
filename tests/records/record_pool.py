"""Records what a version of Darkroom leaves in Redis when it stops in the middle of its work.

Usage: record_pool.py PROGRAMS OUT [--jobs_only]

PROGRAMS is the folder of that version's programs (build/release/bin); --jobs_only is for versions
before 2026-11-27, which had no keys and no audit. Takes a minute. OUT becomes a
Redis command a line that makes a key again, each word quoted as in C, keys without the pool's
prefix.

The pool has one job that is done, one that was cancelled, one that cost two workers, one that is
leased to a worker that has gone, and three that wait.
"""

import argparse
import hashlib
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

PREFIX = b"dr:{default}:"
LORA = pathlib.Path(__file__).parents[1] / "golden/adapters/files/kohya.safetensors"


class Redis:
    """Just enough of the protocol."""

    def __init__(self, port: int, host: str = "127.0.0.1"):
        self.stream = socket.create_connection((host, port)).makefile("rwb")

    def __call__(self, *words):
        self.stream.write(b"*%d\r\n" % len(words))
        for word in words:
            word = word if isinstance(word, bytes) else str(word).encode()
            self.stream.write(b"$%d\r\n%s\r\n" % (len(word), word))
        self.stream.flush()
        return self.read()

    def read(self):
        line = self.stream.readline()
        kind, rest = line[:1], line[1:-2]
        if kind == b"$":
            return None if rest == b"-1" else self.stream.read(int(rest) + 2)[:-2]
        if kind == b"*":
            return [self.read() for _ in range(int(rest))]
        if kind == b"-":
            raise RuntimeError(rest.decode())
        return int(rest) if kind == b":" else rest


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def until(condition, what: str) -> None:
    for _ in range(600):
        try:
            if condition():
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise TimeoutError(what)


class Pool:
    def __init__(self, programs: pathlib.Path, folder: pathlib.Path, with_keys: bool):
        self.programs, self.folder, self.with_keys = programs, folder, with_keys
        self.children, self.clients = {}, []

    def begin(self) -> None:
        folder = self.folder
        port, gateway = free_port(), free_port()
        self.redis_address, self.address = f"127.0.0.1:{port}", f"127.0.0.1:{gateway}"
        self.start("redis-server", "--port", port, "--dir", folder, "--appendonly", "yes",
                   "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "")
        until(lambda: Redis(port)("PING"), "redis-server")
        self.redis = Redis(port)
        self.start("darkroom-scheduler", "--redis", self.redis_address)
        self.start("darkroom-gateway", "--redis", self.redis_address, "--listen", self.address)
        self.start_worker()
        until(lambda: self.darkroom("models").returncode == 0, "darkroom-gateway")
        until(lambda: self.redis("ZCARD", PREFIX + b"models"), "darkroom-fake-worker")

    def start(self, program: str, *flags) -> None:
        path = program if program == "redis-server" else self.programs / program
        log = open(self.folder / f"{program}.log", "a")
        self.children[program] = subprocess.Popen([str(word) for word in (path, *flags)],
                                                  stdout=log, stderr=log)

    def start_worker(self) -> None:
        self.start("darkroom-fake-worker", "--redis", self.redis_address, "--fake_row_ms", 200,
                   "--worker_id", "recorded", "--loras", LORA)

    def kill(self, program: str) -> None:
        self.children[program].kill()
        self.children[program].wait()

    def line(self, *words) -> list[str]:
        return [str(word) for word in (self.programs / "darkroom", *words, "--server",
                                       self.address)]

    def darkroom(self, *words) -> subprocess.CompletedProcess:
        return subprocess.run(self.line(*words), capture_output=True, text=True)

    def generate(self, prompt: str, steps: int) -> bytes:
        """Starts a client that waits for the picture; returns the job."""
        before = self.jobs()
        self.clients.append(subprocess.Popen(
            self.line("generate", prompt, "--steps", steps, "--width", 64, "--height", 64, "--seed",
                      7, "--preview_interval", 2, "--out", self.folder), stdout=subprocess.DEVNULL,
            stderr=open(self.folder / "clients.log", "a")))
        until(lambda: self.jobs() - before, "a job")
        return (self.jobs() - before).pop()

    def jobs(self) -> set[bytes]:
        return {key for key in self.redis("KEYS", "*") if key.startswith(PREFIX + b"j:")}

    def await_state(self, job: bytes, state: bytes) -> None:
        until(lambda: self.redis("HGET", job, "state") == state, f"{job} to be {state}")

    def work(self) -> None:
        self.await_state(self.generate("a picture that is done", 3), b"SUCCEEDED")
        fatal = self.generate("a picture that costs two workers", 100)
        for _ in range(2):
            self.await_state(fatal, b"RUNNING")
            self.kill("darkroom-fake-worker")
            until(lambda: self.redis("HGET", fatal, "state") != b"RUNNING", "the lease to lapse")
            self.start_worker()
        self.await_state(fatal, b"FAILED")
        self.await_state(self.generate("a picture in the making", 100), b"RUNNING")
        time.sleep(1)  # events of progress and previews
        self.kill("darkroom-fake-worker")
        for number in range(3):
            self.generate(f"picture {number} of those that wait", 3)
        cancelled = self.generate("a picture that nobody wants any more", 3)
        self.darkroom("cancel", "jobs/" + cancelled.decode().rsplit(":", 1)[1])
        self.await_state(cancelled, b"CANCELLED")
        if self.with_keys:
            self.administer()

    def administer(self) -> None:
        """In the place of the gateway without keys, one with keys."""
        self.kill("darkroom-gateway")
        key = self.folder / "key"
        key.write_text("no-secret-either")
        digest = hashlib.sha256(key.read_bytes()).hexdigest()
        (self.folder / "keys").write_text(f"ops {digest} standard admin\n")
        (self.folder / "pepper").write_text("no secret, but of thirty-two bytes and more")
        self.start("darkroom-gateway", "--redis", self.redis_address, "--listen", self.address,
                   "--api_keys_file", self.folder / "keys", "--key_pepper_file",
                   self.folder / "pepper")
        until(lambda: self.darkroom("keys", "list", "--key_file", key).returncode == 0,
              "the gateway with keys")
        for words in (["keys", "create", "--tenant", "alice", "--label", "recorded"],
                      ["workers", "pause", "recorded"]):
            done = self.darkroom(*words, "--key_file", key)
            if done.returncode != 0:
                raise RuntimeError(done.stderr)

    def stop(self) -> None:
        """All at once, so that nobody ends anything in good order."""
        for program in ("darkroom-gateway", "darkroom-scheduler"):
            self.kill(program)
        for client in self.clients:
            client.kill()
            client.wait()


def commands(redis: Redis):
    """Those that make the keys of the pool."""
    for key in sorted(redis("KEYS", "*")):
        name = key.removeprefix(PREFIX)
        kind = redis("TYPE", key)
        if kind == b"hash":
            yield b"HSET", name, *redis("HGETALL", key)
        elif kind == b"zset":
            flat = redis("ZRANGE", key, 0, -1, "WITHSCORES")
            yield b"ZADD", name, *(word for pair in zip(flat[1::2], flat[::2]) for word in pair)
        elif kind == b"stream":
            for entry, fields in redis("XRANGE", key, "-", "+"):
                yield b"XADD", name, entry, *fields
        elif kind == b"list":
            yield b"RPUSH", name, *redis("LRANGE", key, 0, -1)
        elif kind == b"set":
            yield b"SADD", name, *sorted(redis("SMEMBERS", key))
        else:
            yield b"SET", name, redis("GET", key)


def quoted(word: bytes) -> str:
    """As a string of C; everything that is not plain text is three octal digits."""
    plain = {byte: chr(byte) for byte in range(32, 127) if chr(byte) not in '"\\'}
    return '"' + "".join(plain.get(byte, f"\\{byte:03o}") for byte in word) + '"'


def write(redis: Redis, out: pathlib.Path) -> None:
    out.write_text("".join(" ".join(map(quoted, words)) + "\n" for words in commands(redis)))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--jobs_only", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pool = Pool(options.programs.resolve(), pathlib.Path(folder), not options.jobs_only)
        try:
            pool.begin()
            pool.work()
            pool.stop()
            write(pool.redis, options.out)
        except (RuntimeError, TimeoutError):
            for log in sorted(pool.folder.glob("*.log")):
                print(log.name, log.read_text()[-2000:], sep="\n", file=sys.stderr)
            raise
        finally:
            for child in pool.children.values():
                child.kill()
                child.wait()


if __name__ == "__main__":
    main()
