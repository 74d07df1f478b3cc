"""Opcodes of a pickle as bytes, and what surrounds one in a checkpoint."""

import io
import struct
import zipfile

PROTO2 = b"\x80\x02"
PROTO4 = b"\x80\x04"
STOP = b"."
MARK = b"("


def text(value: str) -> bytes:
    data = value.encode("utf-8", "surrogatepass")
    return b"X" + struct.pack("<I", len(data)) + data


def integer(value: int) -> bytes:
    if 0 <= value < 256:
        return b"K" + bytes([value])
    if -2**31 <= value < 2**31:
        return b"J" + struct.pack("<i", value)
    data = value.to_bytes(8, "little", signed=True)
    return b"\x8a" + bytes([len(data)]) + data


def glob(module: str, name: str) -> bytes:
    return b"c" + module.encode() + b"\n" + name.encode() + b"\n"


def tuple_of(*items: bytes) -> bytes:
    return MARK + b"".join(items) + b"t"


def dict_of(*pairs: tuple[bytes, bytes]) -> bytes:
    return b"}" + MARK + b"".join(k + v for k, v in pairs) + b"u"


def call(function: bytes, *arguments: bytes) -> bytes:
    return function + tuple_of(*arguments) + b"R"


def storage(key: str, elements: int, kind: str = "FloatStorage") -> bytes:
    return tuple_of(text("storage"), glob("torch", kind), text(key), text("cpu"),
                    integer(elements)) + b"Q"


def legacy_storage(key: str, elements: int) -> bytes:
    return tuple_of(text("storage"), glob("torch", "FloatStorage"), text(key), text("cpu"),
                    integer(elements), b"N") + b"Q"


def tensor(stored: bytes, shape: tuple, strides: tuple | None = None, offset: int = 0) -> bytes:
    if strides is None:
        strides, step = [], 1
        for size in reversed(shape):
            strides.insert(0, step)
            step *= max(size, 1)
    return call(glob("torch._utils", "_rebuild_tensor_v2"), stored, integer(offset),
                tuple_of(*map(integer, shape)), tuple_of(*map(integer, strides)), b"\x89",
                call(glob("collections", "OrderedDict")))


def pickle_of(root: bytes) -> bytes:
    return PROTO2 + root + STOP


# A dict of one honest tensor, "w" of four floats in storage 0.
GOOD = pickle_of(dict_of((text("w"), tensor(storage("0", 4), (4,)))))
FLOATS = struct.pack("<4f", 1, 2, 3, 4)


def info(name: str, packed: bool = False) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    return entry


def archive(*entries: tuple[zipfile.ZipInfo | str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        for entry, content in entries:
            file.writestr(info(entry) if isinstance(entry, str) else entry, content)
    return stream.getvalue()


def checkpoint(pickled: bytes, packed: bool = False, **storages: bytes) -> bytes:
    """A zip checkpoint; storages are given as s0=..., s1=...; without any, storage 0 is FLOATS."""
    stored = storages or {"s0": FLOATS}
    return archive((info("archive/data.pkl", packed), pickled), ("archive/byteorder", b"little"),
                   *((f"archive/data/{key[1:]}", data) for key, data in stored.items()),
                   ("archive/version", b"3\n"))


MAGIC = PROTO2 + b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19" + STOP
VERSION = pickle_of(b"M\xe9\x03")
MACHINE = pickle_of(dict_of((text("protocol_version"), b"M\xe9\x03"),
                            (text("little_endian"), b"\x88")))
