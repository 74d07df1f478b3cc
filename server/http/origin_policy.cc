#include "server/http/origin_policy.h"

#include <utility>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace darkroom::server::http {
namespace {

// How long a browser may remember an answer to a preflight, in seconds.
constexpr absl::string_view kPreflightSeconds = "600";
constexpr absl::string_view kShownHeaders = "ETag, Retry-After, X-Request-Id";

// "example.org" of "https://example.org:443": without the port that its scheme has anyway.
absl::string_view HostOf(absl::string_view origin) {
  if (absl::ConsumePrefix(&origin, "https://")) return absl::StripSuffix(origin, ":443");
  if (absl::ConsumePrefix(&origin, "http://")) return absl::StripSuffix(origin, ":80");
  return "";
}

// The scheme does not count: a proxy may have spoken TLS with the browser.
bool IsOwn(absl::string_view origin, absl::string_view host) {
  host = absl::StripSuffix(absl::StripSuffix(host, ":443"), ":80");
  return !host.empty() && absl::EqualsIgnoreCase(HostOf(origin), host);
}

bool OnlyReads(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

OriginPolicy::OriginPolicy(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {}

absl::Status OriginPolicy::Check(const std::vector<std::string>& allowed) {
  for (const std::string& origin : allowed) {
    if (origin == "*") continue;
    const absl::string_view host = HostOf(origin);
    if (host.empty() || absl::StrContains(host, "/")) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", origin, "\" is not an origin; write https://HOST, without a path"));
    }
  }
  return absl::OkStatus();
}

bool OriginPolicy::Allows(const std::string& origin) const {
  return absl::c_any_of(allowed_, [&origin](const std::string& allowed) {
    return allowed == "*" || absl::EqualsIgnoreCase(allowed, origin);
  });
}

bool OriginPolicy::Admits(const Request& request) const {
  if (OnlyReads(request.method)) return true;
  const std::string origin = request.Header("origin");
  return origin.empty() || IsOwn(origin, request.Header("host")) || Allows(origin);
}

void OriginPolicy::Mark(const Request& request, Response& response) const {
  if (allowed_.empty()) return;
  // What a cache keeps is for one origin.
  response.headers.push_back({"Vary", "Origin"});
  const std::string origin = request.Header("origin");
  if (origin.empty() || !Allows(origin)) return;
  response.headers.push_back({"Access-Control-Allow-Origin", origin});
  response.headers.push_back({"Access-Control-Expose-Headers", std::string(kShownHeaders)});
}

void OriginPolicy::MarkPreflight(const Request& request, Response& response) const {
  const std::string origin = request.Header("origin");
  if (origin.empty() || !Allows(origin)) return;
  response.headers.push_back(
      {"Access-Control-Allow-Methods", request.Header("access-control-request-method")});
  response.headers.push_back(
      {"Access-Control-Allow-Headers", request.Header("access-control-request-headers")});
  response.headers.push_back({"Access-Control-Max-Age", std::string(kPreflightSeconds)});
}

}  // namespace darkroom::server::http
