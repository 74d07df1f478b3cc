"""Adapter files of every kind and spelling for tiny_model, and what diffusers, PEFT and LyCORIS
make of them.

Writes files/CASE.safetensors, adapter files as trainers write them, and expected.safetensors:
  CASE/unet/MODULE  what the reference adds to the weight of a module at strength 1, computed in
                    float64 (also CASE/text_encoder/MODULE)
  output            one step of the UNet with kohya.safetensors fused by diffusers at strength 0.7,
                    base_output without, of sample, timesteps and context

Needs diffusers 0.35.2, transformers 5, peft 0.19 and lycoris-lora 4.1. Run in this folder.
"""

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from diffusers.loaders import StableDiffusionLoraLoaderMixin, StableDiffusionXLLoraLoaderMixin
from lycoris.modules.locon import LoConModule
from lycoris.modules.loha import LohaModule
from lycoris.modules.lokr import LokrModule
from peft import LoHaConfig, LoraConfig, get_peft_model, get_peft_model_state_dict
from safetensors.torch import load_file, save_file

HERE = Path(__file__).parent
MODEL = HERE.parent / "tiny_model"
RANK = 3
ALPHA = 2.0

ATTENTION = "down_blocks.1.attentions.0"
BLOCK = ATTENTION + ".transformer_blocks.0"
LINEAR = [BLOCK + ".attn1.to_q", BLOCK + ".attn1.to_out.0", BLOCK + ".attn2.to_k",
          BLOCK + ".ff.net.0.proj", BLOCK + ".ff.net.2", ATTENTION + ".proj_in",
          "mid_block.attentions.0.transformer_blocks.0.attn2.to_v",
          "up_blocks.2.attentions.1.transformer_blocks.0.attn1.to_k"]
CONVOLUTIONS = ["down_blocks.1.resnets.0.conv1", "down_blocks.1.resnets.0.conv_shortcut",
                "down_blocks.1.downsamplers.0.conv"]
OTHERS = ["down_blocks.0.resnets.0.time_emb_proj"]
# The original implementation's names of what diffusers can map back.
ORIGINAL = {name: name.replace("down_blocks.1.attentions.0", "input_blocks.4.1")
                      .replace("mid_block.attentions.0", "middle_block.1")
                      .replace("up_blocks.2.attentions.1", "output_blocks.7.1")
            for name in LINEAR}
TEXT = {"text_model.encoder.layers.0.self_attn.q_proj": (24, 24),
        "text_model.encoder.layers.1.self_attn.out_proj": (24, 24),
        "text_model.encoder.layers.2.mlp.fc1": (56, 24)}


def load_unet() -> UNet2DConditionModel:
    unet = UNet2DConditionModel.from_pretrained(MODEL / "unet", torch_dtype=torch.float32)
    return unet.eval().double().requires_grad_(False)


def weight_of(unet: torch.nn.Module, name: str) -> torch.Tensor:
    module = unet.get_submodule(name)
    return getattr(module, "base_layer", module).weight.detach()


def random_lora(shape: tuple, generator: torch.Generator) -> dict[str, torch.Tensor]:
    out, inputs, *kernel = shape
    down = torch.randn(RANK, inputs, *kernel, generator=generator) * 0.3
    up = torch.randn(out, RANK, *[1] * len(kernel), generator=generator) * 0.3
    return {"down": down, "up": up}


class Goldens:
    def __init__(self) -> None:
        self.base = load_unet()
        self.expected: dict[str, torch.Tensor] = {}

    def write(self, case: str, tensors: dict[str, torch.Tensor]) -> None:
        file = HERE / "files" / f"{case}.safetensors"
        save_file({k: v.detach().float().contiguous() for k, v in tensors.items()}, file)

    def expect(self, case: str, name: str, delta: torch.Tensor, component: str = "unet") -> None:
        assert delta.abs().max() > 1e-3, f"{case}: {name} is left alone"
        self.expected[f"{case}/{component}/{name}"] = delta.detach().float().contiguous()

    def expect_changes(self, case: str, changed: torch.nn.Module, names: list[str]) -> None:
        for name in names:
            self.expect(case, name, weight_of(changed, name) - weight_of(self.base, name))

    def load_fused(self, case: str, loader, scale: float = 1.0) -> UNet2DConditionModel:
        """The UNet with a file fused by diffusers."""
        unet = load_unet()
        state = load_file(HERE / "files" / f"{case}.safetensors")
        state, alphas, metadata = loader.lora_state_dict(
            state, unet_config=unet.config, return_lora_metadata=True)
        loader.load_lora_into_unet(state, alphas, unet=unet, metadata=metadata)
        unet.double().fuse_lora(lora_scale=scale)
        return unet


def write_spellings(goldens: Goldens) -> None:
    """One LoRA as kohya-ss spells it, with either names, and as diffusers does."""
    generator = torch.Generator().manual_seed(1)
    names = LINEAR + CONVOLUTIONS + OTHERS
    loras = {name: random_lora(weight_of(goldens.base, name).shape, generator)
             for name in names}
    text = {name: random_lora(shape, generator) for name, shape in TEXT.items()}

    def kohya(prefix: str, spelled: str, lora: dict) -> dict[str, torch.Tensor]:
        key = prefix + spelled.replace(".", "_")
        return {f"{key}.lora_down.weight": lora["down"], f"{key}.lora_up.weight": lora["up"],
                f"{key}.alpha": torch.tensor(ALPHA)}

    tensors = {}
    for name, lora in loras.items():
        tensors |= kohya("lora_unet_", name, lora)
    for name, lora in text.items():
        tensors |= kohya("lora_te_", name, lora)
        delta = lora["up"].double() @ lora["down"].double() * (ALPHA / RANK)
        goldens.expect("kohya", name, delta, "text_encoder")
    goldens.write("kohya", tensors)
    goldens.expect_changes("kohya", goldens.load_fused("kohya", StableDiffusionLoraLoaderMixin),
                           names)

    tensors = {}
    for name, original in ORIGINAL.items():
        tensors |= kohya("lora_unet_", original, loras[name])
    goldens.write("kohya_original_names", tensors)
    goldens.expect_changes(
        "kohya_original_names",
        goldens.load_fused("kohya_original_names", StableDiffusionXLLoraLoaderMixin), LINEAR)

    tensors = {}
    for name, lora in loras.items():
        tensors |= {f"unet.{name}.lora.down.weight": lora["down"],
                    f"unet.{name}.lora.up.weight": lora["up"]}
    goldens.write("diffusers", tensors)
    goldens.expect_changes(
        "diffusers", goldens.load_fused("diffusers", StableDiffusionLoraLoaderMixin), names)

    # As diffusers wrote attention processors before it took PEFT.
    tensors = {}
    attention = [name for name in LINEAR if ".attn" in name]
    for name in attention:
        module, projection = name.removesuffix(".0").rsplit(".", 1)
        key = f"unet.{module}.processor.{projection}_lora"
        tensors |= {f"{key}.down.weight": loras[name]["down"],
                    f"{key}.up.weight": loras[name]["up"]}
    goldens.write("diffusers_processors", tensors)
    goldens.expect_changes(
        "diffusers_processors",
        goldens.load_fused("diffusers_processors", StableDiffusionLoraLoaderMixin), attention)


def write_output(goldens: Goldens) -> None:
    generator = torch.Generator().manual_seed(4)
    inputs = {"sample": torch.randn(2, 4, 8, 7, generator=generator),
              "timesteps": torch.tensor([981.0, 40.25]),
              "context": torch.randn(2, 77, 24, generator=generator)}
    changed = goldens.load_fused("kohya", StableDiffusionLoraLoaderMixin, scale=0.7)
    for name, unet in {"output": changed, "base_output": goldens.base}.items():
        output = unet(inputs["sample"].double(), inputs["timesteps"], inputs["context"].double())
        goldens.expected[name] = output.sample.float().contiguous()
    goldens.expected |= inputs


def write_peft(goldens: Goldens) -> None:
    linears = [name for name in LINEAR if not name.endswith("proj_in")]
    cases = {
        "peft": LoraConfig(r=RANK, lora_alpha=RANK, target_modules=linears + CONVOLUTIONS[:1],
                           init_lora_weights=False),
        "peft_dora": LoraConfig(r=RANK, lora_alpha=RANK, use_dora=True,
                                target_modules=linears[:2] + CONVOLUTIONS,
                                init_lora_weights=False),
        "peft_loha": LoHaConfig(r=RANK, alpha=RANK, use_effective_conv2d=True,
                                target_modules=linears[:2] + CONVOLUTIONS[2:],
                                init_weights=False),
    }
    for case, config in cases.items():
        torch.manual_seed(2)
        model = get_peft_model(load_unet(), config).double()
        for name, parameter in model.named_parameters():
            if "magnitude" in name:
                parameter.data *= 1 + 0.2 * torch.randn_like(parameter)
            elif "hada" in name:
                parameter.data = 0.5 * torch.randn_like(parameter)
        model.float().double()  # what the file holds
        goldens.write(case, get_peft_model_state_dict(model))
        goldens.expect_changes(case, model.merge_and_unload(), sorted(config.target_modules))


def write_lycoris(goldens: Goldens) -> None:
    linear, convolution = BLOCK + ".attn1.to_q", CONVOLUTIONS[0]
    strided = "down_blocks.2.downsamplers.0.conv"
    wide = BLOCK + ".ff.net.0.proj"
    cases = {
        "locon_tucker": (LoConModule, {"use_tucker": True}, [convolution, strided]),
        "loha": (LohaModule, {}, [linear, convolution, ATTENTION + ".proj_in"]),
        "loha_tucker": (LohaModule, {"use_tucker": True}, [convolution, strided]),
        "lokr": (LokrModule, {}, [wide, strided, BLOCK + ".attn2.to_k"]),
        "lokr_factor": (LokrModule, {"factor": 2}, [wide, linear]),
        "lokr_both": (LokrModule, {"decompose_both": True}, [wide]),
        "lokr_tucker": (LokrModule, {"use_tucker": True}, [strided]),
        "lokr_whole": (LokrModule, {"full_matrix": True}, [wide, convolution]),
        "dora": (LoConModule, {"weight_decompose": True}, [linear, convolution]),
        "dora_inputs": (LoConModule, {"weight_decompose": True, "wd_on_out": False},
                        [wide, convolution]),
        "dora_loha": (LohaModule, {"weight_decompose": True}, [linear, strided]),
        "dora_lokr": (LokrModule, {"weight_decompose": True}, [wide]),
    }
    for number, (case, (kind, options, names)) in enumerate(cases.items()):
        torch.manual_seed(10 + number)
        tensors = {}
        for name in names:
            rank = 2 if kind is LokrModule else RANK
            base = goldens.base.get_submodule(name)
            module = kind(name, base, lora_dim=rank, alpha=ALPHA / 2, **options).double()
            for part, parameter in module.named_parameters():
                drawn = torch.randn_like(parameter)
                parameter.data = (parameter.data * (1 + 0.2 * drawn) if part == "dora_scale"
                                  else 0.5 * drawn)
            # The files are float32: so is what the reference is computed from.
            module.float().double()
            difference = (module.make_weight() * module.scale if kind is LoConModule
                          else module.get_weight(module.shape))
            if module.wd:
                changed = module.apply_weight_decompose(base.weight + difference)
                difference = changed - base.weight
            goldens.expect(case, name, difference)
            for part, tensor in module.state_dict().items():
                tensors[f"lora_unet_{name.replace('.', '_')}.{part}"] = tensor
        goldens.write(case, tensors)


def write_full(goldens: Goldens) -> None:
    """LyCORIS' full differences are what they say."""
    generator = torch.Generator().manual_seed(3)
    tensors = {}
    for name in [BLOCK + ".attn1.to_out.0", CONVOLUTIONS[0]]:
        weight = weight_of(goldens.base, name)
        key = f"lora_unet_{name.replace('.', '_')}"
        tensors[f"{key}.diff"] = torch.randn(weight.shape, generator=generator)
        tensors[f"{key}.diff_b"] = torch.randn(weight.shape[0], generator=generator)
        goldens.expect("full", name, tensors[f"{key}.diff"])
        goldens.expect("full", f"{name}:bias", tensors[f"{key}.diff_b"])
    goldens.write("full", tensors)


@torch.no_grad()
def main() -> None:
    (HERE / "files").mkdir(exist_ok=True)
    goldens = Goldens()
    write_spellings(goldens)
    write_output(goldens)
    write_peft(goldens)
    write_lycoris(goldens)
    write_full(goldens)
    save_file(goldens.expected, HERE / "expected.safetensors")


if __name__ == "__main__":
    main()
