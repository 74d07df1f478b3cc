#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/sha256.h"
#include "scheduler/core/checks.h"
#include "tests/contract/contract_test.h"

namespace darkroom::scheduler {
namespace {

ModelEntry Model(std::string id, std::string record = "record") {
  return {.id = std::move(id), .record = std::move(record), .workers = 99};
}

template <typename Store>
class ModelRegistryContract : public ContractTest<Store> {
 protected:
  // "id=workers" of every model listed.
  std::vector<std::string> Listed() {
    const std::vector<ModelEntry> models = this->calls->Models().value();
    std::vector<std::string> listed;
    for (const ModelEntry& model : models) {
      listed.push_back(absl::StrCat(model.id, "=", model.workers));
    }
    return listed;
  }
};
TYPED_TEST_SUITE(ModelRegistryContract, Stores, StoreNames);

TYPED_TEST(ModelRegistryContract, ListsModelsByIdWithTheWorkersThatServeThem) {
  EXPECT_TRUE(this->Listed().empty());
  ASSERT_TRUE(this->calls->Announce("w1", {Model("b"), Model("a", "bytes\xff")}).ok());
  ASSERT_TRUE(this->calls->Announce("w2", {Model("b")}).ok());
  ASSERT_TRUE(this->calls->Announce("w2", {Model("b")}).ok());
  EXPECT_EQ(this->Listed(), (std::vector<std::string>{"a=1", "b=2"}));
  EXPECT_EQ(this->calls->Models().value().at(0).record, "bytes\xff");
}

TYPED_TEST(ModelRegistryContract, AWorkerThatStopsLeavesItsModelsListed) {
  ASSERT_TRUE(this->calls->Announce("w1", {Model("a")}).ok());
  ASSERT_TRUE(this->calls->Withdraw("w1").ok());
  ASSERT_TRUE(this->calls->Withdraw("stranger").ok());
  EXPECT_EQ(this->Listed(), std::vector<std::string>{"a=0"});
}

TYPED_TEST(ModelRegistryContract, AModelThatItsLastWorkerGivesUpIsListedNoLonger) {
  ASSERT_TRUE(this->calls->Announce("w1", {Model("a"), Model("shared")}).ok());
  ASSERT_TRUE(this->calls->Announce("w2", {Model("shared")}).ok());
  ASSERT_TRUE(this->calls->Announce("w1", {Model("b", "new")}).ok());
  EXPECT_EQ(this->Listed(), (std::vector<std::string>{"b=1", "shared=1"}));
  ASSERT_TRUE(this->calls->Announce("w2", {}).ok());
  EXPECT_EQ(this->Listed(), (std::vector<std::string>{"b=1"}));
}

TYPED_TEST(ModelRegistryContract, AWorkerGivesUpNothingThatItDidNotServe) {
  ASSERT_TRUE(this->calls->Announce("w1", {Model("a")}).ok());
  ASSERT_TRUE(this->calls->Withdraw("w1").ok());
  ASSERT_TRUE(this->calls->Announce("w1", {Model("b")}).ok());
  EXPECT_EQ(this->Listed(), (std::vector<std::string>{"a=0", "b=1"}));
}

TYPED_TEST(ModelRegistryContract, ASilentWorkerIsNotCounted) {
  const absl::Duration timeout = absl::Milliseconds(200);
  this->UseOptions({.worker_timeout = timeout});
  ASSERT_TRUE(this->calls->Announce("w1", {Model("a")}).ok());
  this->store->Pass(timeout + absl::Milliseconds(50));
  EXPECT_EQ(this->Listed(), std::vector<std::string>{"a=0"});
}

TYPED_TEST(ModelRegistryContract, ThePoolHasABoundedNumberOfModels) {
  for (int worker = 0; worker < 4; ++worker) {
    std::vector<ModelEntry> models;
    for (int i = 0; i < 25; ++i) models.push_back(Model(absl::StrCat("m", worker, "-", i)));
    ASSERT_TRUE(this->calls->Announce(absl::StrCat("w", worker), models).ok());
  }
  EXPECT_EQ(CodeOf(this->calls->Announce("w9", {Model("one-more")})),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(this->calls->Announce("w9", {Model("m0-0")}).ok());
  EXPECT_EQ(this->calls->Models().value().size(), 100u);
}

TYPED_TEST(ModelRegistryContract, NamesThatCannotBePartOfAKeyAreRefused) {
  EXPECT_EQ(CodeOf(this->calls->Announce("w 1", {})), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(CodeOf(this->calls->Announce("w1", {Model("../a")})),
            absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(ModelRegistryContract, ADocumentIsFoundByItsDigest) {
  const std::string bytes("merges\0\xff\r\n", 10);
  const std::string digest = Sha256Hex(bytes);
  EXPECT_EQ(CodeOf(this->calls->GetDocument(digest)), absl::StatusCode::kNotFound);
  ASSERT_TRUE(this->calls->PutDocument(digest, bytes).ok());
  ASSERT_TRUE(this->calls->PutDocument(digest, bytes).ok());
  EXPECT_EQ(this->calls->GetDocument(digest).value(), bytes);
  EXPECT_EQ(CodeOf(this->calls->GetDocument(Sha256Hex("other"))), absl::StatusCode::kNotFound);
}

TYPED_TEST(ModelRegistryContract, AFalseDigestAndAHugeDocumentAreRefused) {
  EXPECT_EQ(CodeOf(this->calls->PutDocument(Sha256Hex("a"), "b")),
            absl::StatusCode::kInvalidArgument);
  const std::string huge(kMaxDocumentBytes + 1, 'a');
  EXPECT_EQ(CodeOf(this->calls->PutDocument(Sha256Hex(huge), huge)),
            absl::StatusCode::kInvalidArgument);
  for (const char* digest : {"", "0123", "../a"}) {
    EXPECT_EQ(CodeOf(this->calls->GetDocument(digest)), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(CodeOf(this->calls->GetDocument(std::string(64, 'G'))),
            absl::StatusCode::kInvalidArgument);
}

TYPED_TEST(ModelRegistryContract, OfTooManyDocumentsThoseThatWerePutFirstGo) {
  // So that no two were put at one time.
  const auto put = [&](const std::string& bytes) {
    this->store->Pass(absl::Microseconds(2));
    ASSERT_TRUE(this->calls->PutDocument(Sha256Hex(bytes), bytes).ok());
  };
  for (int i = 0; i < kMaxDocuments; ++i) put(absl::StrCat("document ", i));
  put("document 0");
  EXPECT_TRUE(this->calls->GetDocument(Sha256Hex("document 1")).ok());
  put("one more");
  EXPECT_EQ(CodeOf(this->calls->GetDocument(Sha256Hex("document 1"))), absl::StatusCode::kNotFound);
  for (const char* kept : {"document 0", "document 2", "document 199", "one more"}) {
    EXPECT_TRUE(this->calls->GetDocument(Sha256Hex(kept)).ok()) << kept;
  }
}

}  // namespace
}  // namespace darkroom::scheduler
