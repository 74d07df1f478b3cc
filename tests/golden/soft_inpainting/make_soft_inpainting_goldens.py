"""Writes soft_inpainting.safetensors: what AUTOMATIC1111's soft inpainting makes of latents.

Developer-only, as ../inpainting/make_inpainting_goldens.py, whose webui it uses. The functions of
extensions-builtin/soft-inpainting are run as they are.

    python make_soft_inpainting_goldens.py WEBUI

`original`, `made` and `renewed` are a picture's latent, one that has been made of it, and the mask of
the latent. CASE/blend/LEVEL is their blend at a noise level, CASE/changed the mask of what has
changed, at the latent's size, and CASE/overlay what is laid over the result, red, green, blue and alpha,
of picture.png of ../inpainting: of all of it, or of a region.
"""

import argparse
import pathlib
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("inpainting", "pictures")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from make_inpainting_goldens import webui_processing  # noqa: E402
from make_picture_goldens import Image, resize_across_then_down  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

SCALE = 8
WIDTH, HEIGHT = 64, 48  # of what is made
LEVELS = (14.6, 1.0, 0.03)
# bias, preservation, boost, mask influence, threshold, contrast; the region of the picture
CASES = {
    "default": ((1, 0.5, 4, 0, 0.5, 2), None),
    "mask": ((2, 1, 1, 1, 1, 4), None),
    "both": ((0.5, 4, 32, 0.4, 2.25, 1.5), None),
    "nothing": ((0, 0, 8, 0, 0, 0), None),
    "region": ((1, 0.5, 4, 0.2, 0.5, 2), (7, 5, 40, 30)),
}


def latents():
    generator = torch.Generator().manual_seed(7)
    shape = (1, 4, HEIGHT // SCALE, WIDTH // SCALE)
    original = torch.randn(shape, generator=generator)
    across = torch.linspace(0, 1, shape[3]).expand(shape[2:])
    renewed = (across * 255).round() / 255
    made = original + 2 * torch.randn(shape, generator=generator) * across
    return original, made, renewed


def soft_inpainting(webui, images, scope):
    source = webui / "extensions-builtin" / "soft-inpainting" / "scripts" / "soft_inpainting.py"
    modules = {"modules": types.ModuleType("modules"),
               "modules.images": images,
               "modules.processing": types.SimpleNamespace(**scope),
               "modules.scripts": types.SimpleNamespace(Script=object),
               "modules.torch_utils": types.SimpleNamespace(float64=lambda _: torch.float64),
               "gradio": types.ModuleType("gradio"),
               "modules.ui_components": types.SimpleNamespace(InputAccordion=None)}
    for name, module in modules.items():
        sys.modules[name] = module
        setattr(modules["modules"], name.rpartition(".")[2], module)
    soft = {"__name__": "soft_inpainting"}
    exec(compile(source.read_text(), str(source), "exec"), soft)
    return soft


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    webui = parser.parse_args().webui
    images, scope = webui_processing(webui)
    Image.Image.resize = resize_across_then_down
    soft = soft_inpainting(webui, images, scope)
    picture = Image.open(HERE.parent / "inpainting" / "picture.png").convert("RGB")
    original, made, renewed = latents()
    nmask = renewed.expand(4, *renewed.shape)
    tensors = {"original": original, "made": made, "renewed": renewed[None, None].contiguous()}

    resize_image = images.resize_image
    changed = []

    def watched(mode, image, *size):
        if image.mode == "L":
            changed.append(np.asarray(image))
        return resize_image(mode, image, *size)

    images.resize_image = watched
    for name, (values, region) in CASES.items():
        settings = soft["SoftInpaintingSettings"](*values)
        for level in LEVELS:
            share = soft["get_modified_nmask"](settings, nmask, torch.tensor(level))
            tensors[f"{name}/blend/{level}"] = soft["latent_blend"](settings, original, made, share)
        base = picture if region else resize_image(0, picture, WIDTH, HEIGHT)
        overlays = [base.convert("RGBA")]
        changed.clear()
        soft["apply_adaptive_masks"](settings, nmask, original, made, overlays, WIDTH, HEIGHT, region)
        tensors[f"{name}/changed"] = torch.tensor(changed[0])
        tensors[f"{name}/overlay"] = torch.tensor(np.asarray(overlays[0]))
    save_file(tensors, HERE / "soft_inpainting.safetensors")
    print(f"{len(tensors)} tensors")


if __name__ == "__main__":
    main()
