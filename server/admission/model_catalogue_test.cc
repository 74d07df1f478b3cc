#include "server/admission/model_catalogue.h"

#include <gtest/gtest.h>

#include "darkroom/internal/v1/model_record.pb.h"
#include "server/core/within.h"
#include "server/testing/flaky_store.h"
#include "server/testing/manual_loop.h"
#include "server/testing/puppet_worker.h"

namespace darkroom::server {
namespace {

class ModelCatalogueTest : public testing::Test {
 protected:
  std::shared_ptr<ModelCatalogue> Make(const std::string& default_model = "") {
    return std::make_shared<ModelCatalogue>(loop_, store_, default_model);
  }

  ManualLoop loop_;
  scheduler::InMemoryScheduler scheduler_{&loop_.clock()};
  FlakyStore store_{scheduler_};
  PuppetWorker worker_{scheduler_};
};

TEST_F(ModelCatalogueTest, AnnouncedModelAppearsWithinOneRefresh) {
  const auto catalogue = Make();
  catalogue->Start();
  loop_.RunReady();
  EXPECT_EQ(catalogue->Find("demo"), nullptr);
  EXPECT_EQ(catalogue->default_model(), "");
  worker_.Announce();
  loop_.Advance(ModelCatalogue::kRefresh);
  ASSERT_NE(catalogue->Find("demo"), nullptr);
  EXPECT_EQ(catalogue->Find("demo")->name(), "models/demo");
  EXPECT_EQ(catalogue->Find("demo")->workers(), 1) << "the registry's count, not the record's";
  EXPECT_EQ(catalogue->default_model(), "demo") << "it is the only one";
  EXPECT_EQ(Make("other")->default_model(), "other");
}

// The record of the demo model as a worker of this version announces it.
std::string RecordOf(std::uint32_t version) {
  darkroom::internal::v1::ModelRecordVersion record;
  record.set_version(version);
  return DemoModel().SerializeAsString() + record.SerializeAsString();
}

TEST_F(ModelCatalogueTest, AModelOfALaterVersionIsLeftOutAndHidesNoOthers) {
  scheduler_.Announce("later", {{"known", RecordOf(1), 0}, {"later", RecordOf(2), 0}},
                      [](const absl::Status& status) { ASSERT_TRUE(status.ok()); });
  const auto catalogue = Make();
  catalogue->Start();
  loop_.RunReady();
  EXPECT_EQ(catalogue->Find("later"), nullptr);
  ASSERT_NE(catalogue->Find("known"), nullptr);
  darkroom::v1::Model shown = DemoModel();
  shown.set_name("models/known");
  shown.set_workers(1);
  EXPECT_EQ(catalogue->Find("known")->SerializeAsString(), shown.SerializeAsString());
}

TEST_F(ModelCatalogueTest, ModelsHaveTheCostsThatWorkersHaveMeasured) {
  worker_.Announce();
  const auto catalogue = Make();
  catalogue->Start();
  loop_.RunReady();
  EXPECT_EQ(catalogue->Find("demo")->step_costs_size(), 0);
  darkroom::internal::v1::ModelCosts costs;
  costs.set_model("demo");
  darkroom::v1::MeasuredCost& cost = *costs.add_step_costs();
  cost.set_width(64);
  cost.set_height(64);
  cost.set_rows(2);
  cost.set_milliseconds(7);
  catalogue->Learn({costs});
  loop_.Advance(ModelCatalogue::kRefresh);
  ASSERT_EQ(catalogue->Find("demo")->step_costs_size(), 1);
  EXPECT_EQ(catalogue->Find("demo")->step_costs(0).milliseconds(), 7);
}

TEST_F(ModelCatalogueTest, LostStoreKeepsTheCopyButNotItsDate) {
  worker_.Announce();
  const auto catalogue = Make();
  catalogue->Start();
  loop_.RunReady();
  const absl::Time read = catalogue->last_success();
  EXPECT_EQ(read, loop_.clock().Now());
  store_.Become(FlakyStore::Mode::kRefuses);
  loop_.Advance(absl::Seconds(10));
  EXPECT_NE(catalogue->Find("demo"), nullptr);
  EXPECT_EQ(catalogue->last_success(), read);
  store_.Become(FlakyStore::Mode::kUp);
  loop_.Advance(ModelCatalogue::kRefresh);
  EXPECT_GT(catalogue->last_success(), read);
}

TEST_F(ModelCatalogueTest, SilentStoreIsUnavailableToEveryoneWhoWaits) {
  store_.Become(FlakyStore::Mode::kSilent);
  const auto catalogue = Make();
  int unavailable = 0;
  for (int i = 0; i < 2; ++i) {
    catalogue->Refresh(
        [&unavailable](auto models) { unavailable += absl::IsUnavailable(models.status()); });
  }
  loop_.Advance(kStoreTimeout - absl::Milliseconds(1));
  EXPECT_EQ(unavailable, 0);
  loop_.Advance(absl::Milliseconds(1));
  EXPECT_EQ(unavailable, 2);
}

TEST_F(ModelCatalogueTest, UnreadableRecordIsLeftOut) {
  scheduler_.Announce("broken", {{"broken", "\xff\xff", 0}}, [](const absl::Status&) {});
  worker_.Announce();
  const auto catalogue = Make();
  catalogue->Start();
  loop_.RunReady();
  EXPECT_EQ(catalogue->models().size(), 1u);
}

}  // namespace
}  // namespace darkroom::server
