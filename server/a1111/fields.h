#ifndef DARKROOM_SERVER_A1111_FIELDS_H_
#define DARKROOM_SERVER_A1111_FIELDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/struct.pb.h"
#include "server/core/api_error.h"

namespace darkroom::server::a1111 {

// Reads the fields of a JSON object as AUTOMATIC1111's clients send them: null is the same as
// nothing, an array of one element as the element, and numbers may be texts. What cannot be read so
// is a violation, and nothing.
class Fields {
 public:
  // Both outlive it.
  Fields(const google::protobuf::Struct& object, std::vector<FieldViolation>& violations)
      : object_(object), violations_(violations) {}

  bool Has(absl::string_view name) const { return Find(name) != nullptr; }
  // Within ±1e300.
  std::optional<double> Number(absl::string_view name) const;
  // Of 32 bits.
  std::optional<std::int32_t> Whole(absl::string_view name) const;
  // Within ±2^53.
  std::optional<std::int64_t> BigWhole(absl::string_view name) const;
  // Also of a number, where 0 is false, and of a text, "true".
  std::optional<bool> Flag(absl::string_view name) const;
  // Empty for none.
  std::string Text(absl::string_view name) const;
  // Of an array of texts, or of one text; empty texts are left out.
  std::vector<std::string> Texts(absl::string_view name) const;
  // Bytes that are sent in base64, with or without "data:image/png;base64," before them. Nothing
  // for an empty text.
  std::optional<std::string> Picture(absl::string_view name) const;
  // An object; empty for none.
  const google::protobuf::Struct& Object(absl::string_view name) const;

  void Complain(absl::string_view name, std::string description) const;

 private:
  // Null for nothing.
  const google::protobuf::Value* Find(absl::string_view name) const;
  std::optional<double> NumberWithin(absl::string_view name, double limit, bool whole) const;

  const google::protobuf::Struct& object_;
  std::vector<FieldViolation>& violations_;
};

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_FIELDS_H_
