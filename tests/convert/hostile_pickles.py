"""Checkpoints whose pickle must be refused."""

import struct

from pickle_assembler import *

NEEDLESS = "is none that tensors need"

# What real attacks call: shells, evaluators, loaders of further pickles and code, file deletion,
# network, and the detours that scanners have missed.
GLOBALS = [
    ("posix", "system"), ("nt", "system"), ("os", "system"), ("os", "popen"), ("os", "execv"),
    ("subprocess", "Popen"), ("subprocess", "check_output"), ("pty", "spawn"),
    ("builtins", "eval"), ("builtins", "exec"), ("builtins", "getattr"), ("builtins", "__import__"),
    ("builtins", "open"), ("builtins", "compile"), ("__builtin__", "eval"),
    ("__builtin__", "apply"),
    ("importlib", "import_module"), ("runpy", "_run_code"), ("operator", "attrgetter"),
    ("operator", "methodcaller"), ("functools", "partial"), ("types", "CodeType"),
    ("types", "FunctionType"), ("marshal", "loads"), ("pickle", "loads"), ("_pickle", "loads"),
    ("torch", "load"), ("torch.serialization", "load"), ("torch.storage", "_load_from_bytes"),
    ("torch.hub", "load"), ("torch.jit", "load"), ("torch.utils.cpp_extension", "load_inline"),
    ("torch._utils", "_rebuild_wrapper_subclass"), ("torch._tensor", "_rebuild_from_type_v2"),
    ("torch._utils", "_rebuild_device_tensor_from_numpy"), ("torch.storage", "UntypedStorage"),
    ("numpy.testing._private.utils", "runstring"), ("numpy.core.multiarray", "_reconstruct"),
    ("numpy", "load"), ("numpy", "ndarray"), ("ctypes", "CDLL"), ("shutil", "rmtree"),
    ("webbrowser", "open"), ("socket", "create_connection"), ("urllib.request", "urlopen"),
    ("http.client", "HTTPSConnection"), ("pip", "main"), ("cProfile", "run"), ("timeit", "timeit"),
    ("bdb", "Bdb"), ("pdb", "run"), ("code", "interact"), ("copyreg", "_reconstructor"),
    ("joblib", "load"), ("dill._dill", "_create_code"), ("cloudpickle.cloudpickle",
                                                         "_builtin_type"),
    ("pytorch_lightning.callbacks", "model_checkpoint"), ("collections", "namedtuple"),
    ("collections", "OrderedDict.__reduce__"), ("torch", "FloatStorage.__class__"),
    ("torch._utils", "_rebuild_tensor_v2.__globals__"), ("", ""),
]


def short_text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def nested(depth: int) -> bytes:
    return b")" + b"\x85" * depth


def laughs() -> bytes:
    """Ten tuples of ten of the one before: 10^10 ends, in 400 bytes."""
    level = text("lol") + b"q\x00"
    for i in range(10):
        level += MARK + b"h" + bytes([i]) + (b"h" + bytes([i])) * 9 + b"tq" + bytes([i + 1])
    return MARK + level + b"t"


def tensor_root(stored: bytes, *arguments, **keywords) -> bytes:
    return pickle_of(dict_of((text("w"), tensor(stored, *arguments, **keywords))))


def globals_files():
    for module, name in GLOBALS:
        pickled = pickle_of(glob(module, name) + tuple_of(text("echo owned")) + b"R")
        label = f"{module}_{name}".replace(".", "_").lower() or "empty"
        if label == "_":
            label = "empty"
        yield (f"global_{label}.ckpt", checkpoint(pickled),
               f'the global "{name}" of module "{module}" at byte 2 of "archive/data.pkl" {NEEDLESS}')
    pickled = PROTO4 + short_text("posix") + short_text("system") + b"\x93" + short_text("id") + b"\x85R."
    yield ("stack_global_system.ckpt", checkpoint(pickled),
           f'the global "system" of module "posix" at byte 17 of "archive/data.pkl" {NEEDLESS}')
    memoized = (PROTO4 + short_text("system") + b"\x94" + short_text("posix") + b"\x94" + b"h\x01h\x00\x93"
                + short_text("id") + b"\x85R.")
    yield ("stack_global_from_memo.ckpt", checkpoint(memoized),
           'the global "system" of module "posix"')
    yield ("stack_global_without_texts.ckpt", checkpoint(PROTO4 + b"K\x01K\x02\x93."),
           "opcode STACK_GLOBAL at byte 6 of \"archive/data.pkl\" names a global without a text")
    yield ("global_with_terminal_codes.ckpt",
           checkpoint(pickle_of(b"c\x1b[2J\x1b]0;owned\x07\nsystem\n")),
           r'the global "system" of module "\x1b[2J\x1b]0;owned\x07" at byte 2')
    yield ("global_hidden_late.ckpt",
           checkpoint(pickle_of(dict_of((text("w"), tensor(storage("0", 4), (4,))),
                                        (text("x"), call(glob("os", "system"), text("id")))))),
           'the global "system" of module "os"')
    yield ("global_endless_line.ckpt", checkpoint(pickle_of(b"c" + b"a" * 300 + b"\nb\n")),
           "opcode GLOBAL at byte 2 of \"archive/data.pkl\" has no line of at most 256 bytes")


def opcode_files():
    empty_call = glob("collections", "OrderedDict")
    bodies = {
        "inst": (b"(X\x02\x00\x00\x00idiposix\nsystem\n", "INST at byte 10"),
        "obj": (MARK + empty_call + b"o", "OBJ at byte 28"),
        "newobj_ex": (empty_call + b")}\x92", "NEWOBJ_EX at byte 29"),
        "ext1": (b"\x82\x01", "EXT1 at byte 2"),
        "ext2": (b"\x83\x01\x00", "EXT2 at byte 2"),
        "ext4": (b"\x84\x01\x00\x00\x00", "EXT4 at byte 2"),
        "persid": (b"Pposix.system\n", "PERSID at byte 2"),
        "int": (b"I1\n", "INT at byte 2"),
        "long": (b"L1L\n", "LONG at byte 2"),
        "float": (b"F1.5\n", "FLOAT at byte 2"),
        "string": (b"S'a'\n", "STRING at byte 2"),
        "unicode": (b"Va\n", "UNICODE at byte 2"),
        "dict": (MARK + b"d", "DICT at byte 3"),
        "list": (MARK + b"l", "LIST at byte 3"),
        "get": (b"g0\n", "GET at byte 2"),
        "put": (b"Np0\n", "PUT at byte 3"),
        "pop": (b"N0", "POP at byte 3"),
        "pop_mark": (MARK + b"1", "POP_MARK at byte 3"),
        "dup": (b"N2", "DUP at byte 3"),
        "frozenset": (MARK + b"\x91", "FROZENSET at byte 3"),
        "bytearray8": (b"\x96" + struct.pack("<Q", 0), "BYTEARRAY8 at byte 2"),
        "next_buffer": (b"\x97", "NEXT_BUFFER at byte 2"),
        "readonly_buffer": (b"N\x98", "READONLY_BUFFER at byte 3"),
        "unknown": (b"\x07", "0x07 at byte 2"),
        "long4": (b"\x8b\xff\xff\xff\x7f", "LONG4 at byte 2"),
    }
    for name, (body, found) in bodies.items():
        yield (f"opcode_{name}.ckpt", checkpoint(pickle_of(body)),
               f'opcode {found} of "archive/data.pkl" {NEEDLESS}')
    for protocol in (0, 1, 5, 255):
        yield (f"protocol_{protocol}.ckpt", checkpoint(b"\x80" + bytes([protocol]) + GOOD[2:]),
               f"opcode PROTO at byte 0 of \"archive/data.pkl\" asks for protocol {protocol}")
    yield ("protocol_twice.ckpt", checkpoint(PROTO2 + GOOD),
           'opcode PROTO at byte 2 of "archive/data.pkl" is not at the beginning')
    yield ("protocol_missing.ckpt", checkpoint(GOOD[2:]), "is at the beginning instead of PROTO")


def length_files():
    lengths = {
        "binunicode": (b"X\xff\xff\xff\xff", "BINUNICODE", 2**32 - 1),
        "binunicode8": (b"\x8d" + b"\xff" * 8, "BINUNICODE8", 2**64 - 1),
        "binunicode8_signed": (b"\x8d" + struct.pack("<Q", 2**63 - 1), "BINUNICODE8", 2**63 - 1),
        "binbytes": (b"B\xff\xff\xff\x7f", "BINBYTES", 2**31 - 1),
        "binbytes8": (b"\x8e" + struct.pack("<Q", 2**40), "BINBYTES8", 2**40),
        "binstring": (b"T\xff\xff\xff\x7f", "BINSTRING", 2**31 - 1),
        "long1": (b"\x8a\xff", "LONG1", 255),
        "frame": (b"\x95" + struct.pack("<Q", 2**62), "FRAME", 2**62),
    }
    for name, (body, opcode, size) in lengths.items():
        yield (f"length_{name}.ckpt", checkpoint(pickle_of(body)),
               f'opcode {opcode} at byte 2 of "archive/data.pkl" needs {size} bytes where 1 are left')
    yield ("empty_pickle.ckpt", checkpoint(b""), "comes before the opcode STOP")
    yield ("no_stop.ckpt", checkpoint(GOOD[:-1]), "comes before the opcode STOP")
    yield ("second_pickle_behind.ckpt", checkpoint(GOOD + pickle_of(call(glob("os", "system"),
                                                                         text("id")))),
           "bytes behind the opcode STOP")


def machine_files():
    ordered = glob("collections", "OrderedDict")
    cases = {
        "reduce_no_global": (b"K\x01)R",
                             "opcode REDUCE at byte 5 of \"archive/data.pkl\" applies the number 1"),
        "reduce_no_tuple": (ordered + b"]R", "to a list of 0"),
        "reduce_result": (call(call(ordered)), "applies a dict of 0"),
        "reduce_storage_type": (call(glob("torch", "FloatStorage"), integer(2**40)),
                                'calls the global "FloatStorage" of module "torch", which no checkpoint does'),
        "reduce_dtype_name": (call(glob("torch", "float32")),
                              'calls the global "float32" of module "torch", which'),
        "reduce_lightning": (call(glob("pytorch_lightning.callbacks.model_checkpoint",
                                       "ModelCheckpoint"),
                                  text("/etc")), 'calls the global "ModelCheckpoint"'),
        "reduce_ordered_dict_of_text": (call(ordered, text("a")), "with something that is no list"),
        "reduce_ordered_dict_of_ones": (call(ordered, b"](K\x01e"),
                                        "a list that holds something else than pairs"),
        "reduce_encode_number": (call(glob("_codecs", "encode"), integer(1), text("rot13")),
                                 'calls the global "encode" of module "_codecs" with other arguments'),
        "reduce_set_of_text": (call(glob("builtins", "set"), text("a")), 'calls the global "set"'),
        "reduce_size_of_list": (call(glob("torch", "Size"), b"]"), 'calls the global "Size"'),
        "reduce_numpy_scalar": (call(glob("numpy.core.multiarray", "scalar"), text("f8"),
                                     text("x")),
                                'calls the global "scalar"'),
        "reduce_parameter_of_dict": (call(glob("torch._utils", "_rebuild_parameter"), b"}", b"\x89",
                                          b"}"),
                                     'calls the global "_rebuild_parameter"'),
        "newobj_storage": (glob("torch", "FloatStorage") + b")\x81",
                           'makes an object of the global "FloatStorage"'),
        "newobj_with_arguments": (ordered + b"K\x01\x85\x81", "makes an object of"),
        "newobj_encode": (glob("_codecs", "encode") + b")\x81", "makes an object of"),
        "build_dict": (b"}}b",
                       "opcode BUILD at byte 4 of \"archive/data.pkl\" gives attributes to a dict of 0"),
        "build_global": (glob("torch", "FloatStorage") + b"}b", "gives attributes to the global"),
        "build_tensor": (tensor(storage("0", 4), (4,)) + b"}b", "gives attributes to a tensor"),
        "build_ordered_with_tuple": (call(ordered) + b")b", "gives attributes to a dict of 0"),
        "tuple_without_mark": (b"t",
                               "opcode TUPLE at byte 2 of \"archive/data.pkl\" has no MARK before it"),
        "tuple_below_mark": (b"K\x01(\x85",
                             "opcode TUPLE1 at byte 5 of \"archive/data.pkl\" takes more values"),
        "append_to_dict": (b"}K\x01a", "adds to a dict of 0, which is no list"),
        "append_to_mark": (b"](K\x01a", "has no list to add to"),
        "set_item_of_list": (b"]K\x01K\x02s", "adds to a list of 0, which is no dict"),
        "set_items_odd": (b"}(K\x01u", "has a key without a value"),
        "add_items_to_number_type": (glob("numpy", "dtype") + tuple_of(text("f8"), b"\x89",
                                                                       b"\x88") + b"R(\x90",
                                     "adds to no set"),
        "put_of_nothing": (b"q\x00", "keeps a value of an empty stack"),
        "get_of_nothing": (b"h\x07", "takes value 7, which was never kept"),
        "long_get_of_nothing": (b"j\xff\xff\xff\xff",
                                "takes value 4294967295, which was never kept"),
        "stop_with_two": (b"NN", "leaves 2 values instead of one"),
        "stop_with_none": (b"", "leaves 0 values instead of one"),
        "stop_inside_mark": (b"(N", "instead of one"),
    }
    for name, (body, reason) in cases.items():
        yield f"{name}.ckpt", checkpoint(pickle_of(body)), reason


def bomb_files():
    yield ("billion_laughs.ckpt", checkpoint(pickle_of(laughs())),
           "it holds a tuple of 11 where a dict")
    yield ("deep_tuples.ckpt", checkpoint(pickle_of(nested(1_000_000)), packed=True),
           "it holds a tuple of 1 where a dict")
    yield ("deep_lists.ckpt", checkpoint(pickle_of(b"]" * 500_000 + b"a" * 499_999), packed=True),
           "it holds a list of 1 where a dict")
    yield ("list_in_itself.ckpt", checkpoint(pickle_of(b"]q\x00h\x00a")),
           "it holds a list of 1 where a dict")
    yield ("dict_in_itself.ckpt", checkpoint(pickle_of(b"}q\x00" + text("state_dict") + b"h\x00s")),
           "it holds no tensors")
    yield ("memo_bomb.ckpt", checkpoint(pickle_of(b"N" + b"\x94" * 4_200_000), packed=True),
           "takes more than 4194304 steps")
    yield ("memo_far_away.ckpt", checkpoint(pickle_of(b"Nr\xff\xff\xff\xff")),
           "it holds None where a dict")
    yield ("stack_bomb.ckpt", checkpoint(pickle_of(b"}" * 4_200_000), packed=True),
           "takes more than 4194304 steps")
    yield ("mark_bomb.ckpt", checkpoint(pickle_of(b"(" * 4_200_000), packed=True),
           "takes more than 4194304 steps")
    pairs = b"](" + (b"]q\x01(NNe" + b"h\x01" * 20_000) + b"eq\x00"
    copies = pairs + (glob("collections", "OrderedDict") + b"h\x00\x85R") * 400
    yield ("copies_of_a_list.ckpt", checkpoint(pickle_of(copies), packed=True),
           "takes more than 4194304 steps")


def tensor_files():
    four = storage("0", 4)
    beyond = "a tensor that reaches beyond the 4 elements of its storage"
    sizes = "a shape and strides that are not two tuples"
    rebuild = glob("torch._utils", "_rebuild_tensor_v2")
    cases = {
        "beyond_by_shape": (tensor_root(four, (5,)), beyond),
        "beyond_by_offset": (tensor_root(four, (4,), offset=1), beyond),
        "beyond_by_far_offset": (tensor_root(four, (1,), offset=2**63 - 1), beyond),
        "beyond_by_stride": (tensor_root(four, (2, 2), (3, 1)), beyond),
        "stride_overflow": (tensor_root(four, (3,), (2**62,)), beyond),
        "stride_sum_overflow": (tensor_root(four, (2, 2), (2**62, 2**62)), beyond),
        "shape_overflow": (tensor_root(four, (2**32, 2**32), (0, 0)), "a shape that is too large"),
        "shape_overflow_to_small": (tensor_root(four, (2**62, 4, 1), (0, 0, 0)),
                                    "a shape that is too large"),
        "shape_overflow_beside_zero": (tensor_root(four, (0, 2**40, 2**40), (0, 0, 0)),
                                       "a shape that is too large"),
        "shape_negative": (tensor_root(four, (-4,), (1,)), sizes),
        "stride_negative": (tensor_root(four, (4,), (-1,), offset=3), sizes),
        "offset_negative": (tensor_root(four, (4,), offset=-1), "an offset that is no number >= 0"),
        "nine_dimensions": (tensor_root(four, (1,) * 9), sizes),
        "shape_longer_than_strides": (tensor_root(four, (2, 2), (1,)), sizes),
        "shape_of_bools": (pickle_of(call(rebuild, four, integer(0), tuple_of(b"\x88"),
                                          tuple_of(b"\x88"), b"\x89",
                                          b"}")), sizes),
        "no_storage": (pickle_of(call(rebuild, text("0"), integer(0), b")", b")", b"\x89", b"}")),
                       "something that is no storage"),
        "few_arguments": (pickle_of(call(rebuild, four, integer(0), b")", b")")),
                          "with 4 arguments"),
        "wrong_hooks": (pickle_of(call(rebuild, four, integer(0), b")", b")", b"\x89",
                                       text("hook"))),
                        "flags and hooks of other types"),
        "conjugate": (pickle_of(call(rebuild, four, integer(0), b")", b")", b"\x89", b"}",
                                     dict_of((text("conj"), b"\x88")))), "conjugate or negative"),
        "expanded_to_much": (tensor_root(storage("0", 4), (2**40, 4), (0, 1)),
                             "its tensors take more than"),
        "shared_by_many": (pickle_of(dict_of(*((text(f"w{i}"), tensor(storage("0", 4096), (4096,)))
                                               for i in range(300)))),
                                               "its tensors take more than"),
        "storage_too_large": (tensor_root(storage("0", 2**62), (4,)), "which is too large"),
        "storage_of_another_size": (tensor_root(storage("0", 5), (4,)),
                                    "has 16 bytes, its tensors say 20"),
        "storage_missing": (tensor_root(storage("1", 4), (4,)), 'it has no storage "1"'),
        "storage_outside": (tensor_root(storage("../byteorder", 4), (1,)),
                            'it has no storage "../byteorder"'),
        "storage_retyped": (pickle_of(dict_of((text("a"), tensor(storage("0", 4), (4,))),
                                              (text("b"),
                                               tensor(storage("0", 4, "IntStorage"), (4,))))),
                            'gives storage "0" another type or size than before'),
        "storage_id_number": (pickle_of(integer(7) + b"Q"),
                              "refers to something that is no storage"),
        "storage_id_module": (pickle_of(tuple_of(text("module"), glob("torch", "FloatStorage"),
                                                 text("a.py"),
                                                 text("import os"), integer(1)) + b"Q"),
                              "refers to something that is no storage"),
        "storage_id_no_type": (pickle_of(tuple_of(text("storage"), text("FloatStorage"), text("0"),
                                                  text("cpu"),
                                                  integer(4)) + b"Q"),
                                                  "refers to something that is no storage"),
        "storage_id_view": (pickle_of(tuple_of(text("storage"), glob("torch", "FloatStorage"),
                                               text("0"), text("cpu"),
                                               integer(4),
                                               tuple_of(text("1"), integer(0), integer(4))) + b"Q"),
                            "refers to something that is no storage"),
        "name_twice": (pickle_of(dict_of((text("w"), tensor(four, (4,))),
                                         (text("w"), tensor(four, (2,))))),
                       'it has the tensor "w" twice'),
        "name_no_text": (pickle_of(dict_of((b"X\x02\x00\x00\x00\xff\xfe", tensor(four, (4,))))),
                         "of a tensor is no text"),
        "name_half_surrogate": (pickle_of(dict_of((text("\ud800"), tensor(four, (4,))))),
                                "of a tensor is no text"),
        "name_reserved": (pickle_of(dict_of((text("__metadata__"), tensor(four, (4,))))),
                          "which is reserved"),
        "no_tensors": (pickle_of(dict_of((text("epoch"), integer(3)))), "it holds no tensors"),
        "root_is_a_list": (pickle_of(b"](" + tensor(four, (4,)) + b"e"),
                           "it holds a list of 1 where a dict"),
        "root_is_a_text": (pickle_of(text("hello")), 'it holds the text "hello" where a dict'),
    }
    for name, (pickled, reason) in cases.items():
        stored = {"s0": bytes(4096 * 4)} if name == "shared_by_many" else {}
        yield f"tensor_{name}.ckpt", checkpoint(pickled, **stored), reason


def files():
    for make in (globals_files, opcode_files, length_files, machine_files, bomb_files,
                 tensor_files):
        yield from make()
