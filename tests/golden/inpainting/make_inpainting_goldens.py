"""Writes a picture, masks, and expected.txt: what AUTOMATIC1111's inpainting makes of them.

Developer-only: needs numpy, Pillow, OpenCV, torch and a checkout of AUTOMATIC1111's webui, of which
nothing is committed here. StableDiffusionProcessingImg2Img.init and apply_overlay are run as they
are, around an encoder that keeps what it is given.

    python make_inpainting_goldens.py WEBUI

A line of expected.txt is: MASK BLUR INVERTED FILLS PADDING MODE WIDTH HEIGHT, where a padding of -1
is the whole picture, and the SHA-256 of the picture that is begun with, its mask, the mask of the
latent (0 or 1), what is laid over the result, and the result of a picture with inverted colours.
"""

import argparse
import ast
import hashlib
import pathlib
import sys
import types

import cv2
import numpy as np
import torch
from PIL import Image, ImageFilter, ImageOps

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "pictures"))

from make_picture_goldens import photo, resize_across_then_down, webui_images  # noqa: E402

SCALE = 8
MODES = {"stretch": 0, "crop": 1, "fill": 2}
CASES = [
    # mask, blur, inverted, fills, padding, mode, width, height
    ("disc.png", 4, 0, 0, -1, "stretch", 64, 48),
    ("disc.png", 0, 0, 0, -1, "stretch", 56, 40),
    ("disc.png", 4, 1, 0, -1, "crop", 48, 64),
    ("disc.png", 1, 0, 1, -1, "fill", 48, 64),
    ("disc.png", 4, 0, 1, -1, "stretch", 64, 48),
    ("disc.png", 9, 1, 1, -1, "stretch", 64, 48),
    ("disc.png", 64, 0, 1, -1, "stretch", 64, 48),
    ("disc.png", 4, 0, 0, 0, "stretch", 64, 64),
    ("disc.png", 2, 0, 1, 7, "stretch", 64, 32),
    ("disc.png", 2, 1, 0, 8, "stretch", 32, 64),
    ("soft.png", 0, 0, 1, -1, "stretch", 64, 48),
    ("soft.png", 3, 0, 0, 4, "stretch", 40, 40),
    ("corner.png", 4, 0, 0, 0, "stretch", 64, 64),
    ("corner.png", 0, 0, 1, 0, "crop", 64, 32),
    ("corner.png", 0, 0, 0, 3, "fill", 32, 64),
    ("corner.png", 5, 0, 1, 256, "stretch", 64, 64),
    ("alpha.png", 2, 0, 0, -1, "stretch", 64, 48),
    ("alpha.png", 2, 0, 1, 5, "stretch", 64, 64),
    ("colour.png", 0, 0, 0, -1, "stretch", 56, 40),
]


def write_masks(size):
    y, x = np.mgrid[0:size[1], 0:size[0]]
    disc = (255 * ((x - 35) ** 2 + (y - 20) ** 2 < 120)).astype(np.uint8)
    Image.fromarray(disc).save(HERE / "disc.png")
    soft = np.clip(300 - 20 * np.hypot(x - 25, y - 25), 0, 255).astype(np.uint8)
    Image.fromarray(soft).save(HERE / "soft.png")
    corner = np.zeros_like(disc)
    corner[-6:, -9:-1] = 255
    Image.fromarray(corner).save(HERE / "corner.png")
    alpha = Image.new("RGBA", size, "white")
    alpha.putalpha(Image.fromarray(soft))
    alpha.save(HERE / "alpha.png")
    photo(*size).rotate(180).save(HERE / "colour.png")


def functions(checkout, module, names, scope):
    """These functions of a module of the webui, without its imports and annotations."""
    tree = ast.parse((checkout / "modules" / f"{module}.py").read_text())
    found = [node for node in ast.walk(tree) if getattr(node, "name", "") in names
             and isinstance(node, ast.FunctionDef)]
    for function in found:
        function.decorator_list = []
        function.returns = None
        for argument in function.args.args:
            argument.annotation = None
    exec(compile(ast.Module(found, []), module, "exec"), scope)
    return scope


def webui_processing(checkout):
    images = webui_images(checkout)
    masking = functions(checkout, "masking", {"get_crop_region_v2", "expand_crop_region", "fill"},
                        {"Image": Image, "ImageFilter": ImageFilter, "ImageOps": ImageOps})
    tree = ast.parse((checkout / "modules" / "processing.py").read_text())
    image_class = next(node for node in tree.body
                       if getattr(node, "name", "") == "StableDiffusionProcessingImg2Img")
    init = next(node for node in image_class.body if getattr(node, "name", "") == "init")
    scope = {
        "Image": Image, "ImageOps": ImageOps, "np": np, "cv2": cv2, "torch": torch, "opt_f": SCALE,
        "images": images, "masking": types.SimpleNamespace(**masking),
        "sd_samplers": types.SimpleNamespace(create_sampler=lambda *_: None),
        "shared": types.SimpleNamespace(sd_model=types.SimpleNamespace(cond_stage_key="txt"),
                                        device="cpu"),
        "opts": types.SimpleNamespace(
            img2img_color_correction=False, save_init_img=False, sd_vae_encode_method="Full",
            img2img_background_color="#ffffff"),
        "devices": types.SimpleNamespace(torch_gc=lambda: None, dtype=torch.float32),
        "approximation_indexes": {"Full": 0},
        "images_tensor_to_samples": lambda image, *_: image[:, :, ::SCALE, ::SCALE],
    }
    functions(checkout, "processing", {"apply_overlay", "uncrop", "create_binary_mask"}, scope)
    exec(compile(ast.Module([init], []), "init", "exec"), scope)
    return images, scope


def run(images, scope, case):
    mask, blur, inverted, fills, padding, mode, width, height = case
    p = types.SimpleNamespace(
        extra_generation_params={}, denoising_strength=0.75, image_cfg_scale=None,
        sampler_name="Euler", sd_model=None, mask_round=True, inpainting_mask_invert=inverted,
        image_mask=images.fix_image(Image.open(HERE / mask)), mask_blur=blur, mask_blur_x=blur,
        mask_blur_y=blur, inpaint_full_res=padding >= 0, inpaint_full_res_padding=padding,
        width=width, height=height, resize_mode=MODES[mode], latent_mask=None, scripts=None,
        init_images=[Image.open(HERE / "picture.png")], inpainting_fill=0 if fills else 1,
        batch_size=1, color_corrections=None, paste_to=None)
    seen = {}

    def conditioning(image, latent, image_mask, mask_round):
        seen.update(image=image, mask=image_mask)

    p.img2img_image_conditioning = conditioning
    scope["init"](p, [], [1], [1])
    begun = np.rint((seen["image"][0].numpy() + 1) / 2 * 255).astype(np.uint8).transpose(1, 2, 0)
    result, _ = scope["apply_overlay"](Image.fromarray(255 - begun), p.paste_to, p.overlay_images[0])
    latent_mask = p.nmask[0].numpy().astype(np.uint8)
    return (begun, np.asarray(seen["mask"].convert("L")), latent_mask,
            np.asarray(p.overlay_images[0]), np.asarray(result))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    images, scope = webui_processing(parser.parse_args().webui)
    Image.Image.resize = resize_across_then_down
    picture = photo(61, 47)
    picture.save(HERE / "picture.png")
    write_masks(picture.size)
    lines = []
    for case in CASES:
        digests = [hashlib.sha256(np.ascontiguousarray(part).tobytes()).hexdigest()
                   for part in run(images, scope, case)]
        lines.append(" ".join(map(str, [*case, *digests])))
    (HERE / "expected.txt").write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} expectations")


if __name__ == "__main__":
    main()
