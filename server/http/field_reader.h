#ifndef DARKROOM_SERVER_HTTP_FIELD_READER_H_
#define DARKROOM_SERVER_HTTP_FIELD_READER_H_

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "server/core/api_error.h"
#include "server/http/fields.h"

namespace darkroom::server::http {

// Takes typed values out of fields, and collects what is wrong with them, so that a caller hears
// of everything at once. A field that there is not, or that is empty, has no value; fields that
// nobody asks for are passed over. Not thread-safe.
class FieldReader {
 public:
  explicit FieldReader(Fields fields) : fields_(std::move(fields)) {}

  // Of several values the first.
  std::string Text(const std::string& name);
  // Within these bounds, which are named where it is not.
  std::optional<std::int64_t> Integer(const std::string& name, std::int64_t low, std::int64_t high);
  std::optional<double> Number(const std::string& name, double low, double high);
  bool Flag(const std::string& name);
  // One of these; empty without a value.
  std::string Choice(const std::string& name, std::initializer_list<absl::string_view> choices);
  // Files of a form, or pictures in base64, which may be data URLs: their bytes.
  std::vector<std::string> Pictures(const std::string& name);

  void Complain(std::string field, std::string description);
  // INVALID_REQUEST with all complaints.
  absl::Status Finish() const;

 private:
  Fields fields_;
  std::vector<FieldViolation> violations_;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_FIELD_READER_H_
