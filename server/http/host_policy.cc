#include "server/http/host_policy.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace darkroom::server::http {
namespace {

constexpr absl::string_view kOwn[] = {".localhost", ".local", ".internal", ".home.arpa"};

// No name of a host ends in a number.
bool IsAddress(absl::string_view host) {
  return absl::StartsWith(host, "[") ||
         absl::ascii_isdigit(static_cast<unsigned char>(host.back()));
}

}  // namespace

bool HostPolicy::Admits(const Request& request) const {
  const std::string field = absl::AsciiStrToLower(request.Header("host"));
  absl::string_view host = field;
  if (!absl::StartsWith(host, "[")) host = host.substr(0, host.find(':'));
  host = absl::StripSuffix(host, ".");
  // HTTP/1.0 knows no hosts, and browsers do not speak it.
  if (host.empty() || IsAddress(host) || !absl::StrContains(host, ".")) return true;
  const auto ends_host = [host](absl::string_view end) { return absl::EndsWith(host, end); };
  if (absl::c_any_of(kOwn, ends_host)) return true;
  return absl::c_any_of(names_, [host](const std::string& name) {
    return name == "*" || absl::EqualsIgnoreCase(name, host);
  });
}

}  // namespace darkroom::server::http
