#include "server/rest/api_descriptors.h"

#include <cstdlib>

#include "common/log.h"
#include "google/protobuf/descriptor.pb.h"

namespace darkroom::server::rest {
namespace {

const google::protobuf::DescriptorPool* MakePool() {
  auto* pool = new google::protobuf::DescriptorPool;
  google::protobuf::FileDescriptorSet files;
  const absl::string_view bytes = ApiDescriptorFiles().front().bytes;
  bool good = files.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  // What a file imports stands before it.
  for (const auto& file : files.file()) good = good && pool->BuildFile(file) != nullptr;
  if (!good) {
    log::Error("the description of the API is damaged");
    std::abort();
  }
  return pool;
}

}  // namespace

const google::protobuf::DescriptorPool& ApiDescriptors() {
  static const google::protobuf::DescriptorPool* const kPool = MakePool();
  return *kPool;
}

}  // namespace darkroom::server::rest
