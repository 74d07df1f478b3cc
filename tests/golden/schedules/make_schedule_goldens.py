"""Writes schedules.safetensors: the sigmas that AUTOMATIC1111 computes.

Developer-only: needs torch, numpy, scipy, safetensors, k-diffusion and a checkout of
AUTOMATIC1111/stable-diffusion-webui 1.10 (or Forge at its merge of 1.10, e26abf87).

    python make_schedule_goldens.py WEBUI_FOLDER

The web UI's own KDiffusionSampler.get_sigmas runs; what it imports besides is stubbed.
"""

import importlib
import pathlib
import sys
import types
from unittest import mock

import k_diffusion
import numpy as np
import scipy.stats
import torch
from safetensors.torch import save_file

STEPS = (1, 2, 5, 10, 20, 31, 50, 150)
SCHEDULES = ("Uniform", "Karras", "Exponential", "Polyexponential", "SGM Uniform", "KL Optimal",
             "Align Your Steps", "Simple", "Normal", "DDIM", "Beta")
DEFAULTS = dict(sigma_min=0, sigma_max=0, rho=0, beta_dist_alpha=0.6, beta_dist_beta=0.6,
                always_discard_next_to_last_sigma=False, use_old_karras_scheduler_sigmas=False)
# Golden name → options that differ from the defaults, steps.
VARIANTS = {
    "range": (dict(sigma_min=0.1, sigma_max=10.0), (1, 5, 20)),
    "rho": (dict(rho=3.0), (5, 20)),
    "discard": (dict(always_discard_next_to_last_sigma=True), (1, 5, 20)),
    "beta": (dict(beta_dist_alpha=0.3, beta_dist_beta=0.9), (5, 20)),
}


def stub(name, **attributes):
    module = mock.MagicMock(name=name)
    for key, value in attributes.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module


def load_webui(folder):
    """The modules sd_samplers_kdiffusion and sd_models of the web UI, and the stub of shared."""
    package = types.ModuleType("modules")
    package.__path__ = [str(folder / "modules")]
    sys.modules["modules"] = package
    shared = stub("modules.shared", opts=types.SimpleNamespace(**DEFAULTS))
    devices = stub("modules.devices", cpu=torch.device("cpu"))
    for name in ("sd_samplers_extra", "sd_samplers_cfg_denoiser", "script_callbacks"):
        stub(f"modules.{name}")
    sys.modules["modules.sd_samplers_cfg_denoiser"].CFGDenoiser = object
    common = stub("modules.sd_samplers_common", Sampler=object)
    stub("modules_forge"), stub("modules_forge.forge_sampler")
    for name, module in (("shared", shared), ("devices", devices), ("sd_samplers_common", common)):
        setattr(package, name, module)
    return importlib.import_module("modules.sd_samplers_kdiffusion"), shared


def alphas_cumprod():
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64).numpy() ** 2
    return torch.tensor(np.cumprod(1 - betas), dtype=torch.float32)


def zero_terminal_snr(folder):
    """The web UI's rescaled schedule: the function is taken out of a module too large to stub."""
    source = (folder / "modules" / "sd_models.py").read_text(encoding="utf-8")
    start = source.index("def rescale_zero_terminal_snr_abar")
    scope = {}
    exec(source[start:source.index("\ndef ", start + 1)], scope)
    return scope["rescale_zero_terminal_snr_abar"](alphas_cumprod())


class Reference:
    def __init__(self, folder):
        self.kdiffusion, self.shared = load_webui(folder)

    def sigmas(self, alphas, schedule, steps, sdxl=False, **options):
        model = k_diffusion.external.DiscreteEpsDDPMDenoiser(None, alphas, quantize=False)
        return self.model_sigmas(model, schedule, steps, sdxl, **options)

    def model_sigmas(self, model, schedule, steps, sdxl=False, **options):
        opts = self.shared.opts
        for key, value in (DEFAULTS | options).items():
            setattr(opts, key, value)
        self.shared.sd_model.is_sdxl = sdxl
        job = types.SimpleNamespace(scheduler=schedule, is_hr_pass=False,
                                    sampler_noise_scheduler_override=None,
                                    extra_generation_params={})
        sampler = types.SimpleNamespace(config=types.SimpleNamespace(options={}), model_wrap=model)
        return self.kdiffusion.KDiffusionSampler.get_sigmas(sampler, job, steps).float()


def beta_quantiles():
    """Rows of probability, a, b, quantile."""
    rows = [(p, a, b, scipy.stats.beta.ppf(p, a, b))
            for a in (0.01, 0.3, 0.6, 1.0, 2.5) for b in (0.05, 0.6, 0.9, 1.0, 4.0)
            for p in (0.0, 1e-6, 0.01, 1 / 19, 0.3, 0.5, 0.77, 0.99, 1 - 1e-6, 1.0)]
    return torch.tensor(rows, dtype=torch.float64)


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    torch.set_num_threads(1)
    reference, plain = Reference(folder), alphas_cumprod()
    zero = zero_terminal_snr(folder)
    goldens = {"zero_snr/alphas_cumprod": zero, "beta_quantiles": beta_quantiles()}
    for schedule in SCHEDULES:
        for n in STEPS:
            goldens[f"plain/{schedule}/{n}"] = reference.sigmas(plain, schedule, n)
            goldens[f"zero_snr/{schedule}/{n}"] = reference.sigmas(zero, schedule, n)
        for name, (options, steps) in VARIANTS.items():
            for n in steps:
                goldens[f"{name}/{schedule}/{n}"] = reference.sigmas(plain, schedule, n, **options)
    for n in STEPS:
        goldens[f"sdxl/Align Your Steps/{n}"] = reference.sigmas(plain, "Align Your Steps", n,
                                                                 sdxl=True)
    path = pathlib.Path(__file__).with_name("schedules.safetensors")
    save_file({name: value.contiguous() for name, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
