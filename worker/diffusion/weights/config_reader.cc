#include "worker/diffusion/weights/config_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace darkroom::diffusion {
namespace {

constexpr std::size_t kMaxConfigBytes = std::size_t{1} << 20;

}  // namespace

absl::StatusOr<ConfigReader> ConfigReader::Open(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, kMaxConfigBytes));
  absl::StatusOr<Json> root = Json::Parse(text);
  if (!root.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": ", root.status().message()));
  }
  if (root->object() == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path.string(), ": not a JSON object"));
  }
  return ConfigReader(path.string(), *std::move(root));
}

void ConfigReader::Fail(absl::string_view key, absl::string_view problem) {
  if (!status_.ok()) return;
  status_ = absl::InvalidArgumentError(absl::StrCat(path_, ": '", key, "' ", problem));
}

const Json* ConfigReader::Find(absl::string_view key) const {
  const Json* value = root_.Find(key);
  return value == nullptr || value->is_null() ? nullptr : value;
}

bool ConfigReader::Has(absl::string_view key) const { return Find(key) != nullptr; }

bool ConfigReader::IsArray(absl::string_view key) const {
  return Has(key) && Find(key)->array() != nullptr;
}

int ConfigReader::Int(absl::string_view key, int fallback, int min, int max) {
  const Json* value = Find(key);
  if (value == nullptr) {
    if (fallback < min) Fail(key, "is missing");
    return fallback;
  }
  const std::int64_t* number = value->integer();
  if (number == nullptr || *number < min || *number > max) {
    Fail(key, absl::StrCat("is not a whole number from ", min, " to ", max));
    return fallback;
  }
  return static_cast<int>(*number);
}

double ConfigReader::Double(absl::string_view key, double fallback, double min, double max) {
  const Json* value = Find(key);
  if (value == nullptr) return fallback;
  const std::optional<double> number = value->number();
  if (!number.has_value() || *number < min || *number > max) {
    Fail(key, absl::StrCat("is not a number from ", min, " to ", max));
    return fallback;
  }
  return *number;
}

bool ConfigReader::Bool(absl::string_view key, bool fallback) {
  const Json* value = Find(key);
  if (value == nullptr) return fallback;
  if (value->boolean() == nullptr) {
    Fail(key, "is not true or false");
    return fallback;
  }
  return *value->boolean();
}

std::string ConfigReader::String(absl::string_view key, absl::string_view fallback) {
  const Json* value = Find(key);
  if (value != nullptr && value->string() != nullptr) return *value->string();
  if (value != nullptr) Fail(key, "is not a string");
  return std::string(fallback);
}

std::string ConfigReader::Token(absl::string_view key, absl::string_view fallback) {
  const Json* value = Find(key);
  const Json* content = value == nullptr ? nullptr : value->Find("content");
  if (content == nullptr) return String(key, fallback);
  if (content->string() != nullptr) return *content->string();
  Fail(key, "has a content that is not a string");
  return std::string(fallback);
}

const Json::Array* ConfigReader::Array(absl::string_view key, std::size_t min_count,
                                       std::size_t max_count) {
  const Json* value = Find(key);
  const Json::Array* array = value == nullptr ? nullptr : value->array();
  if (array == nullptr || array->size() < min_count || array->size() > max_count) {
    Fail(key, absl::StrCat("is not an array of ", min_count, " to ", max_count, " values"));
    return nullptr;
  }
  return array;
}

std::vector<int> ConfigReader::Ints(absl::string_view key, std::size_t max_count, int min,
                                    int max) {
  std::vector<int> numbers;
  const Json::Array* array = Array(key, 1, max_count);
  if (array == nullptr) return numbers;
  for (const Json& element : *array) {
    const std::int64_t* number = element.integer();
    if (number == nullptr || *number < min || *number > max) {
      Fail(key, absl::StrCat("has what is not a whole number from ", min, " to ", max));
      return {};
    }
    numbers.push_back(static_cast<int>(*number));
  }
  return numbers;
}

std::vector<std::vector<double>> ConfigReader::Matrix(absl::string_view key, std::size_t rows,
                                                      std::size_t columns) {
  const std::string problem = absl::StrCat("is not ", rows, " rows of ", columns, " numbers");
  const Json::Array* array = Array(key, rows, rows);
  if (array == nullptr) return {};
  std::vector<std::vector<double>> matrix;
  for (const Json& row : *array) {
    if (row.array() == nullptr || row.array()->size() != columns) {
      Fail(key, problem);
      return {};
    }
    std::vector<double>& numbers = matrix.emplace_back();
    for (const Json& element : *row.array()) {
      if (!element.number().has_value()) {
        Fail(key, problem);
        return {};
      }
      numbers.push_back(*element.number());
    }
  }
  return matrix;
}

std::vector<double> ConfigReader::Doubles(absl::string_view key, std::size_t count) {
  const Json::Array* array = Array(key, count, count);
  if (array == nullptr) return {};
  std::vector<double> numbers;
  for (const Json& element : *array) {
    if (!element.number().has_value()) {
      Fail(key, "has what is not a number");
      return {};
    }
    numbers.push_back(*element.number());
  }
  return numbers;
}

std::vector<std::string> ConfigReader::Strings(absl::string_view key, std::size_t max_count) {
  std::vector<std::string> strings;
  const Json::Array* array = Array(key, 1, max_count);
  if (array == nullptr) return strings;
  for (const Json& element : *array) {
    if (element.string() == nullptr) {
      Fail(key, "has what is not a string");
      return {};
    }
    strings.push_back(*element.string());
  }
  return strings;
}

std::size_t ConfigReader::Choice(absl::string_view key, absl::string_view fallback,
                                 absl::Span<const absl::string_view> allowed) {
  const std::string value = String(key, fallback);
  const auto found = std::find(allowed.begin(), allowed.end(), value);
  if (found == allowed.end()) {
    Fail(key, absl::StrCat("is '", value, "'; supported: ", absl::StrJoin(allowed, ", ")));
    return 0;
  }
  return static_cast<std::size_t>(found - allowed.begin());
}

void ConfigReader::ExpectNull(absl::string_view key) {
  if (Has(key)) Fail(key, "is not supported");
}

void ConfigReader::ExpectString(absl::string_view key, absl::string_view value) {
  if (String(key, value) != value) Fail(key, absl::StrCat("is supported as '", value, "' only"));
}

void ConfigReader::ExpectBool(absl::string_view key, bool value) {
  if (Bool(key, value) != value) {
    Fail(key, absl::StrCat("is supported as ", value ? "true" : "false", " only"));
  }
}

void ConfigReader::ExpectNumber(absl::string_view key, double value) {
  const Json* found = Find(key);
  if (found != nullptr && found->number() != value) {
    Fail(key, absl::StrCat("is supported as ", value, " only"));
  }
}

}  // namespace darkroom::diffusion
