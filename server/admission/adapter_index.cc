#include "server/admission/adapter_index.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "scheduler/core/record_version.h"

namespace darkroom::server {

namespace v1 = darkroom::v1;

AdapterIndex::AdapterIndex(darkroom::internal::v1::AdapterList list) : list_(std::move(list)) {
  const auto add = [this](const std::string& name, int place) {
    if (!name.empty()) loras_.emplace(name, place);
  };
  for (int i = 0; i < list_.adapters_size(); ++i) {
    const v1::Adapter& adapter = list_.adapters(i).adapter();
    if (adapter.kind() == v1::ADAPTER_KIND_LORA) add(adapter.name(), i);
  }
  for (int i = 0; i < list_.adapters_size(); ++i) {
    const v1::Adapter& adapter = list_.adapters(i).adapter();
    if (adapter.kind() == v1::ADAPTER_KIND_LORA) add(adapter.alias(), i);
  }
}

absl::StatusOr<AdapterIndex> AdapterIndex::Parse(const std::string& bytes) {
  darkroom::internal::v1::AdapterList list;
  if (!list.ParseFromString(bytes)) {
    return absl::InvalidArgumentError("a list of adapters cannot be read");
  }
  if (!scheduler::IsReadable(list.version(), scheduler::kAdapterListVersion)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a list of adapters has version ", list.version(),
                     ", and this gateway knows version ", scheduler::kAdapterListVersion));
  }
  return AdapterIndex(std::move(list));
}

bool AdapterIndex::Fits(const Listed& adapter, v1::ModelFamily family) {
  if (adapter.made_for().empty()) return true;
  return family != v1::MODEL_FAMILY_UNSPECIFIED && adapter.adapter().family() == family;
}

const AdapterIndex::Listed* AdapterIndex::FindLora(absl::string_view name) const {
  const auto place = loras_.find(name);
  return place == loras_.end() ? nullptr : &list_.adapters(place->second);
}

std::vector<const AdapterIndex::Listed*> AdapterIndex::AllOf(v1::AdapterKind kind) const {
  std::vector<const Listed*> found;
  for (const Listed& listed : list_.adapters()) {
    if (listed.adapter().kind() == kind) found.push_back(&listed);
  }
  return found;
}

std::vector<const AdapterIndex::Listed*> AdapterIndex::AllOf(v1::AdapterKind kind,
                                                             v1::ModelFamily family) const {
  std::vector<const Listed*> found = AllOf(kind);
  std::erase_if(found, [family](const Listed* listed) { return !Fits(*listed, family); });
  return found;
}

const darkroom::internal::v1::ListedUpscaler* AdapterIndex::FindUpscaler(
    absl::string_view name) const {
  if (name.empty()) return nullptr;
  const darkroom::internal::v1::ListedUpscaler* by_alias = nullptr;
  for (const auto& listed : list_.upscalers()) {
    if (listed.upscaler().name() == name) return &listed;
    if (listed.upscaler().alias() == name) by_alias = &listed;
  }
  return by_alias;
}

std::shared_ptr<AdapterCache> MakeAdapterCache(Loop& loop, scheduler::ModelRegistry& registry) {
  return std::make_shared<AdapterCache>(loop, registry, "adapters", reason::kNoAdapters,
                                        &AdapterIndex::Parse);
}

void GetAdapters(AdapterCache& cache, const v1::Model& model,
                 Callback<AdapterCache::Pointer> done) {
  if (model.adapters_digest().empty()) return done(std::make_shared<AdapterIndex>());
  cache.Get(model.adapters_digest(), std::move(done));
}

}  // namespace darkroom::server
