// Reads arbitrary bytes as the body of a request in each of the ways in which one may be written:
// multipart/form-data with the boundary "b", a form, and JSON. Checks that a form has no more in it
// than its body and its limits allow, and that what is read can be asked for as any type.

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "server/http/field_reader.h"
#include "server/http/fields.h"
#include "server/http/form.h"
#include "tests/fuzz/check.h"

namespace {

using darkroom::server::http::FieldReader;
using darkroom::server::http::Fields;
using darkroom::server::http::FormLimits;
using darkroom::server::http::ParseMultipart;
using darkroom::server::http::Request;

constexpr char kMultipart[] = "multipart/form-data; boundary=b";

void Use(const Fields& fields) {
  FieldReader reader(fields);
  for (const auto& [name, values] : fields) {
    CHECK(!values.empty());
    reader.Text(name);
    reader.Integer(name, -10, 10);
    reader.Number(name, 0, 1);
    reader.Flag(name);
    reader.Choice(name, {"png", "jpeg"});
    for (const std::string& picture : reader.Pictures(name)) CHECK(!picture.empty());
  }
  (void)reader.Finish();
}

void CheckMultipart(absl::string_view body) {
  const FormLimits limits = {.fields = 8, .head_bytes = 256, .name_bytes = 32};
  const auto fields = ParseMultipart(kMultipart, body, limits);
  if (!fields.ok()) return;
  CHECK(fields->size() <= limits.fields);
  std::size_t bytes = 0;
  for (const auto& field : *fields) {
    CHECK(field.name.size() <= limits.name_bytes);
    CHECK(field.value.find("\r\n--b") == absl::string_view::npos);
    bytes += field.value.size();
  }
  CHECK(bytes <= body.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const absl::string_view body(reinterpret_cast<const char*>(data), size);
  CheckMultipart(body);
  darkroom::server::http::HeaderParameter(body, "name");
  for (const char* type : {kMultipart, "application/x-www-form-urlencoded", "application/json"}) {
    Request request;
    request.headers = {{"Content-Type", type}};
    request.body = std::string(body);
    Fields fields;
    if (!darkroom::server::http::ReadFields(request, fields).has_value()) Use(fields);
  }
  return 0;
}
