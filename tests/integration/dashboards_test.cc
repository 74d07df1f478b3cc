// Dashboards as they are deployed: walked as JSON, and all that they ask of a real Prometheus that
// scrapes real processes under load.

#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/integration/http_get.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(120);
constexpr char kFolder[] = "deploy/grafana/dashboards";
constexpr std::size_t kMaxBytes = 4 << 20;

Struct ParseJson(const std::string& text) {
  Struct json;
  const auto status = google::protobuf::util::JsonStringToMessage(text, &json);
  EXPECT_TRUE(status.ok()) << status.ToString() << text.substr(0, 300);
  return json;
}

// What is at the end of these keys; a null value where there is no such thing.
Value At(const Struct& object, const std::vector<std::string>& keys) {
  Value value;
  *value.mutable_struct_value() = object;
  for (const std::string& key : keys) {
    const auto& fields = value.struct_value().fields();
    const auto field = fields.find(key);
    if (field == fields.end()) return Value();
    Value next = field->second;
    value = std::move(next);
  }
  return value;
}
std::string TextAt(const Struct& object, const std::vector<std::string>& keys) {
  return At(object, keys).string_value();
}

// All boards, by their file.
std::map<std::string, Struct> Boards() {
  std::map<std::string, Struct> boards;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    boards[entry.path().filename()] = ParseJson(ReadFile(entry.path(), kMaxBytes).value());
  }
  EXPECT_FALSE(boards.empty());
  return boards;
}

// Those that show something.
std::vector<Struct> PanelsOf(const Struct& board) {
  std::vector<Struct> panels;
  const Value listed = At(board, {"panels"});
  for (const Value& panel : listed.list_value().values()) {
    if (TextAt(panel.struct_value(), {"type"}) != "row") panels.push_back(panel.struct_value());
  }
  return panels;
}

std::vector<Struct> TargetsOf(const Struct& panel) {
  std::vector<Struct> targets;
  const Value listed = At(panel, {"targets"});
  for (const Value& target : listed.list_value().values()) {
    targets.push_back(target.struct_value());
  }
  return targets;
}

TEST(DashboardFilesTest, BoardsCanBeLinkedToAndAskWhicheverPrometheusIsChosen) {
  std::set<std::string> ids;
  const std::map<std::string, Struct> boards = Boards();
  for (const auto& [file, board] : boards) {
    EXPECT_NE(TextAt(board, {"uid"}), "") << file;
    EXPECT_TRUE(ids.insert(TextAt(board, {"uid"})).second) << file;
    std::set<std::string> variables;
    const Value listed = At(board, {"templating", "list"});
    for (const Value& variable : listed.list_value().values()) {
      variables.insert(absl::StrCat(TextAt(variable.struct_value(), {"type"}), " ",
                                    TextAt(variable.struct_value(), {"name"})));
    }
    EXPECT_EQ(variables.count("datasource datasource"), 1u) << file;
  }
}

TEST(DashboardFilesTest, EveryPanelHasAUnitAndSaysWhatItMeans) {
  const std::map<std::string, Struct> boards = Boards();
  for (const auto& [file, board] : boards) {
    std::set<std::string> titles;
    std::set<double> numbers;
    const std::vector<Struct> panels = PanelsOf(board);
    EXPECT_FALSE(panels.empty()) << file;
    for (const Struct& panel : panels) {
      const std::string title = TextAt(panel, {"title"});
      EXPECT_TRUE(titles.insert(title).second) << file << ": " << title;
      EXPECT_TRUE(numbers.insert(At(panel, {"id"}).number_value()).second) << file << ": " << title;
      EXPECT_NE(TextAt(panel, {"description"}), "") << file << ": " << title;
      EXPECT_NE(TextAt(panel, {"fieldConfig", "defaults", "unit"}), "") << file << ": " << title;
      const std::vector<Struct> targets = TargetsOf(panel);
      EXPECT_FALSE(targets.empty()) << file << ": " << title;
      for (const Struct& target : targets) {
        EXPECT_EQ(TextAt(target, {"datasource", "uid"}), "${datasource}") << file << ": " << title;
      }
    }
  }
}

TEST(DashboardFilesTest, ProvisioningKeepsIdsAndFiles) {
  const std::filesystem::path folder = "deploy/grafana/provisioning";
  EXPECT_THAT(ReadFile(folder / "datasources" / "prometheus.yml", kMaxBytes).value(),
              HasSubstr("uid: darkroom-prometheus"));
  EXPECT_THAT(ReadFile(folder / "dashboards" / "darkroom.yml", kMaxBytes).value(),
              HasSubstr("allowUiUpdates: false"));
}

class DashboardsTest : public StackTest {
 protected:
  DashboardsTest() : StackTest(absl::Milliseconds(20)) {}

  void SetUp() override {
    UseStack(Stack::StartWithMetrics(step_));
    if (stack_ == nullptr) return;
    absl::StatusOr<cli::HostPort> address = cli::ReservePort({"127.0.0.1", 0});
    ASSERT_TRUE(address.ok()) << address.status();
    address_ = *std::move(address);
    const std::filesystem::path config = stack_->folder() / "prometheus.yml";
    ASSERT_TRUE(WriteFileAtomically(config, Config()).ok());
    absl::StatusOr<cli::ChildProcess> started = cli::ChildProcess::Start(
        {"prometheus",
         {"/usr/bin/env", "prometheus", absl::StrCat("--config.file=", config.string()),
          absl::StrCat("--storage.tsdb.path=", (stack_->folder() / "tsdb").string()),
          absl::StrCat("--web.listen-address=", address_.ToString())},
         stack_->folder() / "prometheus.log"});
    ASSERT_TRUE(started.ok()) << started.status();
    prometheus_.emplace(*std::move(started));
  }
  void TearDown() override {
    if (prometheus_.has_value()) prometheus_->Stop(absl::Seconds(20));
    StackTest::TearDown();
  }

  // The deployed one, of these processes and scraped each second.
  std::string Config() {
    return absl::StrReplaceAll(ReadFile("deploy/prometheus/prometheus.yml", kMaxBytes).value(),
                               {{"127.0.0.1:9464", stack_->metrics(Part::kGateway).ToString()},
                                {"127.0.0.1:9465", stack_->metrics(Part::kScheduler).ToString()},
                                {"127.0.0.1:9466", stack_->metrics(Part::kWorker).ToString()},
                                {"scrape_interval: 5s", "scrape_interval: 1s"},
                                {"scrape_timeout: 4s", "scrape_timeout: 1s"}});
  }

  // A model that is asked for and that no worker has: its jobs wait.
  absl::Status QueueForAModelThatHasGone() {
    DARKROOM_ASSIGN_OR_RETURN(cli::ChildProcess worker,
                              stack_->StartWorker({"--fake_model_id", "gone"}));
    DARKROOM_RETURN_IF_ERROR(Eventually(kPatience, [&]() -> absl::Status {
      return stack_->connection().GetModel("gone").status();
    }));
    worker.Stop(absl::Seconds(20));
    v1::CreateJobRequest request;
    *request.mutable_parameters() = PictureRequest(1).parameters();
    request.mutable_parameters()->set_model("models/gone");
    return jobs().Create(request).status();
  }

  // More jobs at once than the worker takes on, so that some wait; one fails, one is refused, and
  // somebody lists them.
  void RunSome() {
    std::vector<std::unique_ptr<Recording>> recordings;
    for (int i = 0; i < 36; ++i) recordings.push_back(Generate(PictureRequest(8)));
    v1::GenerateImageRequest poisoned = PictureRequest(2);
    poisoned.mutable_parameters()->set_prompt(kPoisonedWord);
    recordings.push_back(Generate(poisoned));
    recordings.push_back(Generate(PictureRequest(-1)));
    jobs().List(v1::ListJobsRequest()).status().IgnoreError();
    for (const auto& recording : recordings) recording->Join().IgnoreError();
  }

  // OK when Prometheus has numbers for this expression.
  absl::Status Ask(const std::string& expression) {
    DARKROOM_ASSIGN_OR_RETURN(
        const std::string answer,
        HttpGet(address_, absl::StrCat("/api/v1/query?query=", PercentEncoded(expression))));
    const Value result = At(ParseJson(answer), {"data", "result"});
    for (const Value& series : result.list_value().values()) {
      double number = NAN;
      const Value sample = At(series.struct_value(), {"value"});
      if (absl::SimpleAtod(sample.list_value().values(1).string_value(), &number) &&
          std::isfinite(number)) {
        return absl::OkStatus();
      }
    }
    return absl::NotFoundError(absl::StrCat(expression, ": ", answer));
  }

  cli::HostPort address_;
  std::optional<cli::ChildProcess> prometheus_;
};

TEST_F(DashboardsTest, EveryExpressionHasData) {
  const absl::Status queued = QueueForAModelThatHasGone();
  ASSERT_TRUE(queued.ok()) << queued;
  std::jthread load([this](const std::stop_token& stop) {
    while (!stop.stop_requested()) RunSome();
  });
  const std::map<std::string, Struct> boards = Boards();
  for (const auto& [file, board] : boards) {
    const std::vector<Struct> panels = PanelsOf(board);
    for (const Struct& panel : panels) {
      const std::vector<Struct> targets = TargetsOf(panel);
      for (const Struct& target : targets) {
        const std::string expression = absl::StrReplaceAll(
            TextAt(target, {"expr"}), {{"$__rate_interval", "30s"}, {"$tier", ".*"}});
        EXPECT_EQ(expression.find('$'), std::string::npos) << expression;
        const absl::Status answered = Eventually(kPatience, [&] { return Ask(expression); });
        EXPECT_TRUE(answered.ok()) << file << ", " << TextAt(panel, {"title"}) << ": " << answered;
      }
    }
  }
}

}  // namespace
}  // namespace darkroom::testing
