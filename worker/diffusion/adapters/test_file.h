#ifndef DARKROOM_WORKER_DIFFUSION_ADAPTERS_TEST_FILE_H_
#define DARKROOM_WORKER_DIFFUSION_ADAPTERS_TEST_FILE_H_

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// A safetensors file for tests of what reads one; goes away with the object.
class TestFile {
 public:
  explicit TestFile(const std::string& name)
      : path_(std::filesystem::path(::testing::TempDir()) / name) {}
  ~TestFile() { std::filesystem::remove(path_); }
  TestFile(const TestFile&) = delete;
  TestFile& operator=(const TestFile&) = delete;

  // A float32 tensor of which every element is `value`.
  void Add(const std::string& name, const std::vector<std::int64_t>& shape, float value = 0.5f) {
    std::int64_t count = 1;
    for (const std::int64_t size : shape) count *= size;
    AddValues(name, shape, std::vector<float>(static_cast<std::size_t>(count), value).data());
  }

  void AddValues(const std::string& name, const std::vector<std::int64_t>& shape,
                 const float* values) {
    std::size_t bytes = sizeof(float);
    for (const std::int64_t size : shape) bytes *= static_cast<std::size_t>(size);
    AddBytes(name, "F32", shape, values, bytes);
  }

  // Little-endian, of this type of the format.
  void AddBytes(const std::string& name, const std::string& type,
                const std::vector<std::int64_t>& shape, const void* bytes, std::size_t size) {
    const std::size_t begin = data_.size();
    data_.append(static_cast<const char*>(bytes), size);
    entries_.push_back(absl::StrCat("\"", name, "\":{\"dtype\":\"", type, "\",\"shape\":[",
                                    absl::StrJoin(shape, ","), "],\"data_offsets\":[", begin, ",",
                                    data_.size(), "]}"));
  }

  void AddWhole(const std::string& name, std::int64_t value) {
    AddBytes(name, "I64", {}, &value, sizeof(value));
  }

  // `json`: the object of what the file says of itself.
  void SetMetadata(const std::string& json) {
    entries_.push_back(absl::StrCat("\"__metadata__\":", json));
  }

  std::string Bytes() const {
    const std::string header = absl::StrCat("{", absl::StrJoin(entries_, ","), "}");
    const std::uint64_t length = header.size();
    std::string bytes(sizeof(length), '\0');
    std::memcpy(bytes.data(), &length, sizeof(length));
    return absl::StrCat(bytes, header, data_);
  }

  SafetensorsFile Open() const {
    std::ofstream(path_, std::ios::binary) << Bytes();
    return SafetensorsFile::Open(path_).value();
  }

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
  std::vector<std::string> entries_;
  std::string data_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_ADAPTERS_TEST_FILE_H_
