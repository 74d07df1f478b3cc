#include "picture/decoder_process.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/image/png_encoder.h"

namespace darkroom::picture {
namespace {

using ::testing::HasSubstr;

RgbImage Striped(int width, int height) {
  RgbImage image{.width = width, .height = height, .pixels = {}};
  image.pixels.resize(std::size_t{3} * width * height);
  for (std::size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<std::uint8_t>(i % 251);
  }
  return image;
}

// A decoder that does what a shell script says.
class Script {
 public:
  explicit Script(absl::string_view text)
      : path_(std::filesystem::path(::testing::TempDir()) /
              absl::StrCat("decoder-", ::testing::UnitTest::GetInstance()->random_seed(), "-",
                           absl::ToUnixNanos(absl::Now()))) {
    std::ofstream(path_) << "#!/bin/sh\n" << text << "\n";
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~Script() { std::filesystem::remove(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  const std::filesystem::path path_;
};

TEST(DecoderProcessTest, DecodesInAnotherProcess) {
  const DecoderProcess decoder(DARKROOM_DECODE);
  const RgbImage image = Striped(300, 200);
  EXPECT_EQ(decoder.Decode(worker::EncodePng(image, "").value()).value(), image);
}

TEST(DecoderProcessTest, DecodesAMaskToOneValueAPixel) {
  RgbImage image{.width = 2, .height = 1, .pixels = {255, 255, 255, 0, 0, 0}};
  const std::string file = worker::EncodePng(image, "").value();
  const GreyImage expected{.width = 2, .height = 1, .pixels = {255, 0}};
  EXPECT_EQ(DecoderProcess(DARKROOM_DECODE).DecodeMask(file).value(), expected);
}

TEST(DecoderProcessTest, DecodesTheLargestPictureWithinItsMemory) {
  const DecoderProcess decoder(DARKROOM_DECODE);
  const RgbImage image = Striped(4096, 4096);
  const absl::StatusOr<RgbImage> decoded = decoder.Decode(worker::EncodePng(image, "").value());
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_TRUE(*decoded == image);
}

TEST(DecoderProcessTest, SaysWhatIsWrongWithAFile) {
  const DecoderProcess decoder(DARKROOM_DECODE);
  const absl::Status status = decoder.Decode("BM, a bitmap").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr("is neither a PNG"));
}

TEST(DecoderProcessTest, BlamesTheFileForADecoderThatCrashes) {
  const Script script("kill -SEGV $$");
  const absl::Status status = DecoderProcess(script.path()).Decode("x").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST(DecoderProcessTest, KillsADecoderThatTakesTooLong) {
  const Script script("exec sleep 60");
  const absl::Time start = absl::Now();
  const absl::Status status =
      DecoderProcess(script.path(), absl::Milliseconds(200)).Decode("x").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(30));
}

TEST(DecoderProcessTest, EndsADecoderThatWritesWithoutEnd) {
  const Script script("exec cat /dev/zero");
  const absl::Status status = DecoderProcess(script.path()).Decode("x").status();
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
}

TEST(DecoderProcessTest, RefusesAnAnswerThatIsNoPicture) {
  const Script script("printf '\\010\\0\\0\\0\\010\\0\\0\\0too few pixels'");
  const absl::Status status = DecoderProcess(script.path()).Decode("x").status();
  EXPECT_TRUE(absl::IsInternal(status)) << status;
}

TEST(DecoderProcessTest, GivesTheDecoderNoOtherFile) {
  const int other = open("/dev/null", O_RDONLY);  // which exec would keep
  const absl::Cleanup close_other = [other] { close(other); };
  const Script script("ls /proc/self/fd | tr '\\n' ' '; exit 1");
  const absl::Status status = DecoderProcess(script.path()).Decode("x").status();
  // ls has the folder itself open as well.
  EXPECT_EQ(status.message(), "0 1 2 3 ");
}

TEST(DecoderProcessTest, ServesManyThreads) {
  const DecoderProcess decoder(DARKROOM_DECODE);
  const RgbImage image = Striped(64, 64);
  const std::string png = worker::EncodePng(image, "").value();
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { EXPECT_EQ(decoder.Decode(png).value(), image); });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(DecoderProcessTest, TellsThatItsProgramIsMissing) {
  const absl::Status status = DecoderProcess("/no/such/decoder").Decode("x").status();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr("/no/such/decoder"));
}

}  // namespace
}  // namespace darkroom::picture
