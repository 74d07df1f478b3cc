"""Checkpoints in torch's legacy format, and files of other formats, that must be refused."""

import struct

from pickle_assembler import *

OBJECT = pickle_of(dict_of((text("w"), tensor(legacy_storage("7", 4), (4,)))))
KEYS = pickle_of(b"](" + text("7") + b"e")
DATA = struct.pack("<q", 4) + FLOATS
ATTACK = pickle_of(call(glob("posix", "system"), text("id")))


def legacy(magic=MAGIC, version=VERSION, machine=MACHINE, root=OBJECT, keys=KEYS,
           data=DATA) -> bytes:
    return magic + version + machine + root + keys + data


def files():
    system = 'the global "system" of module "posix" at byte '
    yield "legacy_attack_first.ckpt", ATTACK, system + "2 of the file"
    yield "legacy_attack_as_version.ckpt", legacy(version=ATTACK), system
    yield "legacy_attack_as_machine.ckpt", legacy(machine=ATTACK), system
    at = len(MAGIC + VERSION + MACHINE) + 2
    yield "legacy_attack_as_object.ckpt", legacy(root=ATTACK), f"{system}{at} of the file"
    yield "legacy_attack_as_keys.ckpt", legacy(keys=ATTACK), system
    yield "legacy_attack_behind.ckpt", legacy() + ATTACK, "bytes behind the last storage"
    yield "legacy_wrong_magic.ckpt", legacy(magic=MAGIC.replace(b"\x19", b"\x18")), "magic number"
    yield "legacy_plain_pickle.ckpt", GOOD, "magic number"
    yield ("legacy_wrong_version.ckpt", legacy(version=pickle_of(integer(7))),
           "its version is not 1001")
    big = pickle_of(dict_of((text("little_endian"), b"\x89")))
    yield "legacy_big_endian.ckpt", legacy(machine=big), "little-endian machine"
    yield "legacy_no_byte_order.ckpt", legacy(machine=pickle_of(b"}")), "little-endian machine"
    yield "legacy_no_keys.ckpt", legacy(keys=pickle_of(b"}")), "it has no list of its storages"
    yield ("legacy_key_number.ckpt", legacy(keys=pickle_of(b"](K\x07e")),
           "its list of storages has the number 7")
    yield "legacy_key_missing.ckpt", legacy(keys=pickle_of(b"]"), data=b""), 'it has no storage "7"'
    other = pickle_of(b"](" + text("8") + b"e")
    yield "legacy_key_unknown.ckpt", legacy(keys=other), 'it lists storage "8", which no tensor has'
    twice = pickle_of(b"](" + text("7") + text("7") + b"e")
    yield "legacy_key_twice.ckpt", legacy(keys=twice, data=DATA * 2), 'it lists storage "7"'
    yield ("legacy_count_lies.ckpt", legacy(data=struct.pack("<q", 5) + FLOATS),
           "has 5 elements, its tensors say 4")
    yield ("legacy_count_negative.ckpt", legacy(data=struct.pack("<q", -4) + FLOATS),
           "its tensors say 4")
    huge = pickle_of(dict_of((text("w"), tensor(legacy_storage("7", 2**40), (4,)))))
    yield "legacy_storage_lies.ckpt", legacy(root=huge, data=struct.pack("<q", 2**40) + FLOATS), \
        'it ends before storage "7"'
    yield "legacy_cut_data.ckpt", legacy()[:-1], 'it ends before storage "7"'
    yield "legacy_cut_count.ckpt", legacy()[:-20], 'it ends before storage "7"'
    yield "legacy_cut_keys.ckpt", legacy()[:-len(DATA) - 3], "at byte"
    yield "format_empty.ckpt", b"", "neither a zip archive of torch.save nor its legacy format"
    yield ("format_text.ckpt", b"version https://git-lfs.github.com/spec/v1\n",
           "neither a zip archive")
    yield ("format_tar.ckpt", b"storages".ljust(257, b"\0") + b"ustar" + bytes(250),
           "neither a zip archive")
    yield ("format_safetensors.ckpt", struct.pack("<Q", 2) + b"{}",
           "seems to be a safetensors file already")
    yield "format_python_2_text.ckpt", b"cos\nsystem\n(S'id'\ntR.", "neither a zip archive"
