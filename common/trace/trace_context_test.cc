#include "common/trace/trace_context.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "gtest/gtest.h"

namespace darkroom::trace {
namespace {

constexpr char kTrace[] = "4bf92f3577b34da6a3ce929d0e0e4736";
constexpr char kSpan[] = "00f067aa0ba902b7";

std::string Header(absl::string_view version, absl::string_view trace, absl::string_view span,
                   absl::string_view flags) {
  return absl::StrCat(version, "-", trace, "-", span, "-", flags);
}

TEST(TraceContext, AHeaderIsReadAndWrittenAsItCame) {
  const std::string header = Header("00", kTrace, kSpan, "01");
  const TraceContext context = ParseTraceparent(header);
  EXPECT_EQ(context, (TraceContext{.trace_id = kTrace, .span_id = kSpan, .sampled = true}));
  EXPECT_EQ(FormatTraceparent(context), header);
  EXPECT_EQ(TraceIdOf(header), kTrace);
}

TEST(TraceContext, OfTheFlagsOnlySampledIsKnownAndPassedOn) {
  EXPECT_FALSE(ParseTraceparent(Header("00", kTrace, kSpan, "00")).sampled);
  EXPECT_FALSE(ParseTraceparent(Header("00", kTrace, kSpan, "fe")).sampled);
  EXPECT_TRUE(ParseTraceparent(Header("00", kTrace, kSpan, "ff")).sampled);
  EXPECT_EQ(FormatTraceparent(ParseTraceparent(Header("00", kTrace, kSpan, "03"))),
            Header("00", kTrace, kSpan, "01"));
}

TEST(TraceContext, ALaterVersionIsReadAsFarAsItIsTheFirst) {
  for (const char* rest : {"", "-", "-what-comes-later"}) {
    const TraceContext context =
        ParseTraceparent(absl::StrCat(Header("cc", kTrace, kSpan, "01"), rest));
    EXPECT_EQ(FormatTraceparent(context), Header("00", kTrace, kSpan, "01")) << rest;
  }
}

TEST(TraceContext, WhatIsNoTraceparentIsNoTrace) {
  const std::string good = Header("00", kTrace, kSpan, "01");
  std::string upper = good;
  upper[4] = 'B';
  std::string not_hex = good;
  not_hex[10] = 'g';
  std::string null_inside = good;
  null_inside[40] = '\0';
  std::string other_dash = good;
  other_dash[35] = '_';
  for (const std::string& header :
       {std::string(), good.substr(0, 54), good + "-", good + " ", " " + good, upper, not_hex,
        null_inside, other_dash, Header("ff", kTrace, kSpan, "01"),
        Header("0g", kTrace, kSpan, "01"), Header("00", kTrace, kSpan, "0x"),
        Header("00", std::string(32, '0'), kSpan, "01"),
        Header("00", kTrace, std::string(16, '0'), "01"), Header("cc", kTrace, kSpan, "01") + "x",
        std::string(1 << 20, '0'), std::string("\xff\xfe") + good.substr(2)}) {
    EXPECT_FALSE(ParseTraceparent(header).valid()) << header.substr(0, 80);
    EXPECT_EQ(TraceIdOf(header), "") << header.substr(0, 80);
  }
  EXPECT_EQ(FormatTraceparent({}), "");
}

TEST(TraceContext, NewSpansHaveIdsOfTheirOwn) {
  const std::string id = NewSpanId();
  EXPECT_EQ(id.size(), 16u);
  EXPECT_NE(NewSpanId(), id);
  EXPECT_TRUE(ParseTraceparent(Header("00", RandomId(), id, "01")).valid());
}

TEST(TraceContext, TheTraceIdAloneDecidesWhatIsRecorded) {
  const std::string front(18, 'f');
  EXPECT_TRUE(IsAmong(1, front + "00000000000000"));
  EXPECT_FALSE(IsAmong(0, front + "ffffffffffffff"));
  EXPECT_FALSE(IsAmong(0.5, front + "7fffffffffffff"));
  EXPECT_TRUE(IsAmong(0.5, front + "80000000000000"));
  EXPECT_TRUE(IsAmong(0.75, front + "40000000000000"));
  EXPECT_FALSE(IsAmong(1, ""));
}

TEST(TraceContext, OfManyTracesTheRatioIsRecorded) {
  int recorded = 0;
  for (int i = 0; i < 10'000; ++i) recorded += IsAmong(0.2, RandomId()) ? 1 : 0;
  EXPECT_NEAR(recorded, 2000, 400);  // ten standard deviations
}

}  // namespace
}  // namespace darkroom::trace
