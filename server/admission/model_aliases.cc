#include "server/admission/model_aliases.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/ids.h"

namespace darkroom::server {

absl::StatusOr<ModelAliases> ModelAliases::Parse(const std::vector<std::string>& entries) {
  ModelAliases aliases;
  for (const std::string& text : entries) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    absl::string_view name = absl::StripAsciiWhitespace(halves.first);
    const absl::string_view model = absl::StripAsciiWhitespace(halves.second);
    const bool prefix = absl::ConsumeSuffix(&name, "*");
    if ((name.empty() && !prefix) || absl::StrContains(name, '*')) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text,
                       "\" is not a name, or the beginning of one and \"*\", and then "
                       "\"=\" and a model"));
    }
    if (!model.empty() && !IsCatalogueId(model)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", model, "\" of \"", text, "\" is not the id of a model"));
    }
    aliases.entries_.push_back({std::string(name), prefix, std::string(model)});
  }
  return aliases;
}

std::string ModelAliases::Resolve(absl::string_view name) const {
  for (const Entry& entry : entries_) {
    if (entry.prefix ? absl::StartsWith(name, entry.name) : name == entry.name) return entry.model;
  }
  return std::string(name);
}

}  // namespace darkroom::server
