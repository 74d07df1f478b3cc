#include "worker/diffusion/adapters/adapter_header.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/diffusion/adapters/adapter_family.h"
#include "worker/diffusion/adapters/adapter_key.h"
#include "worker/diffusion/adapters/embedding_layout.h"
#include "worker/diffusion/adapters/trigger_words.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {
namespace {

using Metadata = SafetensorsFile::Metadata;

// The channels of the text that the UNet of each family attends to.
struct Family {
  absl::string_view id;
  std::int64_t context_width;
};

constexpr Family kFamilies[] = {
    {"sd1", 768}, {"sd2", 1024}, {"sdxl", 2048}, {"sdxl-refiner", 1280}};

// What trainers write where the tensors do not tell: the beginning of modelspec.architecture
// (Stability-AI/ModelSpec) and of kohya's ss_base_model_version.
struct Architecture {
  absl::string_view beginning;
  std::int64_t context_width;
};

constexpr Architecture kArchitectures[] = {
    {"stable-diffusion-v1", 768},
    {"stable-diffusion-v2", 1024},
    {"stable-diffusion-xl", 2048},
    {"sd_v1", 768},
    {"sd_v2", 1024},
    {"sdxl_", 2048},
};

std::string FamilyOfTitle(absl::string_view title) {
  for (const Family& known : kFamilies) {
    if (FamilyOfContextWidth(known.context_width) == title) return std::string(known.id);
  }
  return "";
}

absl::string_view Find(const Metadata& metadata, const std::string& key) {
  const auto found = metadata.find(key);
  return found == metadata.end() ? absl::string_view() : found->second;
}

std::string TitleByMetadata(const Metadata& metadata) {
  for (const char* key : {"modelspec.architecture", "ss_base_model_version"}) {
    const absl::string_view value = Find(metadata, key);
    for (const Architecture& architecture : kArchitectures) {
      if (absl::StartsWith(value, architecture.beginning))
        return FamilyOfContextWidth(architecture.context_width);
    }
  }
  return "";
}

// As the header promises texts; no character is cut in two.
std::string Tidy(absl::string_view text) {
  text = absl::StripAsciiWhitespace(text);
  if (text.size() > kMaxHeaderText) {
    std::size_t end = kMaxHeaderText;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = absl::StripAsciiWhitespace(text.substr(0, end));
  }
  return std::string(text);
}

AdapterHeader DescribeFile(const Metadata& metadata) {
  AdapterHeader header;
  header.title = Tidy(Find(metadata, "modelspec.title"));
  header.alias = Tidy(Find(metadata, "ss_output_name"));
  header.trigger_words = {Tidy(Find(metadata, "modelspec.trigger_phrase"))};
  if (!header.trigger_words[0].empty()) return header;
  header.trigger_words = FrequentCaptions(Find(metadata, "ss_tag_frequency"), kMaxTriggerWords);
  for (std::string& word : header.trigger_words) word = Tidy(word);
  return header;
}

absl::Status InFile(const std::filesystem::path& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path.string(), ": ", status.message()));
}

absl::Status CheckLora(const SafetensorsFile::Tensors& tensors) {
  if (tensors.empty()) return absl::InvalidArgumentError("it has no tensors");
  for (const auto& [name, view] : tensors) {
    DARKROOM_RETURN_IF_ERROR(ParseAdapterKey(name).status());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<AdapterHeader> ReadLoraHeader(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const SafetensorsHeader file, ReadSafetensorsHeader(path));
  if (const absl::Status good = CheckLora(file.tensors); !good.ok()) return InFile(path, good);
  AdapterHeader header = DescribeFile(file.metadata);
  header.made_for = FamilyOfAdapterFile(file.tensors);
  if (header.made_for.empty()) header.made_for = TitleByMetadata(file.metadata);
  header.family = FamilyOfTitle(header.made_for);
  return header;
}

absl::StatusOr<AdapterHeader> ReadEmbeddingHeader(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const SafetensorsHeader file, ReadSafetensorsHeader(path));
  const absl::StatusOr<EmbeddingLayout> layout = FindEmbeddingLayout(file.tensors);
  if (!layout.ok()) return InFile(path, layout.status());
  AdapterHeader header = DescribeFile(file.metadata);
  header.alias.clear();          // prompts call it by the file's name alone
  header.trigger_words.clear();  // which is what triggers it
  header.made_for = FamilyOfEncoderWidths(layout->widths);
  header.family = FamilyOfTitle(header.made_for);
  header.vectors = static_cast<int>(layout->vectors);
  return header;
}

}  // namespace darkroom::diffusion
