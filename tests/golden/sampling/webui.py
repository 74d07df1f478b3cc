"""The samplers of AUTOMATIC1111's webui, taken from a checkout of it without starting it.

What they do not need of the rest of the program is replaced by mocks.
"""

import importlib
import sys
import types
from unittest import mock

import k_diffusion
import torch
import torchsde._brownian.brownian_interval as brownian_interval
from philox import Philox

MOCKS = ("modules.devices", "modules.sd_schedulers", "modules.script_callbacks",
         "modules.sd_samplers_common", "modules.sd_samplers_cfg_denoiser", "modules_forge",
         "modules_forge.forge_sampler")


class TorchWithNoise:
    """torch for k-diffusion, but for randn_like, which draws from the image's generator."""

    def __init__(self, generator):
        self.randn_like = lambda x: generator.randn(x.shape).to(x.dtype)

    def __getattr__(self, name):
        return getattr(torch, name)


class Webui:
    def __init__(self, checkout):
        modules = types.ModuleType("modules")
        modules.__path__ = [str(checkout / "modules")]
        sys.modules["modules"] = modules
        for name in MOCKS:
            sys.modules[name] = mock.MagicMock()
        # The defaults of the settings page.
        opts = types.SimpleNamespace(uni_pc_variant="bh1", uni_pc_skip_type="time_uniform",
                                     uni_pc_order=3, uni_pc_lower_order_final=True)
        sys.modules["modules.shared"] = types.SimpleNamespace(opts=opts)
        sys.modules["modules.torch_utils"] = types.SimpleNamespace(float64=lambda _: torch.float64)
        for name in ("shared", "devices"):
            setattr(modules, name, sys.modules[f"modules.{name}"])

        kdiffusion = importlib.import_module("modules.sd_samplers_kdiffusion")
        self.sampler_extra_params = kdiffusion.sampler_extra_params
        self.kdiffusion = {name: (function, options) for name, function, _, options
                           in kdiffusion.samplers_k_diffusion}
        timesteps = importlib.import_module("modules.sd_samplers_timesteps_impl")
        self.timesteps = {"DDIM": timesteps.ddim, "DDIM CFG++": timesteps.ddim_cfgpp,
                          "PLMS": timesteps.plms, "UniPC": timesteps.unipc}
        lcm = importlib.import_module("modules.sd_samplers_lcm")
        self.lcm_denoiser, self.sample_lcm = lcm.LCMCompVisDenoiser, lcm.sample_lcm
        # As the webui's replace_torchsde_browinan does, for the noise source "NV".
        brownian_interval._randn = lambda size, dtype, device, seed: (
            Philox(seed).randn(size).to(dtype))

    @staticmethod
    def draw_from(generator):
        """Step noise of all samplers comes from the generator from now on."""
        k_diffusion.sampling.torch = TorchWithNoise(generator)
