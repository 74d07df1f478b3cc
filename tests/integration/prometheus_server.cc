#include "tests/integration/prometheus_server.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "tests/integration/http_get.h"
#include "tests/integration/json_tree.h"

namespace darkroom::testing {
namespace {

constexpr std::size_t kMaxBytes = 1 << 20;

}  // namespace

absl::StatusOr<std::unique_ptr<PrometheusServer>> PrometheusServer::Start(
    const Stack& stack, const std::string& rules) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string deployed,
                            ReadFile("deploy/prometheus/prometheus.yml", kMaxBytes));
  const std::string config =
      absl::StrReplaceAll(deployed, {{"127.0.0.1:9464", stack.metrics(Part::kGateway).ToString()},
                                     {"127.0.0.1:9465", stack.metrics(Part::kScheduler).ToString()},
                                     {"127.0.0.1:9466", stack.metrics(Part::kWorker).ToString()},
                                     {"scrape_interval: 5s", "scrape_interval: 1s"},
                                     {"scrape_timeout: 4s", "scrape_timeout: 1s"},
                                     {"evaluation_interval: 15s", "evaluation_interval: 1s"},
                                     {"rules/*.yml", "rules.yml"}});
  const std::filesystem::path& folder = stack.folder();
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(folder / "rules.yml", rules));
  DARKROOM_RETURN_IF_ERROR(WriteFileAtomically(folder / "prometheus.yml", config));
  DARKROOM_ASSIGN_OR_RETURN(cli::HostPort address, cli::ReservePort({"127.0.0.1", 0}));
  DARKROOM_ASSIGN_OR_RETURN(
      cli::ChildProcess process,
      cli::ChildProcess::Start(
          {"prometheus",
           {"/usr/bin/env", "prometheus",
            absl::StrCat("--config.file=", (folder / "prometheus.yml").string()),
            absl::StrCat("--storage.tsdb.path=", (folder / "tsdb").string()),
            absl::StrCat("--web.listen-address=", address.ToString())},
           folder / "prometheus.log"}));
  return std::unique_ptr<PrometheusServer>(
      new PrometheusServer(std::move(address), std::move(process)));
}

PrometheusServer::~PrometheusServer() { process_.Stop(absl::Seconds(20)); }

absl::StatusOr<std::vector<google::protobuf::Struct>> PrometheusServer::Query(
    const std::string& expression) const {
  DARKROOM_ASSIGN_OR_RETURN(
      const std::string answer,
      HttpGet(address_, absl::StrCat("/api/v1/query?query=", PercentEncoded(expression))));
  DARKROOM_ASSIGN_OR_RETURN(const google::protobuf::Struct parsed, ParseJson(answer));
  const google::protobuf::Value result = ValueAt(parsed, {"data", "result"});
  std::vector<google::protobuf::Struct> series;
  for (const google::protobuf::Value& one : result.list_value().values()) {
    series.push_back(one.struct_value());
  }
  return series;
}

absl::StatusOr<std::set<std::string>> PrometheusServer::Firing() const {
  DARKROOM_ASSIGN_OR_RETURN(const std::vector<google::protobuf::Struct> alerts,
                            Query("ALERTS{alertstate=\"firing\"}"));
  std::set<std::string> names;
  for (const google::protobuf::Struct& alert : alerts) {
    names.insert(TextAt(alert, {"metric", "alertname"}));
  }
  return names;
}

}  // namespace darkroom::testing
