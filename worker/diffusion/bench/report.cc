#include "worker/diffusion/bench/report.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace darkroom::diffusion {
namespace {

std::string Quoted(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

double Milliseconds(absl::Duration duration) { return absl::ToDoubleMilliseconds(duration); }

std::string FormatStep(const ReportHeader& header, const StepTime& step) {
  const double seconds = absl::ToDoubleSeconds(step.median);
  const double tflops = 2 * step.rows * header.unet_flops / seconds / 1e12;
  std::string text =
      absl::StrFormat(R"({"rows": %d, "ms": %.3f, "ms_per_row": %.3f, "tflops": %.4f)", step.rows,
                      Milliseconds(step.median), Milliseconds(step.median) / step.rows, tflops);
  if (header.peak_tflops > 0) {
    absl::StrAppendFormat(&text, R"(, "peak_share": %.3f)", tflops / header.peak_tflops);
  }
  return absl::StrCat(text, "}");
}

std::string FormatPictures(const PictureTimes& pictures) {
  return absl::StrFormat(
      R"({"jobs": %d, "one_at_a_time_per_s": %.4f, "together_per_s": %.4f, "speedup": %.3f})",
      pictures.jobs, pictures.jobs / absl::ToDoubleSeconds(pictures.one_at_a_time),
      pictures.jobs / absl::ToDoubleSeconds(pictures.together), pictures.speedup);
}

}  // namespace

std::string FormatReport(const ReportHeader& header, const Workload& workload,
                         const Measurements& measured) {
  std::vector<std::string> steps;
  for (const StepTime& step : measured.steps) steps.push_back(FormatStep(header, step));
  std::string text = absl::StrFormat(
      "{\n  \"model\": %s, \"device\": %s, \"dtype\": %s, \"threads\": %d,\n"
      "  \"load_s\": %.2f, \"peak_resident_mib\": %d,\n"
      "  \"side\": %d, \"steps\": %d, \"repeats\": %d, \"loras\": %d, \"unet_gflop_per_row\": "
      "%.3f,\n"
      "  \"text_encode_ms\": %.3f,\n  \"vae_decode_ms\": %.3f,\n  \"denoiser_step\": [\n    %s\n  "
      "]",
      Quoted(header.model), Quoted(header.device), Quoted(header.dtype), header.threads,
      absl::ToDoubleSeconds(header.load), header.peak_resident >> 20, workload.side, workload.steps,
      workload.repeats, workload.loras.size(), header.unet_flops / 1e9,
      Milliseconds(measured.text_encode), Milliseconds(measured.decode),
      absl::StrJoin(steps, ",\n    "));
  if (measured.pictures.jobs > 0) {
    absl::StrAppend(&text, ",\n  \"pictures\": ", FormatPictures(measured.pictures));
  }
  return absl::StrCat(text, "\n}\n");
}

}  // namespace darkroom::diffusion
