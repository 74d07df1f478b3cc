// What the backend does when the machine itself refuses memory. Nothing here is simulated, so this
// is a program of its own, and not for sanitizers, which need the address space for themselves.

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/torch_backend.h"

namespace darkroom::diffusion {
namespace {

using ::testing::Each;

constexpr std::int64_t kKiB = 1024;
constexpr std::int64_t kMiB = 1024 * kKiB;

// Bytes of address space that the process has now.
std::int64_t AddressSpace() {
  std::int64_t pages = 0;
  std::ifstream("/proc/self/statm") >> pages;
  return pages * sysconf(_SC_PAGESIZE);
}

// While it lives, the process can grow by so many bytes only.
class MemoryLimit {
 public:
  explicit MemoryLimit(std::int64_t growth) {
    EXPECT_EQ(getrlimit(RLIMIT_AS, &before_), 0);
    rlimit limit = before_;
    limit.rlim_cur = static_cast<rlim_t>(AddressSpace() + growth);
    EXPECT_EQ(setrlimit(RLIMIT_AS, &limit), 0);
  }
  ~MemoryLimit() { EXPECT_EQ(setrlimit(RLIMIT_AS, &before_), 0); }
  MemoryLimit(const MemoryLimit&) = delete;
  MemoryLimit& operator=(const MemoryLimit&) = delete;

 private:
  rlimit before_{};
};

ImageRequest Request(int side, int images) {
  ImageRequest request;
  request.prompt = "a red apple";
  request.seed = 7;
  request.width = side;
  request.height = side;
  request.image_count = images;
  request.steps = 3;
  request.sampler = "Euler a";
  request.schedule = "Automatic";
  request.guidance_scale = 4;
  return request;
}

std::vector<Row> AllRows(Generation& generation) {
  std::vector<Row> rows;
  for (int i = 0; i < generation.image_count(); ++i) rows.push_back({&generation, i});
  return rows;
}

// oneDNN generates code for each shape that it has not met, and crashes where there is no memory
// for that. So each test paints undisturbed pictures of its shapes first: what is short from then
// on is memory for tensors.
class OutOfMemoryTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    // Tensors get memory from the system and give it back: none is kept that a limit cannot see.
    mallopt(M_MMAP_THRESHOLD, 64 * kKiB);
    // One thread: others could not be started below a limit.
    backend_ = LoadTorchBackend("models/demo", {.threads = 1}).value().release();
  }
  static void TearDownTestSuite() { delete std::exchange(backend_, nullptr); }

  static std::vector<RgbImage> Finish(Generation& generation) {
    while (!generation.done(0)) {
      EXPECT_THAT(backend_->Step(AllRows(generation)).value(), Each(absl::OkStatus()));
    }
    std::vector<RgbImage> pictures;
    for (int i = 0; i < generation.image_count(); ++i) {
      pictures.push_back(backend_->Decode(generation, i).value());
    }
    return pictures;
  }
  static std::vector<RgbImage> Paint(const ImageRequest& request) {
    return Finish(*backend_->Start(request).value());
  }

  // Tries with more and more memory until it suffices; every failure before that must say what is
  // short. Returns their number.
  template <typename Operation>
  static int CountFailures(std::int64_t growth_step, Operation operation) {
    for (int tries = 0; tries < 200; ++tries) {
      const MemoryLimit limit(tries * growth_step);
      const absl::Status status = operation();
      if (status.ok()) return tries;
      EXPECT_TRUE(absl::IsResourceExhausted(status)) << status;
    }
    ADD_FAILURE() << "more memory does not help";
    return 0;
  }

  static Backend* backend_;
};

Backend* OutOfMemoryTest::backend_ = nullptr;

TEST_F(OutOfMemoryTest, AStepThatDoesNotFitMovesNoRowAndTheBackendGoesOn) {
  const std::vector<RgbImage> small_undisturbed = Paint(Request(64, 1));
  const std::vector<RgbImage> large_undisturbed = Paint(Request(256, 2));
  const auto small = backend_->Start(Request(64, 1)).value();
  const auto large = backend_->Start(Request(256, 2)).value();
  {
    const MemoryLimit limit(8 * kMiB);
    const absl::Status refused = backend_->Step(AllRows(*large)).status();
    EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
    EXPECT_EQ(large->steps_done(0), 0);
    EXPECT_EQ(large->steps_done(1), 0);
    const auto served = backend_->Step(AllRows(*small));
    ASSERT_TRUE(served.ok()) << "a smaller job: " << served.status();
    EXPECT_THAT(*served, Each(absl::OkStatus()));
  }
  EXPECT_TRUE(Finish(*large) == large_undisturbed);
  EXPECT_TRUE(Finish(*small) == small_undisturbed);
}

TEST_F(OutOfMemoryTest, StepAndDecodeSayWhatIsShortWhereverTheyStop) {
  const std::vector<RgbImage> undisturbed = Paint(Request(256, 1));
  const auto generation = backend_->Start(Request(256, 1)).value();
  const std::vector<Row> rows = AllRows(*generation);
  EXPECT_GE(CountFailures(512 * kKiB, [&] { return backend_->Step(rows).status(); }), 10);
  EXPECT_EQ(generation->steps_done(0), 1);
  const std::vector<RgbImage> pictures = Finish(*generation);
  RgbImage decoded;
  const auto decode = [&] {
    absl::StatusOr<RgbImage> picture = backend_->Decode(*generation, 0);
    if (picture.ok()) decoded = *picture;
    return picture.status();
  };
  EXPECT_GE(CountFailures(kMiB, decode), 10);
  EXPECT_TRUE(decoded == undisturbed[0]);
  EXPECT_TRUE(pictures == undisturbed);
}

}  // namespace
}  // namespace darkroom::diffusion
