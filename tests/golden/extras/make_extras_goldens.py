"""Writes extras.txt: what AUTOMATIC1111's "Extras" make of a picture that is only enlarged.

Developer-only: needs Pillow and a checkout of AUTOMATIC1111's webui, of which nothing is committed
here. The class of its scripts/postprocessing_upscale.py and those of its upscaler.py are run as they
are, with a network that doubles pixels beside Lanczos and Nearest.

    python make_extras_goldens.py WEBUI

Each line is WIDTH HEIGHT SCALE TO_WIDTH TO_HEIGHT CROP UPSCALER SECOND VISIBILITY, then the width,
height and FNV-1A of what is made, and the pairs of its infotext. A SCALE of 0 is none.
"""

import argparse
import ast
import os
import pathlib
import sys
import types
from unittest import mock

import numpy as np
from PIL import Image

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("pictures", "upscale")]
from make_picture_goldens import resize_across_then_down  # noqa: E402
from make_upscale_goldens import fnv1a, photo  # noqa: E402

CASES = ((37, 23, 2, 0, 0, 0, "Lanczos", "-", 0), (37, 23, 1, 0, 0, 0, "Nearest", "-", 0),
         (37, 23, 2.5, 0, 0, 0, "Nearest", "-", 0), (37, 23, 8, 0, 0, 0, "Lanczos", "-", 0),
         (37, 23, 0, 64, 64, 1, "Lanczos", "-", 0), (37, 23, 0, 64, 64, 0, "Lanczos", "-", 0),
         (100, 60, 0, 48, 32, 1, "Nearest", "-", 0), (37, 23, 2, 0, 0, 0, "Nearest", "Lanczos", 0.3),
         (37, 23, 0, 96, 48, 1, "Lanczos", "Nearest", 0.75), (37, 23, 3, 0, 0, 0, "doubler", "-", 0),
         (37, 23, 1, 0, 0, 0, "doubler", "-", 0), (37, 23, 8, 0, 0, 0, "doubler", "-", 0),
         (37, 23, 0, 64, 40, 1, "doubler", "Lanczos", 0.5), (100, 60, 0, 48, 32, 1, "doubler", "-", 0))


def classes(path, names, scope):
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and node.name in names:
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef):
                    for argument in inner.args.args:
                        argument.annotation = None
            exec(compile(ast.Module([node], []), path.name, "exec"), scope)
    return scope


def webui_process(checkout):
    opts = types.SimpleNamespace(use_upscaler_name_as_suffix=False, upscaling_max_images_in_cache=0,
                                 ESRGAN_tile=192, ESRGAN_tile_overlap=8)
    shared = mock.MagicMock(models_path="", opts=opts, state=types.SimpleNamespace(interrupted=False))
    scope = {"Image": Image, "PIL": mock.MagicMock(), "modules": mock.MagicMock(), "os": os,
             "shared": shared, "abstractmethod": lambda function: function,
             "LANCZOS": Image.Resampling.LANCZOS, "NEAREST": Image.Resampling.NEAREST}
    classes(checkout / "modules" / "upscaler.py",
            {"Upscaler", "UpscalerData", "UpscalerLanczos", "UpscalerNearest"}, scope)

    class Doubler(scope["Upscaler"]):
        def do_upscale(self, img, selected_model=None):
            return img.resize((2 * img.width, 2 * img.height), Image.Resampling.NEAREST)

    data = scope["UpscalerData"]
    shared.sd_upscalers = [*scope["UpscalerLanczos"]().scalers, *scope["UpscalerNearest"]().scalers,
                           data("doubler", "doubler", Doubler())]
    script = {"Image": Image, "np": np, "shared": shared, "upscale_cache": {},
              "scripts_postprocessing": types.SimpleNamespace(ScriptPostprocessing=object)}
    classes(checkout / "scripts" / "postprocessing_upscale.py",
            {"limit_size_by_one_dimention", "ScriptPostprocessingUpscale"}, script)
    return script["ScriptPostprocessingUpscale"]().process


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    Image.Image.resize = resize_across_then_down
    process = webui_process(parser.parse_args().webui)
    lines = []
    for case in CASES:
        width, height, scale, to_width, to_height, crop, first, second, visibility = case
        pp = types.SimpleNamespace(image=photo(width, height), info={}, nametags=[])
        process(pp, upscale_mode=0 if scale else 1, upscale_by=scale, upscale_to_width=to_width,
                upscale_to_height=to_height, upscale_crop=bool(crop), upscaler_1_name=first,
                upscaler_2_name=None if second == "-" else second, upscaler_2_visibility=visibility)
        info = ", ".join(f"{key}: {value}" for key, value in pp.info.items())
        made = [*pp.image.size, fnv1a(np.asarray(pp.image).tobytes())]
        lines.append(" ".join(map(str, (*case, *made, info))) + "\n")
    (HERE / "extras.txt").write_text("".join(lines))
    print("".join(lines), end="")


if __name__ == "__main__":
    main()
