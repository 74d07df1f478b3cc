"""Runs two versions of Darkroom on one Redis, as a rollout does, and checks that nobody notices.

Usage: side_by_side.py OLD NEW [--jobs 40]

OLD and NEW are folders of programs: of an older commit, say,

  git worktree add /tmp/old COMMIT && cd /tmp/old && cmake --preset release &&
    cmake --build build/release --target darkroom darkroom-decode darkroom-fake-worker \
      darkroom-gateway darkroom-scheduler

Both versions run a scheduler, a gateway and a worker. Clients of both versions ask both gateways
for pictures, and watch the jobs at either. Meanwhile the old programs are asked to stop, one after
the other, and a new gateway takes the place of the old one at its address. Then it begins again the
other way round: the new ones give way to old ones. Every client must be content, every job must end
with its picture in one attempt, and both versions' workers must have made some. Prints a line a
part and exits 1 when anything is wrong.
"""

import argparse
import pathlib
import signal
import subprocess
import sys
import tempfile

from record_pool import PREFIX, Redis, free_port, until

PROGRAMS = ("darkroom-scheduler", "darkroom-gateway", "darkroom-fake-worker")


class Rollout:
    def __init__(self, versions: dict[str, pathlib.Path], folder: pathlib.Path):
        self.versions, self.folder = versions, folder
        self.children = {}

    def begin(self) -> None:
        folder, versions = self.folder, self.versions
        port = free_port()
        self.redis_address = f"127.0.0.1:{port}"
        self.addresses = {version: f"127.0.0.1:{free_port()}" for version in versions}
        self.run("redis", "redis-server", "--port", port, "--dir", folder, "--appendonly", "yes",
                 "--appendfsync", "always", "--maxmemory-policy", "noeviction", "--save", "")
        until(lambda: Redis(port)("PING"), "redis-server")
        self.redis = Redis(port)
        for version in versions:
            for program in PROGRAMS:
                self.start(version, program)
        for version in versions:
            until(lambda v=version: self.darkroom(v, v, "models").returncode == 0, version)
        until(lambda: self.redis("ZCARD", PREFIX + b"w:fake") == len(versions), "both workers")

    def run(self, name: str, *line) -> None:
        log = open(self.folder / f"{name}.log", "a")
        self.children[name] = subprocess.Popen([str(word) for word in line], stdout=log, stderr=log)

    def start(self, version: str, program: str, place: str = "") -> None:
        """`place`: of the version whose gateway's address it listens on, if not its own."""
        flags = {"darkroom-gateway": ["--listen", self.addresses[place or version]],
                 "darkroom-fake-worker": ["--worker_id", version, "--fake_row_ms", 30,
                                          "--max_rows", 2]}.get(program, [])
        self.run(f"{place or version} {program}", self.versions[version] / program, "--redis",
                 self.redis_address, *flags)

    def stop(self, version: str, program: str) -> None:
        child = self.children[f"{version} {program}"]
        child.send_signal(signal.SIGTERM)
        if child.wait(60) != 0:
            raise RuntimeError(f"{version} {program} ended with {child.returncode}")

    def line(self, version: str, at: str, *words) -> list[str]:
        """The command of one version's client, for the gateway of another."""
        return [str(word) for word in (self.versions[version] / "darkroom", *words, "--server",
                                       self.addresses[at])]

    def darkroom(self, *words) -> subprocess.CompletedProcess:
        return subprocess.run(self.line(*words), capture_output=True, text=True)

    def jobs(self) -> dict[str, dict[bytes, bytes]]:
        found = {}
        for key in self.redis("KEYS", "*"):
            if key.startswith(PREFIX + b"j:"):
                flat = self.redis("HGETALL", key)
                found["jobs/" + key.decode().rsplit(":", 1)[1]] = dict(zip(flat[::2], flat[1::2]))
        return found

    def load(self, count: int) -> list[subprocess.Popen]:
        """Clients that wait for a picture each, of and at both versions."""
        clients = []
        versions = list(self.versions)
        for i in range(count):
            version, at = versions[i % 2], versions[i // 2 % 2]
            folder = self.folder / f"{len(self.jobs())}-{i}"
            folder.mkdir()
            clients.append(subprocess.Popen(
                self.line(version, at, "generate", f"picture {i}", "--steps", 10 + i % 7, "--width",
                          64, "--height", 64, "--out", folder),
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True))
        return clients

    def watch(self, known: set[str]) -> list[subprocess.Popen]:
        """Watchers of all other jobs: each at another gateway than the last."""
        versions = list(self.versions)
        return [
            subprocess.Popen(
                self.line(versions[i % 2], versions[(i + 1) % 2], "watch", job),
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
            for i, job in enumerate(sorted(set(self.jobs()) - known))
        ]

    def part(self, leaving: str, count: int) -> list[str]:
        """What was wrong while a version left under load."""
        known = set(self.jobs())
        clients = self.load(count)
        until(lambda: len(self.jobs()) >= len(known) + count, "the jobs")
        clients += self.watch(known)
        until(lambda: self.ended(known) >= count // 4, "a quarter of the pictures")
        for program in reversed(PROGRAMS):
            self.stop(leaving, program)
        staying = next(version for version in self.versions if version != leaving)
        self.start(staying, "darkroom-gateway", leaving)
        wrong = []
        for client in clients:
            _, errors = client.communicate(timeout=300)
            if client.returncode != 0:
                wrong.append(f"{' '.join(client.args)}: {errors.strip()}")
        workers = set()
        for name, job in self.jobs().items():
            if name in known:
                continue
            workers.add(job[b"worker"].decode())
            if job[b"state"] != b"SUCCEEDED" or job[b"attempts"] != b"1":
                wrong.append(f"{name}: {job[b'state']} after {job[b'attempts']} attempts")
        if workers != set(self.versions):
            wrong.append(f"pictures are of the workers {sorted(workers)} alone")
        print(f"{leaving} left: {count} jobs, {len(clients)} clients, {len(wrong)} complaints")
        return wrong

    def ended(self, known: set[str]) -> int:
        return sum(job.get(b"state") == b"SUCCEEDED" for name, job in self.jobs().items()
                   if name not in known)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("--jobs", type=int, default=40)
    options = parser.parse_args()
    versions = {"old": options.old.resolve(), "new": options.new.resolve()}
    with tempfile.TemporaryDirectory() as folder:
        rollout = Rollout(versions, pathlib.Path(folder))
        try:
            rollout.begin()
            wrong = rollout.part("old", options.jobs)
            rollout.stop("old", "darkroom-gateway")
            for program in PROGRAMS:
                rollout.start("old", program)
            until(lambda: rollout.darkroom("old", "old", "models").returncode == 0, "old")
            wrong += rollout.part("new", options.jobs)
        finally:
            for child in rollout.children.values():
                child.kill()
                child.wait()
        for complaint in wrong:
            print(complaint)
        return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
