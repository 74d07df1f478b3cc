#ifndef DARKROOM_TESTS_INTEGRATION_PROMETHEUS_SERVER_H_
#define DARKROOM_TESTS_INTEGRATION_PROMETHEUS_SERVER_H_

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/up/child_process.h"
#include "cli/up/port.h"
#include "google/protobuf/struct.pb.h"
#include "tests/integration/stack.h"

namespace darkroom::testing {

// A real Prometheus of a stack with metrics, as deploy/prometheus/prometheus.yml has it but for the
// addresses and the times: it scrapes and evaluates each second. Stopped at the end. Not
// thread-safe.
class PrometheusServer {
 public:
  // `rules`: the text of its rules. Its files are in the stack's folder, which outlives
  // it.
  static absl::StatusOr<std::unique_ptr<PrometheusServer>> Start(
      const Stack& stack, const std::string& rules = "groups: []");
  ~PrometheusServer();

  // The series that an expression gives now. UNAVAILABLE until it serves.
  absl::StatusOr<std::vector<google::protobuf::Struct>> Query(const std::string& expression) const;
  // The names of the alerts that fire.
  absl::StatusOr<std::set<std::string>> Firing() const;

 private:
  PrometheusServer(cli::HostPort address, cli::ChildProcess process)
      : address_(std::move(address)), process_(std::move(process)) {}

  const cli::HostPort address_;
  cli::ChildProcess process_;
};

}  // namespace darkroom::testing

#endif  // DARKROOM_TESTS_INTEGRATION_PROMETHEUS_SERVER_H_
