#include "worker/diffusion/weights/tensor_reader.h"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "ATen/ops/equal.h"
#include "ATen/ops/rand.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"

namespace darkroom::diffusion {
namespace {

// Kernels, matrices and vectors, some of several pieces, in an order that is not that of their
// names. Behind "odd" nothing is aligned.
class TensorReaderTest : public ::testing::Test {
 protected:
  TensorReaderTest() {
    file_.AddBytes("odd", "U8", {1}, "x", 1);
    Add("kernel", "F16", at::kHalf, {64, 300, 3, 3});
    Add("wide_kernel", "F32", at::kFloat, {2, 5, 1, 7});
    Add("bias", "BF16", at::kBFloat16, {640});
    Add("matrix", "F16", at::kHalf, {700, 301});
    Add("large_matrix", "F32", at::kFloat, {1500, 1401});
    Add("pointwise", "F64", at::kDouble, {30, 20, 1, 1});
    Add("scalar", "F32", at::kFloat, {});
    Add("empty", "F16", at::kHalf, {0, 3});
  }

  void Add(const std::string& name, const std::string& type, at::ScalarType dtype,
           const std::vector<std::int64_t>& shape) {
    const at::Tensor values = at::rand(shape).sub_(0.5).to(dtype);
    file_.AddBytes(name, type, shape, values.data_ptr(), values.nbytes());
    values_.emplace(name, values);
  }

  TestFile file_{"tensor_reader"};
  std::map<std::string, at::Tensor> values_;
};

std::vector<std::string> Names(const std::map<std::string, at::Tensor>& values) {
  std::vector<std::string> names = {"odd"};
  for (const auto& [name, tensor] : values) names.push_back(name);
  return names;
}

TEST_F(TensorReaderTest, EveryTensorHasTheFilesNumbersInEachTypeAndLayout) {
  const SafetensorsFile file = file_.Open();
  for (const at::ScalarType dtype : {at::kFloat, at::kHalf, at::kBFloat16, at::kDouble}) {
    for (const auto kernels : {at::MemoryFormat::Contiguous, at::MemoryFormat::ChannelsLast}) {
      TensorReader reader(at::TensorOptions().dtype(dtype));
      ASSERT_TRUE(reader.Read(file, Names(values_), kernels).ok());
      for (const auto& [name, values] : values_) {
        const at::Tensor read = reader.Find(name);
        ASSERT_TRUE(read.defined()) << name;
        EXPECT_EQ(read.scalar_type(), dtype);
        EXPECT_TRUE(at::equal(read, values.to(dtype))) << name;
        const bool kernel = name == "kernel" || name == "wide_kernel";
        EXPECT_TRUE(read.is_contiguous(kernel ? kernels : at::MemoryFormat::Contiguous)) << name;
      }
      EXPECT_FALSE(reader.Find("odd").defined());
    }
  }
}

TEST_F(TensorReaderTest, OnlyWhatWasAskedForIsReadAndWhatIsDroppedIsGone) {
  const SafetensorsFile file = file_.Open();
  TensorReader reader(at::TensorOptions().dtype(at::kFloat));
  ASSERT_TRUE(reader.Read(file, {"odd", "bias"}, at::MemoryFormat::Contiguous).ok());
  EXPECT_TRUE(reader.Find("bias").defined());
  EXPECT_FALSE(reader.Find("matrix").defined());
  reader.Drop("bias");
  EXPECT_FALSE(reader.Find("bias").defined());
}

TEST_F(TensorReaderTest, AFileThatIsCutWhileItIsReadIsAnErrorThatNamesIt) {
  const SafetensorsFile file = file_.Open();
  std::filesystem::resize_file(file_.path(), std::filesystem::file_size(file_.path()) / 2);
  TensorReader reader(at::TensorOptions().dtype(at::kFloat));
  const absl::Status status = reader.Read(file, Names(values_), at::MemoryFormat::ChannelsLast);
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(status.message(), file_.path() + ": the file has become shorter");
}

}  // namespace
}  // namespace darkroom::diffusion
