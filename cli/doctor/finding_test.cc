#include "cli/doctor/finding.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

const Findings& Three() {
  static const auto* const kFindings = new Findings{
      {Verdict::kOk, "clock", "right"},
      {Verdict::kWarning, "disk", "narrow", "make room"},
      {Verdict::kProblem, "redis", "says \"no\"", "ask again"},
  };
  return *kFindings;
}

TEST(FindingTest, EachHasALineAndItsWayOutBelow) {
  EXPECT_EQ(FindingsText(Three()),
            "ok       clock: right\n"
            "warning  disk: narrow\n"
            "         → make room\n"
            "problem  redis: says \"no\"\n"
            "         → ask again");
}

TEST(FindingTest, JsonHasThemAllAndTheCounts) {
  EXPECT_EQ(FindingsJson(Three()),
            "{\"findings\": ["
            "{\"verdict\": \"ok\", \"check\": \"clock\", \"what\": \"right\", \"fix\": \"\"}, "
            "{\"verdict\": \"warning\", \"check\": \"disk\", \"what\": \"narrow\", "
            "\"fix\": \"make room\"}, "
            "{\"verdict\": \"problem\", \"check\": \"redis\", \"what\": \"says \\\"no\\\"\", "
            "\"fix\": \"ask again\"}], \"problems\": 1, \"warnings\": 1}");
  EXPECT_EQ(FindingsJson({}), "{\"findings\": [], \"problems\": 0, \"warnings\": 0}");
}

}  // namespace
}  // namespace darkroom::cli
