#include "common/trace/trace_flag.h"

#include <unistd.h>

#include <utility>

#include "absl/flags/flag.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "common/log.h"
#include "common/settings.h"

ABSL_FLAG(std::string, trace_endpoint, "",
          "where spans of the jobs whose trace is sampled go, by OTLP over HTTP with JSON, as in "
          "http://127.0.0.1:4318/v1/traces; empty: nowhere");

namespace darkroom::trace {
namespace {

std::string MadeUpInstance() {
  char host[256] = {};
  gethostname(host, sizeof(host) - 1);
  return absl::StrCat(host, "-", getpid(), "-", RandomId().substr(0, 8));
}

}  // namespace

absl::Status CheckTraceFlag() {
  const std::string endpoint = absl::GetFlag(FLAGS_trace_endpoint);
  if (endpoint.empty()) return absl::OkStatus();
  return OfFlag("trace_endpoint", ParseHttpEndpoint(endpoint).status());
}

std::unique_ptr<SpanExporter> ExporterFromFlag(absl::string_view service, std::string instance,
                                               metrics::Registry* registry) {
  absl::StatusOr<HttpEndpoint> endpoint = ParseHttpEndpoint(absl::GetFlag(FLAGS_trace_endpoint));
  if (!endpoint.ok()) return nullptr;
  if (instance.empty()) instance = MadeUpInstance();
  log::Info("spans are exported",
            {{"host", endpoint->host}, {"port", endpoint->port}, {"instance", instance}});
  return std::make_unique<SpanExporter>(
      SpanExporter::Options{.endpoint = *std::move(endpoint),
                            .resource = {.service = std::string(service),
                                         .instance = std::move(instance),
                                         .version = DARKROOM_VERSION},
                            .metrics = registry});
}

}  // namespace darkroom::trace
