"""Writes checkpoints as torch.save makes them, and what safetensors makes of the same tensors."""

import collections
import io
import pathlib
import sys
import types
import zipfile

import numpy
import safetensors.torch
import torch


def tensors() -> dict:
    generator = torch.Generator().manual_seed(5)
    floats = torch.randn(3, 4, generator=generator)
    return {
        "a.weight": floats,
        "a.bias": torch.tensor([1.5, float("nan"), float("-inf")]),
        "half": floats.half(),
        "bfloat": floats.bfloat16(),
        "double": floats.double(),
        "long": torch.arange(-3, 3),
        "int": torch.arange(5, dtype=torch.int32),
        "short": torch.arange(5, dtype=torch.int16),
        "char": torch.arange(-2, 3, dtype=torch.int8),
        "byte": torch.arange(5, dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(7.25),
        "empty": torch.zeros(0, 3),
    }


def views() -> dict:
    base = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4)
    shared = torch.arange(6, dtype=torch.int32)
    return {
        "whole": base,
        "transposed": base.transpose(0, 2),
        "slice": base[1, 1:, ::2],
        "row": base[1, 2],
        "expanded": torch.tensor([[1.0], [2.0]]).expand(2, 5),
        "tied": base,
        "head": shared[:2],
        "tail": shared[4:],
        "stepped": shared[1::2],
        "one": base[:1, 1:2].transpose(0, 1),
    }


class ModelCheckpoint:
    """Stands for Lightning's class, which old checkpoints have as a dict's key."""


def lightning_modules() -> None:
    name = "pytorch_lightning.callbacks.model_checkpoint"
    ModelCheckpoint.__module__ = name
    for part in ("pytorch_lightning", "pytorch_lightning.callbacks", name):
        sys.modules[part] = types.ModuleType(part)
    sys.modules[name].ModelCheckpoint = ModelCheckpoint


def lightning() -> dict:
    lightning_modules()
    model = torch.nn.Linear(3, 2)
    torch.nn.init.constant_(model.weight, 0.5)
    torch.nn.init.constant_(model.bias, -1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-4)
    model(torch.ones(1, 3)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "global_step": 10**12,
        "pytorch-lightning_version": "1.4.2",
        "state_dict": model.state_dict(),
        "callbacks": {ModelCheckpoint: {"best_model_score": torch.tensor(0.1), "monitor": None,
                                        "score": numpy.float64(0.25), "path": b"last.ckpt"}},
        "optimizer_states": [optimizer.state_dict()],
        "lr_schedulers": [{"seen": {1, 2}, "type": torch.float32, "shape": torch.Size([2, 3])}],
        "loss": float("inf"),
    }


def parameter_dict() -> torch.nn.ParameterDict:
    """As torch pickled it when the textual inversion code was written: a module of parameters."""
    parameters = torch.nn.ParameterDict()
    parameters.__dict__.clear()
    parameters.__dict__.update(
        training=True, _parameters=collections.OrderedDict({"*": torch.nn.Parameter(torch.ones(2,
                                                                                               3))}),
        _buffers=collections.OrderedDict(), _non_persistent_buffers_set=set())
    return parameters


def repacked(checkpoint: bytes) -> bytes:
    """The archive as a general zip program writes it: deflated, with entries for folders."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(checkpoint)) as old, zipfile.ZipFile(stream, "w") as new:
        folder = old.namelist()[0].split("/")[0]
        for name in (f"{folder}/", f"{folder}/data/"):
            new.writestr(zipfile.ZipInfo(name), b"")
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return stream.getvalue()


class Pipe(io.RawIOBase):
    """Cannot go back, so that zipfile writes the sizes behind the entries."""

    def __init__(self) -> None:
        self.content = b""

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.content += bytes(data)
        return len(data)


def streamed(checkpoint: bytes) -> bytes:
    pipe = Pipe()
    with zipfile.ZipFile(io.BytesIO(checkpoint)) as old, zipfile.ZipFile(pipe, "w") as new:
        for name in old.namelist():
            new.writestr(zipfile.ZipInfo(name), old.read(name), zipfile.ZIP_DEFLATED)
    return pipe.content


def saved(value, **options) -> bytes:
    stream = io.BytesIO()
    torch.save(value, stream, **options)
    return stream.getvalue()


def python_2() -> bytes:
    """As Python 2 wrote state dicts: byte strings, and an OrderedDict made of a list of lists."""
    from hostile_legacy import legacy
    from pickle_assembler import call, glob, integer, legacy_storage, pickle_of, tuple_of

    def string(value: str) -> bytes:
        return b"U" + bytes([len(value)]) + value.encode()
    stored = legacy_storage("7", 4)
    weights = call(glob("torch._utils", "_rebuild_tensor"), stored, integer(0),
                   tuple_of(integer(2), integer(2)), tuple_of(integer(2), integer(1)))
    pairs = b"](](" + string("w") + weights + b"ee"
    return legacy(root=pickle_of(call(glob("collections", "OrderedDict"), pairs)))


def write(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    lines = []

    def add(name: str, content: bytes, expected: dict, holder: str = "", skipped: int = 0) -> None:
        (folder / f"{name}.ckpt").write_bytes(content)
        copies = {key: value.detach().clone().contiguous() for key, value in expected.items()}
        safetensors.torch.save_file(copies, folder / f"{name}.safetensors", {"format": "pt"})
        lines.append(f"{name}\t{holder}\t{skipped}\n")

    legacy = {"_use_new_zipfile_serialization": False}
    add("zip", saved(tensors()), tensors())
    add("zip_protocol_3", saved(tensors(), pickle_protocol=3), tensors())
    add("zip_protocol_4", saved(tensors(), pickle_protocol=4), tensors())
    add("zip_repacked", repacked(saved(tensors())), tensors())
    add("zip_streamed", streamed(saved(tensors())), tensors())
    add("zip_views", saved(views()), views())
    add("zip_views_repacked", repacked(saved(views())), views())
    add("legacy", saved(tensors(), **legacy), tensors())
    add("legacy_protocol_4", saved(tensors(), pickle_protocol=4, **legacy), tensors())
    add("legacy_views", saved(views(), **legacy), views())
    add("legacy_python_2", python_2(), {"w": torch.tensor([[1.0, 2.0], [3.0, 4.0]])})
    content = lightning()
    for name, options in {"lightning": {}, "lightning_protocol_4": {"pickle_protocol": 4},
                          "lightning_legacy": legacy}.items():
        add(name, saved(content, **options), content["state_dict"], "state_dict", len(content) - 1)
    vector = torch.linspace(-1, 1, 8).reshape(2, 4)
    add("embedding", saved({"string_to_token": {"*": 265}, "string_to_param": {"*": vector},
                            "name": "style",
                            "step": 500, "sd_checkpoint": None, "sd_checkpoint_name": None}),
        {"emb_params": vector}, "string_to_param", 5)
    add("embedding_of_parameters", saved({"string_to_token": {"*": torch.tensor(265)},
                                          "string_to_param": parameter_dict()}),
        {"emb_params": torch.ones(2, 3)}, "string_to_param", 1)
    add("embedding_diffusers", saved({"<style>": vector}), {"<style>": vector})
    add("embedding_sdxl", saved({"clip_l": vector, "clip_g": vector * 2}),
        {"clip_l": vector, "clip_g": vector * 2})
    add("bare_tensor", saved(torch.nn.Parameter(vector)), {"emb_params": vector})
    add("upscaler", saved({"params": {"w": vector}, "params_ema": {"w": vector + 1}}),
        {"w": vector + 1},
        "params_ema", 1)
    odd = {'quote " and \\': vector, "Grüße/日本": vector + 1, "line\n\t\x01\x7f": vector + 2,
           "": vector + 3}
    add("odd_names", saved(odd), odd)
    add("beside_plain_data", saved({"w": vector, "version": "1", "sizes": [1, 2], 5: vector,
                                    "nested": {"v": vector}}),
        {"w": vector}, "", 4)
    (folder / "honest.tsv").write_text("".join(lines), encoding="ascii")
