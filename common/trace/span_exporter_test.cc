#include "common/trace/span_exporter.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/ids.h"
#include "common/trace/testing/http_recorder.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::trace {
namespace {

using ::testing::HasSubstr;
using Requests = std::vector<HttpRecorder::Request>;

class SpanExporterTest : public testing::Test {
 protected:
  SpanExporter::Options Options() {
    return {.endpoint = ParseHttpEndpoint(recorder_.url()).value(),
            .resource = {.service = "darkroom-gateway"},
            .metrics = &registry_,
            .interval = absl::ZeroDuration(),
            .first_pause = absl::Milliseconds(1)};
  }
  static Span Named(absl::string_view name) {
    return {.context = {.trace_id = RandomId(), .span_id = NewSpanId(), .sampled = true},
            .name = name,
            .start = absl::UnixEpoch(),
            .end = absl::UnixEpoch()};
  }
  // The metrics come to show this line.
  void ExpectSoon(const std::string& line) {
    const absl::Time last = absl::Now() + absl::Minutes(1);
    while (!absl::StrContains(registry_.Text(), line) && absl::Now() < last) {
      absl::SleepFor(absl::Milliseconds(2));
    }
    EXPECT_THAT(registry_.Text(), HasSubstr(line));
  }
  void ExpectDropped(int spans, absl::string_view reason) {
    ExpectSoon(
        absl::StrCat("darkroom_trace_dropped_spans_total{reason=\"", reason, "\"} ", spans, "\n"));
  }
  void ExpectExported(int spans) {
    ExpectSoon(absl::StrCat("\ndarkroom_trace_exported_spans_total ", spans, "\n"));
  }

  metrics::Registry registry_;
  HttpRecorder recorder_;
};

TEST_F(SpanExporterTest, SpansArriveWithTheirResource) {
  SpanExporter exporter(Options());
  exporter.Take(Named("admit"));
  ExpectExported(1);
  const Requests requests = recorder_.requests();
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_THAT(requests[0].body, HasSubstr("\"name\":\"admit\""));
  EXPECT_THAT(requests[0].body, HasSubstr("\"stringValue\":\"darkroom-gateway\""));
  ExpectDropped(0, "unreachable");
}

TEST_F(SpanExporterTest, SpansWaitForOthersAndGoTogether) {
  SpanExporter::Options options = Options();
  options.interval = absl::Hours(1);
  options.max_batch = 3;
  SpanExporter exporter(options);
  for (int i = 0; i < 6; ++i) exporter.Take(Named("batch"));
  ExpectExported(6);
  EXPECT_EQ(recorder_.requests().size(), 2u);
}

TEST_F(SpanExporterTest, WhatIsLeftAtTheEndIsStillSent) {
  SpanExporter::Options options = Options();
  options.interval = absl::Hours(1);
  {
    SpanExporter exporter(options);
    exporter.Take(Named("store"));
  }
  ExpectExported(1);
  EXPECT_EQ(recorder_.requests().size(), 1u);
}

TEST_F(SpanExporterTest, ABatchForLaterIsSentAgain) {
  recorder_.SetStatus(503);
  SpanExporter::Options options = Options();
  options.first_pause = absl::Milliseconds(20);
  SpanExporter exporter(options);
  exporter.Take(Named("admit"));
  ASSERT_TRUE(recorder_.Await([](const Requests& requests) { return !requests.empty(); }));
  recorder_.SetStatus(200);
  ExpectExported(1);
  EXPECT_GE(recorder_.requests().size(), 2u);
}

TEST_F(SpanExporterTest, ACollectorThatIsAwayCostsTheSpansAndNothingElse) {
  recorder_.SetStatus(503);
  SpanExporter exporter(Options());
  exporter.Take(Named("admit"));
  ExpectDropped(1, "unreachable");
  EXPECT_EQ(recorder_.requests().size(), static_cast<std::size_t>(SpanExporter::kTries));
  recorder_.SetStatus(200);
  exporter.Take(Named("admit"));
  ExpectExported(1);
}

TEST_F(SpanExporterTest, WhatIsRefusedIsNotSentAgain) {
  recorder_.SetStatus(400);
  SpanExporter exporter(Options());
  exporter.Take(Named("admit"));
  ExpectDropped(1, "refused");
  EXPECT_EQ(recorder_.requests().size(), 1u);
}

TEST_F(SpanExporterTest, WhoeverMakesSpansNeverWaitsForACollectorThatHangs) {
  recorder_.SetStatus(HttpRecorder::kSilence);
  SpanExporter::Options options = Options();
  options.max_queued = 3;
  options.farewell = absl::Milliseconds(10);
  {
    SpanExporter exporter(options);
    exporter.Take(Named("first"));
    ASSERT_TRUE(recorder_.Await([](const Requests& requests) { return !requests.empty(); }));
    for (int i = 0; i < 5; ++i) exporter.Take(Named("more"));
    ExpectDropped(2, "queue_full");
  }
  ExpectExported(0);
  ExpectDropped(4, "unreachable");
}

}  // namespace
}  // namespace darkroom::trace
