// Dashboards as they are deployed: walked as JSON, and all that they ask of a real Prometheus that
// scrapes real processes under load.

#include <cmath>
#include <filesystem>
#include <map>
#include <memory>
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
#include "tests/integration/http_get.h"
#include "tests/integration/json_tree.h"
#include "tests/integration/prometheus_server.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using google::protobuf::Struct;
using google::protobuf::Value;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(120);
constexpr char kFolder[] = "deploy/grafana/dashboards";
constexpr std::size_t kMaxBytes = 4 << 20;

// All boards, by their file.
std::map<std::string, Struct> Boards() {
  std::map<std::string, Struct> boards;
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    boards[entry.path().filename()] = ParseJson(ReadFile(entry.path(), kMaxBytes).value()).value();
  }
  EXPECT_FALSE(boards.empty());
  return boards;
}

// Those that show something.
std::vector<Struct> PanelsOf(const Struct& board) {
  std::vector<Struct> panels;
  const Value listed = ValueAt(board, {"panels"});
  for (const Value& panel : listed.list_value().values()) {
    if (TextAt(panel.struct_value(), {"type"}) != "row") panels.push_back(panel.struct_value());
  }
  return panels;
}

std::vector<Struct> TargetsOf(const Struct& panel) {
  std::vector<Struct> targets;
  const Value listed = ValueAt(panel, {"targets"});
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
    const Value listed = ValueAt(board, {"templating", "list"});
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
      EXPECT_TRUE(numbers.insert(ValueAt(panel, {"id"}).number_value()).second)
          << file << ": " << title;
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
    absl::StatusOr<std::unique_ptr<PrometheusServer>> started = PrometheusServer::Start(*stack_);
    ASSERT_TRUE(started.ok()) << started.status();
    prometheus_ = *std::move(started);
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
    HttpGet(stack_->http(), "/v1/models").status().IgnoreError();
    for (const auto& recording : recordings) recording->Join().IgnoreError();
  }

  // OK when Prometheus has numbers for this expression.
  absl::Status Ask(const std::string& expression) {
    DARKROOM_ASSIGN_OR_RETURN(const std::vector<Struct> found, prometheus_->Query(expression));
    for (const Struct& series : found) {
      double number = NAN;
      const Value sample = ValueAt(series, {"value"});
      if (absl::SimpleAtod(sample.list_value().values(1).string_value(), &number) &&
          std::isfinite(number)) {
        return absl::OkStatus();
      }
    }
    return absl::NotFoundError(expression);
  }

  std::unique_ptr<PrometheusServer> prometheus_;
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
        const std::string expression =
            absl::StrReplaceAll(TextAt(target, {"expr"}),
                                {{"$__rate_interval", "30s"}, {"$tier", ".*"}, {"$worker", ".*"}});
        EXPECT_EQ(expression.find('$'), std::string::npos) << expression;
        const absl::Status answered = Eventually(kPatience, [&] { return Ask(expression); });
        EXPECT_TRUE(answered.ok()) << file << ", " << TextAt(panel, {"title"}) << ": " << answered;
      }
    }
  }
}

}  // namespace
}  // namespace darkroom::testing
