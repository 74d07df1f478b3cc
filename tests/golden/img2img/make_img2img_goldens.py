"""Writes img2img.safetensors: what AUTOMATIC1111's img2img makes of a latent.

Developer-only, as ../sampling/make_sampling_goldens.py, whose reference it uses.

    python make_img2img_goldens.py WEBUI

What happens before a sampler is called is here as KDiffusionSampler.sample_img2img and
CompVisSampler.sample_img2img of the webui have it, whose setup_img2img_steps is run as it is.
"""

import argparse
import ast
import pathlib
import sys
import types

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sampling"))

import torch  # noqa: E402
from diffusers import UNet2DConditionModel  # noqa: E402
from philox import Philox  # noqa: E402
from safetensors.torch import save_file  # noqa: E402
from trajectories import SEED, SHAPE, Analytic, Guided, Reference  # noqa: E402
from webui import Webui  # noqa: E402

STRENGTHS = (0.04, 0.3, 0.75, 1.0)
STEPS = 20
# Over the tiny UNet its step lengths magnify what one call rounds ten thousand times: the reference
# lies 1.2e-3 from itself when its latent is changed by 1e-7.
NOT_GUIDED = "DPM adaptive"
# k-diffusion and the webui fail in these where little of the picture is given up.
FEWEST_STEPS = {"DPM++ 2M SDE": 2, "DPM++ 2M SDE Heun": 2, "DPM++ 3M SDE": 2, "DPM fast": 2,
                "DPM adaptive": 2, "UniPC": 4}


class Masked(Guided):
    """With what CFGDenoiser.forward of the webui does about a mask, whose CFGDenoiserTimesteps has
    mask_before_denoising."""

    def __init__(self, init_latent, nmask, *args):
        super().__init__(*args)
        self.init_latent, self.nmask, self.mask = init_latent, nmask, 1 - nmask

    def apply_blend(self, current_latent):
        return current_latent * self.nmask + self.init_latent * self.mask

    kept = shown = apply_blend


def webui_steps(checkout):
    """setup_img2img_steps of the webui, whose module cannot be imported without all of it."""
    source = (checkout / "modules" / "sd_samplers_common.py").read_text()
    function = next(node for node in ast.parse(source).body
                    if getattr(node, "name", "") == "setup_img2img_steps")
    scope = {"opts": types.SimpleNamespace(img2img_fix_steps=False)}
    exec(compile(ast.Module([function], []), "sd_samplers_common", "exec"), scope)
    return lambda steps, strength, made=None: scope["setup_img2img_steps"](
        types.SimpleNamespace(steps=steps, denoising_strength=strength), made)


def trajectory(reference, name, schedule, steps, t_enc, latent, denoiser):
    generator = Philox(SEED)
    noise = generator.randn(latent.shape)
    reference.webui.draw_from(generator)
    if name in reference.webui.timesteps:
        return reference.on_timesteps(name, steps, noise, denoiser, init=(latent, t_enc), eta=0.0)
    sigmas = reference.sigmas(name, schedule, steps)
    if name == "LCM":
        sigma_sched = sigmas[steps - t_enc - 1:]
        return reference.lcm(sigma_sched, latent / sigma_sched[0] + noise, denoiser)
    return reference.on_sigmas(name, sigmas, steps, noise, denoiser, {}, init=(latent, t_enc))


def goldens_of(reference, kind, name, schedule, strength, steps_of, latent, denoiser):
    steps, t_enc = steps_of(STEPS, strength)
    if t_enc + 1 < FEWEST_STEPS.get(name, 1):
        return {}
    key = f"{kind} {strength}/{name}/{schedule}/{STEPS}"
    goldens = {key: trajectory(reference, name, schedule, steps, t_enc, latent, denoiser)}
    if reference.options(name).get("brownian_noise", False):
        goldens[f"sigmas of {key}"] = reference.sigmas(name, schedule, steps)
    return goldens


@torch.inference_mode()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    checkout = parser.parse_args().webui
    reference, steps_of = Reference(Webui(checkout)), webui_steps(checkout)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(7)
    unet = UNet2DConditionModel.from_pretrained(HERE.parent / "tiny_model" / "unet",
                                                torch_dtype=torch.float32).eval()
    cond, uncond = (torch.randn(1, 77, unet.config.cross_attention_dim, generator=generator)
                    for _ in range(2))
    latent = torch.randn(SHAPE, generator=generator)
    renewed = (torch.rand(1, 1, *SHAPE[2:], generator=generator) < 0.5).float()
    goldens = {"latent": latent, "cond": cond, "uncond": uncond, "renewed": renewed}
    for name in reference.names():
        for strength in STRENGTHS:
            goldens |= goldens_of(reference, "analytic", name, "Karras", strength, steps_of, latent,
                                  Analytic())
        if name == NOT_GUIDED:
            continue
        goldens |= goldens_of(reference, "guided", name, "Karras", 0.6, steps_of, latent,
                              Guided(unet, cond, uncond, 5.0))
        goldens |= goldens_of(reference, "masked", name, "Karras", 0.6, steps_of, latent,
                              Masked(latent, renewed, unet, cond, uncond, 5.0))
    path = HERE / "img2img.safetensors"
    save_file({name: value.contiguous() for name, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
