r"""Drives every RPC of a running Darkroom knowing nothing but its address and reflection.

  python3 -m venv /tmp/generic && /tmp/generic/bin/pip install grpcio==1.85.1 \
      grpcio-reflection==1.85.1
  /tmp/generic/bin/python tests/integration/generic_client.py 127.0.0.1:50051 [--key_file ADMIN]

The key has the scopes generate and admin; without one, and where keys are off, the admin service has
to refuse. Prints one line an RPC and exits 1 when one of them fails, answers UNIMPLEMENTED, or was
not called.
"""

import argparse
import hashlib
import pathlib
import sys

import grpc
from google.protobuf import descriptor_pool, message_factory
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


class GenericClient:
    """Calls any method by name; messages are built from dictionaries of fields."""

    def __init__(self, address: str, metadata: tuple = ()):
        """`metadata`: what every call carries."""
        self.channel = grpc.insecure_channel(address)
        self.metadata = metadata
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self.pool = descriptor_pool.DescriptorPool(database)
        # gRPC describes all services but reflection itself.
        self.services = {
            name: self.pool.FindServiceByName(name)
            for name in database.get_services()
            if not name.startswith("grpc.reflection.")
        }
        self.called = set()

    def method(self, full_name: str):
        """The descriptor of "package.Service.Method"."""
        service, name = full_name.rsplit(".", 1)
        return self.services[service].methods_by_name[name]

    def call(self, full_name: str, fields: dict, timeout: float = 60):
        """The response of a unary method, or an iterator over those of a stream."""
        method = self.method(full_name)
        self.called.add(full_name)
        request = message_factory.GetMessageClass(method.input_type)(**fields)
        response_class = message_factory.GetMessageClass(method.output_type)
        path = "/{}/{}".format(*full_name.rsplit(".", 1))
        make = self.channel.unary_stream if method.server_streaming else self.channel.unary_unary
        stub = make(
            path,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response_class.FromString,
        )
        return stub(request, timeout=timeout, metadata=self.metadata)


def check(condition: bool, what: str) -> None:
    if not condition:
        raise AssertionError(what)


def gather(stream) -> tuple[dict[int, bytes], list]:
    """The images and the events of a stream; checks that its sequences have no gap."""
    images: dict[int, bytes] = {}
    events = []
    last = 0
    for event in stream:
        kind = event.WhichOneof("kind")
        repeats = kind in ("image_chunk", "queued") and event.sequence == last
        check(repeats or event.sequence == last + 1 + event.superseded, f"gap after {last}")
        last = event.sequence
        if kind == "image_chunk":
            chunk = event.image_chunk
            data = images.setdefault(chunk.image.index, b"") + chunk.data
            images[chunk.image.index] = data
            if chunk.last:
                check(hashlib.sha256(data).hexdigest() == chunk.image.sha256, "wrong SHA-256")
                check(data.startswith(PNG_SIGNATURE), "not a PNG")
        events.append(event)
    check(bool(events) and events[-1].WhichOneof("kind") == "finished", "no finished event")
    return images, events


def drive(client: GenericClient) -> None:
    """Calls every method once or more."""
    health = client.call("grpc.health.v1.Health.Check", {})
    watched = client.call("grpc.health.v1.Health.Watch", {"service": "darkroom.v1.PromptService"})
    check(health.status == next(watched).status == 1, "not serving")
    watched.cancel()
    models = client.call("darkroom.v1.ModelService.ListModels", {}).models
    check(len(models) > 0, "no models")
    model = client.call("darkroom.v1.ModelService.GetModel", {"name": models[0].name})
    check(model.name == models[0].name, "another model")
    client.call("darkroom.v1.ModelService.ListAdapters", {})
    client.call("darkroom.v1.ModelService.ListUpscalers", {})

    service = "darkroom.v1.GenerationService."
    parameters = {"prompt": "a red apple", "model": model.name, "seed": 7, "steps": 3}
    images, events = gather(client.call(service + "GenerateImage", {"parameters": parameters}))
    check(len(images) == 1, "not one image")

    request = {"parameters": parameters, "request_id": f"generic-{events[0].job}"}
    job = client.call(service + "CreateJob", request)
    again = client.call(service + "CreateJob", request)
    check(job.name == again.name, "the same request_id made two jobs")
    same, _ = gather(client.call(service + "WatchJob", {"name": job.name}))
    check(same == images, "the same parameters gave another picture")
    got = client.call(service + "GetJob", {"name": job.name})
    states = got.DESCRIPTOR.fields_by_name["state"].enum_type.values_by_name
    check(got.state == states["JOB_STATE_SUCCEEDED"].number, f"state {got.state}")
    listed = client.call(service + "ListJobs", {"page_size": 1})
    check(len(listed.jobs) == 1 and listed.jobs[0].name == job.name, "not the newest job")

    long = client.call(service + "CreateJob", {"parameters": dict(parameters, steps=150)})
    client.call(service + "CancelJob", {"name": long.name})
    _, events = gather(client.call(service + "WatchJob", {"name": long.name}))
    check(
        events[-1].finished.job.state == states["JOB_STATE_CANCELLED"].number, "was not cancelled"
    )
    drive_prompts(client, got)
    drive_keys(client)
    drive_fleet(client)


def drive_keys(client: GenericClient) -> None:
    """Makes a key, changes it, and revokes it; or is refused everywhere."""
    service = "darkroom.v1.AdminService."
    if not client.metadata:
        for method in (
            "CreateKey",
            "ListKeys",
            "RotateKey",
            "RevokeKey",
            "ListDeadLetters",
            "RequeueDeadLetter",
            "ListAuditEntries",
        ):
            try:
                client.call(service + method, {})
                check(False, f"{method} was not refused")
            except grpc.RpcError as error:
                check(error.code() == grpc.StatusCode.PERMISSION_DENIED, f"{method}: {error}")
        return
    made = client.call(service + "CreateKey", {"key": {"tenant": "generic", "label": "a test's"}})
    check(made.secret.startswith("dr_"), "no secret")
    listed = client.call(service + "ListKeys", {}).keys
    check(made.key.name in [key.name for key in listed], "is not listed")
    rotated = client.call(service + "RotateKey", {"name": made.key.name})
    check(rotated.secret not in ("", made.secret), "no new secret")
    revoked = client.call(service + "RevokeKey", {"name": made.key.name})
    check(revoked.HasField("revoke_time"), "is not revoked")
    newest = client.call(service + "ListAuditEntries", {"page_size": 1}).audit_entries[0]
    check((newest.action, newest.target) == ("RevokeKey", made.key.name), "is not audited")
    letters = client.call(service + "ListDeadLetters", {"page_size": 1})
    check(len(letters.dead_letters) <= 1, "too many letters")
    try:
        client.call(service + "RequeueDeadLetter", {"name": "deadLetters/" + 32 * "0"})
        check(False, "a letter that is not there was queued")
    except grpc.RpcError as error:
        check(error.code() == grpc.StatusCode.NOT_FOUND, f"RequeueDeadLetter: {error}")


def drive_fleet(client: GenericClient) -> None:
    """Looks at the workers, pauses one and has it go on; or is refused everywhere."""
    service = "darkroom.v1.FleetService."
    steering = ("PauseWorker", "ResumeWorker", "DrainWorker")
    if not client.metadata:
        for method in ("ListWorkers", "GetFleet", *steering):
            try:
                client.call(service + method, {})
                check(False, f"{method} was not refused")
            except grpc.RpcError as error:
                check(error.code() == grpc.StatusCode.PERMISSION_DENIED, f"{method}: {error}")
        return
    workers = client.call(service + "ListWorkers", {}).workers
    check(len(workers) > 0, "no workers")
    fleet = client.call(service + "GetFleet", {})
    check([w.name for w in fleet.workers] == [w.name for w in workers], "other workers")
    states = workers[0].DESCRIPTOR.fields_by_name["state"].enum_type.values_by_name
    for method, state in (("PauseWorker", "PAUSED"), ("ResumeWorker", "SERVING")):
        worker = client.call(service + method, {"name": workers[0].name})
        check(worker.requested_state == states["WORKER_STATE_" + state].number, f"not {state}")
    try:
        client.call(service + "DrainWorker", {"name": "workers/that-is-not-there"})
        check(False, "a worker that is not there drains")
    except grpc.RpcError as error:
        check(error.code() == grpc.StatusCode.NOT_FOUND, f"DrainWorker: {error}")


def drive_prompts(client: GenericClient, job) -> None:
    """Calls every method of the prompt service; `job` is one that has succeeded."""
    service = "darkroom.v1.PromptService."
    styles = client.call(service + "ListStyles", {}).styles
    parameters = {"prompt": "(a red apple:1.2) AND [a dog|a cat]:0.5", "steps": 3}
    parameters["styles"] = [style.name for style in styles[:1]]
    explained = client.call(service + "ExplainPrompt", {"parameters": parameters})
    check(explained.denoiser_calls >= 3, f"{explained.denoiser_calls} calls")
    check(len(explained.prompt.parts) == 2, "not two parts")
    tokens = explained.prompt.parts[0].texts[0].chunks[0].tokens
    check(len(tokens) > 0 and tokens[0].id >= 0, "no tokens")
    check(not explained.parameters.styles, "styles were not applied")

    text = job.images[0].infotext
    read = client.call(service + "ReadInfotext", {"infotext": text})
    check(not read.notes, f"not taken over: {list(read.notes)}")
    for field in ("prompt", "model", "seed", "steps", "sampler", "width", "height"):
        expected, found = getattr(job.parameters, field), getattr(read.parameters, field)
        check(expected == found, f"{field} {found!r} is not {expected!r}")
    images, _ = gather(
        client.call(
            "darkroom.v1.GenerationService.GenerateImage", {"parameters": read.parameters}
        )
    )
    check(hashlib.sha256(images[0]).hexdigest() == job.images[0].sha256, "another picture")
    from_png = client.call(service + "ReadInfotext", {"png": images[0]})
    check(from_png.infotext == text, "another text in the file")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("address", help="HOST:PORT of a gateway")
    parser.add_argument("--key_file", help="of a key with the scopes generate and admin")
    arguments = parser.parse_args()
    metadata = ()
    if arguments.key_file:
        key = pathlib.Path(arguments.key_file).read_text().strip()
        metadata = (("authorization", f"Bearer {key}"),)
    client = GenericClient(arguments.address, metadata)
    drive(client)
    declared = {
        f"{name}.{method.name}"
        for name, service in client.services.items()
        for method in service.methods
    }
    for name in sorted(declared | client.called):
        print(f"{'called' if name in client.called else 'NOT CALLED'}  {name}")
    return 0 if declared <= client.called else 1


if __name__ == "__main__":
    sys.exit(main())
