"""A diffusers model under the names of single-file checkpoints.

CompVis/stable-diffusion and Stability-AI/generative-models named the networks; diffusers'
scripts/convert_diffusers_to_original_*.py do the same for the published sizes alone.
"""

import re

import torch

State = dict[str, torch.Tensor]

UNET_OUTER = {"conv_in": "input_blocks.0.0", "time_embedding.linear_1": "time_embed.0",
              "time_embedding.linear_2": "time_embed.2", "add_embedding.linear_1": "label_emb.0.0",
              "add_embedding.linear_2": "label_emb.0.2", "conv_norm_out": "out.0",
              "conv_out": "out.2"}
UNET_RESNET = {"norm1": "in_layers.0", "conv1": "in_layers.2", "time_emb_proj": "emb_layers.1",
               "norm2": "out_layers.0", "conv2": "out_layers.3", "conv_shortcut": "skip_connection"}
VAE_ATTENTION = {"group_norm": "norm", "to_q": "q", "to_k": "k", "to_v": "v",
                 "to_out.0": "proj_out"}
OPEN_CLIP = {"layer_norm1": "ln_1", "layer_norm2": "ln_2", "mlp.fc1": "mlp.c_fc",
             "mlp.fc2": "mlp.c_proj", "self_attn.out_proj": "attn.out_proj"}


def renamed(name: str, table: dict[str, str]) -> str:
    front, end = name.rsplit(".", 1)
    return f"{table.get(front, front)}.{end}"


def layer(kind: str, block: str, rest: str) -> str:
    """A resnet or a transformer of the UNet, in block "input_blocks.3" for example."""
    return f"{block}.0.{renamed(rest, UNET_RESNET)}" if kind == "resnets" else f"{block}.1.{rest}"


def unet_name(name: str, layers_per_block: int, attention_on_the_way_up: list[bool]) -> str:
    stride = layers_per_block + 1
    if match := re.fullmatch(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", name):
        kind, i, rest = match.groups()
        if kind == "attentions":
            return f"middle_block.1.{rest}"
        return f"middle_block.{2 * int(i)}.{renamed(rest, UNET_RESNET)}"
    if match := re.fullmatch(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.*)", name):
        way, block, kind, i, rest = match.groups()
        first = int(block) * stride
        if kind == "downsamplers":
            return f"input_blocks.{first + stride}.0.{rest.replace('conv.', 'op.')}"
        if kind == "upsamplers":
            place = 2 if attention_on_the_way_up[int(block)] else 1
            return f"output_blocks.{first + stride - 1}.{place}.{rest}"
        if way == "down":
            return layer(kind, f"input_blocks.{first + 1 + int(i)}", rest)
        return layer(kind, f"output_blocks.{first + int(i)}", rest)
    return renamed(name, UNET_OUTER)


def unet_state(unet) -> State:
    up_attention = ["CrossAttn" in block for block in unet.config.up_block_types]
    return {"model.diffusion_model." +
            unet_name(name, unet.config.layers_per_block, up_attention): value
            for name, value in unet.state_dict().items()}


def vae_name(name: str, levels: int) -> str:
    name = name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
    if match := re.fullmatch(r"(\w+)\.mid_block\.attentions\.0\.(.*)", name):
        return f"{match[1]}.mid.attn_1.{renamed(match[2], VAE_ATTENTION)}"
    if match := re.fullmatch(r"(\w+)\.mid_block\.resnets\.(\d)\.(.*)", name):
        return f"{match[1]}.mid.block_{int(match[2]) + 1}.{match[3]}"
    if match := re.fullmatch(r"(\w+)\.(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.*)", name):
        half, way, block, kind, i, rest = match.groups()
        number = int(block) if way == "down" else levels - 1 - int(block)
        inner = f"block.{i}" if kind == "resnets" else f"{way}sample"
        return f"{half}.{way}.{number}.{inner}.{rest}"
    return name


def vae_state(vae, prefix: str = "first_stage_model.") -> State:
    levels = len(vae.config.block_out_channels)
    state = {}
    for name, value in vae.state_dict().items():
        stored = prefix + vae_name(name, levels)
        # 1x1 convolutions there.
        pointwise = ".mid.attn_1." in stored and value.dim() == 2
        state[stored] = value[:, :, None, None] if pointwise else value
    return state


def clip_state(text, prefix: str) -> State:
    return {f"{prefix}text_model.{name.removeprefix('text_model.')}": value
            for name, value in text.state_dict().items()}


def open_clip_state(text, prefix: str) -> State:
    state, thirds = {}, {}
    outer = {"embeddings.token_embedding.weight": "token_embedding.weight",
             "embeddings.position_embedding.weight": "positional_embedding",
             "final_layer_norm.weight": "ln_final.weight", "final_layer_norm.bias": "ln_final.bias"}
    for name, value in text.state_dict().items():
        name = name.removeprefix("text_model.")
        if name == "text_projection.weight":
            state[prefix + "text_projection"] = value.T.contiguous()
        elif name in outer:
            state[prefix + outer[name]] = value
        elif match := re.fullmatch(r"encoder\.layers\.(\d+)\.self_attn\.([qkv])_proj\.(\w+)", name):
            block = f"{prefix}transformer.resblocks.{match[1]}.attn.in_proj_{match[3]}"
            thirds.setdefault(block, {})[match[2]] = value
        elif match := re.fullmatch(r"encoder\.layers\.(\d+)\.(.*)", name):
            state[f"{prefix}transformer.resblocks.{match[1]}.{renamed(match[2], OPEN_CLIP)}"] = value
    for block, parts in thirds.items():
        state[block] = torch.cat([parts[which] for which in "qkv"])
    return state


def checkpoint_state(family: str, unet, vae, texts: list) -> State:
    state = unet_state(unet) | vae_state(vae)
    if family == "sd1":
        return state | clip_state(texts[0], "cond_stage_model.transformer.")
    if family == "sd2":
        return state | open_clip_state(texts[0], "cond_stage_model.model.")
    if family == "sdxl":
        return (state | clip_state(texts[0], "conditioner.embedders.0.transformer.") |
                open_clip_state(texts[1], "conditioner.embedders.1.model."))
    return state | open_clip_state(texts[0], "conditioner.embedders.0.model.")
