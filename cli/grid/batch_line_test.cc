#include "cli/grid/batch_line.h"

#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

TEST(BatchLineTest, TellsWhatWasSent) {
  BatchProgress progress{.jobs = 20, .submitted = 7};
  EXPECT_EQ(LineOf(progress, absl::Seconds(1)).text, "0 of 20 pictures, 7 sent");
  progress.waiting_for_room = true;
  EXPECT_EQ(LineOf(progress, absl::Seconds(1)).text,
            "0 of 20 pictures, 7 sent, the server's queue is full");
}

TEST(BatchLineTest, TellsThatTheServerIsAway) {
  EXPECT_EQ(LineOf({.jobs = 2, .submitted = 1, .reconnecting = true}, absl::Seconds(1)).text,
            "0 of 2 pictures, no connection; trying again");
}

TEST(BatchLineTest, PredictsTheTimeThatIsLeft) {
  const BatchProgress progress{.jobs = 20, .submitted = 20, .ended = 5, .fraction = 0.25};
  const ProgressLine line = LineOf(progress, absl::Seconds(30));
  EXPECT_EQ(line.text, "5 of 20 pictures, 1:30 left");
  EXPECT_EQ(line.fraction, 0.25);
}

TEST(BatchLineTest, PredictsNothingAtTheBeginningAndAtTheEnd) {
  EXPECT_EQ(LineOf({.jobs = 1, .submitted = 1, .fraction = 0.001}, absl::Seconds(30)).text,
            "0 of 1 picture");
  EXPECT_EQ(LineOf({.jobs = 2, .submitted = 2, .ended = 2, .fraction = 1}, absl::Seconds(30)).text,
            "2 of 2 pictures");
}

}  // namespace
}  // namespace darkroom::cli
