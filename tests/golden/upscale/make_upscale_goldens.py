"""Writes what spandrel's networks make of a picture, and AUTOMATIC1111 of tiles and whole pictures.

Developer-only: needs torch, spandrel, Pillow and a checkout of AUTOMATIC1111's webui, of which
nothing is committed here. split_grid, combine_grid and resize_image of its images.py, the functions
of its upscaler_utils.py and the class of its upscaler.py are run as they are.

    python make_upscale_goldens.py WEBUI

NAME.shapes lists the tensors of a small network of each kind in the spelling of its file; its values
are `weights_of` them, which the test computes as well. upscale.safetensors has for each `NAME/x` and
`NAME/y`, and pictures as bytes in floats. tiles.txt has lines WIDTH HEIGHT TILE OVERLAP SCALE FNV-1A.
"""

import argparse
import ast
import logging
import math
import os
import pathlib
import sys
import types
from collections import namedtuple
from unittest import mock

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file
from spandrel import ModelLoader
from spandrel.__helpers.size_req import pad_tensor
from spandrel.architectures.Compact import Compact
from spandrel.architectures.ESRGAN import ESRGAN

HERE = pathlib.Path(__file__).resolve().parent
sys.path.append(str(HERE.parent / "pictures"))
from make_picture_goldens import resize_across_then_down  # noqa: E402

BLOCKS = 2
FEATURES = 8
# in_nc, scale before the unshuffle, of RRDB networks.
RRDB = {"esrgan_x1": (3, 1), "esrgan_x2": (3, 2), "esrgan_x4": (3, 4), "esrgan_x8": (3, 8),
        "bsrgan_x2": (3, 2), "bsrgan_x4": (3, 4), "realesrgan_x4": (3, 4),
        "realesrgan_x2": (12, 4), "realesrgan_x1": (48, 4)}
COMPACT = {"compact_x1": 1, "compact_x2": 2, "compact_x4": 4}
# width, height, tile, overlap, scale: one tile, one row, one column, broken and whole multiples.
TILINGS = ((37, 23, 16, 4, 1), (37, 23, 16, 4, 2), (40, 16, 16, 8, 4), (16, 40, 16, 8, 2),
           (28, 28, 16, 4, 2), (29, 33, 12, 5, 3), (200, 197, 192, 8, 2), (16, 16, 16, 4, 4))
# network, width, height, width and height to reach.
PICTURES = (("compact_x2", 37, 23, 74, 46), ("compact_x2", 13, 9, 41, 27),
            ("compact_x2", 24, 16, 120, 80), ("compact_x4", 37, 23, 50, 40),
            ("compact_x1", 37, 23, 60, 40), ("realesrgan_x2", 37, 23, 74, 46),
            ("esrgan_x4", 20, 31, 64, 96), ("compact_x2", 200, 194, 400, 388))
LARGEST = 5000  # pixels that are kept of a picture, or some more


def noise(count, seed):
    """Numbers from -1 to 1 that integer arithmetic gives, so that any language has the same."""
    x = (np.arange(count, dtype=np.uint64) * 2654435761 + seed * 40503 + 1) % 2**32
    x ^= x >> np.uint64(15)
    x = x * 2246822519 % 2**32
    x ^= x >> np.uint64(13)
    return x.astype(np.float64) / 2**31 - 1


def weights_of(shapes):
    """Of [(name, shape)]: the place in the list is the seed."""
    weights = {}
    for seed, (name, shape) in enumerate(shapes):
        bound = 2.0 / math.sqrt(math.prod(shape[1:])) if len(shape) == 4 else 0.2
        values = noise(math.prod(shape), seed) * bound
        weights[name] = torch.from_numpy(values.astype(np.float32)).reshape(shape)
    return weights


def rename(name, kind):
    """A name of the first code as the later ones spell it."""
    if kind.startswith("esrgan"):
        return name
    bsrgan = kind.startswith("bsrgan")
    parts = name.split(".")
    kinds = parts[-1]
    if parts[:3] == ["model", "1", "sub"]:
        block = parts[3]
        if len(parts) == 5:
            return f"{'trunk_conv' if bsrgan else 'conv_body'}.{kinds}"
        dense, convolution = parts[4], parts[5]
        if bsrgan:
            return f"RRDB_trunk.{block}.{dense}.{convolution}.{kinds}"
        return f"body.{block}.{dense.lower()}.{convolution}.{kinds}"
    number = int(parts[1])
    doublings = int(math.log2(RRDB[kind][1]))
    if number == 0:
        return f"conv_first.{kinds}"
    if number == 3 * doublings + 2:
        return f"{'HRconv' if bsrgan else 'conv_hr'}.{kinds}"
    if number == 3 * doublings + 4:
        return f"conv_last.{kinds}"
    return f"{'upconv' if bsrgan else 'conv_up'}{number // 3}.{kinds}"


def networks():
    """name -> spandrel's descriptor of a network that is read from a state dict."""
    found = {}
    for name, (channels, scale) in RRDB.items():
        model = ESRGAN(in_nc=channels, num_filters=FEATURES, num_blocks=BLOCKS, scale=scale)
        found[name] = [(rename(key, name), tuple(value.shape))
                       for key, value in model.state_dict().items()]
    for name, scale in COMPACT.items():
        model = Compact(num_feat=FEATURES, num_conv=3, upscale=scale)
        found[name] = [(key, tuple(value.shape)) for key, value in model.state_dict().items()]
    loaded = {}
    for name, shapes in found.items():
        lines = [" ".join([key, *map(str, shape)]) for key, shape in shapes]
        (HERE / f"{name}.shapes").write_text("\n".join(lines) + "\n")
        loaded[name] = ModelLoader().load_from_state_dict(weights_of(shapes)).eval()
        expected = int(name.rsplit("_x", 1)[1])
        assert loaded[name].scale == expected, (name, loaded[name].scale)
    return loaded


def photo(width, height):
    y, x = np.mgrid[0:height, 0:width]
    channels = [(7 * x + 13 * y + 50 * c + (x * y) % 31) % 256 for c in range(3)]
    return Image.fromarray(np.stack(channels, -1).astype(np.uint8), "RGB")


def webui_functions(checkout, model_of):
    """What of the webui is needed, without the modules' imports. A path is a network's name."""
    def nodes(module, kinds, names):
        tree = ast.parse((checkout / "modules" / module).read_text())
        picked = [node for node in tree.body if isinstance(node, kinds) and node.name in names]
        assert len(picked) == len(names), (module, names)
        for node in picked:
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef):
                    inner.returns = None
                    for argument in inner.args.args + inner.args.kwonlyargs:
                        argument.annotation = None
        return ast.Module(picked, [])

    opts = types.SimpleNamespace(ESRGAN_tile=192, ESRGAN_tile_overlap=8,
                                 enable_upscale_progressbar=False, upscaler_for_img2img="None")
    images = {"Image": Image, "math": math, "np": np, "namedtuple": namedtuple, "opts": opts,
              "LANCZOS": Image.Resampling.LANCZOS, "shared": types.SimpleNamespace(sd_upscalers=[])}
    exec(compile(nodes("images.py", (ast.FunctionDef, ast.ClassDef),
                       {"Grid", "split_grid", "combine_grid", "resize_image"}), "images", "exec"),
         images)
    state = types.SimpleNamespace(interrupted=False)
    utils = {"Image": Image, "np": np, "torch": torch, "tqdm": __import__("tqdm"),
             "logger": logging.getLogger(), "images": types.SimpleNamespace(**images),
             "shared": types.SimpleNamespace(opts=opts, state=state),
             "devices": types.SimpleNamespace(without_autocast=torch.no_grad),
             "torch_utils": types.SimpleNamespace(
                 get_param=lambda model: next(model.model.parameters()))}
    exec(compile(nodes("upscaler_utils.py", ast.FunctionDef,
                       {"pil_image_to_torch_bgr", "torch_bgr_to_pil_image", "upscale_pil_patch",
                        "upscale_with_model"}), "upscaler_utils", "exec"), utils)
    scope = {"Image": Image, "PIL": mock.MagicMock(), "modules": mock.MagicMock(), "os": os,
             "shared": mock.MagicMock(models_path="", state=state),
             "abstractmethod": lambda function: function, "LANCZOS": Image.Resampling.LANCZOS}
    exec(compile(nodes("upscaler.py", ast.ClassDef, {"Upscaler", "UpscalerData"}), "upscaler",
                 "exec"), scope)

    class Networks(scope["Upscaler"]):
        def do_upscale(self, img, selected_model):  # esrgan_upscale
            # Without tiles where there would be one alone, which the webui fills up with black.
            tile = opts.ESRGAN_tile if min(img.size) >= opts.ESRGAN_tile else 0
            return utils["upscale_with_model"](model_of(selected_model), img, tile_size=tile,
                                               tile_overlap=opts.ESRGAN_tile_overlap)

    def upscale(name, image, size):
        images["shared"].sd_upscalers = [scope["UpscalerData"](name, name, Networks())]
        return images["resize_image"](0, image, *size, upscaler_name=name)
    return utils, upscale


def fnv1a(content):
    digest = 14695981039346656037
    for byte in content:
        digest = (digest ^ byte) * 1099511628211 % 2**64
    return digest


def stub(scale):
    """A network that tells where in its tile a pixel is."""
    def enlarge(_, tile):
        pixels = np.asarray(tile).astype(np.int64).repeat(scale, axis=0).repeat(scale, axis=1)
        y, x = np.mgrid[0:pixels.shape[0], 0:pixels.shape[1]]
        return Image.fromarray(((pixels + (3 * x + 5 * y)[..., None]) % 256).astype(np.uint8))
    return enlarge


def write_tiles(utils):
    lines = []
    for width, height, tile, overlap, scale in TILINGS:
        with mock.patch.dict(utils, upscale_pil_patch=stub(scale)):
            made = utils["upscale_with_model"](None, photo(width, height), tile_size=tile,
                                               tile_overlap=overlap)
        digest = fnv1a(np.asarray(made).tobytes())
        lines.append(f"{width} {height} {tile} {overlap} {scale} {digest}\n")
    (HERE / "tiles.txt").write_text("".join(lines))


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    checkout = parser.parse_args().webui
    torch.set_num_threads(1)
    Image.Image.resize = resize_across_then_down
    loaded = networks()
    utils, upscale = webui_functions(checkout, loaded.__getitem__)
    write_tiles(utils)
    goldens = {}
    for seed, (name, model) in enumerate(loaded.items()):
        x = torch.from_numpy((noise(3 * 7 * 6, 1000 + seed) / 2 + 0.5).astype(np.float32))
        x = x.reshape(1, 3, 7, 6)
        _, padded = pad_tensor(x, model.size_requirements)  # as the descriptor, which also clamps
        y = model.model(padded)[..., :7 * model.scale, :6 * model.scale]
        goldens[f"{name}/x"], goldens[f"{name}/y"] = x, y
    for name, width, height, *size in PICTURES:
        made = torch.from_numpy(np.asarray(upscale(name, photo(width, height), size)).copy()).float()
        stride = max(1, int(math.sqrt(size[0] * size[1] / LARGEST)))
        goldens[f"picture {name} {width} {height} {size[0]} {size[1]} {stride}"] = made[::stride,
                                                                                       ::stride]
    path = HERE / "upscale.safetensors"
    save_file({key: value.contiguous() for key, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
