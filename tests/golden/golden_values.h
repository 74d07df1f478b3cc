#ifndef DARKROOM_TESTS_GOLDEN_GOLDEN_VALUES_H_
#define DARKROOM_TESTS_GOLDEN_GOLDEN_VALUES_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "worker/diffusion/weights/safetensors.h"

namespace darkroom::diffusion {

// The tensors of a golden file as plain numbers, for tests that need no torch. A missing file ends
// the test program, a missing tensor fails the test.
class GoldenValues {
 public:
  explicit GoldenValues(const std::filesystem::path& path)
      : file_(SafetensorsFile::Open(path).value()) {}

  bool Has(const std::string& name) const { return file_.tensors().contains(name); }
  std::vector<float> Floats(const std::string& name) const {
    return Values<float>(name, TensorType::kF32);
  }
  std::vector<std::uint8_t> Bytes(const std::string& name) const {
    return Values<std::uint8_t>(name, TensorType::kU8);
  }
  std::vector<double> Doubles(const std::string& name) const {
    return Values<double>(name, TensorType::kF64);
  }

 private:
  template <typename T>
  std::vector<T> Values(const std::string& name, TensorType type) const {
    const auto found = file_.tensors().find(name);
    if (found == file_.tensors().end() || found->second.type != type) {
      ADD_FAILURE() << "no golden " << name;
      return {};
    }
    std::vector<T> values(found->second.bytes.size() / sizeof(T));
    std::memcpy(values.data(), found->second.bytes.data(), found->second.bytes.size());
    return values;
  }

  const SafetensorsFile file_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_TESTS_GOLDEN_GOLDEN_VALUES_H_
