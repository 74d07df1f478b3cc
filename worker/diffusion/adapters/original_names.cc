#include "worker/diffusion/adapters/original_names.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace darkroom::diffusion {
namespace {

struct Renaming {
  absl::string_view name;
  absl::string_view original;
};

// Modules outside the blocks.
constexpr Renaming kSingle[] = {
    {"conv_in", "input_blocks.0.0"},
    {"conv_out", "out.2"},
    {"time_embedding.linear_1", "time_embed.0"},
    {"time_embedding.linear_2", "time_embed.2"},
    {"add_embedding.linear_1", "label_emb.0.0"},
    {"add_embedding.linear_2", "label_emb.0.2"},
};

// Modules of a resnet.
constexpr Renaming kResnet[] = {
    {"conv1", "in_layers.2"},
    {"conv2", "out_layers.3"},
    {"time_emb_proj", "emb_layers.1"},
    {"conv_shortcut", "skip_connection"},
};

absl::string_view Rename(absl::Span<const Renaming> table, absl::string_view name) {
  for (const Renaming& renaming : table) {
    if (renaming.name == name) return renaming.original;
  }
  return {};
}

// -1 for what is no number.
int Number(absl::string_view text) {
  int number = 0;
  return absl::SimpleAtoi(text, &number) ? number : -1;
}

// "resnets", place, rest... with their block: the resnet is part 0 of an original block, the
// transformer behind it part 1.
std::string Inside(absl::string_view block, absl::string_view kind,
                   absl::Span<const std::string> rest) {
  const std::string inner = absl::StrJoin(rest, ".");
  if (kind == "attentions") return absl::StrCat(block, ".1.", inner);
  const absl::string_view original = Rename(kResnet, inner);
  return kind == "resnets" && !original.empty() ? absl::StrCat(block, ".0.", original) : "";
}

}  // namespace

OriginalUNetNames::OriginalUNetNames(absl::Span<const std::string> names) {
  for (const std::string& name : names) {
    const std::vector<std::string> parts = absl::StrSplit(name, '.');
    if (parts.size() < 4) continue;
    if (parts[0] == "down_blocks" && parts[2] == "resnets") {
      layers_ = std::max(layers_, Number(parts[3]) + 1);
    }
    const int block = Number(parts[1]);
    if (parts[0] == "up_blocks" && parts[2] == "attentions" && block >= 0) {
      const auto place = static_cast<std::size_t>(block);
      if (place >= up_attention_.size()) up_attention_.resize(place + 1);
      up_attention_[place] = true;
    }
  }
}

std::string OriginalUNetNames::Of(absl::string_view name) const {
  if (const absl::string_view single = Rename(kSingle, name); !single.empty()) {
    return std::string(single);
  }
  const std::vector<std::string> parts = absl::StrSplit(name, '.');
  if (parts.size() >= 4 && parts[0] == "mid_block") {
    // Resnet, transformer, resnet are three parts of one block.
    const absl::Span<const std::string> rest = absl::MakeConstSpan(parts).subspan(3);
    const std::string inner = Inside("middle_block", parts[1], rest);
    const bool second = parts[1] == "resnets" && parts[2] == "1";
    return second && !inner.empty()
               ? absl::StrCat("middle_block.2.", Rename(kResnet, absl::StrJoin(rest, ".")))
               : inner;
  }
  return parts.size() >= 5 ? OfBlock(parts) : "";
}

// "down_blocks", level, kind, place, rest...
std::string OriginalUNetNames::OfBlock(const std::vector<std::string>& parts) const {
  const int level = Number(parts[1]);
  const int place = Number(parts[3]);
  if (level < 0 || place < 0) return "";
  const absl::Span<const std::string> rest = absl::MakeConstSpan(parts).subspan(4);
  const int first = level * (layers_ + 1);  // blocks of the levels before
  if (parts[0] == "down_blocks") {
    // Block 0 is conv_in.
    if (parts[2] == "downsamplers")
      return absl::StrCat("input_blocks.", first + layers_ + 1, ".0.op");
    return Inside(absl::StrCat("input_blocks.", first + 1 + place), parts[2], rest);
  }
  if (parts[0] != "up_blocks") return "";
  if (parts[2] == "upsamplers") {
    // The last part of the level's last block.
    const auto index = static_cast<std::size_t>(level);
    const bool attention = index < up_attention_.size() && up_attention_[index];
    return absl::StrCat("output_blocks.", first + layers_, attention ? ".2.conv" : ".1.conv");
  }
  return Inside(absl::StrCat("output_blocks.", first + place), parts[2], rest);
}

}  // namespace darkroom::diffusion
