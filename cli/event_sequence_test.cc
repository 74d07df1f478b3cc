#include "cli/event_sequence.h"

#include <gtest/gtest.h>

namespace darkroom::cli {
namespace {

using darkroom::v1::JobEvent;

JobEvent Step(std::int64_t sequence, std::int64_t superseded = 0) {
  JobEvent event;
  event.set_sequence(sequence);
  event.set_superseded(superseded);
  event.mutable_progress()->set_step(1);
  return event;
}

JobEvent Chunk(std::int64_t sequence, std::int64_t offset, bool last) {
  JobEvent event;
  event.set_sequence(sequence);
  event.mutable_image_chunk()->set_offset(offset);
  event.mutable_image_chunk()->set_last(last);
  return event;
}

TEST(EventSequenceTest, AcceptsOneAfterTheOther) {
  EventSequence sequence(0);
  EXPECT_TRUE(sequence.Accept(Step(1)).ok());
  EXPECT_TRUE(sequence.Accept(Step(2)).ok());
  EXPECT_EQ(sequence.last_whole(), 2);
}

TEST(EventSequenceTest, AcceptsAGapThatTheEventOwnsUpTo) {
  EventSequence sequence(4);
  EXPECT_TRUE(sequence.Accept(Step(8, 3)).ok());
  EXPECT_TRUE(absl::IsDataLoss(sequence.Accept(Step(11, 1))));
}

TEST(EventSequenceTest, RefusesAGapARepetitionAndAStepBack) {
  for (const std::int64_t wrong : {7, 5, 4}) {
    EventSequence sequence(5);
    EXPECT_TRUE(absl::IsDataLoss(sequence.Accept(Step(wrong)))) << wrong;
  }
}

TEST(EventSequenceTest, AcceptsARefreshedPlaceInTheQueue) {
  EventSequence sequence(1);
  JobEvent queued;
  queued.set_sequence(2);
  queued.mutable_queued()->set_position(5);
  EXPECT_TRUE(sequence.Accept(queued).ok());
  EXPECT_TRUE(sequence.Accept(queued).ok());
  EXPECT_TRUE(sequence.Accept(Step(3)).ok());
  EXPECT_TRUE(absl::IsDataLoss(sequence.Accept(queued)));
}

TEST(EventSequenceTest, HasAnImageOnlyWithItsLastChunk) {
  EventSequence sequence(9);
  EXPECT_TRUE(sequence.Accept(Chunk(10, 0, false)).ok());
  EXPECT_TRUE(sequence.Accept(Chunk(10, 100, false)).ok());
  EXPECT_EQ(sequence.last_whole(), 9);
  EXPECT_TRUE(sequence.Accept(Chunk(10, 200, true)).ok());
  EXPECT_EQ(sequence.last_whole(), 10);
  EXPECT_TRUE(absl::IsDataLoss(sequence.Accept(Chunk(10, 300, true))));
}

TEST(EventSequenceTest, GoesOnInANewStreamAfterTheLastWholeEvent) {
  EventSequence sequence(9);
  EXPECT_TRUE(sequence.Accept(Chunk(10, 0, false)).ok());
  sequence.Restart();
  EXPECT_TRUE(sequence.Accept(Chunk(10, 0, false)).ok());
  EXPECT_TRUE(sequence.Accept(Chunk(10, 100, true)).ok());
  EXPECT_TRUE(sequence.Accept(Step(11)).ok());
}

}  // namespace
}  // namespace darkroom::cli
