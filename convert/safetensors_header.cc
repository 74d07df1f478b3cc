#include "convert/safetensors_header.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

constexpr absl::string_view kMetadata = "__metadata__";
constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kAlignment = 8;

}  // namespace

bool ComesBefore(const TensorHeader& a, const TensorHeader& b) {
  return a.type != b.type ? a.type > b.type : a.name < b.name;
}

absl::StatusOr<std::string> SafetensorsHeader(absl::Span<const TensorHeader> tensors) {
  if (tensors.size() > kMaxTensors) {
    return absl::InvalidArgumentError(
        absl::StrCat("it has ", tensors.size(), " tensors, at most ", kMaxTensors, " are read"));
  }
  std::string json = absl::StrCat("{\"", kMetadata, "\":{\"format\":\"pt\"}");
  std::uint64_t begin = 0;
  for (const TensorHeader& tensor : tensors) {
    if (tensor.name == kMetadata) {
      return absl::InvalidArgumentError(
          absl::StrCat("it has a tensor of the name ", Quoted(tensor.name), ", which is reserved"));
    }
    json.push_back(',');
    AppendJsonString(tensor.name, &json);
    absl::StrAppend(&json, ":{\"dtype\":\"", ElementName(tensor.type), "\",\"shape\":[",
                    absl::StrJoin(tensor.shape, ","), "],\"data_offsets\":[", begin, ",",
                    begin + tensor.bytes, "]}");
    begin += tensor.bytes;
    if (json.size() > kMaxHeaderBytes) {
      return absl::InvalidArgumentError("the names of its tensors are too long together");
    }
  }
  json.push_back('}');
  json.resize((json.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  std::string header;
  for (std::size_t i = 0; i < kLengthBytes; ++i) {
    header.push_back(static_cast<char>(json.size() >> (8 * i) & 0xff));
  }
  return absl::StrCat(header, json);
}

}  // namespace darkroom::convert
