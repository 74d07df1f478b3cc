#include "common/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/reflection.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/config_file.h"
#include "common/file.h"
#include "common/flags.h"
#include "common/ids.h"

ABSL_FLAG(std::string, inn, "at home", "where to stay");
ABSL_FLAG(int, guests, 1, "how many come");
ABSL_FLAG(double, stars, 0, "at least");
ABSL_FLAG(bool, breakfast, false, "whether there is breakfast");
ABSL_FLAG(absl::Duration, stay, absl::Hours(24), "for how long");
ABSL_FLAG(std::vector<std::string>, rooms, {}, "which ones");

namespace darkroom {
namespace {

using ::testing::ContainsRegex;
using ::testing::ExitedWithCode;
using ::testing::HasSubstr;
using ::testing::Not;

// Flags and environment are as before afterwards.
class SettingsTest : public ::testing::Test {
 protected:
  SettingsTest() : path_(std::filesystem::temp_directory_path() / absl::StrCat(RandomId(), ".t")) {}
  ~SettingsTest() override {
    unsetenv("DARKROOM_CONFIG");
    unsetenv("DARKROOM_GUESTS");
    std::filesystem::remove(path_);
  }

  // With the file, where one was written.
  Settings Parse(std::vector<std::string> words) {
    words.insert(words.begin(), "program");
    if (std::filesystem::exists(path_)) {
      words.insert(words.begin() + 1, absl::StrCat("--config=", path_.string()));
    }
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    return Settings::Parse("worker", "Stays.", static_cast<int>(arguments.size()),
                           arguments.data());
  }
  void Write(const std::string& toml) { ASSERT_TRUE(WriteFileAtomically(path_, toml).ok()); }
  static std::string Printed(const Settings& settings) {
    ::testing::internal::CaptureStdout();
    EXPECT_EQ(settings.Report({}), 0);
    return ::testing::internal::GetCapturedStdout();
  }

  const std::filesystem::path path_;
  const absl::FlagSaver saver_;
};

using SettingsDeathTest = SettingsTest;

TEST_F(SettingsTest, TheCommandLineGoesBeforeTheEnvironmentBeforeTheFileBeforeDefaults) {
  Write("inn = 'The Boar'\nguests = 2\nstars = 3\n[worker]\nstars = 4.5\n[gateway]\nstay = '2h'\n");
  setenv("DARKROOM_GUESTS", "3", 1);
  const Settings settings = Parse({"--inn", "The Bear"});
  EXPECT_EQ(absl::GetFlag(FLAGS_inn), "The Bear");
  EXPECT_EQ(absl::GetFlag(FLAGS_guests), 3);
  EXPECT_EQ(absl::GetFlag(FLAGS_stars), 4.5);
  EXPECT_EQ(absl::GetFlag(FLAGS_stay), absl::Hours(24));
  const std::string printed = Printed(settings);
  EXPECT_THAT(printed, ContainsRegex("\ninn = \"The Bear\" +# --inn\n"));
  EXPECT_THAT(printed, ContainsRegex("\nguests = 3 +# DARKROOM_GUESTS\n"));
  EXPECT_THAT(printed, HasSubstr(absl::StrCat("# ", path_.string(), ":5\n")));
  EXPECT_THAT(printed, ContainsRegex("\nstay = \"24h\" +# default\n"));
}

TEST_F(SettingsTest, TheEnvironmentNamesTheFile) {
  Write("rooms = ['12', 'attic']\nbreakfast = true\nstay = '90m'\n");
  setenv("DARKROOM_CONFIG", path_.c_str(), 1);
  const Settings settings = Parse({});
  EXPECT_THAT(absl::GetFlag(FLAGS_rooms), ::testing::ElementsAre("12", "attic"));
  EXPECT_TRUE(absl::GetFlag(FLAGS_breakfast));
  EXPECT_EQ(absl::GetFlag(FLAGS_stay), absl::Minutes(90));
  EXPECT_FALSE(settings.only_check());
}

TEST_F(SettingsTest, WhatIsPrintedIsSuchAFile) {
  const Settings settings = Parse({"--check_config", "--inn", "\"O'Neill\\'s\"", "--rooms=12,attic",
                                   "--nobreakfast", "--stay", "inf"});
  EXPECT_TRUE(settings.only_check());
  const std::string printed = Printed(settings);
  const ConfigFile file = ParseConfig("printed", printed);
  EXPECT_THAT(file.complaints, ::testing::IsEmpty()) << printed;
  for (const auto& [key, value] : std::map<std::string, std::string>{{"inn", "\"O'Neill\\'s\""},
                                                                     {"rooms", "12,attic"},
                                                                     {"breakfast", "false"},
                                                                     {"stay", "inf"},
                                                                     {"guests", "1"}}) {
    const ConfigEntry* entry = FindEntry(file, "worker", key);
    ASSERT_NE(entry, nullptr) << key;
    EXPECT_EQ(entry->value, value) << key;
  }
  EXPECT_THAT(printed, Not(HasSubstr("check_config")));
}

TEST_F(SettingsTest, AllThatIsWrongIsSaidWhenTheyAreChecked) {
  const Settings settings = Parse({"--check_config"});
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(settings.Report({absl::OkStatus(), absl::NotFoundError("--inn: there is none"),
                             OfFlag("guests", absl::InvalidArgumentError("too many"))}),
            1);
  ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "--inn: there is none\n--guests: too many\n");
}

TEST_F(SettingsDeathTest, AKeyThatIsNoFlagEndsItWithTheLineAndTheClosestOnes) {
  Write("inn = 'a'\n[worker]\nguestss = 2\nstay = '1h'\n");
  EXPECT_EXIT(Parse({}), ExitedWithCode(2),
              ":3: guestss is no setting of the worker; did you mean guests\\?\n$");
}

TEST_F(SettingsDeathTest, BeforeTheTablesIsOnlyWhatEveryProcessHas) {
  Write("listen = '127.0.0.1:1'\n");
  EXPECT_EXIT(Parse({}), ExitedWithCode(2),
              ":1: listen is no setting of the worker; darkroom-worker --help lists them; before "
              "the first table belongs only what gateway, scheduler and worker have");
}

TEST_F(SettingsDeathTest, ValuesThatAFlagCannotHaveAreAllNamed) {
  Write("guests = 'many'\nstay = 90\nbreakfast = 'perhaps'\ninn = ['a', 'b']\n");
  EXPECT_EXIT(Parse({}), ExitedWithCode(2),
              ":1: guests is \"many\", which it cannot be: how many come\n"
              ".*:2: stay is \"90\"; write a time with its unit in quotes, .*\n"
              ".*:3: breakfast is \"perhaps\", which it cannot be: write true or false\n"
              ".*:4: inn takes one value, not an array\n");
}

TEST_F(SettingsDeathTest, AFlagDoesNotHideAMistakeInTheFile) {
  Write("guests = 'many'\n");
  EXPECT_EXIT(Parse({"--guests", "2"}), ExitedWithCode(2), "guests is \"many\"");
}

TEST_F(SettingsTest, AnotherProcesssTableIsNoneOfItsBusiness) {
  Write("[gateway]\nno_flag_of_mine = 1\n");
  Parse({});
  EXPECT_EQ(absl::GetFlag(FLAGS_guests), 1);
}

TEST_F(SettingsTest, FlagsOnACommandLineAreReadAsAbseilReadsThem) {
  std::vector<std::string> words = {"program",       "-inn",   "--guests", "alone", "--guests=2",
                                    "--nobreakfast", "--none", "--stay",   "--",    "--stars=1"};
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  const auto named = NamedFlags(static_cast<int>(arguments.size()), arguments.data());
  // The value of -inn is the next word, whatever it looks like.
  EXPECT_EQ(named, (std::map<std::string, std::string>{{"inn", "--guests"},
                                                       {"guests", "2"},
                                                       {"breakfast", "false"},
                                                       {"stay", "--"},
                                                       {"stars", "1"}}));
}

}  // namespace
}  // namespace darkroom
