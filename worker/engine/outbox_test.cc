#include "worker/engine/outbox.h"

#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using scheduler::JobOutcome;
using scheduler::ProgressEvent;
using scheduler::Succeeded;

const absl::Time kStart = absl::FromUnixSeconds(1000);

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
  ASSERT_NE(outbox.Send(kStart), nullptr);
  EXPECT_EQ(outbox.Send(kStart), nullptr);
  EXPECT_FALSE(outbox.Sent(kStart));  // its event is next
  const Parcel* event = outbox.Send(kStart);
  ASSERT_NE(event, nullptr);
  EXPECT_TRUE(std::get<ImageParcel>(*event).bytes_sent);
  EXPECT_TRUE(outbox.Sent(kStart));
  EXPECT_EQ(std::get<ImageParcel>(*outbox.Send(kStart)).event.image, 1);
}

TEST(Outbox, HoldsProgressBackAndSendsTheNewest) {
  Outbox outbox;
  outbox.Add(Progress(1));
  EXPECT_EQ(StepOf(outbox.Send(kStart)), 1);
  outbox.Sent(kStart);
  outbox.Add(Progress(2));
  outbox.Add(Progress(3));
  EXPECT_EQ(outbox.Send(kStart + absl::Milliseconds(249)), nullptr);
  EXPECT_EQ(outbox.next_due(), kStart + Outbox::kProgressInterval);
  EXPECT_EQ(StepOf(outbox.Send(kStart + absl::Milliseconds(250))), 3);
}

TEST(Outbox, SendsTheLastStepAtOnce) {
  Outbox outbox;
  outbox.Add(Progress(9));
  outbox.Send(kStart);
  outbox.Sent(kStart);
  outbox.Add(Progress(10));
  EXPECT_EQ(StepOf(outbox.Send(kStart)), 10);
}

TEST(Outbox, LetsOthersPassProgressThatIsHeldBack) {
  Outbox outbox;
  outbox.Add(Progress(1));
  outbox.Send(kStart);
  outbox.Sent(kStart);
  outbox.Add(Progress(2));
  outbox.Add(ImageParcel{{0, 1}, "png"});
  EXPECT_TRUE(std::holds_alternative<ImageParcel>(*outbox.Send(kStart)));
}

TEST(Outbox, ReplacesAPreviewOfTheSameImageOnly) {
  Outbox outbox;
  outbox.Add(Preview(0, 5));
  outbox.Add(Preview(1, 5));
  outbox.Add(Preview(0, 8));
  EXPECT_EQ(StepOf(outbox.Send(kStart)), 8);
  outbox.Sent(kStart);
  outbox.Send(kStart);
  outbox.Sent(kStart);
  EXPECT_EQ(StepOf(outbox.Send(kStart)), 5);
}

TEST(Outbox, NeverReplacesWhatIsInFlight) {
  Outbox outbox;
  outbox.Add(Progress(1));
  outbox.Send(kStart);
  outbox.Add(Progress(2));
  EXPECT_EQ(std::get<ProgressEvent>(outbox.in_flight()).step, 1);
  outbox.Sent(kStart);
  EXPECT_EQ(StepOf(outbox.Send(kStart + absl::Seconds(1))), 2);
}

TEST(Outbox, DropsPassingThingsAtTheEndButNotTheLastStepOrPictures) {
  Outbox outbox;
  outbox.Add(Preview(0, 5));
  outbox.Add(Progress(10));
  outbox.Add(ImageParcel{{0, 1}, "png", true});
  outbox.Add(JobOutcome(Succeeded{}));
  EXPECT_EQ(StepOf(outbox.Send(kStart)), 10);
  outbox.Sent(kStart);
  EXPECT_TRUE(std::holds_alternative<ImageParcel>(*outbox.Send(kStart)));
  outbox.Sent(kStart);
  EXPECT_TRUE(std::holds_alternative<JobOutcome>(*outbox.Send(kStart)));
}

TEST(Outbox, DropsEverythingThatWaitsWhenTheJobIsHandedBack) {
  Outbox outbox;
  outbox.Add(ImageParcel{{0, 1}, "png"});
  outbox.Add(Progress(10));
  outbox.Add(ReleaseParcel{});
  EXPECT_TRUE(std::holds_alternative<ReleaseParcel>(*outbox.Send(kStart)));
  EXPECT_TRUE(outbox.Sent(kStart));
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, WaitsLongerAfterEveryFailureInARow) {
  Outbox outbox;
  outbox.Add(ImageParcel{{0, 1}, "png"});
  absl::Time now = kStart;
  absl::Duration last = absl::ZeroDuration();
  for (int i = 0; i < 10; ++i) {
    ASSERT_NE(outbox.Send(now), nullptr);
    outbox.Postpone(now);
    EXPECT_EQ(outbox.failing_since(), kStart);
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
