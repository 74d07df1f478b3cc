#include "common/trace/tracer.h"

#include <utility>

#include "common/ids.h"
#include "common/testing/manual_clock.h"
#include "common/trace/testing/span_list.h"
#include "gtest/gtest.h"

namespace darkroom::trace {
namespace {

class TracerTest : public testing::Test {
 protected:
  static TraceContext Above(bool sampled) {
    return {.trace_id = RandomId(), .span_id = NewSpanId(), .sampled = sampled};
  }

  ManualClock clock_;
  SpanList list_;
};

TEST_F(TracerTest, ASpanGoesOnWithItsCallersTrace) {
  const Tracer tracer(&list_, 0, clock_);
  const TraceContext above = Above(true);
  const absl::Time start = clock_.Now();
  Span span = tracer.Start("admit", SpanKind::kServer, above);
  EXPECT_EQ(span.context.trace_id, above.trace_id);
  EXPECT_NE(span.context.span_id, above.span_id);
  EXPECT_TRUE(span.context.sampled);
  clock_.Advance(absl::Milliseconds(5));
  tracer.End(span);
  ASSERT_EQ(list_.spans().size(), 1u);
  EXPECT_EQ(list_.spans()[0].parent, above.span_id);
  EXPECT_EQ(list_.spans()[0].name, "admit");
  EXPECT_EQ(list_.spans()[0].start, start);
  EXPECT_EQ(list_.spans()[0].end, start + absl::Milliseconds(5));
}

TEST_F(TracerTest, WithoutACallersTraceOneBeginsAndTheRatioDecides) {
  Span recorded = Tracer(&list_, 1, clock_).Start("admit", SpanKind::kServer, {});
  EXPECT_TRUE(IsRandomId(recorded.context.trace_id));
  EXPECT_TRUE(recorded.context.sampled);
  EXPECT_EQ(recorded.parent, "");
  const Tracer never(&list_, 0, clock_);
  Span passed_over = never.Start("admit", SpanKind::kServer, {});
  EXPECT_TRUE(IsRandomId(passed_over.context.trace_id));
  EXPECT_FALSE(passed_over.context.sampled);
  never.End(std::move(passed_over));
  EXPECT_TRUE(list_.spans().empty());
}

TEST_F(TracerTest, WhatACallerDoesNotRecordIsPassedOnAsItCame) {
  const Tracer tracer(&list_, 1, clock_);
  const TraceContext above = Above(false);
  Span span = tracer.Start("admit", SpanKind::kServer, above);
  EXPECT_EQ(span.context, above);
  tracer.End(std::move(span));
  EXPECT_TRUE(list_.spans().empty());
}

TEST_F(TracerTest, WithoutASinkTheCallersSpanStaysTheOneAbove) {
  const Tracer tracer;
  const TraceContext above = Above(true);
  Span span = tracer.Start("admit", SpanKind::kServer, above);
  EXPECT_EQ(span.context, above);
  tracer.End(std::move(span));
  const Span first = tracer.Start("admit", SpanKind::kServer, {});
  EXPECT_TRUE(IsRandomId(first.context.trace_id));
  EXPECT_FALSE(first.context.sampled);
}

}  // namespace
}  // namespace darkroom::trace
