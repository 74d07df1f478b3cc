"""Writes sampling.safetensors: what the reference implementations compute.

Developer-only: needs torch, numpy, scipy, safetensors, k-diffusion, diffusers and a checkout of
AUTOMATIC1111's webui (1.10, or a fork that has kept its modules/sd_samplers_*.py), of which nothing
is committed here.

    python make_sampling_goldens.py WEBUI

Trajectories are of an analytic denoiser, so that samplers are compared without a model; and, under
guided/, of ../tiny_model's UNet with classifier-free guidance.
"""

import argparse
import pathlib

import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from philox import Philox
from safetensors.torch import save_file
from trajectories import SEED, SHAPE, Analytic, Guided, Reference, epsilon_model
from webui import Webui

STEPS = (1, 5, 20, 31)
# Of trajectories of so many steps only the result is kept.
LONG = 31
# k-diffusion and the webui fail in these where a request has one step.
NOT_ONE_STEP = {"DPM++ 2M SDE", "DPM++ 2M SDE Heun", "DPM++ 3M SDE", "UniPC"}
SCHEDULER = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012,
                 beta_schedule="scaled_linear", steps_offset=1)
SETTINGS = dict(eta=0.6, s_churn=8.0, s_tmin=0.4, s_tmax=9.0, s_noise=1.005)


def noise_goldens():
    start = Philox(0).randn((4,))
    expected = torch.tensor([-0.92466259, -0.42534415, -2.6438457, 0.14518388])
    assert torch.allclose(start, expected, rtol=1e-6), start
    goldens = {}
    for seed in (0, 42, 2**32 + 5):
        philox, cpu = Philox(seed), torch.Generator().manual_seed(seed)
        # Below, above and at whole blocks of sixteen, one generator throughout.
        for draw, size in enumerate((3, 4, 20, 64, 7)):
            goldens[f"philox/{seed}/{draw}"] = philox.randn((size,))
            goldens[f"mt19937/{seed}/{draw}"] = torch.randn(size, generator=cpu)
    return goldens


def timestep_goldens(model):
    probes = torch.tensor([0.01, 0.0292, 0.05, 0.3, 1.0, 2.718, 9.9, 14.6, 20.0])
    return {"sigma_to_t/sigma": probes, "sigma_to_t/t": model.sigma_to_t(probes)}


def sampler_schedules(reference, name):
    """Where a sampler is compared: the schedule that the webui recommends, and another one."""
    if name in reference.webui.timesteps:
        return ["Uniform"]  # it has no say
    automatic = reference.options(name).get("scheduler", "uniform").title()
    return [automatic, "Uniform" if automatic == "Karras" else "Karras"]


def trajectory_goldens(reference):
    goldens = {}

    def add(kind, name, schedule, n, all_points, **settings):
        key = f"{kind}/{name}/{schedule}/{n}"
        visited = reference.trajectory(name, schedule, n, Analytic(), **settings)
        goldens[key] = visited if all_points else visited[-1:]
        if reference.options(name).get("brownian_noise", False):
            goldens[f"sigmas of {key}"] = reference.sigmas(name, schedule, n)

    for name in reference.names():
        for schedule in sampler_schedules(reference, name):
            for n in STEPS:
                if n > 1 or name not in NOT_ONE_STEP:
                    add("trajectory", name, schedule, n, all_points=n != LONG)
        add("settings", name, sampler_schedules(reference, name)[0], 20, all_points=False,
            **SETTINGS)
    return goldens


def diffusers_ddim(steps):
    """x of every call and the result, scaled as trajectories.py has it."""
    scheduler = DDIMScheduler(clip_sample=False, set_alpha_to_one=False, **SCHEDULER)
    scheduler.set_timesteps(steps)
    x, visited = Philox(SEED).randn(SHAPE), []
    for t in scheduler.timesteps:
        a = scheduler.alphas_cumprod[t]
        sigma, scaled = ((1 - a) / a) ** 0.5, x / a**0.5
        visited.append(scaled)
        eps = (scaled - Analytic().guided(scaled, sigma)[0]) / sigma
        x = scheduler.step(eps, t, x, eta=0.0).prev_sample
    visited.append(x)
    return torch.cat(visited)


def check_against_diffusers(result, steps):
    """k-diffusion's Euler on Karras' sigmas is diffusers' as well, but for the float32 table."""
    scheduler = EulerDiscreteScheduler(use_karras_sigmas=True, timestep_spacing="linspace",
                                       **SCHEDULER)
    scheduler.set_timesteps(steps)
    x = Philox(SEED).randn(SHAPE) * scheduler.init_noise_sigma
    for i, t in enumerate(scheduler.timesteps):
        sigma = scheduler.sigmas[i]
        scheduler.scale_model_input(x, t)
        eps = (x - Analytic().guided(x, sigma)[0]) / sigma
        x = scheduler.step(eps, t, x).prev_sample
    difference = (x - result).norm() / result.norm()
    assert difference < 1e-4, difference
    print(f"Euler, Karras: diffusers differs by {difference:.1e}")


@torch.inference_mode()
def guided_goldens(reference):
    """20 steps of every sampler on the tiny model's UNet, scale 5, over random conditioning."""
    folder = pathlib.Path(__file__).resolve().parent.parent / "tiny_model" / "unet"
    unet = UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    generator = torch.Generator().manual_seed(3)
    cond, uncond = (torch.randn(1, 77, unet.config.cross_attention_dim, generator=generator)
                    for _ in range(2))
    goldens = {"guided/cond": cond, "guided/uncond": uncond}
    for name in reference.names():
        goldens[f"guided/{name}"] = reference.trajectory(name, "Karras", 20,
                                                         Guided(unet, cond, uncond, 5.0))
        if reference.options(name).get("brownian_noise", False):
            goldens[f"sigmas of guided/{name}"] = reference.sigmas(name, "Karras", 20)
    return goldens


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("webui", type=pathlib.Path)
    reference = Reference(Webui(parser.parse_args().webui))
    torch.set_num_threads(1)  # tensors are tiny
    model = epsilon_model()
    goldens = noise_goldens() | timestep_goldens(model) | trajectory_goldens(reference)
    check_against_diffusers(goldens["trajectory/Euler/Karras/20"][-1:], 20)
    goldens |= {f"diffusers/DDIM/{n}": diffusers_ddim(n) for n in (5, 20)}
    goldens |= guided_goldens(reference)
    path = pathlib.Path(__file__).with_name("sampling.safetensors")
    save_file({name: value.contiguous() for name, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
