#include "convert/pickle_interpreter.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::convert {
namespace {

using ::testing::HasSubstr;

// With "\0" inside.
template <std::size_t kSize>
std::string Raw(const char (&text)[kSize]) {
  return std::string(text, kSize - 1);
}

// Of a pickle of protocol 2 with this body; it must be read.
Pickle Read(const std::string& body) {
  static std::string kept;  // the views point into it
  kept = absl::StrCat("\x80\x02", body, ".");
  auto pickle = ReadPickle({.bytes = kept, .name = "test"});
  EXPECT_TRUE(pickle.ok()) << pickle.status();
  return pickle.ok() ? *std::move(pickle) : Pickle{};
}

std::string Problem(const std::string& body) {
  const std::string bytes = absl::StrCat("\x80\x02", body, ".");
  const auto pickle = ReadPickle({.bytes = bytes, .name = "test", .base = 100});
  return pickle.ok() ? "" : std::string(pickle.status().message());
}

template <typename T>
T Root(const std::string& body) {
  const Pickle pickle = Read(body);
  const T* root = std::get_if<T>(&pickle.data.root);
  EXPECT_NE(root, nullptr);
  return root == nullptr ? T{} : *root;
}

TEST(ReadPickle, Numbers) {
  EXPECT_EQ(Root<std::int64_t>("K\xff"), 255);
  EXPECT_EQ(Root<std::int64_t>("M\x01\x02"), 513);
  EXPECT_EQ(Root<std::int64_t>("J\xfe\xff\xff\xff"), -2);
  EXPECT_EQ(Root<std::int64_t>(Raw("\x8a\x00")), 0);
  EXPECT_EQ(Root<std::int64_t>("\x8a\x01\x80"), -128);
  EXPECT_EQ(Root<std::int64_t>(Raw("\x8a\x05\x00\x00\x00\x00\x01")), std::int64_t{1} << 32);
  EXPECT_EQ(Root<std::int64_t>("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\xff"), -1);
  EXPECT_EQ(Root<double>(Raw("G\xc0\x04\x00\x00\x00\x00\x00\x00")), -2.5);
  EXPECT_TRUE(Root<bool>("\x88"));
  EXPECT_FALSE(Root<bool>("\x89"));
  EXPECT_EQ(Root<BigInteger>("\x8a\x09"
                             "123456789")
                .bytes,
            "123456789");
}

TEST(ReadPickle, Texts) {
  for (const std::string& body : {Raw("X\x02\x00\x00\x00hi"), Raw("\x8c\x02hi"),
                                  Raw("\x8d\x02\x00\x00\x00\x00\x00\x00\x00hi"), Raw("U\x02hi"),
                                  Raw("T\x02\x00\x00\x00hi")}) {
    EXPECT_EQ(Root<Text>(body).bytes, "hi");
  }
  for (const std::string& body : {Raw("C\x02hi"), Raw("B\x02\x00\x00\x00hi"),
                                  Raw("\x8e\x02\x00\x00\x00\x00\x00\x00\x00hi")}) {
    EXPECT_EQ(Root<Bytes>(body).bytes, "hi");
  }
}

TEST(ReadPickle, ContainersHoldWhatIsAddedThroughTheMemo) {
  // A list that is kept, put twice into a tuple, and then added to.
  const Pickle pickle = Read(
      "(]q\x05h\x05\x94h\x05(K\x01K\x02"
      "eK\x03"
      "at");
  const auto* tuple = std::get_if<TupleRef>(&pickle.data.root);
  ASSERT_NE(tuple, nullptr);
  ASSERT_EQ(pickle.data.sequences[tuple->index].size(), 3U);
  for (const Value& item : pickle.data.sequences[tuple->index]) {
    EXPECT_EQ(pickle.data.sequences[std::get<ListRef>(item).index].size(), 3U);
  }
}

TEST(ReadPickle, ADictKeepsItsOrderAndTheLastValueOfAKey) {
  const Pickle pickle = Read(
      "}(U\x01"
      "bK\x01U\x01"
      "aK\x02uU\x01"
      "bK\x03s");
  const Dict& dict = pickle.data.dicts[std::get<DictRef>(pickle.data.root).index];
  ASSERT_EQ(dict.entries.size(), 3U);
  EXPECT_EQ(std::get<Text>(dict.entries[0].first).bytes, "b");
  EXPECT_EQ(std::get<std::int64_t>(*Find(dict, "b")), 3);
  EXPECT_EQ(Find(dict, "c"), nullptr);
}

TEST(ReadPickle, EndsAtStopAndLeavesWhatIsBehind) {
  const std::string bytes = Raw("\x80\x04\x95\x02\x00\x00\x00\x00\x00\x00\x00N.cos\nsystem\n");
  const auto pickle = ReadPickle({.bytes = bytes, .name = "test"});
  ASSERT_TRUE(pickle.ok()) << pickle.status();
  EXPECT_EQ(pickle->size, 13U);
}

TEST(ReadPickle, WhatIsRefusedIsNamedWithItsPlaceInTheFile) {
  EXPECT_EQ(Problem("Ncos\nsystem\n"),
            "the global \"system\" of module \"os\" at byte 103 of test is none that tensors need");
  EXPECT_EQ(Problem("(cos\n"),
            "opcode GLOBAL at byte 103 of test has no line of at most 256 bytes "
            "behind it");
  EXPECT_EQ(Problem("N\x07"), "opcode 0x07 at byte 103 of test is none that tensors need");
  EXPECT_THAT(Problem("ctorch\nFloatStorage\n)R"),
              HasSubstr("opcode REDUCE at byte 123 of test calls the global \"FloatStorage\""));
}

TEST(ReadPickle, ATensorIsAViewOfItsStorage) {
  const std::string storage =
      Raw("(U\x07storagectorch\nHalfStorage\nU\x01"
          "0U\x03"
          "cpuK\x08tQ");
  const Pickle pickle = Read(absl::StrCat("ctorch._utils\n_rebuild_tensor\n(", storage,
                                          "K\x02K\x02K\x03\x86K\x03K\x01\x86tR"));
  ASSERT_TRUE(std::holds_alternative<TensorRef>(pickle.data.root));
  ASSERT_EQ(pickle.data.storages.size(), 1U);
  EXPECT_EQ(pickle.data.storages[0].type, ElementType::kF16);
  EXPECT_EQ(pickle.data.storages[0].elements, 8U);
  const Tensor& tensor = pickle.data.tensors[0];
  EXPECT_EQ(tensor.offset, 2U);
  EXPECT_THAT(tensor.shape, ::testing::ElementsAre(2, 3));
  EXPECT_THAT(tensor.strides, ::testing::ElementsAre(3, 1));
}

}  // namespace
}  // namespace darkroom::convert
