#include <gmock/gmock.h>

#include "server/grpc/error_reading.h"
#include "server/grpc/gateway_fixture.h"

namespace darkroom::server {
namespace {

using darkroom::v1::ListAuditEntriesResponse;
using darkroom::v1::ListDeadLettersRequest;
using darkroom::v1::ListDeadLettersResponse;
using darkroom::v1::RequeueDeadLetterRequest;
using darkroom::v1::RequeueDeadLetterResponse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// What is audited and listed; methods about keys have their own file.
class DeadLetterMethodsTest : public GatewayTest {
 protected:
  // A job of alice's whose workers have all crashed.
  darkroom::v1::Job Bury() {
    darkroom::v1::Job job = Create("a red apple", kAliceKey);
    for (int i = 0; i < scheduler::LeaseStore::kMaxCrashes; ++i) {
      EXPECT_TRUE(worker_.Lease());
      worker_.Finish(scheduler::Failed{.failure = {"WORKER_LOST", "gone"}, .crash = true});
    }
    return job;
  }
  static std::string LetterOf(const darkroom::v1::Job& job) {
    return "deadLetters/" + job.name().substr(5);
  }
  ListDeadLettersResponse Letters(const ListDeadLettersRequest& request = {}) {
    ListDeadLettersResponse letters;
    const grpc::Status status =
        admin_->ListDeadLetters(Context(kAdminKey).get(), request, &letters);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return letters;
  }
  grpc::Status Requeue(const std::string& name, RequeueDeadLetterResponse& response,
                       const std::string& key = kAdminKey) {
    RequeueDeadLetterRequest request;
    request.set_name(name);
    return admin_->RequeueDeadLetter(Context(key).get(), request, &response);
  }
  ListAuditEntriesResponse Audit() {
    ListAuditEntriesResponse entries;
    const grpc::Status status = admin_->ListAuditEntries(Context(kAdminKey).get(), {}, &entries);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return entries;
  }
};

TEST_F(DeadLetterMethodsTest, ALetterTellsWhatHappenedAndNotWhatWasAskedFor) {
  const darkroom::v1::Job job = Bury();
  const ListDeadLettersResponse letters = Letters();
  ASSERT_EQ(letters.dead_letters_size(), 1);
  const darkroom::v1::DeadLetter& letter = letters.dead_letters(0);
  EXPECT_EQ(letter.name(), LetterOf(job));
  EXPECT_EQ(letter.tenant(), "alice");
  EXPECT_EQ(letter.tier(), "standard");
  EXPECT_EQ(letter.model(), "models/demo");
  EXPECT_EQ(letter.attempts(), 2);
  EXPECT_EQ(letter.worker(), "workers/puppet");
  EXPECT_EQ(letter.reason(), "WORKER_LOST");
  EXPECT_TRUE(letter.has_expire_time());
  EXPECT_THAT(letters.DebugString(), Not(HasSubstr("apple")));
}

TEST_F(DeadLetterMethodsTest, ARequeuedLetterIsANewJobOfItsTenant) {
  const darkroom::v1::Job job = Bury();
  RequeueDeadLetterResponse requeued;
  ASSERT_TRUE(Requeue(LetterOf(job), requeued).ok());
  EXPECT_NE(requeued.job(), job.name());
  EXPECT_EQ(Letters().dead_letters_size(), 0);
  darkroom::v1::Job old;
  ASSERT_TRUE(Get(job.name(), old, kAliceKey).ok());
  EXPECT_EQ(old.state(), darkroom::v1::JOB_STATE_FAILED);
  ASSERT_TRUE(worker_.Lease());
  worker_.Succeed();
  darkroom::v1::Job again;
  ASSERT_TRUE(Get(requeued.job(), again, kAliceKey).ok());
  EXPECT_EQ(again.state(), darkroom::v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(again.parameters().prompt(), "a red apple");
  EXPECT_EQ(again.attempts(), 1);
  const grpc::Status twice = Requeue(LetterOf(job), requeued);
  EXPECT_EQ(twice.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonOf(twice), "DEAD_LETTER_NOT_FOUND");
}

TEST_F(DeadLetterMethodsTest, ListsArePagedAndBadFieldsAreNamed) {
  Bury();
  Bury();
  ListDeadLettersRequest request;
  request.set_page_size(1);
  const ListDeadLettersResponse first = Letters(request);
  ASSERT_EQ(first.dead_letters_size(), 1);
  request.set_page_token(first.next_page_token());
  const ListDeadLettersResponse second = Letters(request);
  ASSERT_EQ(second.dead_letters_size(), 1);
  EXPECT_NE(first.dead_letters(0).name(), second.dead_letters(0).name());
  EXPECT_EQ(second.next_page_token(), "");
  request.set_page_token("x");
  request.set_page_size(-1);
  ListDeadLettersResponse none;
  EXPECT_THAT(BadFieldsOf(admin_->ListDeadLetters(Context(kAdminKey).get(), request, &none)),
              ElementsAre("page_size", "page_token"));
  RequeueDeadLetterResponse requeued;
  EXPECT_THAT(BadFieldsOf(Requeue("jobs/1", requeued)), ElementsAre("name"));
  darkroom::v1::ListAuditEntriesRequest audit;
  audit.set_page_token("x");
  ListAuditEntriesResponse entries;
  EXPECT_THAT(BadFieldsOf(admin_->ListAuditEntries(Context(kAdminKey).get(), audit, &entries)),
              ElementsAre("page_token"));
}

TEST_F(DeadLetterMethodsTest, EveryChangeIsAuditedWithTheKeyThatMadeIt) {
  darkroom::v1::CreateKeyRequest create;
  create.mutable_key()->set_tenant("root");
  create.mutable_key()->add_scopes(darkroom::v1::KEY_SCOPE_ADMIN);
  darkroom::v1::CreateKeyResponse made;
  ASSERT_TRUE(admin_->CreateKey(Context(kAdminKey).get(), create, &made).ok());
  const darkroom::v1::Job job = Bury();
  RequeueDeadLetterResponse requeued;
  ASSERT_TRUE(Requeue(LetterOf(job), requeued, made.secret()).ok());
  const ListAuditEntriesResponse entries = Audit();
  ASSERT_EQ(entries.audit_entries_size(), 2);
  const darkroom::v1::AuditEntry& requeue = entries.audit_entries(0);
  EXPECT_EQ(requeue.key(), made.key().name());
  EXPECT_EQ(requeue.tenant(), "root");
  EXPECT_EQ(requeue.action(), "RequeueDeadLetter");
  EXPECT_EQ(requeue.target(), LetterOf(job));
  EXPECT_EQ(requeue.outcome(), requeued.job());
  const darkroom::v1::AuditEntry& creation = entries.audit_entries(1);
  EXPECT_EQ(creation.key(), "file/" + Sha256Hex(kAdminKey).substr(0, 12));
  EXPECT_EQ(creation.tenant(), "ops");
  EXPECT_EQ(creation.action(), "CreateKey");
  EXPECT_EQ(creation.target(), made.key().name());
  EXPECT_TRUE(creation.has_time());
  EXPECT_THAT(entries.DebugString(), Not(HasSubstr(made.secret().substr(36))));
}

TEST_F(DeadLetterMethodsTest, TheyNeedTheScopeAdmin) {
  const darkroom::v1::Job job = Bury();
  RequeueDeadLetterResponse requeued;
  ListDeadLettersResponse letters;
  ListAuditEntriesResponse entries;
  for (const grpc::Status& status :
       {Requeue(LetterOf(job), requeued, kAliceKey),
        admin_->ListDeadLetters(Context(kAliceKey).get(), {}, &letters),
        admin_->ListAuditEntries(Context(kAliceKey).get(), {}, &entries)}) {
    EXPECT_EQ(status.error_code(), grpc::StatusCode::PERMISSION_DENIED);
    EXPECT_EQ(ReasonOf(status), "MISSING_SCOPE");
  }
  EXPECT_EQ(Letters().dead_letters_size(), 1);
}

TEST_F(DeadLetterMethodsTest, LostStoreIsUnavailable) {
  const darkroom::v1::Job job = Bury();
  store_.Become(FlakyStore::Mode::kRefuses);
  RequeueDeadLetterResponse requeued;
  EXPECT_EQ(ReasonOf(Requeue(LetterOf(job), requeued)), "STORE_UNAVAILABLE");
  store_.Become(FlakyStore::Mode::kUp);
  EXPECT_TRUE(Requeue(LetterOf(job), requeued).ok());
}

}  // namespace
}  // namespace darkroom::server
