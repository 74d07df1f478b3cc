#include "scheduler/redis/function_library.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::scheduler {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(FunctionLibraryTest, IsNamedByADigestOfItself) {
  const FunctionLibrary& library = FunctionLibrary::Get();
  EXPECT_THAT(library.name(), MatchesRegex("dr_[0-9a-f]{12}"));
  EXPECT_TRUE(absl::StartsWith(library.text(), absl::StrCat("#!lua name=", library.name(), "\n")));
}

TEST(FunctionLibraryTest, HasEveryScriptAsAFunctionOfItsOwnName) {
  const FunctionLibrary& library = FunctionLibrary::Get();
  std::set<std::string> names;
  for (const lua::LuaScript* script : lua::AllScripts()) {
    const std::string name = library.FunctionOf(*script);
    EXPECT_TRUE(names.insert(name).second) << name;
    EXPECT_THAT(library.text(), HasSubstr(absl::StrCat("function_name = '", name, "'")));
  }
}

TEST(FunctionLibraryTest, ScriptsSayWhatMayRunWithoutMemory) {
  EXPECT_STREQ(lua::kSubmit.flag, "");
  EXPECT_STREQ(lua::kFinish.flag, "allow-oom");
  EXPECT_STREQ(lua::kGetJob.flag, "no-writes");
}

}  // namespace
}  // namespace darkroom::scheduler
