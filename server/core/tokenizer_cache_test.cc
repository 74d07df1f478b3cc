#include "server/core/tokenizer_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sha256.h"
#include "server/core/within.h"
#include "server/testing/flaky_store.h"
#include "server/testing/manual_loop.h"

namespace darkroom::server {
namespace {

using testing::HasSubstr;

class TokenizerCacheTest : public testing::Test {
 protected:
  // The digest of a published tokenizer; others for other sizes.
  std::string Publish(int vocab_size = 600) {
    const std::string bytes = tokenizer::ClipTokenizer::ByteLevel(vocab_size).Serialise();
    store_.PutDocument(Sha256Hex(bytes), bytes, [](const absl::Status&) {});
    return Sha256Hex(bytes);
  }

  absl::StatusOr<TokenizerCache::Pointer> Get(const std::string& digest) {
    absl::StatusOr<TokenizerCache::Pointer> got = absl::UnknownError("no answer");
    cache_->Get(digest, [&got](auto answer) { got = std::move(answer); });
    loop_.Advance(kStoreTimeout);
    return got;
  }

  ManualLoop loop_;
  scheduler::InMemoryScheduler scheduler_{&loop_.clock()};
  FlakyStore store_{scheduler_};
  std::shared_ptr<TokenizerCache> cache_ = MakeTokenizerCache(loop_, store_);
};

TEST_F(TokenizerCacheTest, PublishedTokenizerIsReadOnce) {
  const std::string digest = Publish();
  const auto first = Get(digest);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ((*first)->vocab_size(), 600);
  store_.Become(FlakyStore::Mode::kRefuses);
  EXPECT_EQ(*Get(digest), *first);
}

TEST_F(TokenizerCacheTest, UnpublishedTokenizerIsWorthWaitingFor) {
  for (const std::string& digest : {std::string(), std::string(64, 'a')}) {
    const absl::Status status = Get(digest).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
    EXPECT_THAT(status.message(), HasSubstr("no worker has published the tokenizer"));
    EXPECT_TRUE(status.GetPayload("type.googleapis.com/google.rpc.RetryInfo").has_value());
  }
}

TEST_F(TokenizerCacheTest, LostStoreIsUnavailable) {
  const std::string digest = Publish();
  for (const auto mode : {FlakyStore::Mode::kRefuses, FlakyStore::Mode::kSilent}) {
    store_.Become(mode);
    EXPECT_THAT(Get(digest).status().message(), HasSubstr("store cannot be reached"));
  }
}

TEST_F(TokenizerCacheTest, OnlyTheLastUsedAreKept) {
  const std::string first = Publish(600);
  const std::string second = Publish(601);
  ASSERT_TRUE(Get(first).ok());
  ASSERT_TRUE(Get(second).ok());
  ASSERT_TRUE(Get(first).ok());
  for (int i = 1; i < static_cast<int>(TokenizerCache::kMost); ++i) {
    ASSERT_TRUE(Get(Publish(700 + i)).ok());
  }
  store_.Become(FlakyStore::Mode::kRefuses);
  EXPECT_TRUE(Get(first).ok());
  EXPECT_FALSE(Get(second).ok());
}

TEST_F(TokenizerCacheTest, BytesThatAreNoTokenizerAreAnInternalError) {
  const std::string bytes = "not a tokenizer";
  store_.PutDocument(Sha256Hex(bytes), bytes, [](const absl::Status&) {});
  EXPECT_EQ(Get(Sha256Hex(bytes)).status().code(), absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace darkroom::server
