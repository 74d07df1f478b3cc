#ifndef DARKROOM_SERVER_ADMISSION_MODEL_ALIASES_H_
#define DARKROOM_SERVER_ADMISSION_MODEL_ALIASES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::server {

// What clients that were written for other servers get when they ask for those servers' models.
// Immutable; thread-safe.
class ModelAliases {
 public:
  ModelAliases() = default;

  // Of entries "gpt-image-1=sdxl" and, for the model of requests that name none, "gpt-image-1". A
  // name that ends in "*" stands for all that begin so. INVALID_ARGUMENT tells which entry is
  // wrong.
  static absl::StatusOr<ModelAliases> Parse(const std::vector<std::string>& entries);

  // The id of the model that the first entry for this name says, empty: of requests that name none.
  // A name without an entry is the id itself.
  std::string Resolve(absl::string_view name) const;

 private:
  struct Entry {
    std::string name;  // without the "*"
    bool prefix = false;
    std::string model;
  };

  std::vector<Entry> entries_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_ADMISSION_MODEL_ALIASES_H_
