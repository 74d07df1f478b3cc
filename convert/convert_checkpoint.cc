#include "convert/convert_checkpoint.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "convert/checkpoint.h"
#include "convert/input_file.h"
#include "convert/new_file.h"
#include "convert/safetensors_header.h"
#include "convert/tensor_bytes.h"
#include "convert/text.h"

namespace darkroom::convert {
namespace {

// One sentence for whoever wants to know why there is no new file.
absl::Status NotConverted(const std::filesystem::path& input, const absl::Status& why,
                          absl::string_view end) {
  return absl::Status(why.code(),
                      absl::StrCat(input.string(), " is not converted: ", why.message(), end));
}

constexpr absl::string_view kNotExecuted = "; nothing of it was executed";

// A checkpoint that has been read and checked, and what is to be written of it.
struct Plan {
  std::unique_ptr<Checkpoint> checkpoint;
  StateDict state;
  std::vector<std::pair<TensorHeader, std::uint32_t>> tensors;  // in the order of the file
  std::string header;
  std::uint64_t bytes = 0;  // of all tensors
};

absl::Status CheckExpansion(const Plan& plan, std::uint64_t file_bytes) {
  // No file is so large that this overflows.
  const std::uint64_t most = kMaxExpansion * file_bytes + kExpansionSlack;
  std::uint64_t left = most;
  for (const auto& [header, tensor] : plan.tensors) {
    if (header.bytes > left) {
      return absl::InvalidArgumentError(absl::StrCat("its tensors take more than ", most,
                                                     " bytes, ", kMaxExpansion,
                                                     " times what the file has"));
    }
    left -= header.bytes;
  }
  return absl::OkStatus();
}

absl::StatusOr<Plan> MakePlan(InputFile file) {
  Plan plan;
  const std::uint64_t file_bytes = file.size();
  DARKROOM_ASSIGN_OR_RETURN(plan.checkpoint, OpenCheckpoint(std::move(file)));
  const PickleData& data = plan.checkpoint->data();
  DARKROOM_ASSIGN_OR_RETURN(plan.state, SelectStateDict(data));
  for (const NamedTensor& named : plan.state.tensors) {
    const Tensor& tensor = data.tensors[named.tensor];
    plan.tensors.emplace_back(TensorHeader{.name = named.name,
                                           .type = data.storages[tensor.storage].type,
                                           .shape = tensor.shape,
                                           .bytes = TensorBytes(tensor, data)},
                              named.tensor);
  }
  DARKROOM_RETURN_IF_ERROR(CheckExpansion(plan, file_bytes));
  std::sort(plan.tensors.begin(), plan.tensors.end(),
            [](const auto& a, const auto& b) { return ComesBefore(a.first, b.first); });
  std::vector<TensorHeader> headers;
  for (const auto& [header, tensor] : plan.tensors) {
    headers.push_back(header);
    plan.bytes += header.bytes;
  }
  DARKROOM_ASSIGN_OR_RETURN(plan.header, SafetensorsHeader(headers));
  return plan;
}

absl::Status WriteTensors(const std::filesystem::path& input, Plan& plan, NewFile& file,
                          ConvertProgress progress) {
  DARKROOM_RETURN_IF_ERROR(file.Append(plan.header));
  std::uint64_t done = 0;
  absl::Status written;
  const auto sink = [&](absl::string_view bytes) {
    if (!progress(done, plan.bytes)) return written = absl::CancelledError("the conversion ended");
    done += bytes.size();
    return written = file.Append(bytes);
  };
  for (const auto& [header, tensor] : plan.tensors) {
    const absl::Status streamed =
        StreamTensor(*plan.checkpoint, plan.checkpoint->data().tensors[tensor], sink);
    if (!written.ok()) return written;  // no fault of the checkpoint
    if (!streamed.ok()) {
      const std::string what =
          absl::StrCat("tensor ", Quoted(header.name), ": ", streamed.message());
      return NotConverted(input, absl::Status(streamed.code(), what), kNotExecuted);
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Conversion> ConvertCheckpoint(const std::filesystem::path& input,
                                             const std::filesystem::path& output, bool replace,
                                             ConvertProgress progress) {
  absl::StatusOr<InputFile> file = InputFile::Open(input);
  if (!file.ok()) return NotConverted(input, file.status(), "");
  absl::StatusOr<Plan> plan = MakePlan(*std::move(file));
  if (!plan.ok()) return NotConverted(input, plan.status(), kNotExecuted);
  DARKROOM_ASSIGN_OR_RETURN(NewFile written, NewFile::Create(output, replace));
  DARKROOM_RETURN_IF_ERROR(WriteTensors(input, *plan, written, progress));
  DARKROOM_RETURN_IF_ERROR(written.Finish());
  return Conversion{.tensors = plan->tensors.size(),
                    .bytes = plan->header.size() + plan->bytes,
                    .taken_from = std::move(plan->state.taken_from),
                    .skipped = std::move(plan->state.skipped)};
}

}  // namespace darkroom::convert
