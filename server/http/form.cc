#include "server/http/form.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "server/core/api_error.h"

namespace darkroom::server::http {
namespace {

constexpr std::size_t kMaxBoundary = 70;  // RFC 2046, section 5.1.1

absl::Status NoForm(absl::string_view why) {
  return ApiError(absl::StatusCode::kInvalidArgument, reason::kMalformed,
                  absl::StrCat("the body is not the form that is expected: ", why));
}

// A parameter's value at the beginning of `rest`, which goes on behind it.
std::string TakeValue(absl::string_view& rest) {
  std::string value;
  if (!absl::ConsumePrefix(&rest, "\"")) {
    const std::size_t end = std::min(rest.find(';'), rest.size());
    value = std::string(absl::StripAsciiWhitespace(rest.substr(0, end)));
    rest.remove_prefix(end);
    return value;
  }
  while (!rest.empty() && rest.front() != '"') {
    if (rest.front() == '\\' && rest.size() > 1) rest.remove_prefix(1);
    value.push_back(rest.front());
    rest.remove_prefix(1);
  }
  absl::ConsumePrefix(&rest, "\"");
  return value;
}

// Null where there is no parameter of that name, which is not an empty one.
std::optional<std::string> FindParameter(absl::string_view header, absl::string_view name) {
  absl::string_view rest = header;
  rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  while (absl::ConsumePrefix(&rest, ";")) {
    const std::size_t equals = rest.find_first_of("=;");
    if (equals == absl::string_view::npos) return std::nullopt;
    const absl::string_view found = absl::StripAsciiWhitespace(rest.substr(0, equals));
    rest.remove_prefix(equals);
    if (!absl::ConsumePrefix(&rest, "=")) continue;
    rest = absl::StripLeadingAsciiWhitespace(rest);
    std::string value = TakeValue(rest);
    if (absl::EqualsIgnoreCase(found, name)) return value;
    rest.remove_prefix(std::min(rest.find(';'), rest.size()));
  }
  return std::nullopt;
}

// As browsers write what cannot stand between quotes.
std::string Unmasked(absl::string_view name) {
  return absl::StrReplaceAll(name, {{"%22", "\""}, {"%0D", "\r"}, {"%0A", "\n"}});
}

// Parts of a multipart body, one after the other.
class Parts {
 public:
  Parts(absl::string_view boundary, absl::string_view body)
      : delimiter_(absl::StrCat("\r\n--", boundary)), rest_(body) {}

  // Goes to the first part, or behind the end of a form without one.
  absl::Status Begin() {
    const absl::string_view dashes = absl::string_view(delimiter_).substr(2);
    if (!absl::ConsumePrefix(&rest_, dashes)) {
      const std::size_t found = rest_.find(delimiter_);
      if (found == absl::string_view::npos) return NoForm("its boundary is not in it");
      rest_.remove_prefix(found + delimiter_.size());
    }
    return EndOfLine();
  }
  bool ended() const { return ended_; }

  // The head of the part, with the line break of its last line, and its value; goes to the next.
  absl::Status Take(std::size_t max_head, absl::string_view& head, absl::string_view& value) {
    const std::size_t end = absl::StartsWith(rest_, "\r\n") ? 0 : rest_.find("\r\n\r\n");
    const std::size_t head_bytes = end == 0 ? 0 : end + 2;
    if (end == absl::string_view::npos) return NoForm("a part of it has no end of its head");
    if (head_bytes > max_head) {
      return NoForm(absl::StrCat("the head of a part is longer than ", max_head, " bytes"));
    }
    head = rest_.substr(0, head_bytes);
    rest_.remove_prefix(head_bytes);
    // A part without a value has the line break before its boundary for the end of its head.
    const std::size_t found = rest_.find(delimiter_);
    if (found == absl::string_view::npos) return NoForm("it breaks off before its last boundary");
    value = rest_.substr(0, found);
    absl::ConsumePrefix(&value, "\r\n");
    rest_.remove_prefix(found + delimiter_.size());
    return EndOfLine();
  }

 private:
  // Behind a boundary.
  absl::Status EndOfLine() {
    if (absl::ConsumePrefix(&rest_, "--")) {
      ended_ = true;
      return absl::OkStatus();
    }
    while (absl::ConsumePrefix(&rest_, " ") || absl::ConsumePrefix(&rest_, "\t")) {
    }
    if (absl::ConsumePrefix(&rest_, "\r\n")) return absl::OkStatus();
    return NoForm("a boundary is not a line of its own");
  }

  const std::string delimiter_;
  absl::string_view rest_;
  bool ended_ = false;
};

// The value of a header of a part; empty without one.
std::string HeaderOf(absl::string_view head, absl::string_view name) {
  while (!head.empty()) {
    const std::size_t end = head.find("\r\n");
    const absl::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(':');
    if (colon != absl::string_view::npos && absl::EqualsIgnoreCase(line.substr(0, colon), name)) {
      return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
    }
    head.remove_prefix(end == absl::string_view::npos ? head.size() : end + 2);
  }
  return "";
}

absl::StatusOr<FormField> ToField(absl::string_view head, absl::string_view value,
                                  const FormLimits& limits) {
  const std::string disposition = HeaderOf(head, "content-disposition");
  const auto name = FindParameter(disposition, "name");
  if (MediaType(disposition) != "form-data" || !name.has_value()) {
    return NoForm("a part of it has no Content-Disposition with a name");
  }
  FormField field = {Unmasked(*name), value,
                     FindParameter(disposition, "filename").has_value() ||
                         FindParameter(disposition, "filename*").has_value()};
  if (field.name.size() > limits.name_bytes) {
    return NoForm(absl::StrCat("the name of a field is longer than ", limits.name_bytes, " bytes"));
  }
  const std::string encoding = absl::AsciiStrToLower(HeaderOf(head, "content-transfer-encoding"));
  if (!encoding.empty() && encoding != "binary" && encoding != "8bit" && encoding != "7bit") {
    return InvalidRequest({{field.name, "has a Content-Transfer-Encoding; send it as it is"}});
  }
  return field;
}

}  // namespace

std::string MediaType(absl::string_view content_type) {
  return absl::AsciiStrToLower(
      absl::StripAsciiWhitespace(content_type.substr(0, content_type.find(';'))));
}

std::string HeaderParameter(absl::string_view header, absl::string_view name) {
  return FindParameter(header, name).value_or("");
}

absl::StatusOr<std::vector<FormField>> ParseMultipart(absl::string_view content_type,
                                                      absl::string_view body,
                                                      const FormLimits& limits) {
  const std::string boundary = HeaderParameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > kMaxBoundary) {
    return NoForm(
        absl::StrCat("its Content-Type has no boundary of 1 to ", kMaxBoundary, " characters"));
  }
  Parts parts(boundary, body);
  DARKROOM_RETURN_IF_ERROR(parts.Begin());
  std::vector<FormField> fields;
  while (!parts.ended()) {
    if (fields.size() == limits.fields) {
      return NoForm(absl::StrCat("it has more than ", limits.fields, " fields"));
    }
    absl::string_view head;
    absl::string_view value;
    DARKROOM_RETURN_IF_ERROR(parts.Take(limits.head_bytes, head, value));
    DARKROOM_ASSIGN_OR_RETURN(FormField field, ToField(head, value, limits));
    fields.push_back(std::move(field));
  }
  return fields;
}

}  // namespace darkroom::server::http
