#include "server/http/field_reader.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"

namespace darkroom::server::http {
namespace {

// "data:image/png;base64,…" without what precedes the comma.
absl::string_view Base64Of(absl::string_view text) {
  if (!absl::StartsWithIgnoreCase(text, "data:")) return text;
  const std::size_t comma = text.find(',');
  return comma == absl::string_view::npos ? "" : text.substr(comma + 1);
}

}  // namespace

std::string FieldReader::Text(const std::string& name) {
  const auto found = fields_.find(name);
  if (found == fields_.end() || found->second.empty()) return "";
  const std::string& text = found->second.front().text;
  if (IsValidUtf8(text)) return text;
  Complain(name, "is not UTF-8");
  return "";
}

std::optional<std::int64_t> FieldReader::Integer(const std::string& name, std::int64_t low,
                                                 std::int64_t high) {
  const std::string text = Text(name);
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  if (absl::SimpleAtoi(text, &value) && value >= low && value <= high) return value;
  Complain(name, absl::StrCat("has to be a whole number from ", low, " to ", high));
  return std::nullopt;
}

std::optional<double> FieldReader::Number(const std::string& name, double low, double high) {
  const std::string text = Text(name);
  if (text.empty()) return std::nullopt;
  double value = 0;
  if (absl::SimpleAtod(text, &value) && value >= low && value <= high) return value;
  Complain(name, absl::StrCat("has to be a number from ", low, " to ", high));
  return std::nullopt;
}

bool FieldReader::Flag(const std::string& name) {
  const std::string text = Text(name);
  bool value = false;
  if (text.empty() || absl::SimpleAtob(text, &value)) return value;
  Complain(name, "has to be true or false");
  return false;
}

std::string FieldReader::Choice(const std::string& name,
                                std::initializer_list<absl::string_view> choices) {
  std::string text = Text(name);
  if (text.empty() || std::find(choices.begin(), choices.end(), text) != choices.end()) return text;
  Complain(name, absl::StrCat("has to be one of ", absl::StrJoin(choices, ", ")));
  return "";
}

std::vector<std::string> FieldReader::Pictures(const std::string& name) {
  std::vector<std::string> pictures;
  const auto found = fields_.find(name);
  if (found == fields_.end()) return pictures;
  for (FieldValue& value : found->second) {
    if (value.text.empty()) continue;
    std::string bytes;
    if (value.is_file) {
      bytes = std::move(value.text);
    } else if (!absl::Base64Unescape(Base64Of(value.text), &bytes) || bytes.empty()) {
      Complain(name, "is neither a file of a form nor a picture in base64");
      continue;
    }
    pictures.push_back(std::move(bytes));
  }
  return pictures;
}

void FieldReader::Complain(std::string field, std::string description) {
  violations_.push_back({std::move(field), std::move(description)});
}

absl::Status FieldReader::Finish() const {
  return violations_.empty() ? absl::OkStatus() : InvalidRequest(violations_);
}

}  // namespace darkroom::server::http
