"""Writes infotexts.txt: how AUTOMATIC1111 writes and reads infotexts.

Developer-only: needs a checkout of AUTOMATIC1111/stable-diffusion-webui 1.10 (or Forge at its merge
of 1.10, e26abf87).

    python make_infotext_goldens.py WEBUI_FOLDER

Its own parse_generation_parameters and create_infotext run; what they import besides is stubbed.
Every line of the file is a word and JSON strings, separated by tabs: "parse" TEXT begins a case,
"prompt", "negative" and "pair" KEY VALUE are what was read, without the defaults that were added;
"format" NAME TEXT is what was written for the parameters of that name in the test.
"""

import importlib
import json
import pathlib
import sys
import types
from unittest import mock

LINE = "Steps: 20, Sampler: Euler a, CFG scale: 7, Seed: 965400086, Size: 512x512"
TEXTS = [
    "",
    "a cat",
    LINE,
    f"a castle\n{LINE}, Model hash: 45dee52b",
    f"a castle, (night:1.2)\nNegative prompt: blurry\n{LINE}",
    f"  two\n lines \nNegative prompt: three\n\n four\t\n{LINE}\n\n",
    f"\n\na\n\n\nb\n{LINE}",
    f"a\nNegative prompt:b\nNegative prompt: c\n{LINE}",
    f"Negative prompt: only\n{LINE}",
    f"a\nnegative prompt: b\n{LINE}",
    "a cat\nSteps: 20, Seed: 1",
    "Steps: 20, Seed: 1, Size: 3x4",
    "a: cat, b: dog, c: bird",
    "one: two, three: four, five: six",
    "prompt with, commas: and colons, many: of, them: here, yes\nSteps: 20",
    f'x\n{LINE}, Lora hashes: "a: 123, b: 456", TI hashes: "c: \\"d\\""',
    f'x\n{LINE}, Model: "unterminated, Version: v1.10.1',
    f'x\n{LINE}, Model: "a"b, VAE: "c" d", Token: "e"',
    f'x\n{LINE}, Empty: , Quotes: "", Quote: ", Space:  y , Version: v',
    f'x\n{LINE}, Prompt: hidden, Negative prompt: hidden too, Seed: 4, Seed: ',
    f'x\n{LINE}, Bad escape: "\\x, y", Unicode: "\\u00e9, \\ud83d\\udc08", Tab: "a\tb, c"',
    f'x\n{LINE}, Hires resize: 1024x1024, Hires upscaler: Latent, Hires prompt: "a, b"',
    f"x\n{LINE}, Size: 10x20x30, Crop: x10, Half: 5x, Both: 007x08",
    f"x\n{LINE}, key-with/all kinds_of 9: v, -dash: a, (paren: b, x: c, :d, e: , f g : h",
    f"x\n{LINE}, Path: C:\\dir\\file, Url: http://x, Time: 10:30",
    f"caf\u00e9 \u732b\u3000\nNegative prompt:\u3000\u72ac\u00a0\n{LINE}, \u6a21\u578b\u540d: \u732b",
    f"a\r\nNegative prompt: b\r\n{LINE}\r\n",
    f"a\x1c\n\x1fb\x85\u2003\n{LINE}, Model: x\u2003",
    f"x\n{LINE}, Variation seed: 3, Variation seed strength: 0.1, Seed resize from: 256x384, "
    "Denoising strength: 0.7, Clip skip: 2, ENSD: 31337, RNG: CPU, NGMS: 0.5, Eta: 0.5, "
    "Schedule type: Karras, Schedule max sigma: 10, Discard penultimate sigma: True",
    f"x\n{LINE}, Sampler: DPM++ 2M Karras, Hypernet strength: 1",
    "masterpiece, best quality\nNegative prompt: EasyNegative, (worst quality:2)\n"
    "Steps: 28, Sampler: DPM++ SDE Karras, CFG scale: 7, Seed: 1, Size: 512x768, "
    "Model hash: abc, Model: anything: v3, Clip skip: 2, ENSD: 31337",
]


def stub(name, **attributes):
    module = mock.MagicMock(name=name)
    for key, value in attributes.items():
        setattr(module, key, value)
    sys.modules[name] = module
    return module


def load_infotext_utils(folder):
    package = types.ModuleType("modules")
    package.__path__ = [str(folder / "modules")]
    sys.modules["modules"] = package
    options = types.SimpleNamespace(infotext_skip_pasting=[], infotext_styles="Ignore",
                                    use_old_hires_fix_width_height=False, auto_backcompat=False)
    stub("gradio"), stub("PIL"), stub("modules_forge")
    for name in ("paths", "ui_tempdir", "script_callbacks", "processing", "infotext_versions",
                 "images", "errors"):
        setattr(package, name, stub(f"modules.{name}"))
    package.shared = stub("modules.shared", opts=options)
    package.prompt_parser = stub("modules.prompt_parser",
                                 parse_prompt_attention=lambda text: [[text, 1.0]])
    return importlib.import_module("modules.infotext_utils")


def parse(utils, text):
    """The lines of one case: only what the text itself says, sizes joined again."""
    result = utils.parse_generation_parameters(text)
    lines = [("parse", text), ("prompt", result["Prompt"]), ("negative", result["Negative prompt"])]
    pairs = utils.re_param.findall(text.strip().split("\n")[-1])
    keys = dict.fromkeys(key for key, value in pairs if len(pairs) >= 3 and value)
    for key in keys:
        if key in ("Prompt", "Negative prompt"):
            continue
        size = f"{key}-1" in result and key not in result
        value = f"{result[key + '-1']}x{result[key + '-2']}" if size else result[key]
        lines.append(("pair", key, str(value)))
    return lines


# Name → attributes of a job, settings and what its steps have added.
JOBS = {
    "plain": ({}, {}, {}),
    "odd names": (dict(sd_model_name='a, "b": c', all_prompts=["two\nlines"],
                       all_negative_prompts=[""]), {}, {}),
    "seeds": (dict(subseed_strength=0.1, seed_resize_from_w=256, seed_resize_from_h=384),
              dict(eta_noise_seed_delta=31337, randn_source="NV", CLIP_stop_at_last_layers=2), {}),
    "steps": ({}, {}, {"Discard penultimate sigma": True, "Schedule min sigma": 0.1,
                       "Schedule max sigma": 10.5, "Schedule rho": 5, "Eta": 0.5,
                       "Sigma churn": 1.5, "Sigma noise": 1.007, "NGMS": 0.5,
                       "Lora hashes": "a: 1, b: 2", "Denoising strength": 0.7}),
}


def create(folder, utils, job, settings, extra):
    """create_infotext, which is taken out of a module too large to stub."""
    source = (folder / "modules" / "processing.py").read_text(encoding="utf-8")
    start = source.index("def create_infotext")
    opts = types.SimpleNamespace(**dict(
        CLIP_stop_at_last_layers=1, eta_noise_seed_delta=0, add_model_hash_to_info=True,
        add_model_name_to_info=True, add_vae_hash_to_info=True, add_vae_name_to_info=True,
        randn_source="GPU", add_version_to_infotext=True, add_user_name_to_info=False,
        face_restoration_model=None) | settings)
    common = types.SimpleNamespace(is_sampler_using_eta_noise_seed_delta=lambda p: True)
    scope = dict(opts=opts, shared=types.SimpleNamespace(opts=opts), sd_samplers_common=common,
                 infotext_utils=utils, errors=None, program_version=lambda: "v1.10.1",
                 StableDiffusionProcessing=object, devices=types.SimpleNamespace(fp8=False))
    exec(source[start:source.index("\ndef ", start + 1)], scope)
    p = types.SimpleNamespace(**dict(
        batch_size=1, steps=20, sampler_name="DPM++ 2M", scheduler="Karras", cfg_scale=7,
        restore_faces=False, width=512, height=768, sd_model_hash="45dee52b", sd_model_name="sd",
        sd_vae_hash=None, sd_vae_name=None, subseed_strength=0, seed_resize_from_w=0,
        seed_resize_from_h=0, is_using_inpainting_conditioning=False, tiling=False, user=None,
        all_prompts=["a castle"], all_negative_prompts=["blurry"], extra_generation_params=extra,
        get_token_merging_ratio=lambda for_hr=False: 0) | job)
    return scope["create_infotext"](p, p.all_prompts, [1], [9])


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    utils = load_infotext_utils(folder)
    lines = [line for text in TEXTS for line in parse(utils, text)]
    lines += [("format", name, create(folder, utils, *job)) for name, job in JOBS.items()]
    path = pathlib.Path(__file__).with_name("infotexts.txt")
    rows = ("\t".join([line[0], *(json.dumps(field) for field in line[1:])]) for line in lines)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{path}: {len(TEXTS)} texts, {len(JOBS)} jobs")


if __name__ == "__main__":
    main()
