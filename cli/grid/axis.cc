#include "cli/grid/axis.h"

#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/grid/value_range.h"
#include "common/status_macros.h"
#include "prompt/csv.h"

namespace darkroom::cli {
namespace {

constexpr absl::string_view kPrompt = "prompt";
constexpr absl::string_view kPromptTitle = "Prompt S/R";

const PictureField* FindField(absl::string_view name) {
  const PictureField* field = FindPictureField(absl::AsciiStrToLower(name));
  if (field != nullptr && !field->axis.empty()) return field;
  for (const PictureField& other : PictureFields()) {
    if (!other.axis.empty() && absl::EqualsIgnoreCase(other.axis, name)) return &other;
  }
  return nullptr;
}

absl::Status UnknownField(absl::string_view name) {
  std::vector<absl::string_view> names = {kPrompt};
  for (const PictureField& field : PictureFields()) {
    if (!field.axis.empty()) names.push_back(field.name);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" cannot vary in a grid; what can: ", absl::StrJoin(names, ", ")));
}

std::vector<std::string> SplitValues(absl::string_view text) {
  std::vector<std::string> values;
  for (prompt::CsvRow& row : prompt::ReadCsv(text)) {
    for (std::string& value : row) {
      absl::StripAsciiWhitespace(&value);
      values.push_back(std::move(value));
    }
  }
  return values;
}

// Ranges spread out, and every value one that the field can be set to.
absl::StatusOr<std::vector<std::string>> FieldValues(const PictureField& field,
                                                     std::vector<std::string> written) {
  const bool numbers = field.kind == FieldKind::kInteger || field.kind == FieldKind::kNumber;
  std::vector<std::string> values;
  for (std::string& value : written) {
    std::optional<std::vector<std::string>> range;
    if (numbers) {
      DARKROOM_ASSIGN_OR_RETURN(range, ExpandRange(value, field.kind == FieldKind::kInteger));
    }
    if (range.has_value()) {
      values.insert(values.end(), range->begin(), range->end());
    } else {
      values.push_back(std::move(value));
    }
  }
  for (const std::string& value : values) {
    darkroom::v1::ImageParameters scratch;
    if (const absl::Status usable = field.set(value, scratch); !usable.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(field.name, ": ", usable.message()));
    }
  }
  return values;
}

}  // namespace

absl::string_view Axis::title() const { return field == nullptr ? kPromptTitle : field->axis; }

std::string Axis::Label(std::size_t index) const {
  const bool bare = field == nullptr || field->name == "sampler" || field->name == "model";
  return bare ? values[index] : absl::StrCat(title(), ": ", values[index]);
}

absl::StatusOr<Axis> ParseAxis(absl::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" does not say what varies; write steps=5,10,20"));
  }
  const absl::string_view name = absl::StripAsciiWhitespace(text.substr(0, equals));
  Axis axis;
  axis.written = std::string(absl::StripAsciiWhitespace(text.substr(equals + 1)));
  std::vector<std::string> values = SplitValues(axis.written);
  if (values.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " has no values; write ", name, "=A,B"));
  }
  if (absl::EqualsIgnoreCase(name, kPrompt) || absl::EqualsIgnoreCase(name, kPromptTitle)) {
    if (values[0].empty()) {
      return absl::InvalidArgumentError("prompt: the first value, which is searched for, is empty");
    }
    axis.values = std::move(values);
    return axis;
  }
  axis.field = FindField(name);
  if (axis.field == nullptr) return UnknownField(name);
  DARKROOM_ASSIGN_OR_RETURN(axis.values, FieldValues(*axis.field, std::move(values)));
  return axis;
}

}  // namespace darkroom::cli
