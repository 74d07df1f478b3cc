#include "worker/image/png_encoder.h"

#include <libdeflate.h>
#include <png.h>

#include <cstdint>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/image/noise_picture.h"

namespace darkroom::worker {
namespace {

using ::testing::ElementsAre;

RgbImage DecodeWithLibpng(const std::string& bytes) {
  png_image reader = {};
  reader.version = PNG_IMAGE_VERSION;
  EXPECT_TRUE(png_image_begin_read_from_memory(&reader, bytes.data(), bytes.size()))
      << reader.message;
  EXPECT_EQ(reader.format, static_cast<png_uint_32>(PNG_FORMAT_RGB));
  RgbImage image{static_cast<int>(reader.width), static_cast<int>(reader.height), {}};
  image.pixels.resize(PNG_IMAGE_SIZE(reader));
  EXPECT_TRUE(png_image_finish_read(&reader, nullptr, image.pixels.data(), 0, nullptr))
      << reader.message;
  return image;
}

struct Chunk {
  std::string type;
  std::string data;
  friend bool operator==(const Chunk&, const Chunk&) = default;
};

std::uint32_t BigEndian(const std::string& bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
  return value;
}

std::vector<Chunk> Chunks(const std::string& png) {
  std::vector<Chunk> chunks;
  for (std::size_t at = 8; at < png.size();) {
    const std::uint32_t size = BigEndian(png, at);
    chunks.push_back({png.substr(at + 4, 4), png.substr(at + 8, size)});
    EXPECT_EQ(BigEndian(png, at + 8 + size), libdeflate_crc32(0, &png[at + 4], size + 4));
    at += 12 + size;
  }
  return chunks;
}

TEST(PngEncoder, IsReadBackByLibpngBitForBit) {
  for (const auto& [width, height] : {std::pair{1, 1}, {3, 2}, {64, 40}, {257, 129}}) {
    const RgbImage image = NoisePicture(width, height);
    const absl::StatusOr<std::string> png = EncodePng(image, "some text");
    ASSERT_TRUE(png.ok()) << png.status();
    EXPECT_EQ(DecodeWithLibpng(*png), image);
  }
}

TEST(PngEncoder, WritesTheChunksInOrder) {
  const std::vector<Chunk> chunks = Chunks(EncodePng(NoisePicture(4, 4), "Steps: 1").value());
  ASSERT_EQ(chunks.size(), 4u);
  EXPECT_EQ(chunks[0].type, "IHDR");
  EXPECT_EQ(chunks[1], (Chunk{"tEXt", std::string("parameters\0Steps: 1", 19)}));
  EXPECT_EQ(chunks[2].type, "IDAT");
  EXPECT_EQ(chunks[3], (Chunk{"IEND", ""}));
}

TEST(PngEncoder, StoresLatin1TextInOneByteACharacter) {
  const std::vector<Chunk> chunks =
      Chunks(EncodePng(NoisePicture(1, 1), "caf\xc3\xa9\nna\xc3\xaf").value());
  EXPECT_EQ(chunks[1], (Chunk{"tEXt", std::string("parameters\0caf\xe9\nna\xef", 19)}));
}

TEST(PngEncoder, StoresOtherTextAsUtf8) {
  const std::vector<Chunk> chunks =
      Chunks(EncodePng(NoisePicture(1, 1), "\xe7\x8c\xab \xc3\xa9").value());
  EXPECT_EQ(chunks[1],
            (Chunk{"iTXt", std::string("parameters\0\0\0\0\0\xe7\x8c\xab \xc3\xa9", 21)}));
}

TEST(PngEncoder, LeavesNulsOut) {
  const std::vector<Chunk> chunks = Chunks(EncodePng(NoisePicture(1, 1), {"a\0b", 3}).value());
  EXPECT_EQ(chunks[1], (Chunk{"tEXt", std::string("parameters\0ab", 13)}));
}

TEST(PngEncoder, WritesNoTextChunkForNoText) {
  std::vector<std::string> types;
  for (const Chunk& chunk : Chunks(EncodePng(NoisePicture(1, 1), "").value()))
    types.push_back(chunk.type);
  EXPECT_THAT(types, ElementsAre("IHDR", "IDAT", "IEND"));
}

TEST(PngEncoder, RefusesWrongPicturesAndWrongText) {
  EXPECT_EQ(EncodePng(RgbImage{}, "").status().code(), absl::StatusCode::kInvalidArgument);
  RgbImage cut = NoisePicture(4, 4);
  cut.pixels.pop_back();
  EXPECT_EQ(EncodePng(cut, "").status().code(), absl::StatusCode::kInvalidArgument);
  for (const char* text : {"\xff", "\xc3", "\xc3(", "\xc0\x80"}) {
    EXPECT_EQ(EncodePng(NoisePicture(1, 1), text).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace darkroom::worker
