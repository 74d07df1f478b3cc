#include "common/settings.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/flag.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"
#include "common/config_file.h"
#include "common/edit_distance.h"
#include "common/flags.h"

ABSL_FLAG(std::string, config, "",
          "file of settings in TOML, in which a key is the name of a flag: before the first table "
          "for every process, in [gateway], [scheduler] and [worker] for one; flags and "
          "environment variables go before it");
ABSL_FLAG(bool, check_config, false,
          "say what the settings are, where each comes from and what is wrong with them, and end");

namespace darkroom {
namespace {

using Flags = std::map<std::string, absl::CommandLineFlag*>;

constexpr absl::string_view kOwnFlags[] = {"config", "check_config", "check_health"};

// Those that a file can set.
Flags SettableFlags() {
  Flags flags = OwnFlags();
  for (const absl::string_view name : kOwnFlags) flags.erase(std::string(name));
  return flags;
}

// " did you mean A or B?", or nothing where no flag is near.
std::string Suggestion(absl::string_view asked, const Flags& flags) {
  constexpr std::size_t kMost = 3;
  const std::size_t farthest = std::min<std::size_t>(3, asked.size() / 2);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const auto& [name, flag] : flags) {
    const std::size_t distance = EditDistance(asked, name);
    const bool begins = asked.size() > 3 && absl::StartsWith(name, asked);
    if (distance <= farthest || begins) near.emplace_back(distance, name);
  }
  std::sort(near.begin(), near.end());
  near.resize(std::min(near.size(), kMost));
  if (near.empty()) return "";
  const auto name = [](std::string* out, const auto& each) { absl::StrAppend(out, each.second); };
  return absl::StrCat(" did you mean ", absl::StrJoin(near, " or ", name), "?");
}

std::string UnknownKey(absl::string_view table, const ConfigEntry& entry, const Flags& flags) {
  const std::string near = Suggestion(entry.key, flags);
  return absl::StrCat(
      entry.key, " is no setting of the ", table, ";", near,
      near.empty() ? absl::StrCat(" darkroom-", table, " --help lists them") : "",
      entry.table.empty()
          ? "; before the first table belongs only what gateway, scheduler and worker have, the "
            "rest below [gateway], [scheduler] or [worker]"
          : "");
}

bool IsList(const absl::CommandLineFlag& flag) { return flag.IsOfType<std::vector<std::string>>(); }

// Sets the flag; what is wrong with the value, or nothing.
std::string SetFlag(const ConfigEntry& entry, absl::CommandLineFlag& flag) {
  if (entry.is_list && !IsList(flag)) {
    return absl::StrCat(entry.key, " takes one value, not an array");
  }
  std::string error;
  if (flag.ParseFrom(entry.value, &error)) return "";
  if (flag.IsOfType<absl::Duration>()) {
    return absl::StrCat(entry.key, " is ", TomlText(entry.value),
                        "; write a time with its unit in quotes, as in \"90s\" or \"1h30m\"");
  }
  return absl::StrCat(entry.key, " is ", TomlText(entry.value), ", which it cannot be: ",
                      flag.IsOfType<bool>() ? "write true or false" : flag.Help());
}

// A flag's value in TOML.
std::string ValueText(const absl::CommandLineFlag& flag) {
  const std::string value = flag.CurrentValue();
  if (IsList(flag)) {
    const std::vector<std::string> elements = absl::StrSplit(value, ',', absl::SkipEmpty());
    const auto quote = [](std::string* out, const std::string& each) {
      absl::StrAppend(out, TomlText(each));
    };
    return absl::StrCat("[", absl::StrJoin(elements, ", ", quote), "]");
  }
  const bool is_bare = flag.IsOfType<bool>() || flag.IsOfType<int>() ||
                       flag.IsOfType<std::int64_t>() || flag.IsOfType<double>();
  return is_bare ? value : TomlText(value);
}

void PrintLine(std::FILE* to, absl::string_view line) {
  std::fprintf(to, "%.*s\n", static_cast<int>(line.size()), line.data());
}

}  // namespace

bool Settings::TakeFile() {
  if (file_.empty()) return true;
  ConfigFile config = ReadConfig(file_);
  const Flags flags = SettableFlags();
  const auto take = [&](const ConfigEntry& entry) {
    const std::string place = absl::StrCat(file_, ":", entry.line);
    const auto flag = flags.find(entry.key);
    const std::string wrong =
        flag == flags.end() ? UnknownKey(table_, entry, flags) : SetFlag(entry, *flag->second);
    if (!wrong.empty()) config.complaints.push_back(absl::StrCat(place, ": ", wrong));
    origins_[entry.key] = place;
  };
  // The process's own table goes over what is common, wherever it stands.
  for (const absl::string_view table : {absl::string_view(), absl::string_view(table_)}) {
    for (const ConfigEntry& entry : config.entries) {
      if (entry.table == table) take(entry);
    }
  }
  for (const std::string& complaint : config.complaints) PrintLine(stderr, complaint);
  return config.complaints.empty();
}

Settings Settings::Parse(absl::string_view table, absl::string_view usage, int argc, char** argv) {
  const std::map<std::string, std::string> named = NamedFlags(argc, argv);
  const char* variable = std::getenv(EnvironmentVariable("config").c_str());
  const auto config = named.find("config");
  Settings settings(table, config != named.end() ? config->second
                           : variable != nullptr ? variable
                                                 : "");
  // Before the environment and the command line, which go over it; --help works all the same.
  bool right = settings.TakeFile();
  ParseFlags(usage, argc, argv);
  if (absl::GetFlag(FLAGS_config) != settings.file_) {
    PrintLine(stderr, "--config belongs on the command line or in DARKROOM_CONFIG");
    right = false;
  }
  if (!right) std::exit(2);
  for (const auto& [name, flag] : SettableFlags()) {
    const std::string in_environment = EnvironmentVariable(name);
    if (named.contains(name)) {
      settings.origins_[name] = absl::StrCat("--", name);
    } else if (std::getenv(in_environment.c_str()) != nullptr) {
      settings.origins_[name] = in_environment;
    }
  }
  return settings;
}

bool Settings::only_check() const { return absl::GetFlag(FLAGS_check_config); }

int Settings::Report(absl::Span<const absl::Status> checks) const {
  std::vector<std::pair<std::string, std::string>> lines;  // setting and origin
  std::size_t width = 0;
  for (const auto& [name, flag] : SettableFlags()) {
    const auto origin = origins_.find(name);
    lines.emplace_back(absl::StrCat(name, " = ", ValueText(*flag)),
                       origin == origins_.end() ? "default" : origin->second);
    width = std::max(width, lines.back().first.size());
  }
  constexpr std::size_t kWidest = 50;
  width = std::min(width, kWidest);
  PrintLine(stdout, absl::StrCat("[", table_, "]"));
  for (const auto& [setting, origin] : lines) {
    std::printf("%-*s  # %s\n", static_cast<int>(width), setting.c_str(), origin.c_str());
  }
  int status = 0;
  for (const absl::Status& check : checks) {
    if (check.ok()) continue;
    PrintLine(stderr, check.message());
    status = 1;
  }
  return status;
}

absl::Status FirstError(absl::Span<const absl::Status> statuses) {
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status OfFlag(absl::string_view flag, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat("--", flag, ": ", status.message()));
}

}  // namespace darkroom
