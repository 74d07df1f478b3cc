#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_JSON_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_JSON_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::diffusion {

// A JSON value (RFC 8259), for the configs, vocabularies and safetensors headers of model folders,
// which come from strangers. Members keep their order.
class Json {
 public:
  using Array = std::vector<Json>;
  using Member = std::pair<std::string, Json>;
  using Object = std::vector<Member>;

  struct Limits {
    int depth = 16;                   // of arrays and objects in each other
    std::int64_t values = 1'000'000;  // in the whole document
  };

  // Strict: one value and nothing but white space after it, valid UTF-8, no duplicate member names.
  // INVALID_ARGUMENT says what is wrong and at which byte.
  static absl::StatusOr<Json> Parse(absl::string_view text, const Limits& limits);
  static absl::StatusOr<Json> Parse(absl::string_view text) { return Parse(text, Limits()); }

  Json() = default;  // null
  explicit Json(bool value) : value_(value) {}
  explicit Json(std::int64_t value) : value_(value) {}
  explicit Json(double value) : value_(value) {}
  explicit Json(std::string value) : value_(std::move(value)) {}
  explicit Json(Array value) : value_(std::move(value)) {}
  explicit Json(Object value) : value_(std::move(value)) {}

  bool is_null() const { return std::holds_alternative<std::nullptr_t>(value_); }
  // Null where the value is of another type.
  const bool* boolean() const { return std::get_if<bool>(&value_); }
  const std::string* string() const { return std::get_if<std::string>(&value_); }
  const Array* array() const { return std::get_if<Array>(&value_); }
  const Object* object() const { return std::get_if<Object>(&value_); }
  // Numbers written without fraction and exponent that fit are integers.
  const std::int64_t* integer() const { return std::get_if<std::int64_t>(&value_); }
  // Any number.
  std::optional<double> number() const;

  // A member of an object; null where there is none or this is no object. Linear in the members.
  const Json* Find(absl::string_view name) const;

 private:
  std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, Array, Object> value_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_JSON_H_
