#include "cli/adapter_text.h"

#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/job_text.h"

namespace darkroom::cli {
namespace {

constexpr std::size_t kWordBytes = 60;

}  // namespace

std::string AdaptersText(const darkroom::v1::ListAdaptersResponse& listed) {
  std::vector<std::vector<std::string>> rows = {{"KIND", "IN A PROMPT", "TOKENS", "TRIGGER WORDS"}};
  for (const darkroom::v1::Adapter& adapter : listed.adapters()) {
    // Whole, because it is to be copied.
    const std::string name = Shortened(adapter.name(), std::numeric_limits<std::size_t>::max());
    if (adapter.kind() == darkroom::v1::ADAPTER_KIND_EMBEDDING) {
      rows.push_back({"embedding", name, absl::StrCat(adapter.vectors()), ""});
    } else {
      rows.push_back({"LoRA", absl::StrCat("<lora:", name, ":1>"), "",
                      Shortened(absl::StrJoin(adapter.trigger_words(), ", "), kWordBytes)});
    }
  }
  return TableText(rows);
}

std::string UpscalersText(const darkroom::v1::ListUpscalersResponse& listed) {
  std::vector<std::vector<std::string>> rows = {{"UPSCALER", "WORKS ON", "SCALE", "ALSO CALLED"}};
  for (const darkroom::v1::Upscaler& upscaler : listed.upscalers()) {
    const bool latent = upscaler.kind() == darkroom::v1::UPSCALER_KIND_LATENT;
    const bool network = upscaler.kind() == darkroom::v1::UPSCALER_KIND_NETWORK;
    rows.push_back({Shortened(upscaler.name(), std::numeric_limits<std::size_t>::max()),
                    latent    ? "the latent"
                    : network ? absl::StrCat("the picture, ", upscaler.architecture())
                              : "the picture",
                    network ? absl::StrCat(upscaler.scale(), "x") : "any",
                    Shortened(upscaler.alias(), kWordBytes)});
  }
  return TableText(rows);
}

}  // namespace darkroom::cli
