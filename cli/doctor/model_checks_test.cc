#include "cli/doctor/model_checks.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "cli/doctor/check_matchers.h"

namespace darkroom::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// The beginning of a file: the length and the JSON.
std::string Header(const std::string& json) {
  std::string header;
  for (int i = 0; i < 8; ++i) header.push_back(static_cast<char>(json.size() >> (8 * i) & 0xff));
  return header + json;
}

const char kTwoTensors[] = R"({"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},)"
                           R"("b":{"dtype":"F32","shape":[1],"data_offsets": [ 16 , 20 ]}})";

std::string Why(absl::string_view header, std::uint64_t size) {
  return std::string(CheckSafetensors(header, size).message());
}

TEST(ModelChecksTest, AFileIsAsLongAsItsLastTensorSays) {
  const std::string header = Header(kTwoTensors);
  EXPECT_EQ(HeaderBytes(header), header.size());
  EXPECT_TRUE(CheckSafetensors(header, header.size() + 20).ok());
  EXPECT_THAT(Why(header, header.size() + 19), HasSubstr("it is cut short"));
  EXPECT_THAT(Why(header, header.size() + 21), HasSubstr("its header says"));
  EXPECT_THAT(Why(header.substr(0, 30), 30), HasSubstr("cut short in its header"));
  EXPECT_TRUE(CheckSafetensors(Header("{}"), 10).ok());
}

TEST(ModelChecksTest, OtherFilesAreNone) {
  EXPECT_THAT(Why("", 0), HasSubstr("no safetensors file"));
  EXPECT_THAT(Why("PK\x03\x04zip-of-pytorch", 5000), HasSubstr("no safetensors file"));
  EXPECT_THAT(Why(Header("[1,2]"), 13), HasSubstr("no safetensors file"));
  EXPECT_THAT(Why("<!DOCTYPE html>", 15), HasSubstr("no safetensors file"));
}

TEST(ModelChecksTest, FoldersAreTheirModelsAndWhatIsWrongWithThem) {
  EXPECT_THAT(CheckModels({.root = "/m", .models = 2}),
              ElementsAre(Found(Verdict::kOk, "models", "/m has 2")));
  EXPECT_THAT(CheckModels({.root = "/m"}),
              ElementsAre(Found(Verdict::kProblem, "models", "/m has no model")));
  EXPECT_THAT(CheckModels({.root = "/m", .readable = absl::NotFoundError("/m: no such folder")}),
              ElementsAre(Found(Verdict::kProblem, "models", "/m: no such folder")));
  ModelFacts facts{.root = "/m", .models = 1};
  facts.damaged.push_back({"/m/a.safetensors", absl::InvalidArgumentError("it is cut short")});
  facts.pickles = {"/m/b.ckpt", "/m/c.pt"};
  const Findings found = CheckModels(facts);
  EXPECT_THAT(found, ElementsAre(Found(Verdict::kOk, "models", "/m has 1"),
                                 Found(Verdict::kWarning, "models", "/m/a.safetensors: it is cut"),
                                 Found(Verdict::kWarning, "models", "/m/b.ckpt and 1 more")));
  EXPECT_EQ(found[2].fix, "`darkroom convert /m/b.ckpt`");
}

}  // namespace
}  // namespace darkroom::cli
