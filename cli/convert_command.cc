#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "cli/command.h"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/progress_view.h"
#include "convert/convert_checkpoint.h"
#include "convert/text.h"

namespace darkroom::cli {
namespace {

constexpr std::size_t kMostNotes = 20;
constexpr std::uint64_t kWorthABar = std::uint64_t{64} << 20;  // bytes

std::string SkippedText(const convert::SkippedEntry& entry) {
  return absl::StrCat(entry.name, ": ", entry.what);
}

std::string ConversionJson(const std::string& file, const convert::Conversion& conversion) {
  std::string json = "{\"file\": ";
  convert::AppendJsonString(file, &json);
  absl::StrAppend(&json, ", \"tensors\": ", conversion.tensors, ", \"bytes\": ", conversion.bytes,
                  ", \"taken_from\": ");
  convert::AppendJsonString(conversion.taken_from, &json);
  absl::StrAppend(&json, ", \"skipped\": [");
  for (std::size_t i = 0; i < conversion.skipped.size(); ++i) {
    if (i > 0) absl::StrAppend(&json, ", ");
    convert::AppendJsonString(SkippedText(conversion.skipped[i]), &json);
  }
  return absl::StrCat(json, "]}");
}

void PrintNotes(const convert::Conversion& conversion) {
  for (std::size_t i = 0; i < conversion.skipped.size() && i < kMostNotes; ++i) {
    PrintNote(absl::StrCat("skipped ", SkippedText(conversion.skipped[i])));
  }
  if (conversion.skipped.size() > kMostNotes) {
    PrintNote(absl::StrCat("skipped ", conversion.skipped.size() - kMostNotes, " entries more"));
  }
  const std::string origin = conversion.taken_from.empty()
                                 ? ""
                                 : absl::StrCat(" out of ", convert::Quoted(conversion.taken_from));
  PrintNote(absl::StrCat(conversion.tensors, " tensors", origin, ", ", conversion.bytes, " bytes"));
}

class ConvertCommand final : public Command {
 public:
  CommandText text() const override {
    return {
        "convert", "FILE", "Turn a .ckpt or .pt file into safetensors, safely",
        "Turns a checkpoint of PyTorch (.ckpt, .pt, .pth, .bin) into a safetensors file with the\n"
        "same tensors. The checkpoint's pickle, which could run any program when PyTorch loads\n"
        "it, is only read as a description: nothing of it is executed, and a file that asks for\n"
        "more than tensors is refused. Needs no server.",
        "  darkroom convert model.ckpt\n"
        "  darkroom convert embedding.pt --out embeddings/style.safetensors\n"};
  }

  void Declare(OptionParser& options) override {
    options.Add({"out", "FILE", "the new file; by default beside the old one", ""}, &out_);
    options.Add({"replace", "", "replace a file of that name", ""}, &replace_);
    options.Add({"json", "", "print what was written as JSON", ""}, &json_);
  }

  ExitCode Run(const std::vector<std::string>& arguments) override {
    const Interrupt interrupt;
    const std::filesystem::path input = arguments[0];
    const std::filesystem::path output =
        out_.empty() ? std::filesystem::path(input).replace_extension(".safetensors")
                     : std::filesystem::path(out_);
    ProgressView view;
    const auto conversion = convert::ConvertCheckpoint(
        input, output, replace_, [&](std::uint64_t done, std::uint64_t total) {
          Show(view, done, total);
          return !interrupt.requested();
        });
    view.Clear();
    if (absl::IsCancelled(conversion.status())) return ExitCode::kInterrupted;
    if (absl::IsAlreadyExists(conversion.status())) {
      return FailLocally(absl::AlreadyExistsError(
          absl::StrCat(conversion.status().message(), "; --replace overwrites it")));
    }
    if (!conversion.ok()) return FailLocally(conversion.status());
    PrintNotes(*conversion);
    PrintResult(json_ ? ConversionJson(output.string(), *conversion) : output.string());
    return ExitCode::kDone;
  }

 private:
  static void Show(ProgressView& view, std::uint64_t done, std::uint64_t total) {
    constexpr std::uint64_t kMebibyte = 1 << 20;
    if (total < kWorthABar) return;
    view.Show({.text = absl::StrCat(done / kMebibyte, " of ", total / kMebibyte, " MiB"),
               .fraction = static_cast<double>(done) / static_cast<double>(total),
               .phase = 0});
  }

  std::string out_;
  bool replace_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> NewConvertCommand() { return std::make_unique<ConvertCommand>(); }

}  // namespace darkroom::cli
