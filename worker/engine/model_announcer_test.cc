#include "worker/engine/model_announcer.h"

#include <algorithm>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/engine/testing/engine_rig.h"

namespace darkroom::worker {
namespace {

using scheduler::ModelEntry;
using ::testing::ElementsAre;
using ::testing::SizeIs;

// An in-memory registry that notes who says what and can be made to fail.
class NotedRegistry : public scheduler::ModelRegistry {
 public:
  explicit NotedRegistry(scheduler::InMemoryScheduler& inner) : inner_(inner) {}

  absl::Status failure;
  std::vector<std::string> calls;

  void Announce(std::string worker, std::vector<ModelEntry> models, Done done) override {
    calls.push_back("announce " + worker);
    if (!failure.ok()) return done(failure);
    inner_.Announce(std::move(worker), std::move(models), std::move(done));
  }
  void Withdraw(std::string worker, Done done) override {
    calls.push_back("withdraw " + worker);
    if (!failure.ok()) return done(failure);
    inner_.Withdraw(std::move(worker), std::move(done));
  }
  void List(Callback<std::vector<ModelEntry>> done) override { inner_.List(std::move(done)); }
  void PutDocument(std::string digest, std::string bytes, Done done) override {
    calls.push_back("put document");
    if (!failure.ok()) return done(failure);
    inner_.PutDocument(std::move(digest), std::move(bytes), std::move(done));
  }
  void GetDocument(std::string digest, Callback<std::string> done) override {
    inner_.GetDocument(std::move(digest), std::move(done));
  }

 private:
  scheduler::ModelRegistry& inner_;
};

class ModelAnnouncerTest : public ::testing::Test {
 protected:
  // Moves time in steps of a second, pumping, and returns how many announcements that made.
  std::size_t Pass(int seconds) {
    const auto announced = [this] {
      return std::count(registry_.calls.begin(), registry_.calls.end(), "announce worker-1");
    };
    const auto before = announced();
    for (int i = 0; i < seconds; ++i) {
      rig_.clock.Advance(absl::Seconds(1));
      announcer_.Pump();
    }
    return static_cast<std::size_t>(announced() - before);
  }
  std::size_t Puts() const {
    return static_cast<std::size_t>(
        std::count(registry_.calls.begin(), registry_.calls.end(), "put document"));
  }

  // The one model that is listed.
  ModelEntry Listed() {
    std::vector<ModelEntry> listed;
    registry_.List([&listed](auto models) { listed = *std::move(models); });
    EXPECT_THAT(listed, SizeIs(1));
    return listed.empty() ? ModelEntry() : listed[0];
  }

  EngineRig rig_;
  NotedRegistry registry_{rig_.scheduler};
  static AnnouncedModel Fake(const std::string& id) {
    return DescribeModel(
        OneModel(id, std::make_unique<diffusion::FakeBackend>(diffusion::FakeBackendOptions{}))[0]);
  }

  std::vector<absl::Status> told_;
  ModelAnnouncer announcer_{
      "worker-1", {Fake("fake")}, registry_,
      rig_.meter, rig_.clock,     [this](const absl::Status& status) { told_.push_back(status); }};
};

TEST_F(ModelAnnouncerTest, AnnouncesAtOnceAndEveryFiveSeconds) {
  EXPECT_EQ(announcer_.Pump(), ModelAnnouncer::kInterval);
  EXPECT_THAT(registry_.calls, ElementsAre("put document", "announce worker-1"));
  EXPECT_EQ(Pass(20), 4u);
  EXPECT_EQ(Listed().id, "fake");
  EXPECT_EQ(Listed().workers, 1);
}

TEST_F(ModelAnnouncerTest, TellsHowFastTheModelIsOnceThatIsMeasured) {
  announcer_.Pump();
  v1::Model model;
  ASSERT_TRUE(model.ParseFromString(Listed().record));
  EXPECT_EQ(model.step_milliseconds(), 0);
  rig_.meter.RecordStep("fake", {.width = 64, .height = 64}, 4, 2, absl::Milliseconds(300));
  Pass(5);
  ASSERT_TRUE(model.ParseFromString(Listed().record));
  EXPECT_EQ(model.step_milliseconds(), 150);
}

TEST_F(ModelAnnouncerTest, WithdrawsOnceAndAnnouncesNothingAfterwards) {
  announcer_.Pump();
  announcer_.Withdraw();
  EXPECT_EQ(announcer_.Pump(), absl::InfiniteDuration());
  EXPECT_EQ(Pass(60), 0u);
  EXPECT_THAT(registry_.calls,
              ElementsAre("put document", "announce worker-1", "withdraw worker-1"));
  EXPECT_EQ(Listed().workers, 0);
}

TEST_F(ModelAnnouncerTest, WithdrawsAlsoWhenTheStopComesWithIt) {
  announcer_.Withdraw();
  announcer_.Stop();
  announcer_.Run();
  EXPECT_THAT(registry_.calls, ElementsAre("withdraw worker-1"));
}

TEST_F(ModelAnnouncerTest, KeepsItsPaceWhileTheRegistryIsAway) {
  registry_.failure = absl::UnavailableError("away");
  announcer_.Pump();
  EXPECT_EQ(Pass(20), 4u);
  registry_.failure = absl::OkStatus();
  Pass(5);
  EXPECT_EQ(Listed().workers, 1);
}

TEST_F(ModelAnnouncerTest, TellsHowEachAnnouncementWent) {
  announcer_.Pump();
  announcer_.Pump();
  EXPECT_THAT(told_, ElementsAre(absl::OkStatus()));
  registry_.failure = absl::UnavailableError("away");
  Pass(5);
  announcer_.Pump();
  EXPECT_THAT(told_, ElementsAre(absl::OkStatus(), registry_.failure));
}

TEST_F(ModelAnnouncerTest, PublishesTheTokenizerThatTheModelNames) {
  announcer_.Pump();
  v1::Model model;
  ASSERT_TRUE(model.ParseFromString(Listed().record));
  std::string bytes;
  registry_.GetDocument(model.tokenizer_digest(), [&bytes](auto got) { bytes = *std::move(got); });
  EXPECT_EQ(bytes, rig_.backend.tokenizer());
  EXPECT_TRUE(tokenizer::ClipTokenizer::Parse(bytes).ok());
}

TEST_F(ModelAnnouncerTest, PublishesAListOfAdaptersAtOnceAndBeforeItIsNamed) {
  announcer_.Pump();
  v1::Model model;
  ASSERT_TRUE(model.ParseFromString(Listed().record));
  EXPECT_EQ(model.adapters_digest(), "");
  registry_.calls.clear();
  announcer_.SetAdapters("a list");
  announcer_.Pump();
  EXPECT_THAT(registry_.calls, ElementsAre("put document", "put document", "announce worker-1"));
  ASSERT_TRUE(model.ParseFromString(Listed().record));
  std::string bytes;
  registry_.GetDocument(model.adapters_digest(), [&bytes](auto got) { bytes = *std::move(got); });
  EXPECT_EQ(bytes, "a list");
  announcer_.SetAdapters("");
  announcer_.Pump();
  ASSERT_TRUE(model.ParseFromString(Listed().record));
  EXPECT_EQ(model.adapters_digest(), "");
}

TEST_F(ModelAnnouncerTest, TellsAtOnceOfModelsThatComeAndGo) {
  announcer_.Pump();
  announcer_.SetAdapters("a list");
  announcer_.SetModels({Fake("new")});
  announcer_.Pump();
  EXPECT_EQ(Listed().id, "new");
  v1::Model model;
  ASSERT_TRUE(model.ParseFromString(Listed().record));
  EXPECT_NE(model.adapters_digest(), "");
  announcer_.SetModels({});
  announcer_.Pump();
  announcer_.Pump();
  std::size_t listed = 1;
  registry_.List([&listed](auto models) { listed = models->size(); });
  EXPECT_EQ(listed, 0u);
}

TEST_F(ModelAnnouncerTest, AListOfAdaptersBringsNoWithdrawnWorkerBack) {
  announcer_.Withdraw();
  announcer_.SetAdapters("a list");
  EXPECT_EQ(announcer_.Pump(), absl::InfiniteDuration());
  EXPECT_THAT(registry_.calls, ElementsAre("withdraw worker-1"));
}

TEST_F(ModelAnnouncerTest, PutsDocumentsEveryMinuteAndAtOnceAfterAFailure) {
  registry_.failure = absl::UnavailableError("away");
  announcer_.Pump();
  Pass(5);
  EXPECT_EQ(Puts(), 2u);
  registry_.failure = absl::OkStatus();
  Pass(5);
  EXPECT_EQ(Puts(), 3u);
  Pass(55);
  EXPECT_EQ(Puts(), 3u);
  Pass(5);
  EXPECT_EQ(Puts(), 4u);
}

}  // namespace
}  // namespace darkroom::worker
