"""Two hosts with workers on both; one of them dies under load, and every job ends.

Usage: two_hosts.py PROGRAMS [--jobs 24]

PROGRAMS is a folder of programs (build/release/bin). The hosts are network namespaces with
addresses of their own, on one switch with a third that clients ask from. `main` runs Redis with a
password, scheduler, gateway and a worker; `added` is what docs/operations.md calls adding a box: a
worker that is told where Redis is, and nothing else. Then its cable is pulled and its processes are
killed, so that nobody is told. Every client must get its picture, and what the dead host had must
have been made again elsewhere. Afterwards the box comes back and takes its share; then main's
worker is killed, and the added box does all of it. Prints a line a part and exits 1 when anything
is wrong.

Needs no root where users may make namespaces of their own; ends with 77 where they may not, or
where the kernel has no switches.
"""

import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "records"))
from record_pool import PREFIX, Redis, until  # noqa: E402

SKIPPED = 77  # as tests/CMakeLists.txt has it
INSIDE = "DARKROOM_INSIDE_NAMESPACES"
REDIS = "10.77.0.1"
HOSTS = {"main": REDIS, "added": "10.77.0.2"}
CLIENTS = "10.77.0.254"
PORT = 6379
GATEWAY = f"{REDIS}:50051"
PASSWORD = "two-hosts"


def command(*words) -> None:
    subprocess.run([str(word) for word in words], check=True)


def connect_hosts() -> None:
    command("mount", "-t", "tmpfs", "tmpfs", "/run")
    command("ip", "link", "add", "switch", "type", "bridge")
    command("ip", "address", "add", f"{CLIENTS}/24", "dev", "switch")
    command("ip", "link", "set", "switch", "up")
    for host, address in HOSTS.items():
        command("ip", "netns", "add", host)
        command("ip", "link", "add", host, "type", "veth", "peer", "name", "eth0", "netns", host)
        command("ip", "link", "set", host, "master", "switch", "up")
        command("ip", "-n", host, "address", "add", f"{address}/24", "dev", "eth0")
        command("ip", "-n", host, "link", "set", "eth0", "up")
        command("ip", "-n", host, "link", "set", "lo", "up")


class Hosts:
    def __init__(self, programs: pathlib.Path, folder: pathlib.Path):
        self.programs, self.folder = programs, folder
        self.children = {}
        self.password_file = folder / "password"
        self.password_file.write_text(PASSWORD)

    def run(self, host: str, name: str, *line) -> None:
        log = open(self.folder / f"{host}-{name}.log", "a")
        self.children[host, name] = subprocess.Popen(
            ["ip", "netns", "exec", host, *map(str, line)], stdout=log, stderr=log)

    def start(self, host: str, program: str, *flags) -> None:
        self.run(host, program, self.programs / program, "--redis", f"{REDIS}:{PORT}",
                 "--redis_password_file", self.password_file, *flags)

    def start_worker(self, host: str) -> None:
        self.start(host, "darkroom-fake-worker", "--worker_id", host, "--fake_row_ms", 40,
                   "--max_rows", 2)

    def begin(self) -> None:
        self.run("main", "redis", "redis-server", "--port", PORT, "--bind", REDIS, "--requirepass",
                 PASSWORD, "--dir", self.folder, "--appendonly", "yes", "--appendfsync", "always",
                 "--maxmemory-policy", "noeviction", "--save", "")
        until(lambda: Redis(PORT, REDIS), "redis-server")
        self.redis = Redis(PORT, REDIS)
        self.redis("AUTH", PASSWORD)
        self.start("main", "darkroom-scheduler")
        self.start("main", "darkroom-gateway", "--listen", GATEWAY)
        self.start_worker("main")
        self.start_worker("added")
        self.await_workers(2)

    def await_workers(self, count: int) -> None:
        """Workers that the fleet hears of: one that died is forgotten after a while."""
        until(lambda: self.redis("ZCARD", PREFIX + b"w:fake") == count, f"{count} workers")
        until(lambda: self.darkroom("models").returncode == 0, "the gateway")

    def kill(self, host: str, program: str) -> None:
        child = self.children.pop((host, program))
        child.kill()  # `ip netns exec` has become the program
        child.wait()

    def lose(self, host: str) -> None:
        """As a power cut does: first nobody hears of it any more."""
        command("ip", "link", "set", host, "down")
        self.kill(host, "darkroom-fake-worker")

    def darkroom(self, *words) -> subprocess.CompletedProcess:
        return subprocess.run([self.programs / "darkroom", *words, "--server", GATEWAY],
                              capture_output=True, text=True)

    def jobs(self) -> dict[str, dict[bytes, bytes]]:
        found = {}
        for key in self.redis("KEYS", PREFIX + b"j:*"):
            flat = self.redis("HGETALL", key)
            found[key.decode()] = dict(zip(flat[::2], flat[1::2]))
        return found

    def load(self, count: int) -> list[subprocess.Popen]:
        clients = []
        for i in range(count):
            folder = self.folder / f"{time.monotonic_ns()}"
            folder.mkdir()
            clients.append(subprocess.Popen(
                [self.programs / "darkroom", "generate", f"picture {i}", "--steps", str(15 + i % 7),
                 "--width", "64", "--height", "64", "--out", folder, "--server", GATEWAY],
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        return clients

    def part(self, title: str, count: int, fault=None, dead: str = "") -> list[str]:
        """What was wrong with `count` pictures, a quarter of which was there at the fault."""
        known = set(self.jobs())
        new = lambda: [job for name, job in self.jobs().items() if name not in known]
        clients = self.load(count)
        until(lambda: sum(job.get(b"state") == b"SUCCEEDED" for job in new()) >= count // 4
              and {b"main", b"added"} <= {job.get(b"worker") for job in new()
                                          if job.get(b"state") == b"RUNNING"},
              "a quarter of the pictures, and work on both hosts")
        if fault:
            fault()
        wrong = []
        for client in clients:
            _, errors = client.communicate(timeout=300)
            if client.returncode != 0:
                wrong.append(f"{title}: {errors.strip()}")
        again = sum(job[b"attempts"] == b"2" for job in new())
        if any(job[b"state"] != b"SUCCEEDED" for job in new()) or len(new()) != count:
            wrong.append(f"{title}: {[job[b'state'] for job in new()]}")
        if (again > 0) != bool(dead):
            wrong.append(f"{title}: {again} jobs needed a second attempt")
        if any(job[b"attempts"] == b"2" and job[b"worker"].decode() == dead for job in new()):
            wrong.append(f"{title}: {dead} is dead and has finished jobs")
        print(f"{title}: {count} jobs, {again} of them made again, {len(wrong)} complaints")
        return wrong


def check(hosts: Hosts, count: int) -> list[str]:
    hosts.begin()
    wrong = hosts.part("both hosts", count)
    wrong += hosts.part("the added host dies", count, lambda: hosts.lose("added"), "added")
    command("ip", "link", "set", "added", "up")
    hosts.start_worker("added")
    hosts.await_workers(2)
    wrong += hosts.part("it is back", count)
    wrong += hosts.part("main's worker dies", count,
                        lambda: hosts.kill("main", "darkroom-fake-worker"), "main")
    return wrong


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=24)
    options = parser.parse_args()
    if INSIDE not in os.environ:
        unshare = ["unshare", "--net", "--mount"]
        if os.geteuid() != 0:
            unshare += ["--user", "--map-root-user"]
        if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode != 0:
            print("this user may not make network namespaces")
            return SKIPPED
        os.environ[INSIDE] = "1"
        os.execvp("unshare", [*unshare, sys.executable, *sys.argv])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        connect_hosts()
    except subprocess.CalledProcessError:
        print("this kernel connects no network namespaces")
        return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        hosts = Hosts(options.programs.resolve(), pathlib.Path(folder))
        try:
            wrong = check(hosts, options.jobs)
        finally:
            for child in hosts.children.values():
                child.kill()
                child.wait()
    for complaint in wrong:
        print(complaint)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
