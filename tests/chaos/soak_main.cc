// darkroom-soak: a crowd of clients over real processes in which something breaks again and again.
// Ends with what its history has against the promises of the queue (check_history.h).

#include <iostream>
#include <random>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/chaos/check_history.h"
#include "tests/chaos/faults.h"

ABSL_FLAG(absl::Duration, length, absl::Hours(2), "how long faults are made");
ABSL_FLAG(absl::Duration, every, absl::Seconds(20), "mean time from a fault's end to the next one");
ABSL_FLAG(std::string, only, "", "name of the one fault that is made; empty: all are");
ABSL_FLAG(std::uint32_t, seed, 1, "of the faults and of what clients ask for");
ABSL_FLAG(std::string, history, "history.jsonl", "file that all entries go to");
ABSL_FLAG(bool, check, false, "only judge the history that is there");

namespace {

using darkroom::testing::AllFaults;
using darkroom::testing::Fault;
using darkroom::testing::Rig;

int Report(const std::vector<std::string>& violations) {
  for (const std::string& violation : violations) std::cout << violation << "\n";
  std::cout << violations.size() << " violations\n";
  return violations.empty() ? 0 : 1;
}

int Fail(const absl::Status& status) {
  std::cerr << status << "\n";
  return 1;
}

std::vector<Fault> ChosenFaults() {
  std::vector<Fault> chosen;
  for (const Fault& fault : AllFaults()) {
    if (absl::GetFlag(FLAGS_only).empty() || absl::GetFlag(FLAGS_only) == fault.name) {
      chosen.push_back(fault);
    }
  }
  return chosen;
}

int Soak() {
  const std::vector<Fault> faults = ChosenFaults();
  if (faults.empty()) return Fail(absl::NotFoundError("--only is no fault of faults.cc"));
  auto rig = Rig::Start(absl::GetFlag(FLAGS_history), absl::GetFlag(FLAGS_seed));
  if (!rig.ok()) return Fail(rig.status());
  const absl::Time end = absl::Now() + absl::GetFlag(FLAGS_length);
  std::mt19937& random = (*rig)->random();
  while (absl::Now() < end) {
    const double share = std::uniform_real_distribution<>(0.5, 1.5)(random);
    absl::SleepFor(share * absl::GetFlag(FLAGS_every));
    const Fault& fault = faults[random() % faults.size()];
    std::cerr << absl::FormatTime(absl::Now()) << " " << fault.name << std::endl;
    const absl::Status made = Make(fault, **rig);
    if (!made.ok()) std::cerr << fault.name << ": " << made << std::endl;
  }
  return Report((*rig)->Finish());
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage("Breaks things under a crowd of clients, and judges what they saw.");
  absl::ParseCommandLine(argc, argv);
  if (!absl::GetFlag(FLAGS_check)) return Soak();
  const auto history = darkroom::testing::ReadHistory(absl::GetFlag(FLAGS_history));
  return history.ok() ? Report(darkroom::testing::Violations(*history)) : Fail(history.status());
}
