#include "cli/doctor/model_checks.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/doctor/byte_text.h"
#include "convert/safetensors_header.h"

namespace darkroom::cli {
namespace {

constexpr std::size_t kLengthBytes = 8;
constexpr absl::string_view kOffsets = "\"data_offsets\"";

// The second number of the list behind a kOffsets; 0 for none.
std::uint64_t EndOfTensor(absl::string_view text) {
  std::uint64_t end = 0;
  const std::size_t comma = text.find(',');
  const std::size_t close = text.find(']');
  if (comma == absl::string_view::npos || close == absl::string_view::npos || close < comma) {
    return 0;
  }
  const absl::string_view number =
      absl::StripAsciiWhitespace(text.substr(comma + 1, close - comma - 1));
  return absl::SimpleAtoi(number, &end) ? end : 0;
}

}  // namespace

std::uint64_t HeaderBytes(absl::string_view beginning) {
  if (beginning.size() < kLengthBytes) return 0;
  std::uint64_t length = 0;
  for (std::size_t i = kLengthBytes; i-- > 0;) {
    length = length << 8 | static_cast<unsigned char>(beginning[i]);
  }
  return length < 2 || length > convert::kMaxHeaderBytes ? 0 : kLengthBytes + length;
}

absl::Status CheckSafetensors(absl::string_view header, std::uint64_t size) {
  const std::uint64_t begin = HeaderBytes(header);
  if (begin == 0 || (header.size() > kLengthBytes && header[kLengthBytes] != '{')) {
    return absl::InvalidArgumentError("it is no safetensors file");
  }
  if (header.size() < begin) return absl::InvalidArgumentError("it is cut short in its header");
  std::uint64_t end = 0;
  for (std::size_t at = header.find(kOffsets); at != absl::string_view::npos;
       at = header.find(kOffsets, at + 1)) {
    end = std::max(end, EndOfTensor(header.substr(at, 128)));
  }
  if (begin + end == size) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("it has ", size, " bytes, and its header says ",
                                                 begin + end,
                                                 size < begin + end ? ": it is cut short" : ""));
}

Findings CheckModels(const ModelFacts& facts) {
  if (!facts.readable.ok()) {
    return {{Verdict::kProblem, "models", std::string(facts.readable.message()),
             "set models in [worker] to where they are, and let the worker's user read it"}};
  }
  Findings found;
  if (facts.models == 0) {
    found.push_back({Verdict::kProblem, "models", absl::StrCat(facts.root, " has no model"),
                     "put .safetensors checkpoints or folders of diffusers into it; "
                     "docs/models.md says which"});
  } else {
    found.push_back({Verdict::kOk, "models", absl::StrCat(facts.root, " has ", facts.models)});
  }
  for (const ModelFacts::File& file : facts.damaged) {
    found.push_back({Verdict::kWarning, "models",
                     absl::StrCat(file.path, ": ", file.whole.message()),
                     "copy it again; until then the worker leaves its model out"});
  }
  if (!facts.pickles.empty()) {
    found.push_back({Verdict::kWarning, "models",
                     absl::StrCat(facts.pickles.front(),
                                  facts.pickles.size() > 1
                                      ? absl::StrCat(" and ", facts.pickles.size() - 1, " more")
                                      : std::string(),
                                  ": no worker loads PyTorch's files"),
                     absl::StrCat("`darkroom convert ", facts.pickles.front(), "`")});
  }
  return found;
}

}  // namespace darkroom::cli
