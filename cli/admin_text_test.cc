#include "cli/admin_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using ::testing::HasSubstr;

TEST(AdminTextTest, ALetterIsALineWithItsJob) {
  v1::ListDeadLettersResponse listed;
  v1::DeadLetter& letter = *listed.add_dead_letters();
  letter.set_name("deadLetters/ab12");
  letter.set_tenant("alice");
  letter.set_tier("pro");
  letter.set_model("models/demo");
  letter.set_worker("workers/w1");
  letter.set_reason("WORKER_LOST");
  letter.mutable_end_time()->set_seconds(1'700'000'000);
  EXPECT_THAT(DeadLettersText(listed),
              HasSubstr("ab12  alice   pro   demo   w1           WORKER_LOST  2023-11-1"));
}

TEST(AdminTextTest, AnAuditEntrySaysWhoDidWhatToWhat) {
  v1::ListAuditEntriesResponse listed;
  v1::AuditEntry& entry = *listed.add_audit_entries();
  entry.set_tenant("ops");
  entry.set_key("keys/1");
  entry.set_action("RequeueDeadLetter");
  entry.set_target("deadLetters/2");
  entry.set_outcome("jobs/3");
  EXPECT_THAT(AuditText(listed),
              HasSubstr("ops     keys/1  RequeueDeadLetter  deadLetters/2  -> jobs/3"));
}

TEST(AdminTextTest, TakesNamesAndIds) {
  EXPECT_EQ(NameIn("deadLetters", "ab"), "deadLetters/ab");
  EXPECT_EQ(NameIn("deadLetters", "jobs/ab"), "deadLetters/ab");
  EXPECT_EQ(NameIn("deadLetters", "deadLetters/ab"), "deadLetters/ab");
}

}  // namespace
}  // namespace darkroom::cli
