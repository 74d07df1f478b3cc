#include "server/a1111/fields.h"

#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace darkroom::server::a1111 {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;

constexpr double kMaxNumber = 1e300;
constexpr double kMaxWhole = std::numeric_limits<std::int32_t>::max();
constexpr double kMaxBigWhole = 9007199254740992;  // 2^53: a double holds them all

bool IsNull(const Value& value) {
  return value.kind_case() == Value::kNullValue || value.kind_case() == Value::KIND_NOT_SET;
}

}  // namespace

const Value* Fields::Find(absl::string_view name) const {
  const auto found = object_.fields().find(std::string(name));
  if (found == object_.fields().end()) return nullptr;
  const Value* value = &found->second;
  if (value->has_list_value() && value->list_value().values_size() == 1) {
    value = &value->list_value().values(0);
  }
  return IsNull(*value) ? nullptr : value;
}

void Fields::Complain(absl::string_view name, std::string description) const {
  violations_.push_back({std::string(name), std::move(description)});
}

std::optional<double> Fields::NumberWithin(absl::string_view name, double limit, bool whole) const {
  const Value* value = Find(name);
  if (value == nullptr) return std::nullopt;
  double number = std::numeric_limits<double>::quiet_NaN();
  if (value->has_number_value()) number = value->number_value();
  if (value->has_bool_value()) number = value->bool_value() ? 1 : 0;
  if (value->has_string_value()) {
    if (value->string_value().empty()) return std::nullopt;
    if (!absl::SimpleAtod(value->string_value(), &number)) number = std::nan("");
  }
  if (std::abs(number) <= limit && (!whole || number == std::trunc(number))) return number;
  Complain(name, absl::StrCat("is not a ", whole ? "whole " : "", "number within ±", limit,
                              "; send one, or leave it out"));
  return std::nullopt;
}

std::optional<double> Fields::Number(absl::string_view name) const {
  return NumberWithin(name, kMaxNumber, false);
}

std::optional<std::int32_t> Fields::Whole(absl::string_view name) const {
  return NumberWithin(name, kMaxWhole, true);
}

std::optional<std::int64_t> Fields::BigWhole(absl::string_view name) const {
  return NumberWithin(name, kMaxBigWhole, true);
}

std::optional<bool> Fields::Flag(absl::string_view name) const {
  const Value* value = Find(name);
  if (value == nullptr) return std::nullopt;
  bool flag = false;
  if (value->has_bool_value()) return value->bool_value();
  if (value->has_number_value()) return value->number_value() != 0;
  if (value->has_string_value() && absl::SimpleAtob(value->string_value(), &flag)) return flag;
  Complain(name, "is not true or false; send one of them, or leave it out");
  return std::nullopt;
}

std::string Fields::Text(absl::string_view name) const {
  const Value* value = Find(name);
  if (value == nullptr) return "";
  if (value->has_string_value()) return value->string_value();
  Complain(name, "is not a text; send one, or leave it out");
  return "";
}

std::vector<std::string> Fields::Texts(absl::string_view name) const {
  const Value* value = Find(name);
  if (value == nullptr) return {};
  if (!value->has_list_value()) {
    std::string text = Text(name);
    return text.empty() ? std::vector<std::string>() : std::vector<std::string>{std::move(text)};
  }
  std::vector<std::string> texts;
  for (const Value& element : value->list_value().values()) {
    if (!element.has_string_value() && !IsNull(element)) Complain(name, "is not an array of texts");
    if (!element.string_value().empty()) texts.push_back(element.string_value());
  }
  return texts;
}

std::optional<std::string> Fields::Picture(absl::string_view name) const {
  const std::string text = Text(name);
  absl::string_view encoded = text;
  if (absl::StartsWith(encoded, "data:")) {
    const std::size_t comma = encoded.find(',');
    encoded = comma == absl::string_view::npos ? "" : encoded.substr(comma + 1);
  }
  if (encoded.empty()) return std::nullopt;
  std::string bytes;
  if (absl::Base64Unescape(encoded, &bytes)) return bytes;
  Complain(name, "is no picture in base64; send the file's bytes so, or as a data: URL");
  return std::nullopt;
}

const Struct& Fields::Object(absl::string_view name) const {
  const Value* value = Find(name);
  if (value == nullptr) return Struct::default_instance();
  if (value->has_struct_value()) return value->struct_value();
  Complain(name, "is not an object; send one, or leave it out");
  return Struct::default_instance();
}

}  // namespace darkroom::server::a1111
