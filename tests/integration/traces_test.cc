// What a collector of OpenTelemetry gets of real processes, and what the logs say beside it.

#include <sys/wait.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "common/trace/testing/http_recorder.h"
#include "common/trace/trace_context.h"
#include "tests/integration/command_run.h"
#include "tests/integration/json_tree.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using ::google::protobuf::Struct;
using ::testing::Each;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;
using trace::HttpRecorder;

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kClientSpan[] = "00f067aa0ba902b7";
constexpr int kSteps = 3;

// A span as a collector reads it.
struct SeenSpan {
  std::string service;
  std::string trace_id;
  std::string span_id;
  std::string parent;
  std::string name;
  std::int64_t start = 0;  // ns
  std::int64_t end = 0;
  std::string error;
  std::map<std::string, std::string> attributes;
};

// The objects of a list in an object.
std::vector<Struct> ObjectsAt(const Struct& object, const std::vector<std::string>& keys) {
  std::vector<Struct> objects;
  const google::protobuf::Value list = ValueAt(object, keys);
  for (const auto& value : list.list_value().values()) objects.push_back(value.struct_value());
  return objects;
}

std::map<std::string, std::string> AttributesIn(const std::vector<Struct>& list) {
  std::map<std::string, std::string> attributes;
  for (const Struct& attribute : list) {
    const std::string text = TextAt(attribute, {"value", "stringValue"});
    attributes[TextAt(attribute, {"key"})] =
        text.empty() ? TextAt(attribute, {"value", "intValue"}) : text;
  }
  return attributes;
}

std::int64_t NanosecondsAt(const Struct& span, const std::string& key) {
  std::int64_t time = -1;
  EXPECT_TRUE(absl::SimpleAtoi(TextAt(span, {key}), &time)) << key;
  return time;
}

SeenSpan ReadSpan(const std::string& service, const Struct& span) {
  return {.service = service,
          .trace_id = TextAt(span, {"traceId"}),
          .span_id = TextAt(span, {"spanId"}),
          .parent = TextAt(span, {"parentSpanId"}),
          .name = TextAt(span, {"name"}),
          .start = NanosecondsAt(span, "startTimeUnixNano"),
          .end = NanosecondsAt(span, "endTimeUnixNano"),
          .error = TextAt(span, {"status", "message"}),
          .attributes = AttributesIn(ObjectsAt(span, {"attributes"}))};
}

std::vector<SeenSpan> SpansIn(const std::vector<HttpRecorder::Request>& requests) {
  std::vector<SeenSpan> spans;
  for (const HttpRecorder::Request& request : requests) {
    const absl::StatusOr<Struct> body = ParseJson(request.body);
    EXPECT_TRUE(body.ok()) << body.status();
    if (!body.ok()) continue;
    for (const Struct& resource : ObjectsAt(*body, {"resourceSpans"})) {
      const std::string service =
          AttributesIn(ObjectsAt(resource, {"resource", "attributes"}))["service.name"];
      for (const Struct& scope : ObjectsAt(resource, {"scopeSpans"})) {
        for (const Struct& span : ObjectsAt(scope, {"spans"})) {
          spans.push_back(ReadSpan(service, span));
        }
      }
    }
  }
  return spans;
}

class TracesTest : public StackTest {
 protected:
  TracesTest() : StackTest(absl::Milliseconds(10)) {}
  void SetUp() override { UseStack(Stack::StartWithTraces(step_, collector_.url())); }

  // `environment` goes before the command: "TRACEPARENT=...".
  ProgramRun Generate(const std::string& environment, const std::string& options) {
    return ProgramRun(
        stack_->folder(), stack_->folder(),
        absl::StrCat("env ", environment, " ", (ProgramFolder() / "darkroom").string(),
                     " generate 'a secret apple' --steps ", kSteps, " --server ", stack_->address(),
                     " ", options));
  }
  // All spans, once the collector has that of the end of so many jobs.
  std::vector<SeenSpan> SpansOf(int jobs) {
    const auto ended = [jobs](const std::vector<HttpRecorder::Request>& requests) {
      const std::vector<SeenSpan> spans = SpansIn(requests);
      return std::count_if(spans.begin(), spans.end(),
                           [](const SeenSpan& span) { return span.name == "finish"; }) == jobs &&
             std::count_if(spans.begin(), spans.end(),
                           [](const SeenSpan& span) { return span.name == "admit"; }) == jobs;
    };
    EXPECT_TRUE(collector_.Await(ended));
    return SpansIn(collector_.requests());
  }
  // The lines of all logs with this message.
  std::vector<std::string> LogLines(absl::string_view message) {
    std::vector<std::string> lines;
    for (const absl::string_view line : absl::StrSplit(stack_->Logs(), '\n')) {
      if (absl::StrContains(line, absl::StrCat("\"message\":\"", message, "\""))) {
        lines.emplace_back(line);
      }
    }
    return lines;
  }

  HttpRecorder collector_;
};

TEST_F(TracesTest, OneRequestIsOneTreeOfSpansUnderTheClientsFromBothProcesses) {
  ProgramRun run = Generate(absl::StrCat("TRACEPARENT=00-", kTrace, "-", kClientSpan, "-01"),
                            "--out a.png --json");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_THAT(run.out(), HasSubstr(absl::StrCat("\"trace_id\": \"", kTrace, "\"")));
  const std::vector<SeenSpan> spans = SpansOf(1);

  std::map<std::string, std::vector<SeenSpan>> by_name;
  std::map<std::string, int> count;
  std::map<std::string, int> ids;
  for (const SeenSpan& span : spans) {
    by_name[span.name].push_back(span);
    ++count[absl::StrCat(span.service, " ", span.name)];
    ++ids[span.span_id];
    EXPECT_EQ(span.trace_id, kTrace);
    EXPECT_LE(span.start, span.end);
    EXPECT_EQ(span.error, "");
  }
  EXPECT_THAT(ids, Each(Pair(::testing::_, 1)));
  ASSERT_THAT(count, UnorderedElementsAre(
                         Pair("darkroom-gateway admit", 1), Pair("darkroom-worker queue", 1),
                         Pair("darkroom-worker encode", 1), Pair("darkroom-worker batch", kSteps),
                         Pair("darkroom-worker decode", 1), Pair("darkroom-worker store", 1),
                         Pair("darkroom-worker finish", 1)));
  const SeenSpan& admit = by_name["admit"][0];
  EXPECT_EQ(admit.parent, kClientSpan);
  std::int64_t reached = admit.start;
  for (const char* name : {"encode", "batch", "decode", "store", "finish"}) {
    for (const SeenSpan& span : by_name[name]) {
      EXPECT_EQ(span.parent, admit.span_id) << name;
      EXPECT_EQ(span.attributes.at("darkroom.job"), admit.attributes.at("darkroom.job"));
      EXPECT_GE(span.end, reached) << name << " ends before what comes before it";
      reached = span.end;
    }
  }
  EXPECT_EQ(by_name["queue"][0].parent, admit.span_id);
  EXPECT_EQ(by_name["batch"][kSteps - 1].attributes.at("darkroom.batch.number"),
            absl::StrCat(kSteps));
}

TEST_F(TracesTest, WhatIsMadeIsNeitherInSpansNorInLogs) {
  ProgramRun run = Generate("", "--out a.png");
  ASSERT_EQ(run.Join(), 0) << run.err();
  SpansOf(1);
  for (const HttpRecorder::Request& request : collector_.requests()) {
    EXPECT_EQ(request.target, "/v1/traces");
    EXPECT_THAT(request.body, Not(HasSubstr("secret")));
  }
  EXPECT_THAT(stack_->Logs(), Not(HasSubstr("secret apple")));
}

TEST_F(TracesTest, TheLogsOfBothProcessesNameTheTraceAndTheJob) {
  ProgramRun run = Generate(absl::StrCat("TRACEPARENT=00-", kTrace, "-", kClientSpan, "-00"),
                            "--out a.png --json");
  ASSERT_EQ(run.Join(), 0) << run.err();
  for (const char* message : {"job accepted", "job leased"}) {
    const std::vector<std::string> lines = LogLines(message);
    ASSERT_EQ(lines.size(), 1u) << message;
    const auto line = ParseJson(lines[0]);
    ASSERT_TRUE(line.ok()) << line.status();
    EXPECT_EQ(TextAt(*line, {"trace_id"}), kTrace);
    EXPECT_THAT(run.out(), HasSubstr(absl::StrCat("jobs/", TextAt(*line, {"job"}))));
  }
  EXPECT_THAT(collector_.requests(), IsEmpty()) << "the client did not sample it";
}

TEST_F(TracesTest, AFailedJobAndARefusedRequestSayWhy) {
  v1::GenerateImageRequest poisoned = PictureRequest(kSteps);
  poisoned.mutable_parameters()->set_prompt(absl::StrCat("a ", kPoisonedWord, " apple"));
  StackTest::Generate(poisoned)->Join().IgnoreError();
  StackTest::Generate(PictureRequest(-1))->Join().IgnoreError();
  std::map<std::string, int> errors;
  const auto both = [&errors](const std::vector<HttpRecorder::Request>& requests) {
    errors.clear();
    for (const SeenSpan& span : SpansIn(requests)) {
      if (!span.error.empty()) ++errors[absl::StrCat(span.name, " ", span.error)];
    }
    return errors.size() == 2;
  };
  EXPECT_TRUE(collector_.Await(both));
  EXPECT_THAT(errors, UnorderedElementsAre(Pair("finish NUMERICAL_ERROR", 1),
                                           Pair("admit INVALID_REQUEST", 1)));
}

TEST_F(TracesTest, WhatAKilledWorkerHasSentHangsTogetherWithWhatTheNextOneDoes) {
  v1::GenerateImageRequest request = PictureRequest(150);  // 12 s
  request.mutable_parameters()->set_image_count(8);
  const auto recording = StackTest::Generate(request);
  ASSERT_TRUE(collector_.Await([](const std::vector<HttpRecorder::Request>& requests) {
    const std::vector<SeenSpan> spans = SpansIn(requests);
    return std::any_of(spans.begin(), spans.end(),
                       [](const SeenSpan& span) { return span.name == "batch"; });
  }));
  stack_->Kill(Part::kWorker);
  ASSERT_TRUE(stack_->Run(Part::kWorker).ok());
  ExpectPicture(*recording);
  const std::vector<SeenSpan> spans = SpansOf(1);
  const auto admit = std::find_if(spans.begin(), spans.end(),
                                  [](const SeenSpan& span) { return span.name == "admit"; });
  ASSERT_NE(admit, spans.end());
  std::map<std::string, int> beginnings;  // by lease
  for (const SeenSpan& span : spans) {
    EXPECT_EQ(span.trace_id, admit->trace_id);
    EXPECT_EQ(span.parent, span.name == "admit" ? "" : admit->span_id) << span.name;
    if (span.name == "encode") ++beginnings[span.attributes.at("darkroom.lease")];
  }
  EXPECT_THAT(beginnings, UnorderedElementsAre(Pair("1", 1), Pair("2", 1)));
}

TEST_F(TracesTest, ACollectorThatHangsCostsNoJobAndHoldsNobodyUpAtTheEnd) {
  collector_.SetStatus(HttpRecorder::kSilence);
  for (int i = 0; i < 3; ++i) ExpectPicture(*StackTest::Generate(PictureRequest(kSteps)));
  ASSERT_TRUE(collector_.Await([](const auto& requests) { return requests.size() >= 2; }));
  ExpectPicture(*StackTest::Generate(PictureRequest(kSteps)));
  for (const Part part : {Part::kWorker, Part::kGateway}) {
    const int status = stack_->Terminate(part, absl::Seconds(60));
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  }
}

class AwayTracesTest : public TracesTest {
 protected:
  void SetUp() override {
    std::string url;
    {
      const HttpRecorder gone;
      url = gone.url();
    }
    UseStack(Stack::StartWithTraces(step_, url));
  }
};

TEST_F(AwayTracesTest, ACollectorThatIsAwayCostsNoJob) {
  for (int i = 0; i < 3; ++i) ExpectPicture(*StackTest::Generate(PictureRequest(kSteps)));
  const int status = stack_->Terminate(Part::kWorker, absl::Seconds(60));
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_GE(LogLines("spans could not be exported; jobs go on without").size(), 1u);
}

class UntracedTest : public TracesTest {
 protected:
  void SetUp() override { UseStack(Stack::Start(step_)); }
};

TEST_F(UntracedTest, WithoutTheFlagNothingIsSentAndTracesStillGoThrough) {
  ProgramRun run = Generate(absl::StrCat("TRACEPARENT=00-", kTrace, "-", kClientSpan,
                                         "-01 OTEL_EXPORTER_OTLP_ENDPOINT=", collector_.url()),
                            "--out a.png --json");
  ASSERT_EQ(run.Join(), 0) << run.err();
  EXPECT_THAT(run.out(), HasSubstr(absl::StrCat("\"trace_id\": \"", kTrace, "\"")));
  ASSERT_EQ(LogLines("job leased").size(), 1u);
  EXPECT_THAT(LogLines("job leased")[0], HasSubstr(kTrace));
  EXPECT_THAT(LogLines("spans are exported"), IsEmpty());
  EXPECT_EQ(collector_.connections(), 0);
}

TEST_F(UntracedTest, ATraceOfItsOwnIsShownToWhoAsksForIt) {
  ProgramRun run = Generate("-u TRACEPARENT", "--out a.png --trace");
  ASSERT_EQ(run.Join(), 0) << run.err();
  ASSERT_EQ(LogLines("job accepted").size(), 1u);
  const auto line = ParseJson(LogLines("job accepted")[0]);
  ASSERT_TRUE(line.ok());
  EXPECT_THAT(run.err(), HasSubstr(absl::StrCat("trace ", TextAt(*line, {"trace_id"}), "\n")));
}

}  // namespace
}  // namespace darkroom::testing
