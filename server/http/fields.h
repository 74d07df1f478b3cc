#ifndef DARKROOM_SERVER_HTTP_FIELDS_H_
#define DARKROOM_SERVER_HTTP_FIELDS_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "server/http/failure.h"
#include "server/http/request.h"

namespace darkroom::server::http {

// A value of a request: what it was written as matters to nobody but files, which are bytes.
struct FieldValue {
  std::string text;  // "7", "true"
  bool is_file = false;

  friend bool operator==(const FieldValue&, const FieldValue&) = default;
};

// The fields of a request by name, with their values in order. Lists have several, "image[]" and
// "image[0]" being "image"; members of objects are named as forms name them, "svg[model]". A field
// that is null is left out.
using Fields = std::map<std::string, std::vector<FieldValue>>;

// Reads the body of a request, which is JSON, a form or multipart as its Content-Type says; nothing
// for an empty body. Servers whose clients choose between the three read them alike by this. Pure.
// 415 for another type, 400 for what is not of its type.
std::optional<Failure> ReadFields(const Request& request, Fields& fields);

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_FIELDS_H_
