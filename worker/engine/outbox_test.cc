#include "worker/engine/outbox.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using scheduler::JobOutcome;
using scheduler::ProgressEvent;
using scheduler::Succeeded;

const absl::Time kEpoch = absl::FromUnixSeconds(1000);

Parcel Progress(int step) { return ProgressEvent{step, 10, absl::Seconds(1)}; }
Parcel Preview(int image, int step) { return PreviewParcel{{image, step}, "jpeg"}; }

// The step of the progress or preview that is due, -1 when something else or nothing is.
int StepOf(const Parcel* parcel) {
  if (parcel == nullptr) return -1;
  if (const auto* progress = std::get_if<ProgressEvent>(parcel)) return progress->step;
  if (const auto* preview = std::get_if<PreviewParcel>(parcel)) return preview->event.step;
  return -1;
}

TEST(Outbox, SendsOneParcelAtATime) {
  Outbox outbox;
  outbox.Add(ImageParcel{{0, 1}, "png"});
  outbox.Add(ImageParcel{{1, 1}, "png"});
  ASSERT_NE(outbox.Send(kEpoch), nullptr);
  EXPECT_EQ(outbox.Send(kEpoch), nullptr);
  EXPECT_FALSE(outbox.Sent(kEpoch));  // its event is next
  const Parcel* event = outbox.Send(kEpoch);
  ASSERT_NE(event, nullptr);
  EXPECT_TRUE(std::get<ImageParcel>(*event).bytes_sent);
  EXPECT_TRUE(outbox.Sent(kEpoch));
  EXPECT_EQ(std::get<ImageParcel>(*outbox.Send(kEpoch)).event.image, 1);
}

TEST(Outbox, HoldsProgressBackAndSendsTheNewest) {
  Outbox outbox;
  outbox.Add(Progress(1));
  EXPECT_EQ(StepOf(outbox.Send(kEpoch)), 1);
  outbox.Sent(kEpoch);
  outbox.Add(Progress(2));
  outbox.Add(Progress(3));
  EXPECT_EQ(outbox.Send(kEpoch + absl::Milliseconds(249)), nullptr);
  EXPECT_EQ(outbox.next_due(), kEpoch + Outbox::kProgressInterval);
  EXPECT_EQ(StepOf(outbox.Send(kEpoch + absl::Milliseconds(250))), 3);
}

TEST(Outbox, SendsTheLastStepAtOnce) {
  Outbox outbox;
  outbox.Add(Progress(9));
  outbox.Send(kEpoch);
  outbox.Sent(kEpoch);
  outbox.Add(Progress(10));
  EXPECT_EQ(StepOf(outbox.Send(kEpoch)), 10);
}

std::string SavedIn(const Parcel* parcel) {
  const auto* step = parcel == nullptr ? nullptr : std::get_if<StepParcel>(parcel);
  return step == nullptr ? "" : step->step;
}

TEST(Outbox, ANewerSavedStepReplacesTheOneThatIsNotSent) {
  Outbox outbox;
  outbox.Add(StepParcel{"first"});
  EXPECT_EQ(SavedIn(outbox.Send(kEpoch)), "first");
  outbox.Add(StepParcel{"second"});
  outbox.Add(StepParcel{"third"});
  EXPECT_TRUE(outbox.Sent(kEpoch)) << "it has no event";
  EXPECT_EQ(SavedIn(outbox.Send(kEpoch)), "third");
  outbox.Sent(kEpoch);
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, ASavedStepGoesWithTheEndAndBeforeTheHandingBack) {
  Outbox ending;
  ending.Add(StepParcel{"step"});
  ending.Add(JobOutcome(Succeeded{}));
  EXPECT_TRUE(std::holds_alternative<JobOutcome>(*ending.Send(kEpoch)));

  Outbox leaving;
  leaving.Add(Preview(0, 3));
  leaving.Add(StepParcel{"step"});
  leaving.Add(Progress(3));
  leaving.Add(ReleaseParcel{});
  EXPECT_EQ(SavedIn(leaving.Send(kEpoch)), "step");
  leaving.Sent(kEpoch);
  EXPECT_TRUE(std::holds_alternative<ReleaseParcel>(*leaving.Send(kEpoch)));
}

TEST(Outbox, WhileStepsWaitNothingElseDoesButTheHandingBack) {
  Outbox outbox;
  outbox.Add(StepParcel{"step"});
  EXPECT_EQ(outbox.Send(kEpoch, false), nullptr);
  EXPECT_EQ(outbox.next_due(false), absl::InfiniteFuture());
  outbox.Add(Progress(3));
  EXPECT_EQ(StepOf(outbox.Send(kEpoch, false)), 3);
  outbox.Sent(kEpoch);
  outbox.Add(ReleaseParcel{});
  EXPECT_EQ(outbox.Send(kEpoch, false), nullptr);
  EXPECT_EQ(SavedIn(outbox.Send(kEpoch)), "step");
}

TEST(Outbox, LetsOthersPassProgressThatIsHeldBack) {
  Outbox outbox;
  outbox.Add(Progress(1));
  outbox.Send(kEpoch);
  outbox.Sent(kEpoch);
  outbox.Add(Progress(2));
  outbox.Add(ImageParcel{{0, 1}, "png"});
  EXPECT_TRUE(std::holds_alternative<ImageParcel>(*outbox.Send(kEpoch)));
}

TEST(Outbox, ReplacesAPreviewOfTheSameImageOnly) {
  Outbox outbox;
  outbox.Add(Preview(0, 5));
  outbox.Add(Preview(1, 5));
  outbox.Add(Preview(0, 8));
  EXPECT_EQ(StepOf(outbox.Send(kEpoch)), 8);
  outbox.Sent(kEpoch);
  outbox.Send(kEpoch);
  outbox.Sent(kEpoch);
  EXPECT_EQ(StepOf(outbox.Send(kEpoch)), 5);
}

TEST(Outbox, NeverReplacesWhatIsInFlight) {
  Outbox outbox;
  outbox.Add(Progress(1));
  outbox.Send(kEpoch);
  outbox.Add(Progress(2));
  EXPECT_EQ(std::get<ProgressEvent>(outbox.in_flight()).step, 1);
  outbox.Sent(kEpoch);
  EXPECT_EQ(StepOf(outbox.Send(kEpoch + absl::Seconds(1))), 2);
}

TEST(Outbox, DropsPassingThingsAtTheEndButNotTheLastStepOrPictures) {
  Outbox outbox;
  outbox.Add(Preview(0, 5));
  outbox.Add(Progress(10));
  outbox.Add(ImageParcel{{0, 1}, "png", true});
  outbox.Add(JobOutcome(Succeeded{}));
  EXPECT_EQ(StepOf(outbox.Send(kEpoch)), 10);
  outbox.Sent(kEpoch);
  EXPECT_TRUE(std::holds_alternative<ImageParcel>(*outbox.Send(kEpoch)));
  outbox.Sent(kEpoch);
  EXPECT_TRUE(std::holds_alternative<JobOutcome>(*outbox.Send(kEpoch)));
}

TEST(Outbox, DropsEverythingThatWaitsWhenTheJobIsHandedBack) {
  Outbox outbox;
  outbox.Add(ImageParcel{{0, 1}, "png"});
  outbox.Add(Progress(10));
  outbox.Add(ReleaseParcel{});
  EXPECT_TRUE(std::holds_alternative<ReleaseParcel>(*outbox.Send(kEpoch)));
  EXPECT_TRUE(outbox.Sent(kEpoch));
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, WaitsLongerAfterEveryFailureInARow) {
  Outbox outbox;
  outbox.Add(ImageParcel{{0, 1}, "png"});
  absl::Time now = kEpoch;
  absl::Duration last = absl::ZeroDuration();
  for (int i = 0; i < 10; ++i) {
    ASSERT_NE(outbox.Send(now), nullptr);
    outbox.Postpone(now);
    EXPECT_EQ(outbox.failing_since(), kEpoch);
    const absl::Duration pause = outbox.next_due() - now;
    EXPECT_GE(pause, last);
    EXPECT_LE(pause, absl::Seconds(2));
    EXPECT_EQ(outbox.Send(now), nullptr);
    last = pause;
    now = outbox.next_due();
  }
  outbox.Send(now);
  outbox.Sent(now);
  EXPECT_EQ(outbox.failing_since(), absl::InfiniteFuture());
  EXPECT_NE(outbox.Send(now), nullptr);
}

}  // namespace
}  // namespace darkroom::worker
