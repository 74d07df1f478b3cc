#include "cli/grid/grid_infotext.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "infotext/infotext.h"

namespace darkroom::cli {
namespace {

constexpr absl::string_view kAxisNames[] = {"X", "Y", "Z"};

// Of the grid that the first picture's parameters may come from.
bool IsOfAGrid(const infotext::Pair& pair) {
  if (pair.key == "Script") return true;
  for (const absl::string_view name : kAxisNames) {
    const std::string values = absl::StrCat(name, " Values");
    if (pair.key == absl::StrCat(name, " Type") || pair.key == values ||
        pair.key == absl::StrCat("Fixed ", values)) {
      return true;
    }
  }
  return false;
}

bool IsSeed(const Axis& axis) {
  return axis.field != nullptr &&
         (axis.field->name == "seed" || axis.field->name == "variation_seed");
}

}  // namespace

std::string GridInfotext(absl::string_view first_picture, const GridAxes& axes) {
  infotext::ImageParameters parameters = infotext::ParseInfotext(first_picture);
  std::vector<infotext::Pair>& pairs = parameters.others;
  std::erase_if(pairs, IsOfAGrid);
  pairs.push_back({"Script", "X/Y/Z plot"});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].has_value()) continue;
    const Axis& axis = *axes[i];
    pairs.push_back({absl::StrCat(kAxisNames[i], " Type"), std::string(axis.title())});
    pairs.push_back({absl::StrCat(kAxisNames[i], " Values"), axis.written});
    if (!IsSeed(axis)) continue;
    pairs.push_back(
        {absl::StrCat("Fixed ", kAxisNames[i], " Values"), absl::StrJoin(axis.values, ", ")});
  }
  return infotext::FormatInfotext(parameters);
}

}  // namespace darkroom::cli
