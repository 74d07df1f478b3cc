#include "server/http/response.h"

#include <boost/beast/http/status.hpp>
#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace darkroom::server::http {
namespace {

bool Has(const Response& response, absl::string_view name) {
  return absl::c_any_of(response.headers, [name](const Field& header) {
    return absl::EqualsIgnoreCase(header.name, name);
  });
}

void AppendHeader(std::string& head, absl::string_view name, absl::string_view value) {
  absl::StrAppend(&head, name, ": ");
  for (const char c : value) {
    if (c != '\r' && c != '\n' && c != '\0') head.push_back(c);
  }
  head.append("\r\n");
}

}  // namespace

Response MakeResponse(int status, absl::string_view content_type, std::string body) {
  Response response;
  response.status = status;
  response.headers.push_back({"Content-Type", std::string(content_type)});
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

Response JsonResponse(std::string json, int status) {
  return MakeResponse(status, "application/json", std::move(json));
}

absl::string_view ReasonPhrase(int status) {
  const boost::beast::string_view phrase =
      boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
  return {phrase.data(), phrase.size()};
}

bool MayHaveBody(int status) { return status != 204 && status != 304; }

std::string SerializeHead(const Response& response) {
  std::string head =
      absl::StrCat("HTTP/1.1 ", response.status, " ", ReasonPhrase(response.status), "\r\n");
  for (const Field& header : response.headers) AppendHeader(head, header.name, header.value);
  if (!Has(response, "Cache-Control")) AppendHeader(head, "Cache-Control", "no-store");
  AppendHeader(head, "X-Content-Type-Options", "nosniff");
  head.append("\r\n");
  return head;
}

}  // namespace darkroom::server::http
