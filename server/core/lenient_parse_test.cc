#include "server/core/lenient_parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "darkroom/v1/job.pb.h"

namespace darkroom::server {
namespace {

using darkroom::v1::Job;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> BadFields(const std::string& bytes, Job& job) {
  std::vector<std::string> fields;
  const auto violations = ParseLeniently(bytes, job);
  EXPECT_TRUE(violations.ok());
  for (const FieldViolation& violation : *violations) fields.push_back(violation.field);
  return fields;
}

// A job whose prompt has these bytes, serialised as a careless client would.
std::string WithPrompt(const std::string& prompt) {
  Job job;
  job.mutable_parameters()->set_steps(20);
  job.mutable_parameters()->set_prompt(prompt);
  return job.SerializeAsString();
}

TEST(LenientParseTest, NestedFieldIsNamedAndEmptiedAndTheRestIsKept) {
  Job job;
  EXPECT_THAT(BadFields(WithPrompt("caf\xe9"), job), ElementsAre("parameters.prompt"));
  EXPECT_EQ(job.parameters().prompt(), "");
  EXPECT_EQ(job.parameters().steps(), 20);
}

TEST(LenientParseTest, WellFormedTextOfEveryLengthIsKept) {
  const std::string text = "a\u00e9\u20ac\U0001F34E\U0010FFFF\ud7ff\ue000";
  Job job;
  EXPECT_THAT(BadFields(WithPrompt(text), job), IsEmpty());
  EXPECT_EQ(job.parameters().prompt(), text);
}

TEST(LenientParseTest, IllFormedTextIsFound) {
  for (const char* bad : {"\xff", "\x80", "\xc3", "\xc0\xaf", "\xe0\x80\xaf", "\xed\xa0\x80",
                          "\xf0\x80\x80\xaf", "\xf4\x90\x80\x80", "\xe2\x82", "ab\xe2\x28\xa1"}) {
    Job job;
    EXPECT_THAT(BadFields(WithPrompt(bad), job), ElementsAre("parameters.prompt"));
  }
}

TEST(LenientParseTest, BytesFieldsMayHoldAnything) {
  darkroom::v1::JobPreview preview;
  preview.set_data("\xff\xfe");
  darkroom::v1::JobPreview parsed;
  const auto violations = ParseLeniently(preview.SerializeAsString(), parsed);
  ASSERT_TRUE(violations.ok());
  EXPECT_THAT(*violations, IsEmpty());
  EXPECT_EQ(parsed.data(), "\xff\xfe");
}

TEST(LenientParseTest, BytesThatAreNoMessageAreMalformed) {
  for (const char* bytes : {"\x0a\x7f", "\xff\xff\xff", "\x1a\x02\x0a\x7f"}) {
    Job job;
    EXPECT_TRUE(absl::IsInvalidArgument(ParseLeniently(bytes, job).status()));
  }
}

}  // namespace
}  // namespace darkroom::server
