#include "worker/engine/adapter_list.h"

#include <algorithm>

#include "darkroom/internal/v1/adapter_list.pb.h"
#include "scheduler/core/checks.h"
#include "scheduler/core/record_version.h"
#include "worker/engine/family.h"

namespace darkroom::worker {
namespace {

void AddUpscaler(const FoundAdapter& found, internal::v1::AdapterList& list) {
  internal::v1::ListedUpscaler& listed = *list.add_upscalers();
  listed.mutable_upscaler()->set_kind(v1::UPSCALER_KIND_NETWORK);
  listed.mutable_upscaler()->set_name(found.name);
  listed.mutable_upscaler()->set_alias(found.header.alias);
  listed.mutable_upscaler()->set_scale(found.upscaler->scale);
  listed.mutable_upscaler()->set_architecture(std::string(found.upscaler->architecture()));
  listed.set_operations_per_pixel(found.upscaler->operations_per_pixel);
}

// With at most `words` trigger words each.
std::string ListBytes(const std::vector<FoundAdapter>& adapters, std::size_t words) {
  internal::v1::AdapterList list;
  list.set_version(scheduler::kAdapterListVersion);
  for (const FoundAdapter& found : adapters) {
    if (found.upscaler.has_value()) {
      AddUpscaler(found, list);
      continue;
    }
    internal::v1::ListedAdapter& listed = *list.add_adapters();
    v1::Adapter& adapter = *listed.mutable_adapter();
    const bool is_lora = found.kind == AdapterKind::kLora;
    adapter.set_kind(is_lora ? v1::ADAPTER_KIND_LORA : v1::ADAPTER_KIND_EMBEDDING);
    adapter.set_name(found.name);
    adapter.set_alias(found.header.alias);
    adapter.set_display_name(found.header.title);
    adapter.set_family(FamilyOf(found.header.family));
    adapter.set_vectors(found.header.vectors);
    const std::size_t kept = std::min(words, found.header.trigger_words.size());
    for (std::size_t i = 0; i < kept; ++i) adapter.add_trigger_words(found.header.trigger_words[i]);
    listed.set_made_for(found.header.made_for);
  }
  return list.SerializeAsString();
}

}  // namespace

std::string MakeAdapterList(const std::vector<FoundAdapter>& adapters) {
  if (adapters.empty()) return "";
  std::string bytes;
  for (const std::size_t words : {diffusion::kMaxTriggerWords, std::size_t{4}, std::size_t{0}}) {
    bytes = ListBytes(adapters, words);
    if (bytes.size() <= scheduler::kMaxDocumentBytes) break;
  }
  return bytes;
}

}  // namespace darkroom::worker
