// Each fault once, each in real processes of its own with a crowd at work.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "tests/chaos/faults.h"
#include "tests/integration/lanes.h"

namespace darkroom::testing {
namespace {

constexpr absl::Duration kBefore = absl::Seconds(1);  // the crowd's jobs run
constexpr std::uint32_t kSeed = 1;
constexpr std::size_t kFewestEntries = 50;  // of a crowd that has done anything
// Nearly all of the time is waiting for leases to lapse, so faults are made beside each other.
constexpr int kLanes = 4;

// What is to be said against the fault; empty when all promises were kept.
std::string Complaint(const Fault& fault) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / absl::StrCat("history-", fault.name, ".jsonl");
  auto rig = Rig::Start(file, kSeed);
  if (!rig.ok()) return absl::StrCat(fault.name, ": ", rig.status().ToString());
  absl::SleepFor(kBefore);
  const absl::Status made = Make(fault, **rig);
  std::vector<std::string> complaints = (*rig)->Finish();
  if (!made.ok()) complaints.push_back(made.ToString());
  if ((*rig)->history().entries().size() < kFewestEntries) {
    complaints.emplace_back("the crowd did nothing");
  }
  if (complaints.empty()) {
    std::filesystem::remove(file);
    return "";
  }
  return absl::StrCat(fault.name, ":\n", absl::StrJoin(complaints, "\n"), "\nsee ", file.string(),
                      "\n", (*rig)->stack().Logs());
}

TEST(FaultMatrixTest, NoFaultBreaksAPromise) {
  const std::vector<std::string> complaints = ComplaintsInLanes(
      AllFaults().size(), kLanes, [](std::size_t i) { return Complaint(AllFaults()[i]); });
  for (const std::string& complaint : complaints) EXPECT_EQ(complaint, "");
}

}  // namespace
}  // namespace darkroom::testing
