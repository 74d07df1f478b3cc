#include "scheduler/core/dead_letters.h"

#include <gtest/gtest.h>

#include "scheduler/core/audit_log.h"

namespace darkroom::scheduler {
namespace {

TEST(DeadLettersTest, APlaceIsReadAsItWasWritten) {
  const DeadLetterPlace place = {absl::FromUnixMicros(1'700'000'000'000'001),
                                 "0123456789abcdef0123456789abcdef"};
  const std::string token = FormatDeadLetterPlace(place);
  EXPECT_EQ(token, "1700000000000001-0123456789abcdef0123456789abcdef");
  EXPECT_EQ(ParseDeadLetterPlace(token).value(), place);
  EXPECT_EQ(ParseDeadLetterPlace("").value(), DeadLetterPlace());
}

TEST(DeadLettersTest, OtherTokensAreRefused) {
  for (const char* token :
       {"x", "-", "1-", "1-abc", "-1-0123456789abcdef0123456789abcdef",
        "01-0123456789abcdef0123456789abcdef", "+1-0123456789abcdef0123456789abcdef"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseDeadLetterPlace(token).status())) << token;
  }
}

TEST(AuditLogTest, OnlyTokensOfOursAreTaken) {
  EXPECT_TRUE(CheckAuditToken("").ok());
  EXPECT_TRUE(CheckAuditToken("1700000000000-0").ok());
  for (const char* token : {"x", "1", "1-", "-1", "1-x", "01-0", "1-0-0", "1 -0"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(CheckAuditToken(token))) << token;
  }
}

TEST(AuditLogTest, LongTextsAreRefused) {
  AuditEntry entry;
  entry.target = std::string(kMaxAuditText, 'x');
  EXPECT_TRUE(CheckAuditEntry(entry).ok());
  entry.target += 'x';
  EXPECT_TRUE(absl::IsInvalidArgument(CheckAuditEntry(entry)));
}

}  // namespace
}  // namespace darkroom::scheduler
