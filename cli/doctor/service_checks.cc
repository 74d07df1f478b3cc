#include "cli/doctor/service_checks.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"

namespace darkroom::cli {
namespace {

Finding CheckProgram(const ProgramFacts& program) {
  const std::string check = absl::StrCat(program.process, " settings");
  const std::string said =
      absl::StrReplaceAll(absl::StripSuffix(program.complaints, "\n"), {{"\n", "; "}});
  if (program.exit_status != 0) {
    return {Verdict::kProblem, check, said.empty() ? "it ended without a word" : said,
            absl::StrCat("mend the file of settings, flags or environment; `darkroom-",
                         program.process, " --check_config` shows where each setting is from")};
  }
  if (!said.empty()) {
    return {Verdict::kWarning, check, said, "it starts without that; mend or remove it"};
  }
  return {Verdict::kOk, check, "nothing is wrong with them"};
}

Finding CheckPort(const PortFacts& port) {
  const std::string check = absl::StrCat(port.process, " ", port.setting);
  switch (port.state) {
    case PortFacts::State::kFree:
      return {Verdict::kOk, check, absl::StrCat(port.address, " is free: none runs")};
    case PortFacts::State::kServing:
      return {Verdict::kOk, check, absl::StrCat("one answers at ", port.address)};
    case PortFacts::State::kUnwell:
      return {Verdict::kWarning, check,
              absl::StrCat("one answers at ", port.address, ", but not as it should: ", port.why),
              "it may be starting or stopping; otherwise its log, and the lines about Redis and "
              "models here, say why"};
    case PortFacts::State::kTaken:
      return {Verdict::kProblem, check,
              absl::StrCat("another program listens at ", port.address, ": ", port.why),
              absl::StrCat("`ss -ltnp` shows which; stop it, or set ", port.setting,
                           " to another port")};
    case PortFacts::State::kImpossible:
      return {Verdict::kProblem, check,
              absl::StrCat("this machine cannot listen at ", port.address, ": ", port.why),
              absl::StrCat("set ", port.setting,
                           " to an address of this machine, 0.0.0.0 for all "
                           "of them, and to a port from 1024 on")};
  }
  return {};
}

}  // namespace

std::string SettingOf(const ProgramFacts& program, absl::string_view key) {
  const ConfigEntry* entry = FindEntry(program.settings, program.process, key);
  return entry == nullptr ? "" : entry->value;
}

Findings CheckPrograms(const std::vector<ProgramFacts>& programs) {
  Findings found;
  for (const ProgramFacts& program : programs) {
    if (program.installed) found.push_back(CheckProgram(program));
  }
  if (found.empty()) {
    found.push_back({Verdict::kProblem, "programs",
                     "neither gateway, scheduler nor worker lies beside this program",
                     "run the `darkroom` of the folder where they are installed"});
  }
  return found;
}

Findings CheckPorts(const std::vector<PortFacts>& ports) {
  Findings found;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    found.push_back(CheckPort(ports[i]));
    const auto same =
        std::find_if(ports.begin(), ports.begin() + static_cast<std::ptrdiff_t>(i),
                     [&](const PortFacts& other) { return other.address == ports[i].address; });
    if (same == ports.begin() + static_cast<std::ptrdiff_t>(i)) continue;
    if (absl::EndsWith(ports[i].address, ":0")) continue;
    found.push_back(
        {Verdict::kProblem, absl::StrCat(ports[i].process, " ", ports[i].setting),
         absl::StrCat(ports[i].address, " is also ", same->setting, " of the ", same->process),
         "give each a port of its own, in its table of the file of settings"});
  }
  return found;
}

}  // namespace darkroom::cli
