#include "cli/grid/grid_infotext.h"

#include <iterator>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "infotext/infotext.h"

namespace darkroom::cli {
namespace {

constexpr absl::string_view kAxisNames[] = {"X", "Y", "Z"};
constexpr absl::string_view kScript = "Script";
constexpr absl::string_view kPlot = "X/Y/Z plot";

std::string TypeKey(std::size_t axis) { return absl::StrCat(kAxisNames[axis], " Type"); }
std::string ValuesKey(std::size_t axis) { return absl::StrCat(kAxisNames[axis], " Values"); }
std::string FixedKey(std::size_t axis) { return absl::StrCat("Fixed ", ValuesKey(axis)); }

bool IsOfAGrid(const infotext::Pair& pair) {
  if (pair.key == kScript) return true;
  for (std::size_t i = 0; i < std::size(kAxisNames); ++i) {
    if (pair.key == TypeKey(i) || pair.key == ValuesKey(i) || pair.key == FixedKey(i)) return true;
  }
  return false;
}

// Empty when there is none.
std::string ValueOf(const std::vector<infotext::Pair>& pairs, absl::string_view key) {
  for (const infotext::Pair& pair : pairs) {
    if (pair.key == key) return pair.value;
  }
  return "";
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
  pairs.push_back({std::string(kScript), std::string(kPlot)});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (!axes[i].has_value()) continue;
    const Axis& axis = *axes[i];
    pairs.push_back({TypeKey(i), std::string(axis.title())});
    pairs.push_back({ValuesKey(i), axis.written});
    if (IsSeed(axis)) pairs.push_back({FixedKey(i), absl::StrJoin(axis.values, ", ")});
  }
  return infotext::FormatInfotext(parameters);
}

GridText SplitGridInfotext(absl::string_view infotext) {
  infotext::ImageParameters parameters = infotext::ParseInfotext(infotext);
  std::vector<infotext::Pair>& pairs = parameters.others;
  GridText text;
  if (ValueOf(pairs, kScript) != kPlot) {
    text.first_picture = std::string(infotext);
    return text;
  }
  for (std::size_t i = 0; i < text.axes.size(); ++i) {
    const std::string type = ValueOf(pairs, TypeKey(i));
    const std::string fixed = ValueOf(pairs, FixedKey(i));
    if (type.empty()) continue;
    text.axes[i] = absl::StrCat(type, "=", fixed.empty() ? ValueOf(pairs, ValuesKey(i)) : fixed);
  }
  std::erase_if(pairs, IsOfAGrid);
  text.first_picture = infotext::FormatInfotext(parameters);
  return text;
}

}  // namespace darkroom::cli
