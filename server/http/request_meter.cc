#include "server/http/request_meter.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/metrics/names.h"

namespace darkroom::server::http {
namespace {

constexpr absl::string_view kOther = "other";

}  // namespace

void RequestMeter::NoteConnections(int change) {
  if (registry_ != nullptr) registry_->Change(metrics::kHttpConnections, change);
}

void RequestMeter::NoteCertificate(absl::Time expires) {
  if (registry_ == nullptr) return;
  registry_->Change(metrics::kHttpCertificateExpiry,
                    absl::ToDoubleSeconds(expires - std::exchange(expires_, expires)));
}

void RequestMeter::NoteStreams(const Route& route, int change) {
  if (registry_ != nullptr) registry_->Change(metrics::kHttpOpenStreams, change, route.pattern);
}

void RequestMeter::NoteAnswer(const Route* route, int status, absl::Duration elapsed,
                              absl::string_view refused) {
  if (registry_ == nullptr) return;
  const std::string code = status == 0 ? "gone" : absl::StrCat(status / 100, "xx");
  const absl::string_view method = route == nullptr ? kOther : route->method;
  const absl::string_view pattern = route == nullptr ? kOther : route->pattern;
  registry_->Observe(metrics::kHttpSeconds, absl::ToDoubleSeconds(elapsed), code, method, pattern);
  if (!refused.empty()) registry_->Add(metrics::kRefusals, 1, refused);
}

}  // namespace darkroom::server::http
