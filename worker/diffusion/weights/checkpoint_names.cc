#include "worker/diffusion/weights/checkpoint_names.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/types/span.h"

namespace darkroom::diffusion {
namespace {

using Name = std::optional<std::string>;

struct Renaming {
  absl::string_view asked;
  absl::string_view stored;
};

constexpr Renaming kUNetOuter[] = {
    {"conv_in.", "input_blocks.0.0."},
    {"time_embedding.linear_1.", "time_embed.0."},
    {"time_embedding.linear_2.", "time_embed.2."},
    {"add_embedding.linear_1.", "label_emb.0.0."},
    {"add_embedding.linear_2.", "label_emb.0.2."},
    {"conv_norm_out.", "out.0."},
    {"conv_out.", "out.2."},
};

constexpr Renaming kUNetResnet[] = {
    {"norm1.", "in_layers.0."},          {"conv1.", "in_layers.2."},
    {"time_emb_proj.", "emb_layers.1."}, {"norm2.", "out_layers.0."},
    {"conv2.", "out_layers.3."},         {"conv_shortcut.", "skip_connection."},
};

constexpr Renaming kVaeAttention[] = {
    {"group_norm.", "norm."},   {"to_q.", "q."}, {"to_k.", "k."}, {"to_v.", "v."},
    {"to_out.0.", "proj_out."},
};

constexpr Renaming kOpenClipOuter[] = {
    {"embeddings.token_embedding.weight", "token_embedding.weight"},
    {"embeddings.position_embedding.weight", "positional_embedding"},
    {"final_layer_norm.", "ln_final."},
};

constexpr Renaming kOpenClipLayer[] = {
    {"layer_norm1.", "ln_1."},
    {"layer_norm2.", "ln_2."},
    {"mlp.fc1.", "mlp.c_fc."},
    {"mlp.fc2.", "mlp.c_proj."},
    {"self_attn.out_proj.", "attn.out_proj."},
};

// With the front of a name replaced, where it is one of the table's.
Name Rename(absl::string_view name, absl::Span<const Renaming> table) {
  for (const Renaming& renaming : table) {
    absl::string_view rest = name;
    if (absl::ConsumePrefix(&rest, renaming.asked)) return absl::StrCat(renaming.stored, rest);
  }
  return std::nullopt;
}

// Takes "word.7." from the front.
std::optional<int> ConsumeNumbered(absl::string_view* name, absl::string_view word) {
  absl::string_view rest = *name;
  if (!absl::ConsumePrefix(&rest, word) || !absl::ConsumePrefix(&rest, ".")) return std::nullopt;
  const std::size_t dot = rest.find('.');
  int number = 0;
  if (dot == absl::string_view::npos || !absl::SimpleAtoi(rest.substr(0, dot), &number) ||
      number < 0) {
    return std::nullopt;
  }
  *name = rest.substr(dot + 1);
  return number;
}

// Below "resnets.i." or "attentions.i." of a block whose first layer has the number `first`.
Name UNetLayer(absl::string_view sequence, int first, absl::string_view name) {
  if (const auto layer = ConsumeNumbered(&name, "resnets")) {
    const Name inner = Rename(name, kUNetResnet);
    if (!inner.has_value()) return std::nullopt;
    return absl::StrCat(sequence, ".", first + *layer, ".0.", *inner);
  }
  if (const auto layer = ConsumeNumbered(&name, "attentions")) {
    return absl::StrCat(sequence, ".", first + *layer, ".1.", name);
  }
  return std::nullopt;
}

Name UNetMiddle(absl::string_view name) {
  if (const auto layer = ConsumeNumbered(&name, "resnets")) {
    const Name inner = Rename(name, kUNetResnet);
    // The transformer lies between the two.
    return inner.has_value() ? Name(absl::StrCat("middle_block.", 2 * *layer, ".", *inner))
                             : std::nullopt;
  }
  if (!absl::ConsumePrefix(&name, "attentions.0.")) return std::nullopt;
  return absl::StrCat("middle_block.1.", name);
}

Name UNetName(const UNetConfig& config, absl::string_view name) {
  if (Name outer = Rename(name, kUNetOuter)) return outer;
  if (absl::ConsumePrefix(&name, "mid_block.")) return UNetMiddle(name);
  // Of layers and what changes the size behind them; or, on the way up, of one layer more.
  const int stride = config.layers_per_block + 1;
  const int levels = static_cast<int>(config.levels.size());
  if (const auto block = ConsumeNumbered(&name, "down_blocks")) {
    if (absl::ConsumePrefix(&name, "downsamplers.0.conv.")) {
      return absl::StrCat("input_blocks.", (*block + 1) * stride, ".0.op.", name);
    }
    return UNetLayer("input_blocks", *block * stride + 1, name);
  }
  const auto block = ConsumeNumbered(&name, "up_blocks");
  if (!block.has_value() || *block >= levels) return std::nullopt;
  if (absl::ConsumePrefix(&name, "upsamplers.0.conv.")) {
    const bool attention =
        config.levels[static_cast<std::size_t>(levels - 1 - *block)].up_attention;
    return absl::StrCat("output_blocks.", *block * stride + stride - 1, attention ? ".2" : ".1",
                        ".conv.", name);
  }
  return UNetLayer("output_blocks", *block * stride, name);
}

Name VaeResnet(absl::string_view block, absl::string_view name) {
  if (absl::ConsumePrefix(&name, "conv_shortcut.")) {
    return absl::StrCat(block, ".nin_shortcut.", name);
  }
  return absl::StrCat(block, ".", name);
}

// Below "encoder." or "decoder.".
Name VaeHalf(int levels, absl::string_view name) {
  if (absl::ConsumePrefix(&name, "mid_block.")) {
    if (const auto layer = ConsumeNumbered(&name, "resnets")) {
      return VaeResnet(absl::StrCat("mid.block_", *layer + 1), name);
    }
    if (!absl::ConsumePrefix(&name, "attentions.0.")) return std::nullopt;
    const Name inner = Rename(name, kVaeAttention);
    return inner.has_value() ? Name(absl::StrCat("mid.attn_1.", *inner)) : std::nullopt;
  }
  if (absl::ConsumePrefix(&name, "conv_norm_out.")) return absl::StrCat("norm_out.", name);
  std::string block;
  if (const auto down = ConsumeNumbered(&name, "down_blocks")) {
    block = absl::StrCat("down.", *down);
  } else if (const auto up = ConsumeNumbered(&name, "up_blocks")) {
    block = absl::StrCat("up.", levels - 1 - *up);  // numbered from the finest level
  } else {
    return std::string(name);  // conv_in, conv_out
  }
  if (const auto layer = ConsumeNumbered(&name, "resnets")) {
    return VaeResnet(absl::StrCat(block, ".block.", *layer), name);
  }
  for (const absl::string_view way : {"down", "up"}) {
    if (absl::ConsumePrefix(&name, absl::StrCat(way, "samplers.0."))) {
      return absl::StrCat(block, ".", way, "sample.", name);
    }
  }
  return std::nullopt;
}

Name VaeName(int levels, absl::string_view name) {
  for (const absl::string_view half : {"encoder.", "decoder."}) {
    if (!absl::ConsumePrefix(&name, half)) continue;
    const Name inner = VaeHalf(levels, name);
    return inner.has_value() ? Name(absl::StrCat(half, *inner)) : std::nullopt;
  }
  return std::string(name);  // quant_conv, post_quant_conv
}

std::optional<StoredName> OpenClipName(absl::string_view name) {
  if (name == "text_projection.weight") {
    return StoredName{.name = "text_projection", .transposed = true};
  }
  absl::ConsumePrefix(&name, "text_model.");
  if (Name outer = Rename(name, kOpenClipOuter)) return StoredName{.name = *std::move(outer)};
  if (!absl::ConsumePrefix(&name, "encoder.")) return std::nullopt;
  const auto layer = ConsumeNumbered(&name, "layers");
  if (!layer.has_value()) return std::nullopt;
  const std::string block = absl::StrCat("transformer.resblocks.", *layer, ".");
  if (const Name inner = Rename(name, kOpenClipLayer)) {
    return StoredName{.name = absl::StrCat(block, *inner)};
  }
  // One tensor has the three projections, one under another.
  constexpr absl::string_view kThirds[] = {"self_attn.q_proj.", "self_attn.k_proj.",
                                           "self_attn.v_proj."};
  for (int third = 0; third < 3; ++third) {
    if (!absl::ConsumePrefix(&name, kThirds[third])) continue;
    return StoredName{.name = absl::StrCat(block, "attn.in_proj_", name), .third = third};
  }
  return std::nullopt;
}

bool StartsWithAny(absl::string_view name, absl::Span<const absl::string_view> starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [name](absl::string_view start) { return absl::StartsWith(name, start); });
}

std::optional<StoredName> Whole(Name name) {
  if (!name.has_value()) return std::nullopt;
  return StoredName{.name = *std::move(name)};
}

}  // namespace

std::optional<StoredName> CheckpointNames::Find(absl::string_view asked) const {
  std::optional<StoredName> stored;
  switch (part_.naming) {
    case PartNaming::kUNet:
      stored = Whole(UNetName(unet_, asked));
      break;
    case PartNaming::kVae:
      stored = Whole(VaeName(vae_levels_, asked));
      break;
    case PartNaming::kDiffusers:
      stored = StoredName{.name = std::string(asked)};
      break;
    case PartNaming::kClip:
      absl::ConsumePrefix(&asked, "text_model.");
      stored = StoredName{.name = std::string(asked)};
      break;
    case PartNaming::kOpenClip:
      stored = OpenClipName(asked);
      break;
  }
  if (stored.has_value()) stored->name.insert(0, part_.prefix);
  return stored;
}

bool CheckpointNames::MayBeLeft(absl::string_view name) const {
  if (!absl::ConsumePrefix(&name, part_.prefix)) return true;
  switch (part_.naming) {
    case PartNaming::kUNet:
      return false;
    case PartNaming::kVae:
    case PartNaming::kDiffusers:
      return StartsWithAny(name, {"loss.", "model_ema."});
    case PartNaming::kClip:
      return StartsWithAny(name, {"embeddings.position_ids", "logit_scale", "text_projection"});
    case PartNaming::kOpenClip:
      if (!absl::ConsumePrefix(&name, "transformer.")) {
        return StartsWithAny(name, {"logit_scale", "text_projection", "attn_mask"});
      }
      const auto layer = ConsumeNumbered(&name, "resblocks");
      return layer.has_value() && *layer >= text_layers_;
  }
  return false;
}

}  // namespace darkroom::diffusion
