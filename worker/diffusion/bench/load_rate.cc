#include "worker/diffusion/bench/load_rate.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "worker/diffusion/weights/model_folder.h"

namespace darkroom::diffusion {
namespace {

std::vector<std::filesystem::path> FilesWithWeights(const std::filesystem::path& model) {
  if (!std::filesystem::is_directory(model)) return {model};
  std::vector<std::filesystem::path> files;
  for (const char* part : {"text_encoder", "text_encoder_2", "unet", "vae"}) {
    const absl::StatusOr<std::filesystem::path> weights = FindWeights(model, part);
    if (weights.ok()) files.push_back(*weights);
  }
  return files;
}

// What `use` returns for the open file.
template <typename Use>
absl::Status WithFile(const std::filesystem::path& path, const Use& use) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return absl::ErrnoToStatus(errno, absl::StrCat("open ", path.string()));
  const absl::Cleanup close_file = [file] { close(file); };
  return use(file);
}

absl::Status Forget(const std::vector<std::filesystem::path>& files) {
  for (const std::filesystem::path& path : files) {
    DARKROOM_RETURN_IF_ERROR(WithFile(path, [](int file) {
      const int error = posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED);
      return error == 0 ? absl::OkStatus() : absl::ErrnoToStatus(error, "forget");
    }));
  }
  return absl::OkStatus();
}

absl::Status ReadThrough(const std::vector<std::filesystem::path>& files) {
  std::vector<char> buffer(std::size_t{1} << 20);
  for (const std::filesystem::path& path : files) {
    DARKROOM_RETURN_IF_ERROR(WithFile(path, [&buffer](int file) {
      posix_fadvise(file, 0, 0, POSIX_FADV_SEQUENTIAL);
      ssize_t got = 0;
      while ((got = read(file, buffer.data(), buffer.size())) > 0) {
      }
      return got == 0 ? absl::OkStatus() : absl::ErrnoToStatus(errno, "read");
    }));
  }
  return absl::OkStatus();
}

// Appends how long `work` took.
template <typename Work>
absl::Status Time(std::vector<absl::Duration>* times, const Work& work) {
  const absl::Time start = absl::Now();
  DARKROOM_RETURN_IF_ERROR(work());
  times->push_back(absl::Now() - start);
  return absl::OkStatus();
}

absl::Duration Median(std::vector<absl::Duration> times) {
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

double Seconds(absl::Duration duration) { return absl::ToDoubleSeconds(duration); }

}  // namespace

absl::StatusOr<LoadRate> MeasureLoadRate(const std::filesystem::path& model,
                                         const TorchBackendOptions& options, int repeats) {
  DARKROOM_ASSIGN_OR_RETURN(const ModelDescription description, DescribeModel(model, options));
  const std::vector<std::filesystem::path> files = FilesWithWeights(model);
  LoadRate rate;
  rate.model_bytes = description.bytes;
  for (const std::filesystem::path& path : files) {
    std::error_code error;
    rate.file_bytes += static_cast<std::int64_t>(std::filesystem::file_size(path, error));
    if (error) return absl::ErrnoToStatus(error.value(), path.string());
  }
  const auto load = [&] { return LoadTorchBackend(model, options).status(); };
  std::vector<absl::Duration> read_cold;
  std::vector<absl::Duration> load_cold;
  std::vector<absl::Duration> load_warm;
  for (int i = 0; i < repeats; ++i) {
    DARKROOM_RETURN_IF_ERROR(Forget(files));
    DARKROOM_RETURN_IF_ERROR(Time(&read_cold, [&] { return ReadThrough(files); }));
    DARKROOM_RETURN_IF_ERROR(Forget(files));
    DARKROOM_RETURN_IF_ERROR(Time(&load_cold, load));
    DARKROOM_RETURN_IF_ERROR(Time(&load_warm, load));
  }
  rate.read_cold = Median(read_cold);
  rate.load_cold = Median(load_cold);
  rate.load_warm = Median(load_warm);
  return rate;
}

std::string FormatLoadRate(const LoadRate& rate, std::int64_t peak_resident) {
  const double mib = static_cast<double>(rate.file_bytes >> 20);
  return absl::StrFormat(
      "{\"file_mib\": %d, \"model_mib\": %d, \"peak_resident_mib\": %d,\n"
      " \"read_cold_s\": %.2f, \"load_cold_s\": %.2f, \"load_warm_s\": %.2f,\n"
      " \"read_mib_per_s\": %.0f, \"load_mib_per_s\": %.0f, \"share_of_reading\": %.2f}\n",
      rate.file_bytes >> 20, rate.model_bytes >> 20, peak_resident >> 20, Seconds(rate.read_cold),
      Seconds(rate.load_cold), Seconds(rate.load_warm), mib / Seconds(rate.read_cold),
      mib / Seconds(rate.load_cold), Seconds(rate.read_cold) / Seconds(rate.load_cold));
}

}  // namespace darkroom::diffusion
