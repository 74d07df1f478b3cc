#include "worker/worker_health.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::worker {
namespace {

using ::testing::HasSubstr;

TEST(WorkerHealthTest, AWorkerIsHealthyOnceItsModelsAndItselfAreKnown) {
  WorkerHealth health;
  EXPECT_THAT(std::string(health.status().message()), HasSubstr("not announced"));
  health.NoteAnnounced(absl::OkStatus());
  EXPECT_THAT(std::string(health.status().message()), HasSubstr("the fleet does not hear"));
  health.NoteReported(absl::OkStatus());
  EXPECT_TRUE(health.status().ok());
}

TEST(WorkerHealthTest, TheLastWordOfEitherCounts) {
  WorkerHealth health;
  health.NoteAnnounced(absl::OkStatus());
  health.NoteReported(absl::OkStatus());
  health.NoteReported(absl::UnavailableError("no route"));
  EXPECT_EQ(health.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(health.status().message()), HasSubstr("no route"));
  health.NoteReported(absl::OkStatus());
  health.NoteAnnounced(absl::ResourceExhaustedError("memory is full"));
  EXPECT_EQ(health.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(health.status().message()), HasSubstr("memory is full"));
  health.NoteAnnounced(absl::OkStatus());
  EXPECT_TRUE(health.status().ok());
}

TEST(WorkerHealthTest, AWorkerThatDrainsIsNotHealthyAgain) {
  WorkerHealth health;
  health.NoteAnnounced(absl::OkStatus());
  health.NoteDraining();
  health.NoteReported(absl::OkStatus());
  EXPECT_THAT(std::string(health.status().message()), HasSubstr("drains"));
}

}  // namespace
}  // namespace darkroom::worker
