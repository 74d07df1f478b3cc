#ifndef DARKROOM_SERVER_HTTP_FORM_H_
#define DARKROOM_SERVER_HTTP_FORM_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace darkroom::server::http {

// Bodies that forms are sent in. Pure; nothing of a file is looked at or copied.

// One field of a form.
struct FormField {
  std::string name;
  absl::string_view value;  // of the body that was parsed; a file's bytes
  bool is_file = false;     // it came with a name of a file

  friend bool operator==(const FormField&, const FormField&) = default;
};

struct FormLimits {
  std::size_t fields = 100;
  std::size_t head_bytes = 4096;  // of what goes before one value
  std::size_t name_bytes = 100;
};

// "multipart/form-data" of a Content-Type "multipart/form-data; boundary=…; charset=utf-8".
std::string MediaType(absl::string_view content_type);

// A body of multipart/form-data (RFC 7578): its fields in their order. What precedes the first
// boundary and what follows the last is passed over. The parts' own types and further headers are
// not looked at; one that is written in another transfer encoding is refused, as are bodies that
// do not end with their last boundary. Errors are ApiErrors: MALFORMED_REQUEST, or INVALID_REQUEST
// with the field's name.
absl::StatusOr<std::vector<FormField>> ParseMultipart(absl::string_view content_type,
                                                      absl::string_view body,
                                                      const FormLimits& limits = {});

// The value of a parameter of a header, `form-data; name="a b"` or `…; boundary=abc`, as a token
// or in quotes with backslashes; empty without one. The first of a name counts.
std::string HeaderParameter(absl::string_view header, absl::string_view name);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_FORM_H_
