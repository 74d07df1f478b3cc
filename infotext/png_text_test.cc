#include "infotext/png_text.h"

#include <libdeflate.h>

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "worker/image/png_encoder.h"

namespace darkroom::infotext {
namespace {

const std::string kStart("\x89PNG\r\n\x1a\n", 8);

std::string BigEndian(std::uint32_t value) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) bytes += static_cast<char>(value >> shift & 0xff);
  return bytes;
}

std::string Chunk(const std::string& type, const std::string& data) {
  const std::string checked = type + data;
  return BigEndian(static_cast<std::uint32_t>(data.size())) + checked +
         BigEndian(libdeflate_crc32(0, checked.data(), checked.size()));
}

std::string Compressed(const std::string& text) {
  libdeflate_compressor* compressor = libdeflate_alloc_compressor(6);
  std::string out(libdeflate_zlib_compress_bound(compressor, text.size()), '\0');
  out.resize(
      libdeflate_zlib_compress(compressor, text.data(), text.size(), out.data(), out.size()));
  libdeflate_free_compressor(compressor);
  return out;
}

std::string Zero() { return std::string(1, '\0'); }
std::string Text(const std::string& text) { return Chunk("tEXt", "parameters" + Zero() + text); }
std::string Zipped(const std::string& data) {
  return Chunk("zTXt", "parameters" + Zero() + Zero() + data);
}
std::string International(const std::string& flags, const std::string& text) {
  return Chunk("iTXt", "parameters" + Zero() + flags + "en" + Zero() + "x" + Zero() + text);
}
const std::string kPlain(2, '\0');
const std::string kZipped("\1\0", 2);

// A file with these chunks, as far as text goes.
std::string File(const std::string& chunks) { return kStart + chunks + Chunk("IEND", ""); }

std::string Read(const std::string& chunks) { return ReadPngParameters(File(chunks)).value(); }

absl::StatusCode Code(const std::string& png) { return ReadPngParameters(png).status().code(); }

constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;

TEST(PngText, WhatOurEncoderWritesIsReadBack) {
  const RgbImage image{2, 1, {1, 2, 3, 4, 5, 6}};
  for (const std::string text : {"Steps: 1", "caf\xc3\xa9\nna\xc3\xaf", "\xe7\x8c\xab"}) {
    EXPECT_EQ(ReadPngParameters(worker::EncodePng(image, text).value()).value(), text);
  }
  EXPECT_EQ(ReadPngParameters(worker::EncodePng(image, "").value()).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(PngText, EveryKindOfTextChunkIsRead) {
  EXPECT_EQ(Read(Text("caf\xe9")), "caf\xc3\xa9");
  EXPECT_EQ(Read(Zipped(Compressed("caf\xe9"))), "caf\xc3\xa9");
  EXPECT_EQ(Read(International(kPlain, "caf\xc3\xa9")), "caf\xc3\xa9");
  EXPECT_EQ(Read(International(kZipped, Compressed("\xf0\x9f\x90\x88"))), "\xf0\x9f\x90\x88");
  EXPECT_EQ(Read(Text("")), "");
}

TEST(PngText, TheLastOneCountsAndOtherKeywordsDoNot) {
  EXPECT_EQ(Read(Text("one") + Chunk("IDAT", "pixels") + Text("two") +
                 Chunk("tEXt", "Comment" + Zero() + "three") + Chunk("tEXt", "no zero")),
            "two");
  EXPECT_EQ(Code(File(Chunk("tEXt", "parameters 2" + Zero() + "x"))), absl::StatusCode::kNotFound);
}

TEST(PngText, BytesThatAreNoWholePngFileAreRefused) {
  const std::string file = File(Text("Steps: 1"));
  for (std::size_t size = 0; size < file.size(); ++size) {
    EXPECT_EQ(Code(file.substr(0, size)), kInvalid) << size;
  }
  for (std::size_t i = 0; i < file.size(); ++i) {
    std::string changed = file;
    changed[i] ^= 0x20;
    EXPECT_EQ(Code(changed), kInvalid) << i;
  }
  EXPECT_EQ(Code(kStart + BigEndian(0xffffffff) + "tEXt"), kInvalid);
  EXPECT_EQ(Code(kStart + BigEndian(0xfffffff4) + "tEXt" + BigEndian(0)), kInvalid);
}

TEST(PngText, MalformedTextsAreRefused) {
  EXPECT_EQ(Code(File(Zipped("not deflated"))), kInvalid);
  EXPECT_EQ(Code(File(Chunk("zTXt", "parameters" + Zero() + "\1" + Compressed("x")))), kInvalid);
  EXPECT_EQ(Code(File(Chunk("zTXt", "parameters" + Zero()))), kInvalid);
  EXPECT_EQ(Code(File(Chunk("iTXt", "parameters" + Zero()))), kInvalid);
  EXPECT_EQ(Code(File(Chunk("iTXt", "parameters" + Zero() + kPlain + "en"))), kInvalid);
  EXPECT_EQ(Code(File(International("\2" + Zero(), "x"))), kInvalid);
  for (const char* text : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80"}) {
    EXPECT_EQ(Code(File(International(kPlain, text))), kInvalid);
  }
}

TEST(PngText, LongTextsAreRefusedAlsoWhenTheyAreCompressed) {
  const std::string fits(kMaxPngTextBytes, 'a');
  EXPECT_EQ(Read(Text(fits)), fits);
  EXPECT_EQ(Read(Zipped(Compressed(fits))), fits);
  EXPECT_EQ(Code(File(Text(fits + "a"))), kInvalid);
  EXPECT_EQ(Code(File(International(kPlain, fits + "a"))), kInvalid);
  EXPECT_EQ(Code(File(Zipped(Compressed(fits + "a")))), kInvalid);
  EXPECT_EQ(Code(File(International(kZipped, Compressed(fits + "a")))), kInvalid);
}

}  // namespace
}  // namespace darkroom::infotext
