"""Writes seeds.safetensors: the noise that AUTOMATIC1111 draws for the images of a request.

Developer-only: needs torch, numpy, safetensors and a checkout of
AUTOMATIC1111/stable-diffusion-webui 1.10 (or Forge at its merge of 1.10, e26abf87).

    python make_seed_goldens.py WEBUI_FOLDER

The web UI's own modules/rng.py and rng_philox.py run; what they import besides is stubbed. Seeds of
the images are made as its processing.py does. mt19937 goldens are those of a CPU with AVX2.
"""

import importlib
import pathlib
import sys
import types

import torch
from safetensors.torch import save_file

SHAPE = (4, 8, 12)
IMAGES = 3
DRAWS = 2
# Golden name → what differs from the defaults. Sizes are (height, width) in latent pixels.
CASES = {
    "plain": {},
    "large_seed": dict(seed=4294967295),
    "variation": dict(subseed=7, strength=0.3),
    "strong_variation": dict(subseed=7, strength=1.0),
    "same_variation": dict(subseed=1234, strength=0.25),  # parallel: the linear branch
    "resize_smaller": dict(resize=(6, 8)),
    "resize_larger": dict(resize=(16, 20)),
    "resize_odd": dict(resize=(11, 7)),
    "resize_mixed": dict(resize=(5, 15)),
    "resize_same": dict(resize=(8, 12)),
    "resize_variation": dict(resize=(11, 16), subseed=99, strength=0.6),
    "ensd": dict(ensd=31337),
    "everything": dict(resize=(16, 9), subseed=3, strength=0.5, ensd=31337),
}


def load_rng(folder):
    package = types.ModuleType("modules")
    package.__path__ = [str(folder / "modules")]
    cpu = torch.device("cpu")
    shared = types.ModuleType("modules.shared")
    shared.opts = types.SimpleNamespace(randn_source="NV", eta_noise_seed_delta=0)
    shared.device = cpu
    devices = types.ModuleType("modules.devices")
    devices.device = devices.cpu = cpu
    package.shared, package.devices = shared, devices
    sys.modules |= {"modules": package, "modules.shared": shared, "modules.devices": devices}
    return importlib.import_module("modules.rng"), shared.opts


def draws(rng, opts, source, seed=1234, subseed=0, strength=0.0, resize=(0, 0), ensd=0):
    """[images, draws, 4, h, w]"""
    opts.randn_source, opts.eta_noise_seed_delta = source, ensd
    seeds = [seed + (i if strength == 0 else 0) for i in range(IMAGES)]
    subseeds = [subseed + i for i in range(IMAGES)]
    images = rng.ImageRNG(SHAPE, seeds, subseeds=subseeds, subseed_strength=strength,
                          seed_resize_from_h=resize[0] * 8, seed_resize_from_w=resize[1] * 8)
    return torch.stack([images.next().clone() for _ in range(DRAWS)], dim=1)


def main():
    torch.set_num_threads(1)
    rng, opts = load_rng(pathlib.Path(sys.argv[1]).resolve())
    goldens = {}
    for name, options in CASES.items():
        for label, source in (("philox", "NV"), ("mt19937", "CPU")):
            goldens[f"{label}/{name}"] = draws(rng, opts, source, **options)
    # One long draw: every path of the functions under it.
    for label, source in (("philox", "NV"), ("mt19937", "CPU")):
        opts.randn_source = source
        goldens[f"{label}/long"] = rng.randn(5, (8000,)).float()
    path = pathlib.Path(__file__).with_name("seeds.safetensors")
    save_file({name: value.contiguous() for name, value in goldens.items()}, path)
    print(f"{path}: {len(goldens)} tensors, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
