"""Checks what deploy/kubernetes promises, beyond what a schema can say.

Usage: manifests.py ROOT BINARIES                    every overlay, put together by overlay.py
       manifests.py ROOT BINARIES --rendered FILE    what kustomize has made of one

ROOT is the project, BINARIES the folder of its programs, whose --help says which flags there are.
Prints one line a broken promise and exits 1 when there is any.
"""

import pathlib
import re
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent))

try:
    import yaml
except ImportError:
    sys.exit("PyYAML is missing: apt-get install python3-yaml")

from overlay import assemble
from program_flags import flags_of, seconds, unknown_variables

WORKLOADS = ("Deployment", "StatefulSet")
METRIC = re.compile(r"(\w+)\{")
DEFINED_METRIC = re.compile(r"constexpr \w+Name<\d> \w+ = \{\s*\"(\w+)\"")
PROBES = ("readinessProbe", "livenessProbe", "startupProbe")


class Overlay:
    """What is found wrong in the documents of one overlay."""

    def __init__(self, name: str, documents: list[dict], binaries: pathlib.Path, metrics: set[str]):
        self.name = name
        self.documents = documents
        self.binaries = binaries
        self.metrics = metrics
        self.wrong: list[str] = []

    def of(self, *kinds: str) -> list[dict]:
        return [document for document in self.documents if document["kind"] in kinds]

    def expect(self, holds, where: str, what: str) -> None:
        if not holds:
            self.wrong.append(f"{self.name}: {where}: {what}")

    def pods_with(self, labels: dict) -> list[dict]:
        """Workloads whose pods have all of the labels."""
        return [workload for workload in self.of(*WORKLOADS)
                if labels.items() <= workload["spec"]["template"]["metadata"]["labels"].items()]

    def names_of(self, kind: str) -> set[str]:
        return {document["metadata"]["name"] for document in self.of(kind)}

    def check(self) -> None:
        for workload in self.of(*WORKLOADS):
            self.check_workload(workload)
        for service in self.of("Service"):
            self.check_service(service)
        for budget in self.of("PodDisruptionBudget"):
            self.check_one_workload(budget, budget["spec"]["selector"]["matchLabels"])
        for monitor in self.of("PodMonitor"):
            self.check_monitor(monitor)
        self.check_scalers()
        self.check_network()

    def check_workload(self, workload: dict) -> None:
        where = workload["metadata"]["name"]
        template = workload["spec"]["template"]
        selector = workload["spec"]["selector"]["matchLabels"]
        self.expect(selector.items() <= template["metadata"]["labels"].items(), where,
                    "its selector does not match its own pods")
        self.expect(self.pods_with(selector) == [workload], where,
                    "its selector matches pods of others")
        pod = template["spec"]
        self.check_pod_security(where, pod)
        self.check_volumes(where, pod)
        for container in pod["containers"]:
            self.check_container(where, pod, container)

    def check_pod_security(self, where: str, pod: dict) -> None:
        context = pod["securityContext"]
        self.expect(context.get("runAsNonRoot") is True, where, "may run as root")
        self.expect(context.get("runAsUser") == 10001, where,
                    "is not the user of the images, 10001")
        self.expect(context.get("fsGroup") == 10001, where, "cannot read its secrets: fsGroup")
        self.expect(context.get("seccompProfile") == {"type": "RuntimeDefault"}, where,
                    "has no seccomp profile")
        self.expect(pod.get("automountServiceAccountToken") is False, where,
                    "has a token of the cluster, which it does not need")
        self.expect(pod.get("serviceAccountName") in self.names_of("ServiceAccount"), where,
                    "its service account is not there")
        for container in pod["containers"]:
            own = container["securityContext"]
            self.expect(own.get("allowPrivilegeEscalation") is False
                        and own.get("readOnlyRootFilesystem") is True
                        and own.get("capabilities") == {"drop": ["ALL"]}, where,
                        "its container may do more than it needs")
            resources = container["resources"]
            self.expect("memory" in resources["limits"] and "memory" in resources["requests"]
                        and "cpu" in resources["requests"], where, "does not say what it needs")

    def check_volumes(self, where: str, pod: dict) -> None:
        there = {volume["name"] for volume in pod.get("volumes", [])}
        there |= {claim["metadata"]["name"] for workload in self.of("StatefulSet")
                  if workload["spec"]["template"]["spec"] is pod
                  for claim in workload["spec"].get("volumeClaimTemplates", [])}
        mounted = {mount["name"] for container in pod["containers"]
                   for mount in container.get("volumeMounts", [])}
        self.expect(mounted == there, where, f"mounts {sorted(mounted)}, has {sorted(there)}")
        sources = (("secret", "secretName", "Secret"), ("configMap", "name", "ConfigMap"),
                   ("persistentVolumeClaim", "claimName", "PersistentVolumeClaim"))
        for volume in pod.get("volumes", []):
            for source, field, kind in sources:
                if source in volume:
                    self.expect(volume[source][field] in self.names_of(kind), where,
                                f"there is no {kind} {volume[source][field]}")

    def check_container(self, where: str, pod: dict, container: dict) -> None:
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        for probe in PROBES:
            if probe in container:
                self.check_probe(where, probe, container[probe], ports)
        program = pathlib.Path(container["command"][0]).name
        if not program.startswith("darkroom-"):
            return
        self.expect(all(probe in container for probe in PROBES), where, "a probe is missing")
        flags = flags_of(self.binaries / program)
        given = dict(argument.removeprefix("--").split("=", 1) for argument in container["args"])
        self.expect(len(given) == len(container["args"]), where, "a flag is given twice")
        for flag in given:
            self.expect(flag in flags, where, f"{program} has no --{flag}")
        for name in unknown_variables(self.environment(container), flags):
            self.expect(False, where, f"{name} is no flag of {program}")
        self.expect(given.get("metrics_listen") == f"0.0.0.0:{ports['metrics']}", where,
                    "--metrics_listen and the port \"metrics\" differ")
        self.expect("grpc" not in ports or given.get("listen") == f"0.0.0.0:{ports['grpc']}", where,
                    "--listen and the port \"grpc\" differ")
        self.expect("http" not in ports or given.get("http_listen") == f"0.0.0.0:{ports['http']}",
                    where, "--http_listen and the port \"http\" differ")
        for flag, value in given.items():
            if flag.endswith("_file"):
                self.check_secret_file(where, pod, container, value)
        if "drain_grace" in flags:
            stop = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {})
            needed = stop.get("seconds", 0)
            needed += seconds(given.get("drain_grace", flags["drain_grace"]))
            self.expect(pod["terminationGracePeriodSeconds"] >= needed + 5, where,
                        f"is killed before it has drained, which takes {needed} s")

    def environment(self, container: dict) -> list[str]:
        names = [variable["name"] for variable in container.get("env", [])]
        for source in container.get("envFrom", []):
            maps = [document for document in self.of("ConfigMap")
                    if document["metadata"]["name"] == source["configMapRef"]["name"]]
            self.expect(maps, container["name"], "the ConfigMap of its environment is not there")
            names += [name for document in maps for name in document["data"]]
        return names

    def check_probe(self, where: str, kind: str, probe: dict, ports: dict[str, int]) -> None:
        if "exec" in probe:
            return
        action = probe.get("grpc") or probe.get("httpGet") or probe.get("tcpSocket")
        self.expect(action["port"] in ports or action["port"] in ports.values(), where,
                    f"{kind} asks port {action['port']}, which the container has not")
        if "httpGet" in probe:
            # A pod that waits for Redis is to have no calls, but gains nothing by being killed.
            path = "/healthz" if kind == "readinessProbe" else "/livez"
            self.expect(action == {"path": path, "port": "metrics"}, where,
                        f"{kind} asks for {action}, not {path} beside the metrics")
        if "grpc" in probe:
            self.expect(action["port"] == ports.get("grpc"), where,
                        f"{kind} is not about gRPC's port")

    def check_secret_file(self, where: str, pod: dict, container: dict, path: str) -> None:
        file = pathlib.PurePosixPath(path)
        volumes = {volume["name"]: volume for volume in pod["volumes"]}
        for mount in container["volumeMounts"]:
            if mount["mountPath"] == str(file.parent):
                secret = volumes[mount["name"]]["secret"]["secretName"]
                held = [document["data"] for document in self.of("Secret")
                        if document["metadata"]["name"] == secret]
                self.expect(held and file.name in held[0], where, f"{secret} has no {file.name}")
                return
        self.expect(False, where, f"nothing is mounted where {path} should be")

    def check_one_workload(self, document: dict, labels: dict) -> None:
        self.expect(len(self.pods_with(labels)) == 1, document["metadata"]["name"],
                    f"{document['kind']} is not about the pods of one workload")

    def check_service(self, service: dict) -> None:
        self.check_one_workload(service, service["spec"]["selector"])
        self.expect_ports(service["metadata"]["name"], self.pods_with(service["spec"]["selector"]),
                          [port["targetPort"] for port in service["spec"]["ports"]])

    def expect_ports(self, where: str, workloads: list[dict], names: list) -> None:
        """Every one of the workloads has them."""
        for workload in workloads:
            pod = workload["spec"]["template"]["spec"]
            ports = {port["name"] for container in pod["containers"]
                     for port in container["ports"]}
            self.expect(set(names) <= ports, where,
                        f"{workload['metadata']['name']} has no port {sorted(set(names) - ports)}")

    def check_monitor(self, monitor: dict) -> None:
        workloads = self.pods_with(monitor["spec"]["selector"]["matchLabels"])
        self.expect(len(workloads) == 3, monitor["metadata"]["name"], "does not find all processes")
        self.expect_ports(monitor["metadata"]["name"], workloads,
                          [endpoint["port"] for endpoint in monitor["spec"]["podMetricsEndpoints"]])

    def check_scalers(self) -> None:
        for scaler in self.of("HorizontalPodAutoscaler", "ScaledObject"):
            where = f"{scaler['kind']} {scaler['metadata']['name']}"
            target = scaler["spec"]["scaleTargetRef"]
            found = [workload for workload in self.of(target["kind"])
                     if workload["metadata"]["name"] == target["name"]]
            self.expect(found, where, f"there is no {target['kind']} {target['name']}")
            for workload in found:
                self.expect("replicas" not in workload["spec"], where,
                            f"{target['name']} says itself how many there are")
            for trigger in scaler["spec"].get("triggers", []):
                asked = set(METRIC.findall(trigger["metadata"]["query"]))
                self.expect(asked and asked <= self.metrics, where,
                            f"asks for {sorted(asked)}, of which {sorted(asked - self.metrics)} "
                            "are not in common/metrics/names.h")

    def check_network(self) -> None:
        covered = []
        for policy in self.of("NetworkPolicy"):
            where = f"NetworkPolicy {policy['metadata']['name']}"
            chosen = self.pods_with(policy["spec"]["podSelector"]["matchLabels"])
            self.expect(chosen, where, "is about no pods")
            covered += chosen
            for rule in policy["spec"].get("ingress", []):
                ports = [port["port"] for port in rule["ports"]]
                self.expect_ports(where, chosen, ports)
                peers = rule.get("from", [])
                if "metrics" in ports:
                    self.expect(peers and all("namespaceSelector" in peer for peer in peers), where,
                                "lets everybody see metrics")
                if "redis" in ports:
                    self.expect(peers and all(self.pods_with(peer["podSelector"]["matchLabels"])
                                              for peer in peers), where,
                                "lets others than our pods reach Redis")
        for workload in self.of(*WORKLOADS):
            self.expect(workload in covered, workload["metadata"]["name"], "anybody can reach it")


def main() -> int:
    root, binaries = (pathlib.Path(argument) for argument in sys.argv[1:3])
    metrics = set(DEFINED_METRIC.findall(
        (root / "common/metrics/names.h").read_text(encoding="utf-8")))
    if sys.argv[3:4] == ["--rendered"]:
        text = pathlib.Path(sys.argv[4]).read_text(encoding="utf-8")
        overlays = [Overlay(sys.argv[4], list(yaml.safe_load_all(text)), binaries, metrics)]
    else:
        kubernetes = root / "deploy/kubernetes"
        stacks = [(folder,) for folder in sorted((kubernetes / "overlays").iterdir())]
        stacks.append((kubernetes / "overlays/gpu", kubernetes / "components/sentinel"))
        overlays = [Overlay(" with ".join(folder.name for folder in stack), assemble(*stack),
                            binaries, metrics) for stack in stacks]
    for overlay in overlays:
        overlay.check()
        overlay.expect(len(overlay.of(*WORKLOADS)) >= 3, "all", "a workload is missing")
    wrong = [line for overlay in overlays for line in overlay.wrong]
    if wrong:
        print("\n".join(wrong))
    return 1 if wrong or not overlays else 0


if __name__ == "__main__":
    sys.exit(main())
