"""What networks with adapters and embeddings in them compute, by diffusers and transformers.

Writes networks.safetensors:
  CASE/unet          one step of tiny_model's UNet at strength STRENGTH of files/CASE.safetensors,
                     its deltas (expected.safetensors, which make_adapter_goldens.py makes with each
                     kind's own library) added to the weights; with "sample", "timesteps" and
                     "context" of expected.safetensors
  MODEL/unet, MODEL/text, MODEL/text_2, MODEL/pooled
                     of MODEL with LoRA of every linear and convolution at once,
                     networks/MODEL.safetensors, at strength STRENGTH; MODEL/ids, MODEL/added the
                     inputs beside those
  MODEL/styled_text, MODEL/styled_text_2, MODEL/styled_pooled
                     of MODEL without LoRA, of a prompt whose third and fourth token are the vectors
                     of networks/MODEL_style.safetensors; MODEL/styled_ids the tokens
Needs diffusers 0.35.2 and transformers 5. Run in this folder, after make_adapter_goldens.py.
"""

from pathlib import Path

import torch
from diffusers import UNet2DConditionModel
from safetensors.torch import load_file, save_file
from transformers import CLIPTextModel, CLIPTextModelWithProjection

HERE = Path(__file__).parent
STRENGTH = 0.7
ALPHA = 2.0
CHUNK = 77
MODELS = {"tiny_model": False, "tiny_sdxl": True}  # whether SDXL


def load_unet(model: str) -> UNet2DConditionModel:
    unet = UNet2DConditionModel.from_pretrained(HERE.parent / model / "unet",
                                                torch_dtype=torch.float32)
    return unet.eval().double().requires_grad_(False)


def load_text(model: str, second: bool) -> CLIPTextModel:
    kind = CLIPTextModelWithProjection if second else CLIPTextModel
    folder = HERE.parent / model / ("text_encoder_2" if second else "text_encoder")
    return kind.from_pretrained(folder, dtype=torch.float32).eval().double().requires_grad_(False)


def run_unet(unet, inputs: dict, added: torch.Tensor | None = None) -> torch.Tensor:
    if added is not None:  # the vector is what the UNet would put together itself
        unet.get_aug_embed = lambda emb, encoder_hidden_states, added_cond_kwargs: \
            unet.add_embedding(added.double())
    return unet(inputs["sample"].double(), inputs["timesteps"], inputs["context"].double(),
                added_cond_kwargs={}).sample.float()


def write_kinds(made: dict) -> None:
    expected = load_file(HERE / "expected.safetensors")
    cases = sorted({name.split("/")[0] for name in expected if "/" in name})
    for case in cases:
        unet = load_unet("tiny_model")
        for name, delta in expected.items():
            if not name.startswith(f"{case}/unet/"):
                continue
            module, _, bias = name.removeprefix(f"{case}/unet/").partition(":")
            parameter = unet.get_submodule(module)
            parameter = parameter.bias if bias else parameter.weight
            parameter += STRENGTH * delta.double()
        made[f"{case}/unet"] = run_unet(unet, expected)


def fuse_everywhere(network, prefix: str, generator, file: dict) -> None:
    """A LoRA of rank 1 for every linear and convolution, and its sum with the weights."""
    for name, module in network.named_modules():
        if not isinstance(module, (torch.nn.Linear, torch.nn.Conv2d)):
            continue
        out, inputs, *kernel = module.weight.shape
        down = torch.randn(1, inputs, *kernel, generator=generator) * 0.1
        up = torch.randn(out, 1, *[1] * len(kernel), generator=generator) * 0.1
        key = prefix + name.replace(".", "_")
        file |= {f"{key}.lora_down.weight": down.half(), f"{key}.lora_up.weight": up.half(),
                 f"{key}.alpha": torch.tensor(ALPHA)}
        delta = up.half().double().flatten(1) @ down.half().double().flatten(1)
        module.weight += STRENGTH * ALPHA * delta.reshape(module.weight.shape)


def encode(text, ids: torch.Tensor, xl: bool, vectors: torch.Tensor | None = None) -> tuple:
    """[chunks, 77, C] as the UNet sees it, and the pooled vectors. `vectors` are put over the third
    token and those behind it."""
    embeddings = getattr(text, "text_model", text).embeddings.token_embedding

    def put(_module, _inputs, output):
        output[:, 3:3 + len(vectors)] = vectors
        return output

    hook = embeddings.register_forward_hook(put) if vectors is not None else None
    states = text(ids, output_hidden_states=True)
    if hook is not None:
        hook.remove()
    hidden = states.hidden_states[-2] if xl else states.last_hidden_state
    return hidden.float(), getattr(states, "text_embeds", None)


def ids_of(text, generator, words: int, pad: int | None) -> torch.Tensor:
    """A chunk of random words. The last two ids are begin and end of text."""
    end = text.config.vocab_size - 1
    row = [end - 1, *torch.randint(300, 600, (words,), generator=generator).tolist(), end]
    return torch.tensor([row + [end if pad is None else pad] * (CHUNK - len(row))])


def write_model(model: str, xl: bool, made: dict) -> None:
    generator = torch.Generator().manual_seed(6)
    inputs = load_file(HERE / "expected.safetensors")
    unet = load_unet(model)
    width = unet.config.cross_attention_dim
    inputs["context"] = torch.randn(2, CHUNK, width, generator=generator)
    added = None
    if xl:
        added = torch.randn(2, unet.config.projection_class_embeddings_input_dim,
                            generator=generator)
        made[f"{model}/added"] = added
    made[f"{model}/context"] = inputs["context"]
    file: dict = {}
    fuse_everywhere(unet, "lora_unet_", generator, file)
    made[f"{model}/unet"] = run_unet(unet, inputs, added)

    style: dict = {}
    for second in (False, True) if xl else (False,):
        suffix = "_2" if second else ""
        text = load_text(model, second)
        if not second:
            words = [ids_of(text, generator, 5, None), ids_of(text, generator, 9, None)]
            made[f"{model}/ids"] = torch.cat(words)
            styled = words[0].clone()
            styled[:, 3:5] = 0
            made[f"{model}/styled_ids"] = styled
        vectors = torch.randn(2, text.config.hidden_size, generator=generator)
        style[("clip_g" if second else "clip_l") if xl else "emb_params"] = vectors
        pad = 0 if second else None
        read = {name: with_padding(made[f"{model}/{name}"], text, pad)
                for name in ("ids", "styled_ids")}
        states, pooled = encode(text, read["styled_ids"], xl, vectors.double())
        made[f"{model}/styled_text{suffix}"] = states
        if pooled is not None:
            made[f"{model}/styled_pooled"] = pooled.float()
        prefix = {False: "lora_te1_" if xl else "lora_te_", True: "lora_te2_"}[second]
        fuse_everywhere(text, prefix, generator, file)
        states, pooled = encode(text, read["ids"], xl)
        made[f"{model}/text{suffix}"] = states
        if pooled is not None:
            made[f"{model}/pooled"] = pooled.float()
    folder = HERE / "networks"
    folder.mkdir(exist_ok=True)
    save_file({k: v.contiguous() for k, v in file.items()}, folder / f"{model}.safetensors")
    save_file(style, folder / f"{model}_style.safetensors")


def with_padding(ids: torch.Tensor, text, pad: int | None) -> torch.Tensor:
    """SDXL's second encoder has other padding behind the end of text."""
    ids = ids.clone()
    if pad is None:
        return ids
    end = text.config.vocab_size - 1
    for row in ids:
        row[int((row == end).nonzero()[0]) + 1:] = pad
    return ids


@torch.no_grad()
def main() -> None:
    made: dict[str, torch.Tensor] = {}
    write_kinds(made)
    for model, xl in MODELS.items():
        write_model(model, xl, made)
    for name, tensor in made.items():
        if tensor.dtype == torch.int64:
            made[name] = tensor.float()  # exact: vocabularies are small
    save_file({k: v.contiguous() for k, v in made.items()}, HERE / "networks.safetensors")


if __name__ == "__main__":
    main()
