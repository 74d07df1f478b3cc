#include "common/trace/otlp_json.h"

#include "gtest/gtest.h"

namespace darkroom::trace {
namespace {

// Word for word what the specification's example of a span looks like.
TEST(OtlpJson, SpansAreWrittenAsTheSpecificationHasThem) {
  const Span span = {
      .context = {.trace_id = "5b8efff798038103d269b633813fc60c",
                  .span_id = "eee19b7ec3c1b174",
                  .sampled = true},
      .parent = "eee19b7ec3c1b173",
      .name = "admit",
      .kind = SpanKind::kServer,
      .start = absl::FromUnixNanos(1544712660000000001),
      .end = absl::FromUnixNanos(1544712661000000000),
      .attributes = {{"darkroom.job", std::string("a \"b\"")},
                     {"darkroom.rows", std::int64_t{12}},
                     {"darkroom.dry_run", true}},
      .links = {{.trace_id = "00000000000000000000000000000001", .span_id = "0000000000000002"}},
      .error = "INVALID_REQUEST"};
  EXPECT_EQ(
      OtlpJson({.service = "darkroom-gateway", .instance = "box-1", .version = "1.2.3"}, {span}),
      "{\"resourceSpans\":[{\"resource\":{\"attributes\":["
      "{\"key\":\"service.name\",\"value\":{\"stringValue\":\"darkroom-gateway\"}},"
      "{\"key\":\"service.instance.id\",\"value\":{\"stringValue\":\"box-1\"}},"
      "{\"key\":\"service.version\",\"value\":{\"stringValue\":\"1.2.3\"}}]},"
      "\"scopeSpans\":[{\"scope\":{\"name\":\"darkroom\"},\"spans\":[{"
      "\"traceId\":\"5b8efff798038103d269b633813fc60c\",\"spanId\":\"eee19b7ec3c1b174\","
      "\"parentSpanId\":\"eee19b7ec3c1b173\",\"name\":\"admit\",\"kind\":2,"
      "\"startTimeUnixNano\":\"1544712660000000001\",\"endTimeUnixNano\":\"1544712661000000000\","
      "\"attributes\":[{\"key\":\"darkroom.job\",\"value\":{\"stringValue\":\"a \\\"b\\\"\"}},"
      "{\"key\":\"darkroom.rows\",\"value\":{\"intValue\":\"12\"}},"
      "{\"key\":\"darkroom.dry_run\",\"value\":{\"boolValue\":true}}],"
      "\"links\":[{\"traceId\":\"00000000000000000000000000000001\","
      "\"spanId\":\"0000000000000002\"}],"
      "\"status\":{\"code\":2,\"message\":\"INVALID_REQUEST\"}}]}]}]}");
}

TEST(OtlpJson, TheFirstSpanOfATraceHasNoParentAndSuccessNoStatus) {
  const Span span = {
      .context = {.trace_id = "5b8efff798038103d269b633813fc60c", .span_id = "eee19b7ec3c1b174"},
      .name = "admit",
      .start = absl::UnixEpoch(),
      .end = absl::UnixEpoch()};
  const std::string json = OtlpJson({}, {span, span});
  EXPECT_EQ(json.find("parentSpanId"), std::string::npos);
  EXPECT_EQ(json.find("status"), std::string::npos);
  EXPECT_EQ(json.find("links"), std::string::npos);
  EXPECT_NE(json.find("\"endTimeUnixNano\":\"0\",\"attributes\":[]},{\"traceId\""),
            std::string::npos)
      << json;
}

}  // namespace
}  // namespace darkroom::trace
