#ifndef DARKROOM_SERVER_ADMISSION_ADAPTER_INDEX_H_
#define DARKROOM_SERVER_ADMISSION_ADAPTER_INDEX_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "darkroom/internal/v1/adapter_list.pb.h"
#include "darkroom/v1/model.pb.h"
#include "server/core/document_cache.h"

namespace darkroom::server {

// A list of adapters and upscalers as a worker has published it, for every family. Immutable.
class AdapterIndex {
 public:
  using Listed = darkroom::internal::v1::ListedAdapter;

  // There are none.
  AdapterIndex() = default;
  // INVALID_ARGUMENT for bytes that are no list, or one of another version.
  static absl::StatusOr<AdapterIndex> Parse(const std::string& bytes);

  // Whether it can be used with models of this family: it was made for it, or does not tell.
  static bool Fits(const Listed& adapter, darkroom::v1::ModelFamily family);

  // The LoRA that prompts call by this name or alias, whatever it is for; null when there is none.
  const Listed* FindLora(absl::string_view name) const;
  // All of a kind, and those of them that fit, by name.
  std::vector<const Listed*> AllOf(darkroom::v1::AdapterKind kind) const;
  std::vector<const Listed*> AllOf(darkroom::v1::AdapterKind kind,
                                   darkroom::v1::ModelFamily family) const;

  // The upscaler of this name or alias that is a file; null when there is none.
  const darkroom::internal::v1::ListedUpscaler* FindUpscaler(absl::string_view name) const;
  // All that are files, by name.
  const google::protobuf::RepeatedPtrField<darkroom::internal::v1::ListedUpscaler>& upscalers()
      const {
    return list_.upscalers();
  }

 private:
  explicit AdapterIndex(darkroom::internal::v1::AdapterList list);

  darkroom::internal::v1::AdapterList list_;
  absl::flat_hash_map<std::string, int> loras_;  // name or alias → place in the list
};

// The adapters of models, by Model.adapters_digest.
using AdapterCache = DocumentCache<AdapterIndex>;

std::shared_ptr<AdapterCache> MakeAdapterCache(Loop& loop, scheduler::ModelRegistry& registry);

// Of models that name no list as well: they have none. Errors as of AdapterCache::Get.
void GetAdapters(AdapterCache& cache, const darkroom::v1::Model& model,
                 Callback<AdapterCache::Pointer> done);

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_ADAPTER_INDEX_H_
