"""Runs the reference samplers: every x at which the denoiser is asked, then the result.

All x are scaled to the picture's size, as k-diffusion's samplers have them; the samplers on
timesteps keep the size of the noise instead, in the result as well.
"""

import inspect
import types

import k_diffusion
import torch
from k_diffusion.sampling import BrownianTreeNoiseSampler, get_sigmas_exponential, get_sigmas_karras
from philox import Philox

SHAPE = (1, 4, 2, 4)
SEED = 1234


def alphas_cumprod():
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, dim=0).float()


def epsilon_model():
    return k_diffusion.external.DiscreteEpsDDPMDenoiser(None, alphas_cumprod(), quantize=False)


def k_diffusion_sigmas(model, schedule, steps):
    """The schedules that samplers recommend."""
    low, high = model.sigmas[0].item(), model.sigmas[-1].item()
    return {
        "Uniform": model.get_sigmas,
        "Karras": lambda n: get_sigmas_karras(n, low, high),
        "Exponential": lambda n: get_sigmas_exponential(n, low, high),
    }[schedule](steps)


class Denoiser:
    """Subclasses say what a network sees: both return (cond, uncond) for a latent."""

    scale = 1.0

    def denoised(self, x, sigma, t=None):
        raise NotImplementedError

    def guided(self, x, sigma, t=None, factor=1.0):
        cond, uncond = self.denoised(x, sigma, t)
        return uncond + (self.scale * factor) * (cond - uncond), uncond

    def kept(self, denoised):
        """What samplers over sigmas are told, once it is guided."""
        return denoised

    def shown(self, x):
        """What a network is shown of the x of samplers on timesteps."""
        return x


class Analytic(Denoiser):
    """E[data | data + sigma * noise = x] for elements drawn from N(-1, 0.25) or N(1, 0.25); without
    a prompt, for elements drawn from N(0, 1). Both are exact, so that no model is needed."""

    def denoised(self, x, sigma, t=None):
        total = 0.25 + sigma**2
        return (0.25 * x + sigma**2 * torch.tanh(x / total)) / total, x / (1 + sigma**2)


class Guided(Denoiser):
    """Classifier-free guidance of a network that predicts noise."""

    def __init__(self, unet, cond, uncond, scale):
        self.unet, self.contexts, self.scale = unet, (cond, uncond), scale
        self.model = epsilon_model()

    def denoised(self, x, sigma, t=None):
        t = self.model.sigma_to_t(sigma.reshape(1)) if t is None else t.reshape(1)
        network_input, t = (x / (sigma**2 + 1) ** 0.5).float(), t.float()
        return tuple(x - sigma * self.unet(network_input, t, context).sample
                     for context in self.contexts)


class Reference:
    """`schedule_sigmas`: (model, schedule, steps) to sigmas."""

    def __init__(self, webui, schedule_sigmas=k_diffusion_sigmas, shape=SHAPE):
        self.webui, self.alphas_cumprod = webui, alphas_cumprod()
        self.schedule_sigmas, self.shape = schedule_sigmas, shape

    def names(self):
        return [*self.webui.kdiffusion, *self.webui.timesteps, "LCM"]

    def sigmas(self, name, schedule, steps):
        """What the webui hands to a sampler."""
        if name == "LCM":
            return self.schedule_sigmas(self.lcm_model(None), schedule, steps)
        if not self.options(name).get("discard_next_to_last_sigma", False):
            return self.schedule_sigmas(epsilon_model(), schedule, steps)
        sigmas = self.schedule_sigmas(epsilon_model(), schedule, steps + 1)
        return torch.cat([sigmas[:-2], sigmas[-1:]])

    def options(self, name):
        return self.webui.kdiffusion[name][1] if name in self.webui.kdiffusion else {}

    def trajectory(self, name, schedule, steps, denoiser, **settings):
        """`settings`: eta, s_churn, s_tmin, s_tmax, s_noise. The webui hands a sampler those that
        it takes, eta 1 in place of k-diffusion's 0 for DPM fast and adaptive."""
        generator = Philox(SEED)
        noise = generator.randn(self.shape)
        self.webui.draw_from(generator)
        if name in self.webui.timesteps:
            return self.on_timesteps(name, steps, noise, denoiser, **settings)
        sigmas = self.sigmas(name, schedule, steps)
        if name == "LCM":
            return self.lcm(sigmas, noise, denoiser)
        return self.on_sigmas(name, sigmas, steps, noise, denoiser, settings)

    def on_sigmas(self, name, sigmas, steps, noise, denoiser, settings, init=None):
        """`init`: a latent to begin with, and the webui's t_enc."""
        function, options = self.webui.kdiffusion[name]
        extra = self.webui.sampler_extra_params.get(function, [])
        function = function if callable(function) else getattr(k_diffusion.sampling, function)
        parameters = inspect.signature(function).parameters
        model = epsilon_model()
        available = {
            "sigmas": sigmas, "n": steps, "eta": settings.get("eta", 1.0),
            "sigma_min": model.sigmas[0].item(), "sigma_max": model.sigmas[-1].item(),
        } | {key: value for key, value in settings.items() if key in extra}
        if options.get("brownian_noise", False):
            # The webui's, whose sigmas are of float32. DPM++ SDE asks at exp(log(sigma)), where
            # the last bits of float32 move a time by the tree's whole resolution and with it the
            # noise by 1e-3; so everything else is in float64 here.
            noise, sigmas = noise.double(), sigmas.double()
            available["sigmas"] = sigmas
            available["noise_sampler"] = BrownianTreeNoiseSampler(
                noise, sigmas[sigmas > 0].min(), sigmas.max(), seed=[SEED],
                transform=lambda sigma: sigma.float())
        start = noise * sigmas[0]
        if init is not None:
            latent, t_enc = init
            sigmas = sigmas[steps - t_enc - 1:]
            available |= {"sigmas": sigmas, "n": len(sigmas) - 1, "sigma_min": sigmas[-2],
                          "sigma_max": sigmas[0]}
            start = latent.to(noise) + noise * sigmas[0]
        arguments = {key: value for key, value in available.items() if key in parameters}
        if "solver_type" in options:
            arguments["solver_type"] = options["solver_type"]
        visited = []

        def call(x, sigma):
            visited.append(x)
            return denoiser.kept(denoiser.guided(x, sigma)[0])

        visited.append(function(call, start, disable=True, **arguments))
        return torch.cat(visited).float()

    def lcm_model(self, denoiser):
        class Model(self.webui.lcm_denoiser):
            def forward(self, x, sigma):
                self.seen = x, sigma
                return super().forward(x, sigma)

            def get_eps(self, _, t):
                x, sigma = self.seen
                return (x - denoiser.guided(x, sigma, t)[0]) / sigma

        return Model(types.SimpleNamespace(alphas_cumprod=self.alphas_cumprod, device="cpu"))

    def lcm(self, sigmas, noise, denoiser):
        model, visited = self.lcm_model(denoiser), []

        def call(x, sigma):
            visited.append(x.clone())
            return denoiser.kept(model(x, sigma))

        visited.append(self.webui.sample_lcm(call, noise * sigmas[0], sigmas, disable=True))
        return torch.cat(visited)

    def log_alpha(self, t):
        """Of a timestep that may be fractional, as UniPC's noise schedule has it."""
        table = 0.5 * self.alphas_cumprod.double().log()
        low = t.double().clamp(0, len(table) - 1).floor().long()
        high = (low + 1).clamp(max=len(table) - 1)
        return torch.lerp(table[low], table[high], t.double() - low)

    def on_timesteps(self, name, steps, noise, denoiser, init=None, **settings):
        """`init`: a latent to begin with, and the webui's t_enc."""
        timesteps = torch.clip(torch.asarray(list(range(0, 1000, 1000 // steps))) + 1, 0, 999)
        start = noise
        if init is not None:
            latent, t_enc = init
            alpha = self.alphas_cumprod[timesteps[t_enc]]
            start = latent * torch.sqrt(alpha) + noise * torch.sqrt(1 - alpha)
            timesteps = timesteps[:t_enc]
        visited = []
        inner = types.SimpleNamespace(alphas_cumprod=self.alphas_cumprod)

        class Model:
            """Noise predictions, guided; `last_noise_uncond` as the webui's denoiser keeps it."""

            inner_model = types.SimpleNamespace(inner_model=inner)
            cond_scale_miltiplier = 1.0  # sic

        def call(model, x, t):
            alpha = self.log_alpha(t).exp()
            sigma = ((1 - alpha**2) ** 0.5 / alpha).float()
            visited.append(x / alpha.float())
            scaled = denoiser.shown(x) / alpha.float()
            guided, uncond = denoiser.guided(scaled, sigma, t, model.cond_scale_miltiplier)
            model.last_noise_uncond = (scaled - uncond) / sigma
            return (scaled - guided) / sigma

        Model.__call__ = call
        function = self.webui.timesteps[name]
        parameters = inspect.signature(function).parameters
        arguments = {key: value for key, value in settings.items() if key in parameters}
        if init is not None and "is_img2img" in parameters:
            arguments["is_img2img"] = True
        visited.append(function(Model(), start, timesteps, {}, lambda _: None, disable=True,
                                **arguments))
        return torch.cat(visited)
