#include "prompt/emphasis.h"

namespace darkroom::prompt {
namespace {

constexpr Emphasis kAll[] = {Emphasis::kOriginal, Emphasis::kNoNorm, Emphasis::kIgnore,
                             Emphasis::kNone};

}  // namespace

absl::string_view EmphasisName(Emphasis emphasis) {
  switch (emphasis) {
    case Emphasis::kOriginal:
      return "Original";
    case Emphasis::kNoNorm:
      return "No norm";
    case Emphasis::kIgnore:
      return "Ignore";
    case Emphasis::kNone:
      return "None";
  }
  return "";
}

std::optional<Emphasis> FindEmphasis(absl::string_view name) {
  for (const Emphasis emphasis : kAll) {
    if (EmphasisName(emphasis) == name) return emphasis;
  }
  return std::nullopt;
}

}  // namespace darkroom::prompt
