"""Checkpoints whose zip archive must be refused."""

import io
import struct
import zipfile
import zlib

from pickle_assembler import *

PICKLE = "archive/data.pkl"
STORAGE = "archive/data/0"


def with_entry(entry: zipfile.ZipInfo | str, content: bytes = b"x") -> bytes:
    return archive((PICKLE, GOOD), (STORAGE, FLOATS), (entry, content))


def patched(data: bytes, signature: bytes, name: str, offset: int, value: bytes) -> bytes:
    """Overwrites bytes of the header of `name`: of the central one (PK12) or the local one (PK34)."""
    name_at = {b"PK\x01\x02": 46, b"PK\x03\x04": 30}[signature]
    at = -1
    while True:
        at = data.index(signature, at + 1)
        if data[at + name_at:at + name_at + len(name)] == name.encode():
            return data[:at + offset] + value + data[at + offset + len(value):]


def both(data: bytes, name: str, central: int, local: int, value: bytes) -> bytes:
    return patched(patched(data, b"PK\x01\x02", name, central, value), b"PK\x03\x04", name, local,
                   value)


def size(value: int) -> bytes:
    return struct.pack("<I", value)


def packed_with(method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        entry = info(PICKLE)
        entry.compress_type = method
        file.writestr(entry, GOOD)
        file.writestr(info(STORAGE), FLOATS)
    return stream.getvalue()


def symlink() -> zipfile.ZipInfo:
    entry = info("archive/data/1")
    entry.create_system = 3
    entry.external_attr = 0o120777 << 16
    return entry


def overlapping() -> bytes:
    """Storages 0 to 99 whose central headers all mean the bytes of the first."""
    pickled = pickle_of(dict_of(*((text(f"w{i}"), tensor(storage(str(i), 4096),
                                                         (4096,))) for i in range(100))))
    content = bytes(range(256)) * 64
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as file:
        file.writestr(info(PICKLE), pickled)
        file.writestr(info(STORAGE), content)
        first = file.infolist()[-1]
        for i in range(1, 100):
            again = info(f"archive/data/{i}")
            again.header_offset, again.CRC = first.header_offset, first.CRC
            again.compress_size = again.file_size = len(content)
            file.filelist.append(again)
            file.NameToInfo[again.filename] = again
        file._didModify = True
    return stream.getvalue()


def descriptor_lies() -> bytes:
    """Storage 0 with its size behind it; that and the central header say 1 GiB."""
    whole = archive((PICKLE, GOOD), (STORAGE, FLOATS))
    central, end = whole.index(b"PK\x01\x02"), whole.rindex(b"PK\x05\x06")
    sizes = struct.pack("<III", zlib.crc32(FLOATS), 2**30, 2**30)
    moved = (whole[:central] + b"PK\x07\x08" + sizes + whole[central:end + 16]
             + size(central + 16) + whole[end + 20:])
    moved = patched(moved, b"PK\x03\x04", STORAGE, 6, b"\x08\x00")
    moved = patched(moved, b"PK\x03\x04", STORAGE, 14, bytes(12))
    moved = patched(moved, b"PK\x01\x02", STORAGE, 8, b"\x08\x00")
    return patched(moved, b"PK\x01\x02", STORAGE, 16, sizes)


def files():
    good = checkpoint(GOOD)
    zeros = bytes(32 << 20)
    damaged = "its zip archive is damaged"
    yield ("zip_pickle_bomb.ckpt", checkpoint(GOOD + bytes(65 << 20), packed=True),
           "at most 67108864 are read")
    many = 32 << 18
    bomb = archive((PICKLE, pickle_of(dict_of((text("w"), tensor(storage("0", many), (many,)))))),
                   (info(STORAGE, packed=True), zeros))
    yield "zip_storage_bomb.ckpt", bomb, "8 times what the file has"
    glimpse = archive((PICKLE, pickle_of(dict_of((text("w"), tensor(storage("0", many), (4,)))))),
                      (info(STORAGE, packed=True), zeros))
    yield "zip_storage_bomb_glimpsed.ckpt", glimpse, "out of proportion to its size"
    yield ("zip_pickle_twice.ckpt", with_entry(PICKLE, GOOD),
           'it has two entries of one name')
    yield ("zip_storage_twice.ckpt", with_entry(STORAGE, FLOATS),
           'it has two entries of one name')
    yield ("zip_two_folders.ckpt", with_entry("other/data.pkl", GOOD),
           "it has more than one data.pkl")
    yield "zip_no_pickle.ckpt", archive((STORAGE, FLOATS)), "but none of torch.save"
    yield ("zip_no_folder.ckpt", archive(("data.pkl", GOOD), ("data/0", FLOATS)),
           "but none of torch.save")
    yield ("zip_folder_above.ckpt", archive(("../data.pkl", GOOD), ("../data/0", FLOATS)),
           "but none of torch.save")
    for label, name in {"absolute": "/etc/passwd", "above": "../evil",
                        "above_inside": "archive/../../evil",
                        "backslash": "archive\\..\\evil", "other": "evil/data/0"}.items():
        shown = name.replace("\\", "\\\\")
        reason = "is none of torch.save" if name.startswith("archive/") else "is outside the folder"
        yield (f"zip_name_{label}.ckpt", with_entry(name),
               f'the entry "{shown}" of its zip archive {reason}')
    yield ("zip_unknown_entry.ckpt", with_entry("archive/setup.py"),
           'the entry "archive/setup.py" of its zip archive is none')
    yield "zip_storage_named_by_text.ckpt", with_entry("archive/data/0x"), "is none of torch.save"
    yield "zip_torchscript.ckpt", with_entry("archive/constants.pkl"), "it is a TorchScript program"
    yield ("zip_torchscript_code.ckpt", with_entry("archive/code/__torch__.py"),
           "it is a TorchScript program")
    yield "zip_symlink.ckpt", with_entry(symlink(), b"/etc/passwd"), "is a link or a device"
    yield "zip_encrypted.ckpt", both(good, STORAGE, 8, 6, b"\x01\x00"), "is encrypted"
    yield "zip_bzip2.ckpt", packed_with(zipfile.ZIP_BZIP2), "is packed with method 12"
    yield "zip_lzma.ckpt", packed_with(zipfile.ZIP_LZMA), "is packed with method 14"
    yield "zip_big_endian.ckpt", archive((PICKLE, GOOD), ("archive/byteorder", b"big"),
                                         (STORAGE, FLOATS)), \
        "little-endian machine"
    yield "zip_wrong_checksum.ckpt", both(good, STORAGE, 16, 14, size(1)), "CRC error"
    flipped = good.replace(FLOATS, FLOATS[:-1] + b"\x00")
    yield "zip_flipped_bit.ckpt", flipped, "CRC error"
    partly = checkpoint(pickle_of(dict_of((text("w"), tensor(storage("0", 4), (2,))))))
    yield "zip_flipped_bit_unread.ckpt", partly.replace(FLOATS, FLOATS[:-1] + b"\x00"), "CRC error"
    yield ("zip_central_size_lies.ckpt", patched(good, b"PK\x01\x02", STORAGE, 24, size(2**30)),
           damaged)
    yield ("zip_both_sizes_lie.ckpt", both(good, STORAGE, 24, 22, size(2**30)),
           "is stored with two sizes")
    yield ("zip_packed_size_lies.ckpt",
           both(both(good, STORAGE, 24, 22, size(2**30)), STORAGE, 20, 18, size(2**30)), damaged)
    packed = archive((info(PICKLE, packed=True), GOOD), (STORAGE, FLOATS))
    name = f'the entry "{PICKLE}" of its zip archive is'
    yield ("zip_deflated_size_too_large.ckpt", both(packed, PICKLE, 24, 22, size(60 << 20)),
           f"{name} shorter than its size")
    yield ("zip_deflated_size_too_small.ckpt", both(packed, PICKLE, 24, 22, size(40)),
           f"{name} longer than its size")
    yield "zip_offset_lies.ckpt", patched(good, b"PK\x01\x02", STORAGE, 42, size(7)), damaged
    yield "zip_overlapping.ckpt", overlapping(), damaged
    end = good.rindex(b"PK\x05\x06")
    yield "zip_count_lies.ckpt", good[:end + 8] + b"\xff\xff\xff\xff" + good[end + 12:], damaged
    yield "zip_directory_size_lies.ckpt", good[:end + 12] + size(2**31) + good[end + 16:], damaged
    yield "zip_truncated.ckpt", good[:len(good) // 2], damaged
    yield "zip_cut_end.ckpt", good[:-1], damaged
    yield "zip_only_a_signature.ckpt", b"PK\x03\x04", damaged
    yield "zip_data_descriptor_lies.ckpt", descriptor_lies(), damaged
