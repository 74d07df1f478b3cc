#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "scheduler/testing/in_memory_audit_log.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

class InMemoryAudit {
 public:
  AuditLog& audit() { return audit_; }
  absl::Time Now() { return clock_.Now(); }

 private:
  ManualClock clock_;
  InMemoryAuditLog audit_{&clock_};
};

class RedisAudit {
 public:
  AuditLog& audit() { return ports_->audit(); }
  absl::Time Now() { return absl::Now(); }

 private:
  const std::unique_ptr<RedisPorts> ports_ =
      Connect({.endpoint = RedisServer::Shared().endpoint(), .pool = RandomId(), .durations = {}})
          .value();
};

struct AuditNames {
  template <typename Store>
  static std::string GetName(int) {
    return std::is_same_v<Store, InMemoryAudit> ? "InMemory" : "Redis";
  }
};

template <typename Store>
class AuditLogContract : public testing::Test {
 protected:
  absl::Status Append(AuditEntry entry) {
    return AwaitDone(kPatience, [&](Done done) {
      store_.audit().AppendAudit(std::move(entry), std::move(done));
    });
  }
  absl::StatusOr<AuditPage> Read(const std::string& before = "", int limit = 100) {
    return Await<AuditPage>(kPatience, [&](Callback<AuditPage> done) {
      store_.audit().ReadAudit(before, limit, std::move(done));
    });
  }

  static constexpr absl::Duration kPatience = absl::Seconds(60);
  Store store_;
};
using Audits = testing::Types<InMemoryAudit, RedisAudit>;
TYPED_TEST_SUITE(AuditLogContract, Audits, AuditNames);

TYPED_TEST(AuditLogContract, AnEntryIsReadAsItWasWrittenWithTheTime) {
  AuditEntry entry = {.key = "keys/1",
                      .tenant = "ops",
                      .action = "RequeueDeadLetter",
                      .target = "deadLetters/2",
                      .outcome = "jobs/3"};
  const absl::Time before = this->store_.Now();
  ASSERT_TRUE(this->Append(entry).ok());
  const AuditPage page = this->Read().value();
  ASSERT_EQ(page.entries.size(), 1u);
  EXPECT_GE(page.entries[0].time, before - absl::Milliseconds(2));
  EXPECT_LE(page.entries[0].time, this->store_.Now() + absl::Milliseconds(2));
  entry.time = page.entries[0].time;
  EXPECT_EQ(page.entries[0], entry);
  EXPECT_EQ(page.next, "");
}

TYPED_TEST(AuditLogContract, PagesGoFromTheNewestToTheOldest) {
  for (int i = 0; i < 5; ++i) {
    AuditEntry entry;
    entry.target = absl::StrCat(i);
    ASSERT_TRUE(this->Append(entry).ok());
  }
  std::vector<std::string> targets;
  std::string next;
  int pages = 0;
  do {
    const AuditPage page = this->Read(next, 2).value();
    for (const AuditEntry& entry : page.entries) targets.push_back(entry.target);
    next = page.next;
    ++pages;
  } while (!next.empty());
  EXPECT_THAT(targets, testing::ElementsAre("4", "3", "2", "1", "0"));
  EXPECT_EQ(pages, 3);
}

TYPED_TEST(AuditLogContract, OnlyTheNewestAreKept) {
  for (int i = 0; i < kMaxAuditEntries + 3; ++i) {
    AuditEntry entry;
    entry.target = absl::StrCat(i);
    if (i % 500 == 0) {  // so that no answer takes too long
      ASSERT_TRUE(this->Append(entry).ok());
    } else {
      this->store_.audit().AppendAudit(entry, [](const absl::Status&) {});
    }
  }
  std::string next;
  int entries = 0;
  std::string oldest;
  do {
    const AuditPage page = this->Read(next).value();
    entries += static_cast<int>(page.entries.size());
    oldest = page.entries.back().target;
    next = page.next;
  } while (!next.empty());
  EXPECT_EQ(entries, kMaxAuditEntries);
  EXPECT_EQ(oldest, "3");
}

TYPED_TEST(AuditLogContract, WhatNoStoreKeepsIsRefused) {
  AuditEntry entry;
  entry.target = std::string(kMaxAuditText + 1, 'x');
  EXPECT_TRUE(absl::IsInvalidArgument(this->Append(entry)));
  EXPECT_EQ(CodeOf(this->Read("x")), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->Read("", 101)), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace darkroom::scheduler
