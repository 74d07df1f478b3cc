"""Writes sampling.safetensors: what the reference implementations compute.

Developer-only: needs torch, numpy, safetensors, k-diffusion and diffusers.

    python make_sampling_goldens.py

Trajectories are of an analytic denoiser, the exact posterior mean where every element of the data
is drawn from N(-1, 0.25) or N(1, 0.25), so that samplers are compared without a model; and, under
guided/, of ../tiny_model's UNet with classifier-free guidance.
"""

import pathlib

import k_diffusion
import numpy as np
import torch
from diffusers import DDIMScheduler, EulerDiscreteScheduler, UNet2DConditionModel
from safetensors.torch import save_file

SHAPE = (1, 4, 4, 6)
SEED = 1234
STEPS = (1, 5, 20, 31)
SCHEDULER = dict(num_train_timesteps=1000, beta_start=0.00085, beta_end=0.012,
                 beta_schedule="scaled_linear", steps_offset=1)


def denoiser(x, sigma):
    """E[data | data + sigma * noise = x]."""
    sigma = sigma.reshape(-1, 1, 1, 1)
    total = 0.25 + sigma**2
    return (0.25 * x + sigma**2 * torch.tanh(x / total)) / total


class Philox:
    """torch.randn of a CUDA device: Philox4x32-10 (Salmon et al. 2011), Box-Muller's sine half."""

    def __init__(self, seed):
        self.seed, self.draw = seed, 0

    def randn(self, shape):
        n = int(np.prod(shape))
        c = [np.full(n, self.draw, np.uint64), np.zeros(n, np.uint64),
             np.arange(n, dtype=np.uint64), np.zeros(n, np.uint64)]
        key = [self.seed & 0xFFFFFFFF, self.seed >> 32]
        low = np.uint64(0xFFFFFFFF)
        for _ in range(10):
            p, q = c[0] * np.uint64(0xD2511F53), c[2] * np.uint64(0xCD9E8D57)
            shift = np.uint64(32)
            c = [(q >> shift) ^ c[1] ^ np.uint64(key[0]), q & low,
                 (p >> shift) ^ c[3] ^ np.uint64(key[1]), p & low]
            key = [(key[0] + 0x9E3779B9) & 0xFFFFFFFF, (key[1] + 0xBB67AE85) & 0xFFFFFFFF]
        self.draw += 1
        part, angle = np.float32(2.3283064e-10), np.float32(2.3283064e-10 * 6.2831855)
        u = c[0].astype(np.float64) * part + np.float64(part / np.float32(2))
        v = c[1].astype(np.float64) * angle + np.float64(angle / np.float32(2))
        values = np.sqrt(-2.0 * np.log(u)) * np.sin(v)
        return torch.from_numpy(values.astype(np.float32)).reshape(shape)


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


def alphas_cumprod():
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, dim=0).float()


def sigma_schedules(model):
    low, high = model.sigmas[0].item(), model.sigmas[-1].item()
    return {
        "Uniform": model.get_sigmas,
        "Karras": lambda n: k_diffusion.sampling.get_sigmas_karras(n, low, high),
    }


def schedule_goldens(model):
    goldens = {f"sigmas/{name}/{n}": sigmas(n)
               for name, sigmas in sigma_schedules(model).items() for n in STEPS}
    probes = torch.tensor([0.01, 0.0292, 0.05, 0.3, 1.0, 2.718, 9.9, 14.6, 20.0])
    goldens["sigma_to_t/sigma"] = probes
    goldens["sigma_to_t/t"] = model.sigma_to_t(probes)
    return goldens


def k_diffusion_trajectory(sample, sigmas, denoise=denoiser, **arguments):
    """The x of every denoiser call, then the result: [calls + 1, 4, h, w]."""
    noise, visited = Philox(SEED), []

    def model(x, sigma):
        visited.append(x)
        return denoise(x, sigma)

    x = noise.randn(SHAPE) * sigmas[0]
    if sample is k_diffusion.sampling.sample_euler_ancestral:
        arguments["noise_sampler"] = lambda *_: noise.randn(SHAPE)
    visited.append(sample(model, x, sigmas, disable=True, **arguments))
    return torch.cat(visited)


def ddim_trajectory(steps, denoise=denoiser):
    """As above, with x scaled to the picture's size as k-diffusion's samplers have it."""
    scheduler = DDIMScheduler(clip_sample=False, set_alpha_to_one=False, **SCHEDULER)
    scheduler.set_timesteps(steps)
    x, visited = Philox(SEED).randn(SHAPE), []
    for t in scheduler.timesteps:
        a = scheduler.alphas_cumprod[t]
        sigma, scaled = ((1 - a) / a) ** 0.5, x / a**0.5
        visited.append(scaled)
        eps = (scaled - denoise(scaled, sigma)) / sigma
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
        eps = (x - denoiser(x, sigma)) / sigma
        x = scheduler.step(eps, t, x).prev_sample
    difference = (x - result).norm() / result.norm()
    assert difference < 1e-4, difference
    print(f"Euler, Karras: diffusers differs by {difference:.1e}")


SAMPLERS = {
    "Euler": k_diffusion.sampling.sample_euler,
    "Euler a": k_diffusion.sampling.sample_euler_ancestral,
    "DPM++ 2M": k_diffusion.sampling.sample_dpmpp_2m,
}


def trajectory_goldens(model):
    goldens = {}
    for schedule, sigmas in sigma_schedules(model).items():
        for n in STEPS:
            for name, sample in SAMPLERS.items():
                goldens[f"trajectory/{name}/{schedule}/{n}"] = k_diffusion_trajectory(
                    sample, sigmas(n))
    for n in STEPS:
        goldens[f"trajectory/DDIM/Uniform/{n}"] = ddim_trajectory(n)
    check_against_diffusers(goldens["trajectory/Euler/Karras/20"][-1:], 20)
    return goldens


@torch.inference_mode()
def guided_goldens():
    """20 steps of every sampler on the tiny model's UNet, scale 5, over random conditioning."""
    folder = pathlib.Path(__file__).resolve().parent.parent / "tiny_model" / "unet"
    unet = UNet2DConditionModel.from_pretrained(folder, torch_dtype=torch.float32).eval()
    network = k_diffusion.external.DiscreteEpsDDPMDenoiser(
        lambda x, t, context: unet(x, t, context).sample, alphas_cumprod(), quantize=False)
    generator = torch.Generator().manual_seed(3)
    cond, uncond = (torch.randn(1, 77, unet.config.cross_attention_dim, generator=generator)
                    for _ in range(2))

    def denoise(x, sigma):
        sigma = sigma.reshape(1)
        without = network(x, sigma, context=uncond)
        return without + 5 * (network(x, sigma, context=cond) - without)

    goldens = {"guided/cond": cond, "guided/uncond": uncond}
    sigmas = sigma_schedules(network)["Karras"](20)
    for name, sample in SAMPLERS.items():
        goldens[f"guided/{name}"] = k_diffusion_trajectory(sample, sigmas, denoise)
    goldens["guided/DDIM"] = ddim_trajectory(20, denoise)
    return goldens


def main():
    torch.set_num_threads(1)  # tensors are tiny
    model = k_diffusion.external.DiscreteEpsDDPMDenoiser(None, alphas_cumprod(), quantize=False)
    goldens = noise_goldens() | schedule_goldens(model) | trajectory_goldens(model)
    goldens |= guided_goldens()
    path = pathlib.Path(__file__).with_name("sampling.safetensors")
    save_file({name: value.contiguous() for name, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
