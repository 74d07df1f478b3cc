#include "prompt/styles.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "prompt/characters.h"
#include "prompt/comments.h"
#include "prompt/csv.h"

namespace darkroom::prompt {
namespace {

constexpr absl::string_view kPlace = "{prompt}";

std::size_t CountPlaces(absl::string_view style) {
  std::size_t count = 0;
  for (std::size_t at = style.find(kPlace); at != style.npos;
       at = style.find(kPlace, at + kPlace.size())) {
    ++count;
  }
  return count;
}

std::string Clean(absl::string_view text) { return std::string(StripSpace(StripComments(text))); }

absl::StatusOr<std::string> ApplyAll(absl::string_view text, absl::Span<const Style> styles,
                                     std::string Style::*field, std::size_t max_bytes) {
  std::string result = Clean(text);
  for (const Style& style : styles) {
    const std::string addition = Clean(style.*field);
    const std::size_t places = CountPlaces(addition);
    // Before the text is built. A comma that may yet go counts, too.
    const std::size_t size = places == 0 ? result.size() + addition.size() + 2
                                         : addition.size() + places * result.size();
    if (size > max_bytes) {
      return absl::OutOfRangeError(absl::StrCat("with the style '", style.name, "' the prompt has ",
                                                size, " bytes, more than ", max_bytes));
    }
    if (places > 0) {
      result = absl::StrReplaceAll(addition, {{kPlace, result}});
    } else if (!addition.empty()) {
      absl::StrAppend(&result, result.empty() ? "" : ", ", addition);
    }
  }
  return result;
}

// The place of `name` in the header; its size where it is not there.
std::size_t FindColumn(const CsvRow& header, absl::string_view name) {
  return static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
}

std::string Field(const CsvRow& row, std::size_t column) {
  return column < row.size() ? row[column] : "";
}

}  // namespace

absl::StatusOr<PromptPair> ApplyStyles(const PromptPair& prompts, absl::Span<const Style> styles,
                                       std::size_t max_bytes) {
  PromptPair styled;
  DARKROOM_ASSIGN_OR_RETURN(styled.prompt,
                            ApplyAll(prompts.prompt, styles, &Style::prompt, max_bytes));
  DARKROOM_ASSIGN_OR_RETURN(styled.negative_prompt, ApplyAll(prompts.negative_prompt, styles,
                                                             &Style::negative_prompt, max_bytes));
  return styled;
}

absl::StatusOr<std::vector<Style>> ReadStyles(absl::string_view csv) {
  const std::vector<CsvRow> rows = ReadCsv(absl::StripPrefix(csv, "\xEF\xBB\xBF"));
  std::vector<Style> styles;
  if (rows.empty()) return styles;
  const CsvRow& header = rows.front();
  const std::size_t name = FindColumn(header, "name");
  std::size_t prompt = FindColumn(header, "prompt");
  if (prompt == header.size()) prompt = FindColumn(header, "text");
  const std::size_t negative_prompt = FindColumn(header, "negative_prompt");
  if (name == header.size() || prompt == header.size()) {
    return absl::InvalidArgumentError("the styles have no header with name and prompt");
  }
  for (auto row = rows.begin() + 1; row != rows.end(); ++row) {
    Style style = {Field(*row, name), Field(*row, prompt), Field(*row, negative_prompt)};
    if (absl::StartsWith(style.name, "#")) continue;
    const auto known = std::find_if(styles.begin(), styles.end(),
                                    [&](const Style& other) { return other.name == style.name; });
    if (known == styles.end()) {
      styles.push_back(std::move(style));
    } else {
      *known = std::move(style);
    }
  }
  return styles;
}

}  // namespace darkroom::prompt
