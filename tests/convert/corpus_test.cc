// Converts the files that make_corpus.py wrote.

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "convert/checkpoint.h"
#include "convert/convert_checkpoint.h"
#include "convert/input_file.h"
#include "convert/state_dict.h"
#include "convert/tensor_bytes.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::convert {
namespace {

using ::testing::HasSubstr;

const std::filesystem::path kCorpus = "tests/convert/corpus";
constexpr std::size_t kMostBytes = std::size_t{64} << 20;

bool GoOn(std::uint64_t, std::uint64_t) { return true; }

std::vector<std::vector<std::string>> ReadTable(const std::filesystem::path& path) {
  std::vector<std::vector<std::string>> rows;
  const std::string text = ReadFile(path, kMostBytes).value();
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    rows.push_back(absl::StrSplit(line, '\t'));
  }
  return rows;
}

std::size_t CountFiles(const std::filesystem::path& folder, const std::string& extension) {
  const std::filesystem::directory_iterator files(folder);
  return static_cast<std::size_t>(std::count_if(begin(files), end(files), [&](const auto& file) {
    return file.path().extension() == extension;
  }));
}

// The most memory that this process ever had.
long PeakKibibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

class CorpusTest : public ::testing::Test {
 protected:
  CorpusTest() { std::filesystem::create_directories(folder_); }
  ~CorpusTest() override { std::filesystem::remove_all(folder_); }

  absl::StatusOr<Conversion> Convert(const std::filesystem::path& input) const {
    return ConvertCheckpoint(input, output_, false, GoOn);
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) /
      absl::StrCat("corpus_", ::testing::UnitTest::GetInstance()->current_test_info()->name());
  const std::filesystem::path output_ = folder_ / "out.safetensors";
};

TEST_F(CorpusTest, HonestCheckpointsBecomeWhatSafetensorsWrites) {
  const auto rows = ReadTable(kCorpus / "honest/honest.tsv");
  ASSERT_EQ(rows.size(), CountFiles(kCorpus / "honest", ".ckpt"));
  for (const std::vector<std::string>& row : rows) {
    SCOPED_TRACE(row[0]);
    const auto conversion = Convert(kCorpus / "honest" / (row[0] + ".ckpt"));
    ASSERT_TRUE(conversion.ok()) << conversion.status();
    EXPECT_EQ(conversion->taken_from, row[1]);
    EXPECT_EQ(absl::StrCat(conversion->skipped.size()), row[2]);
    const std::string written = ReadFile(output_, kMostBytes).value();
    EXPECT_EQ(conversion->bytes, written.size());
    EXPECT_EQ(written,
              ReadFile(kCorpus / "honest" / (row[0] + ".safetensors"), kMostBytes).value());
    std::filesystem::remove(output_);
  }
}

TEST_F(CorpusTest, HostileFilesAreRefusedWithTheirReasonAndLittleMemory) {
  const auto rows = ReadTable(kCorpus / "hostile/hostile.tsv");
  ASSERT_EQ(rows.size(), CountFiles(kCorpus / "hostile", ".ckpt"));
  ASSERT_GT(rows.size(), 150U);
  for (const std::vector<std::string>& row : rows) {
    SCOPED_TRACE(row[0]);
    const std::filesystem::path input = kCorpus / "hostile" / row[0];
    const absl::Status status = Convert(input).status();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), HasSubstr(row[1]));
    EXPECT_TRUE(absl::StartsWith(status.message(), absl::StrCat(input.string(), " is not")));
    EXPECT_TRUE(absl::EndsWith(status.message(), "; nothing of it was executed"));
    EXPECT_TRUE(std::filesystem::is_empty(folder_));
  }
  constexpr long kMost = 1 << 20;  // the sanitizers' share included
  EXPECT_LT(PeakKibibytes(), kMost);
}

// Names and bytes of all tensors, one behind the other.
absl::StatusOr<std::string> ReadTensors(const std::filesystem::path& path) {
  DARKROOM_ASSIGN_OR_RETURN(InputFile file, InputFile::Open(path));
  DARKROOM_ASSIGN_OR_RETURN(const auto checkpoint, OpenCheckpoint(std::move(file)));
  DARKROOM_ASSIGN_OR_RETURN(const StateDict state, SelectStateDict(checkpoint->data()));
  std::string content;
  for (const NamedTensor& named : state.tensors) {
    absl::StrAppend(&content, named.name, "=");
    const Tensor& tensor = checkpoint->data().tensors[named.tensor];
    DARKROOM_RETURN_IF_ERROR(StreamTensor(*checkpoint, tensor, [&](absl::string_view bytes) {
      content.append(bytes.data(), bytes.size());
      return absl::OkStatus();
    }));
  }
  return content;
}

TEST_F(CorpusTest, ACutFileIsRefusedAtEveryLength) {
  const std::filesystem::path cut = folder_ / "cut.ckpt";
  for (const std::string name : {"embedding", "legacy_python_2"}) {
    const std::string whole = ReadFile(kCorpus / "honest" / (name + ".ckpt"), kMostBytes).value();
    for (std::size_t size = 0; size < whole.size(); ++size) {
      std::ofstream(cut, std::ios::binary) << whole.substr(0, size);
      EXPECT_FALSE(ReadTensors(cut).ok()) << name << " cut at " << size;
    }
  }
}

TEST_F(CorpusTest, AChangedByteOfAnArchiveIsRefusedOrWithoutEffect) {
  const std::filesystem::path changed = folder_ / "changed.ckpt";
  const std::string whole = ReadFile(kCorpus / "honest/embedding.ckpt", kMostBytes).value();
  const std::string content = ReadTensors(kCorpus / "honest/embedding.ckpt").value();
  int refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (at % 2 == 0 ? 0xff : 0x01));
    std::ofstream(changed, std::ios::binary) << bytes;
    const auto read = ReadTensors(changed);
    EXPECT_EQ(read.value_or(content), content) << at;
    refused += read.ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 500);
}

}  // namespace
}  // namespace darkroom::convert
