#!/usr/bin/env python3
"""Prints how far every sampler lies from its reference over every schedule, for developers.

    compare_matrix.py WEBUI --tool build/release/bin/sampling_matrix --model models/demo

WEBUI is a checkout as make_sampling_goldens.py takes it. Results are of 5, 20 and 31 steps, over the
analytic denoiser and over the model's UNet with classifier-free guidance of scale 5 and a prompt that
it knows: conditioning that it has never seen makes it so steep that an error of 1e-6 in one call is
one of 1e-3 at the end. Some thousand trajectories: half an hour.
"""

import argparse
import importlib.util
import multiprocessing
import pathlib
import subprocess
import sys
import tempfile

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import save_file
from trajectories import SHAPE, Analytic, Guided, Reference, epsilon_model
from transformers import CLIPTextModel, CLIPTokenizerFast
from webui import Webui

STEPS = (5, 20, 31)
MODEL_SHAPE = (1, 4, 16, 16)
PROMPT = "a red apple on a blue background"


def schedule_goldens():
    path = pathlib.Path(__file__).resolve().parent.parent / "schedules/make_schedule_goldens.py"
    spec = importlib.util.spec_from_file_location("make_schedule_goldens", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def all_sigmas(webui):
    """{(model, schedule, steps): sigmas}; in a process of its own, for both scripts replace the
    webui's modules by others."""
    goldens = schedule_goldens()
    reference = goldens.Reference(webui)
    lcm = importlib.import_module("modules.sd_samplers_lcm").LCMCompVisDenoiser
    inner = argparse.Namespace(alphas_cumprod=goldens.alphas_cumprod(), device="cpu")
    models = {"plain": epsilon_model(), "lcm": lcm(inner)}
    return {(kind, schedule, n): reference.model_sigmas(model, schedule, n)
            for kind, model in models.items() for schedule in goldens.SCHEDULES
            for steps in STEPS for n in (steps, steps + 1)}


def encode(model, text):
    tokenizer = CLIPTokenizerFast.from_pretrained(model / "tokenizer")
    text_model = CLIPTextModel.from_pretrained(model / "text_encoder").float().eval()
    ids = tokenizer(text, padding="max_length", max_length=77, return_tensors="pt").input_ids
    return text_model(ids).last_hidden_state


@torch.inference_mode()
def reference_results(args, sigmas):
    def schedule_sigmas(model, schedule, steps):
        kind = "plain" if type(model).__name__ == "DiscreteEpsDDPMDenoiser" else "lcm"
        return sigmas[kind, schedule, steps]

    webui = Webui(args.webui)
    unet = UNet2DConditionModel.from_pretrained(args.model / "unet", torch_dtype=torch.float32)
    cond, uncond = (encode(args.model, text) for text in (PROMPT, ""))
    results = {"guided/cond": cond, "guided/uncond": uncond}
    kinds = {"trajectory": (SHAPE, Analytic()),
             "model": (MODEL_SHAPE, Guided(unet.eval(), cond, uncond, 5.0))}
    for kind, (shape, denoiser) in kinds.items():
        reference = Reference(webui, schedule_sigmas, shape)
        for name in reference.names():
            known = {schedule for _, schedule, _ in sigmas}
            for schedule in ["Uniform"] if name in webui.timesteps else sorted(known):
                for n in STEPS:
                    key = f"{kind}/{name}/{schedule}/{n}"
                    results[key] = reference.trajectory(name, schedule, n, denoiser)[-1:]
                    if reference.options(name).get("brownian_noise", False):
                        results[f"sigmas of {key}"] = reference.sigmas(name, schedule, n)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("webui", type=lambda path: pathlib.Path(path).resolve())
    parser.add_argument("--tool", type=pathlib.Path, required=True)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--keep", type=pathlib.Path, help="file to keep the references in")
    args = parser.parse_args()
    torch.set_num_threads(1)  # tensors are tiny
    with tempfile.TemporaryDirectory() as folder:
        path = args.keep or pathlib.Path(folder) / "matrix.safetensors"
        if not path.exists():
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                sigmas = pool.apply(all_sigmas, (args.webui,))
            results = reference_results(args, sigmas)
            save_file({name: value.clone() for name, value in results.items()}, path)
        sys.exit(subprocess.run([args.tool, path, args.model], check=False).returncode)


if __name__ == "__main__":
    main()
