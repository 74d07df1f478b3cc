#include "server/http/entrance.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "server/auth/scoped_caller.h"
#include "server/http/credentials.h"

namespace darkroom::server::http {
namespace {

constexpr char kPreflight[] = "OPTIONS";

Failure NotAllowed(const Router::Match& match, const Request& head) {
  return Refusal(405, http_reason::kMethodNotAllowed,
                 absl::StrCat("this path has no ", head.method, "; it has ", match.allowed));
}

}  // namespace

std::optional<Failure> Entrance::FindFault(const Router::Match& match, absl::string_view token,
                                           Request& head) const {
  if (match.allowed.empty()) {
    return Refusal(404, http_reason::kNoSuchPath, "there is nothing at this path");
  }
  if (match.route == nullptr) return NotAllowed(match, head);
  if (!hosts_.Admits(head)) {
    return Refusal(421, http_reason::kForeignHost,
                   "this server is not asked by that name; the host can have it answer by "
                   "--http_hosts");
  }
  if (!origins_.Admits(head)) {
    return Refusal(403, http_reason::kForeignOrigin,
                   "pages of this origin may not make requests here; the host can allow them with "
                   "--http_allowed_origins");
  }
  if (match.route->access.open) return std::nullopt;
  const std::string authorization = AuthorizationOf(head, token);
  const std::string forwarded = head.Header("x-forwarded-for");
  absl::StatusOr<Caller> caller = AuthenticateFor(
      authenticator_, {authorization, head.peer, forwarded}, match.route->access.scope);
  const bool missing = authorization.empty() && absl::IsUnauthenticated(caller.status());
  if (missing && match.route->access.unknown) {
    head.caller = {};
    return std::nullopt;
  }
  if (!caller.ok()) return FailureOf(caller.status());
  head.caller = *std::move(caller);
  return std::nullopt;
}

Entrance::Verdict Entrance::Judge(Request& head) const {
  const std::string token = TakePathToken(head);
  Router::Match match = router_.Find(head.method, head.path);
  Verdict verdict;
  verdict.errors = match.errors;
  const bool whole_server = head.path == "*";
  if (head.method == kPreflight && (whole_server || !match.allowed.empty())) {
    verdict.answer.status = 204;
    if (!whole_server) verdict.answer.headers.push_back({"Allow", match.allowed});
    origins_.MarkPreflight(head, verdict.answer);
    return verdict;
  }
  if (const std::optional<Failure> fault = FindFault(match, token, head)) {
    verdict.answer = ToResponse(*fault, *match.errors);
    verdict.refused = ReasonOf(fault->status);
    if (fault->http_status == 405) verdict.answer.headers.push_back({"Allow", match.allowed});
    return verdict;
  }
  head.path_values = std::move(match.path_values);
  verdict.route = match.route;
  return verdict;
}

}  // namespace darkroom::server::http
