#include "worker/diffusion/file_cache.h"

#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What a file has in it, as large as it says.
struct StoredText {
  std::string text;

  std::int64_t bytes() const { return std::stoll(text); }
};

class FileCacheTest : public ::testing::Test {
 protected:
  ~FileCacheTest() override {
    for (const std::filesystem::path& path : paths_) std::filesystem::remove(path);
  }

  NamedFile File(const std::string& name, const std::string& text) {
    const std::filesystem::path path =
        std::filesystem::path(::testing::TempDir()) / ("file_cache_" + name);
    std::ofstream(path) << text;
    paths_.push_back(path);
    return {.name = name, .path = path};
  }

  FileCache<StoredText> Cache(std::vector<NamedFile> files, std::int64_t max_bytes) {
    FileCache<StoredText> cache(
        max_bytes,
        [this](const NamedFile& file) -> absl::StatusOr<std::shared_ptr<const StoredText>> {
          loaded_.push_back(file.name);
          std::string text;
          std::ifstream(file.path) >> text;
          if (text == "bad") return absl::InvalidArgumentError("it is bad");
          return std::make_shared<const StoredText>(StoredText{text});
        });
    cache.SetFiles(std::move(files));
    return cache;
  }

  std::vector<std::string> loaded_;
  std::vector<std::filesystem::path> paths_;
};

TEST_F(FileCacheTest, AFileIsReadWhenItIsFirstAskedForAndKept) {
  FileCache<StoredText> cache = Cache({File("a", "10"), File("b", "20")}, 100);
  EXPECT_THAT(loaded_, ElementsAre());
  const auto first = cache.Get(*cache.Find("b"));
  EXPECT_EQ((*first)->text, "20");
  EXPECT_EQ(*cache.Get(*cache.Find("b")), *first);
  EXPECT_THAT(loaded_, ElementsAre("b"));
  EXPECT_EQ(cache.Find("c"), nullptr);
}

TEST_F(FileCacheTest, WhatWasAskedForLongestAgoGoesWhereTheBoundIsPassed) {
  FileCache<StoredText> cache = Cache({File("a", "40"), File("b", "40"), File("c", "40")}, 100);
  const auto get = [&cache](const std::string& name) { return *cache.Get(*cache.Find(name)); };
  const std::shared_ptr<const StoredText> a = get("a");
  get("b");
  get("a");
  get("c");  // b goes
  EXPECT_EQ(cache.bytes(), 80);
  get("a");
  EXPECT_THAT(loaded_, ElementsAre("a", "b", "c"));
  get("b");  // c goes
  get("c");  // a goes, and stays alive with who has it
  EXPECT_THAT(loaded_, ElementsAre("a", "b", "c", "b", "c"));
  EXPECT_EQ(a->text, "40");
}

TEST_F(FileCacheTest, AFileThatIsLargerThanTheBoundIsReturnedAndNotKept) {
  FileCache<StoredText> cache = Cache({File("a", "400")}, 100);
  EXPECT_EQ((*cache.Get(*cache.Find("a")))->text, "400");
  EXPECT_EQ(cache.bytes(), 0);
}

TEST_F(FileCacheTest, AFileThatWasReplacedIsReadAgain) {
  FileCache<StoredText> cache = Cache({File("a", "10")}, 100);
  const std::shared_ptr<const StoredText> before = *cache.Get(*cache.Find("a"));
  File("a", "033");
  EXPECT_EQ((*cache.Get(*cache.Find("a")))->text, "033");
  EXPECT_EQ(before->text, "10");
  EXPECT_EQ(cache.bytes(), 33);
}

TEST_F(FileCacheTest, AFileThatIsGoneOrBadIsAnErrorEveryTimeUntilItIsNoMore) {
  FileCache<StoredText> cache = Cache({File("a", "bad")}, 100);
  EXPECT_THAT(cache.Get(*cache.Find("a")).status().message(), HasSubstr("it is bad"));
  EXPECT_FALSE(cache.Get(*cache.Find("a")).ok());
  EXPECT_THAT(loaded_, ElementsAre("a", "a"));
  std::filesystem::remove(paths_[0]);
  EXPECT_TRUE(absl::IsNotFound(cache.Get(*cache.Find("a")).status()));
  File("a", "10");
  EXPECT_TRUE(cache.Get(*cache.Find("a")).ok());
}

TEST_F(FileCacheTest, OtherFilesTakeThePlaceOfAllBeforeAndWhatIsAmongThemIsKept) {
  const NamedFile a = File("a", "10");
  const NamedFile b = File("b", "20");
  FileCache<StoredText> cache = Cache({a, b}, 100);
  ASSERT_TRUE(cache.Get(*cache.Find("a")).ok());
  ASSERT_TRUE(cache.Get(*cache.Find("b")).ok());
  cache.SetFiles({{.name = "alias", .path = b.path}, b, File("c", "30")});
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_EQ(cache.bytes(), 20);
  EXPECT_EQ(*cache.Get(*cache.Find("alias")), *cache.Get(*cache.Find("b")));
  ASSERT_TRUE(cache.Get(*cache.Find("c")).ok());
  EXPECT_THAT(loaded_, ElementsAre("a", "b", "c"));
}

TEST_F(FileCacheTest, OfEqualNamesTheFirstCounts) {
  NamedFile second = File("b", "20");
  second.name = "a";
  FileCache<StoredText> cache = Cache({File("a", "10"), second}, 100);
  EXPECT_EQ((*cache.Get(*cache.Find("a")))->text, "10");
}

}  // namespace
}  // namespace darkroom::diffusion
