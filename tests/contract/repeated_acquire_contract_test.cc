#include <string>
#include <vector>

#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

template <typename Store>
class RepeatedAcquireContract : public ContractTest<Store> {
 protected:
  std::vector<LeasedJob> AcquireAs(const std::string& token, int limit,
                                   std::vector<std::string> models = {"demo"}) {
    return this->calls->Acquire(std::move(models), limit, "worker-1", token).value();
  }
};
TYPED_TEST_SUITE(RepeatedAcquireContract, Stores, StoreNames);

TYPED_TEST(RepeatedAcquireContract, ARepeatedRequestGetsTheSameLeasesAndNoOthers) {
  for (int i = 0; i < 3; ++i) this->Queue();
  const std::string token = RandomId();
  const std::vector<LeasedJob> first = this->AcquireAs(token, 2);
  ASSERT_EQ(first.size(), 2u);
  const std::vector<LeasedJob> again = this->AcquireAs(token, 100);
  ASSERT_EQ(again.size(), 2u);
  for (std::size_t i = 0; i < again.size(); ++i) {
    EXPECT_EQ(again[i].id, first[i].id);
    EXPECT_EQ(again[i].fence, 1);
    EXPECT_EQ(again[i].attempt, 1);
    EXPECT_EQ(again[i].tenant, first[i].tenant);
    EXPECT_EQ(again[i].model, first[i].model);
    EXPECT_EQ(again[i].spec, first[i].spec);
    EXPECT_EQ(again[i].deadline, first[i].deadline);
    EXPECT_EQ(this->calls->Get("alice", first[i].id).value().last_sequence, 3) << "started once";
  }
  EXPECT_EQ(this->calls->Depth().value().queued, 1);
  EXPECT_EQ(this->AcquireAs(RandomId(), 100).size(), 1u) << "another request";
}

TYPED_TEST(RepeatedAcquireContract, ARepeatedRequestGetsOnlyWhatIsStillHeld) {
  for (int i = 0; i < 3; ++i) this->Queue();
  const std::string token = RandomId();
  const std::vector<LeasedJob> first = this->AcquireAs(token, 3);
  ASSERT_EQ(first.size(), 3u);
  ASSERT_TRUE(this->calls->Finish(KeyOf(first[0]), Succeeded{}).ok());
  ASSERT_TRUE(this->calls->Release(KeyOf(first[1])).ok());
  std::vector<LeasedJob> again = this->AcquireAs(token, 3);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].id, first[2].id);
  ASSERT_EQ(this->Lease("worker-2").id, first[1].id);
  EXPECT_EQ(this->AcquireAs(token, 3).size(), 1u) << "not what another worker has";
  ASSERT_TRUE(this->calls->Finish(KeyOf(first[2]), Succeeded{}).ok());
  this->Queue();
  EXPECT_TRUE(this->AcquireAs(token, 3).empty()) << "nothing new either";
}

TYPED_TEST(RepeatedAcquireContract, ARepeatedRequestThatHadLeasedNothingIsANewOne) {
  const std::string token = RandomId();
  EXPECT_TRUE(this->AcquireAs(token, 1).empty());
  const JobId id = this->Queue();
  EXPECT_TRUE(this->AcquireAs(token, 1, {}).empty()) << "for no model";
  ASSERT_EQ(this->AcquireAs(token, 1).size(), 1u);
  const std::vector<LeasedJob> again = this->AcquireAs(token, 1, {});
  ASSERT_EQ(again.size(), 1u) << "whatever it asks for";
  EXPECT_EQ(again[0].id, id);
}

TYPED_TEST(RepeatedAcquireContract, ARepeatedRequestGivesTheLeasesTheirFullTime) {
  const absl::Duration lease_time = absl::Seconds(2);
  this->UseOptions({.lease = lease_time});
  this->Queue();
  const std::string token = RandomId();
  ASSERT_EQ(this->AcquireAs(token, 1).size(), 1u);
  for (int i = 0; i < 2; ++i) {
    this->store->Pass(0.6 * lease_time);
    EXPECT_EQ(this->AcquireAs(token, 1).size(), 1u);
    EXPECT_EQ(this->calls->Reap().value().requeued, 0);
  }
}

TYPED_TEST(RepeatedAcquireContract, AnAnswerIsForgottenWithItsLeases) {
  const absl::Duration lease_time = absl::Milliseconds(200);
  this->UseOptions({.lease = lease_time});
  this->Queue();
  const std::string token = RandomId();
  ASSERT_EQ(this->AcquireAs(token, 1).size(), 1u);
  this->store->Pass(lease_time + absl::Milliseconds(50));
  EXPECT_TRUE(this->AcquireAs(token, 1).empty()) << "it has lapsed";
  EXPECT_EQ(this->calls->Reap().value().requeued, 1);
  const std::vector<LeasedJob> again = this->AcquireAs(token, 1);
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].fence, 2);
}

}  // namespace
}  // namespace darkroom::scheduler
