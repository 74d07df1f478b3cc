"""Writes hires.safetensors: what AUTOMATIC1111's hires fix makes of a first pass's latent.

Developer-only, as ../img2img/make_img2img_goldens.py, whose sampling it uses.

    python make_hires_goldens.py WEBUI

calculate_target_resolution and sample_hr_pass of the webui's StableDiffusionProcessingTxt2Img are
run as they are, with the tiny model's autoencoder, which encodes to the mean, its UNet and the webui's
samplers. `UPSCALER/SIZE` is the latent that the second pass begins with, and
`guided/SAMPLER/Karras/STEPS` every x at which the denoiser is asked in it, then its result.
"""

import argparse
import ast
import pathlib
import sys
import types
from unittest import mock

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("sampling", "img2img", "pictures")]

import numpy as np  # noqa: E402
import torch  # noqa: E402
from diffusers import AutoencoderKL, UNet2DConditionModel  # noqa: E402
from make_img2img_goldens import trajectory, webui_steps  # noqa: E402
from make_picture_goldens import (UPSCALERS, Image, resize_across_then_down,  # noqa: E402
                                  webui_images)
from philox import Philox  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from trajectories import SEED, Guided, Reference  # noqa: E402
from webui import Webui  # noqa: E402

FACTOR = 4  # of the tiny model's autoencoder
WIDTH, HEIGHT = 48, 32
# hr_scale, hr_resize_x, hr_resize_y: 80x88 is scaled to 132 x 88, and 13 columns of the latent are
# cut; 88x0 to 88 x 58, no multiple of the factor.
SIZES = {"x2": (2.0, 0, 0), "x1.5": (1.5, 0, 0), "80x88": (2.0, 80, 88), "88x0": (2.0, 88, 0)}
LATENT_MODES = {"Latent", "Latent (antialiased)", "Latent (bicubic)",
                "Latent (bicubic antialiased)", "Latent (nearest)", "Latent (nearest-exact)"}
SAMPLERS = ("Euler", "DPM++ 2M", "DPM++ 2M SDE", "Heun", "LCM", "DDIM", "UniPC")
STRENGTH = 0.6
STEPS = 5


def webui_modes(checkout):
    """latent_upscale_modes of modules/shared.py."""
    tree = ast.parse((checkout / "modules" / "shared.py").read_text())
    node = next(node for node in tree.body if isinstance(node, ast.Assign)
                and node.targets[0].id == "latent_upscale_modes")
    return ast.literal_eval(node.value)


class Autoencoder:
    def __init__(self):
        self.vae = AutoencoderKL.from_pretrained(HERE.parent / "tiny_model" / "vae",
                                                 torch_dtype=torch.float32).eval()
        self.scale = self.vae.config.scaling_factor

    def decode(self, latent):
        return self.vae.decode(latent / self.scale).sample

    def encode(self, pixels, *_):
        return self.vae.encode(pixels * 2 - 1).latent_dist.mean * self.scale


def webui_pass(checkout, autoencoder, shape_noise):
    """The two functions, and the rest of the program as far as they touch it."""
    tree = ast.parse((checkout / "modules" / "processing.py").read_text())
    processing = next(node for node in tree.body
                      if getattr(node, "name", "") == "StableDiffusionProcessingTxt2Img")
    names = {"calculate_target_resolution", "sample_hr_pass"}
    functions = [node for node in processing.body if getattr(node, "name", "") in names]
    scope = {"torch": torch, "np": np, "Image": Image, "opt_f": FACTOR,
             "images": webui_images(checkout), "images_tensor_to_samples": autoencoder.encode,
             "decode_latent_batch": lambda model, samples, **_: samples}
    for name in ("sd_samplers", "devices", "extra_networks", "apply_token_merging",
                 "approximation_indexes"):
        scope[name] = mock.MagicMock()
    opts = types.SimpleNamespace(use_old_hires_fix_width_height=False, inpainting_mask_weight=1.0,
                                 sd_vae_encode_method="Full", save_images_before_highres_fix=False)
    scope["opts"] = opts
    scope["shared"] = types.SimpleNamespace(opts=opts, device="cpu", state=mock.MagicMock(
        interrupted=False))
    scope["rng"] = types.SimpleNamespace(ImageRNG=lambda shape, *_, **__: types.SimpleNamespace(
        next=lambda: shape_noise((1, *shape))))
    exec(compile(ast.Module(functions, []), "processing", "exec"), scope)
    return scope


def second_pass(scope, upscaler, modes, size, latent, decoded, sample):
    """What the webui's sampler is called with, as it is; returns what `sample` makes of it."""
    scale, resize_x, resize_y = SIZES[size]
    scope["sd_samplers"].create_sampler = lambda *_: types.SimpleNamespace(sample_img2img=sample)
    p = mock.MagicMock(width=WIDTH, height=HEIGHT, hr_scale=scale, hr_resize_x=resize_x,
                       hr_resize_y=resize_y, truncate_x=0, truncate_y=0, extra_generation_params={},
                       hr_upscaler=upscaler, latent_scale_mode=modes.get(upscaler), scripts=None,
                       modified_noise=None, hr_second_pass_steps=STEPS, steps=20,
                       denoising_strength=STRENGTH, inpainting_mask_weight=1.0)
    p.save_samples.return_value = False
    scope["calculate_target_resolution"](p)
    return scope["sample_hr_pass"](p, latent, decoded, None, None, None, None)


def first_latent(autoencoder):
    """Random; of its picture no value is so near a whole number that rounding decides which byte it
    becomes: one that differs by 1 moves the encoded latent by some 1e-4."""
    for seed in range(10000):
        generator = torch.Generator().manual_seed(seed)
        latent = torch.randn(1, 4, HEIGHT // FACTOR, WIDTH // FACTOR, generator=generator)
        values = ((autoencoder.decode(latent) + 1) / 2).clamp(0, 1) * 255
        near = (values - values.round()).abs()[(values > 0) & (values < 255)]
        if near.min() > 4e-4:
            return latent
    raise RuntimeError("no latent found")


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    checkout = parser.parse_args().webui
    torch.set_num_threads(1)
    Image.Image.resize = resize_across_then_down
    autoencoder = Autoencoder()
    scope = webui_pass(checkout, autoencoder, lambda shape: Philox(SEED).randn(shape))
    modes, steps_of = webui_modes(checkout), webui_steps(checkout)
    assert set(modes) == LATENT_MODES
    generator = torch.Generator().manual_seed(11)
    latent = first_latent(autoencoder)
    decoded = autoencoder.decode(latent)
    goldens = {"latent": latent}
    for upscaler in (*modes, *UPSCALERS):
        for size in SIZES:
            goldens[f"{upscaler}/{size}"] = second_pass(
                scope, upscaler, modes, size, latent, decoded,
                lambda p, samples, noise, *_, **__: samples.clone())

    unet = UNet2DConditionModel.from_pretrained(HERE.parent / "tiny_model" / "unet",
                                                torch_dtype=torch.float32).eval()
    goldens["cond"], goldens["uncond"] = (
        torch.randn(1, 77, unet.config.cross_attention_dim, generator=generator) for _ in range(2))
    denoiser = Guided(unet, goldens["cond"], goldens["uncond"], 5.0)
    reference = Reference(Webui(checkout))
    for name in SAMPLERS:
        def sample(p, samples, noise, c, uc, steps, image_conditioning, name=name):
            steps, t_enc = steps_of(p.steps, p.denoising_strength, steps)
            return trajectory(reference, name, "Karras", steps, t_enc, samples, denoiser)
        key = f"guided/{name}/Karras/{STEPS}"
        goldens[key] = second_pass(scope, "Latent", modes, "x1.5", latent, None, sample)
        if reference.options(name).get("brownian_noise", False):
            goldens[f"sigmas of {key}"] = reference.sigmas(name, "Karras",
                                                           steps_of(20, STRENGTH, STEPS)[0])
    path = HERE / "hires.safetensors"
    save_file({name: value.contiguous().float() for name, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
