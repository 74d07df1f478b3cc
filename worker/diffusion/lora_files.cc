#include "worker/diffusion/lora_files.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/status_macros.h"
#include "prompt/limits.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

// A LoRA of a prompt, with the strengths of its last tag.
struct CalledLora {
  prompt::NetworkArguments arguments;
  int times = 0;
};

absl::Status Refusal(absl::string_view name, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat("prompt calls the LoRA '", name, "', ", reason));
}

absl::StatusOr<prompt::NetworkArguments> ReadTag(const prompt::ExtraNetwork& network) {
  const std::optional<prompt::NetworkArguments> arguments = prompt::ReadNetworkArguments(network);
  if (!arguments.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "prompt has a tag <", network.kind, ":", absl::StrJoin(network.positional, ":"),
        "> that cannot be read; write <lora:name:strength>, or <lora:name:strength in "
        "the text encoder:strength in the UNet>"));
  }
  if (arguments->dynamic_rank.has_value()) {
    return Refusal(arguments->name,
                   "with a rank of its own (dyn), which is not supported; leave it out");
  }
  return *arguments;
}

// In the order of their first tags.
absl::StatusOr<std::vector<CalledLora>> CalledLoras(
    absl::Span<const prompt::ExtraNetwork> networks) {
  std::vector<CalledLora> called;
  int tags = 0;
  for (const prompt::ExtraNetwork& network : networks) {
    if (network.kind == "hypernet") {
      return absl::InvalidArgumentError(
          "prompt calls a hypernetwork, which is not supported; leave the tag out");
    }
    if (network.kind != "lora" && network.kind != "lyco") continue;
    if (++tags > prompt::kMaxLoras) {
      return absl::InvalidArgumentError(
          absl::StrCat("prompt has more than ", prompt::kMaxLoras, " tags that call a LoRA"));
    }
    DARKROOM_ASSIGN_OR_RETURN(prompt::NetworkArguments arguments, ReadTag(network));
    auto known = std::find_if(called.begin(), called.end(), [&](const CalledLora& lora) {
      return lora.arguments.name == arguments.name;
    });
    if (known == called.end()) known = called.insert(known, CalledLora());
    known->arguments = std::move(arguments);
    ++known->times;
  }
  return called;
}

}  // namespace

LoraFiles::LoraFiles(std::int64_t max_bytes, const DiffusionModel* model)
    : max_bytes_(max_bytes),
      files_(
          max_bytes,
          [model](const NamedFile& file) -> absl::StatusOr<std::shared_ptr<const AdapterBranches>> {
            DARKROOM_ASSIGN_OR_RETURN(SafetensorsFile opened, SafetensorsFile::Open(file.path));
            return model->LoadAdapters(file.name, std::move(opened));
          }) {}

absl::StatusOr<PromptAdapters> LoraFiles::Read(absl::Span<const prompt::ExtraNetwork> networks) {
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<CalledLora> called, CalledLoras(networks));
  PromptAdapters adapters;
  std::int64_t bytes = 0;
  for (const auto& [arguments, times] : called) {
    const NamedFile* file = files_.Find(arguments.name);
    if (file == nullptr) {
      return Refusal(arguments.name,
                     "which is not here; names are those of the files, without their ending");
    }
    const auto branches = files_.Get(*file);
    if (!branches.ok()) {
      return Refusal(arguments.name,
                     absl::StrCat("which cannot be used: ",
                                  absl::StrReplaceAll(
                                      branches.status().message(),
                                      {{file->path.string(), file->path.filename().string()}})));
    }
    bytes += (*branches)->bytes();
    if (bytes > max_bytes_ && bytes > (*branches)->bytes()) {
      return Refusal(arguments.name, absl::StrCat("with which its LoRAs take more than ",
                                                  max_bytes_ >> 20, " MiB; use fewer or smaller"));
    }
    const auto use = [&, times = times](double strength) {
      return RowAdapters::Use{.branches = *branches, .strength = times * strength};
    };
    if (arguments.text_encoder_multiplier != 0) {
      adapters.text.push_back(use(arguments.text_encoder_multiplier));
    }
    if (arguments.unet_multiplier != 0) adapters.unet.push_back(use(arguments.unet_multiplier));
  }
  return adapters;
}

}  // namespace darkroom::diffusion
