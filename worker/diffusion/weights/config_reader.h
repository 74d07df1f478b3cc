#ifndef DARKROOM_WORKER_DIFFUSION_WEIGHTS_CONFIG_READER_H_
#define DARKROOM_WORKER_DIFFUSION_WEIGHTS_CONFIG_READER_H_

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "worker/diffusion/weights/json.h"

namespace darkroom::diffusion {

// Reads typed values out of one config file. An absent or null key has its default. The first bad
// value is kept as status(), which names the file and the key; what the getters return after it is
// to be thrown away.
class ConfigReader {
 public:
  // NOT_FOUND, or INVALID_ARGUMENT for what is no JSON object; the message names the path.
  static absl::StatusOr<ConfigReader> Open(const std::filesystem::path& path);

  const absl::Status& status() const { return status_; }
  bool Has(absl::string_view key) const;
  bool IsArray(absl::string_view key) const;

  // A fallback below `min` says that the key may not be absent.
  int Int(absl::string_view key, int fallback, int min, int max);
  double Double(absl::string_view key, double fallback, double min, double max);
  bool Bool(absl::string_view key, bool fallback);
  std::string String(absl::string_view key, absl::string_view fallback);
  // A special token: its spelling, or an object whose "content" is its spelling.
  std::string Token(absl::string_view key, absl::string_view fallback);
  // Arrays may not be absent; those with a `max_count` have at least one value.
  std::vector<int> Ints(absl::string_view key, std::size_t max_count, int min, int max);
  std::vector<double> Doubles(absl::string_view key, std::size_t count);
  std::vector<std::vector<double>> Matrix(absl::string_view key, std::size_t rows,
                                          std::size_t columns);
  std::vector<std::string> Strings(absl::string_view key, std::size_t max_count);
  // The place of a string in `allowed`.
  std::size_t Choice(absl::string_view key, absl::string_view fallback,
                     absl::Span<const absl::string_view> allowed);

  // Features that are not built: the key is absent or null, or has the one value that is supported.
  void ExpectNull(absl::string_view key);
  void ExpectString(absl::string_view key, absl::string_view value);
  void ExpectBool(absl::string_view key, bool value);
  void ExpectNumber(absl::string_view key, double value);

  // For checks that go over several keys.
  void Fail(absl::string_view key, absl::string_view problem);

 private:
  ConfigReader(std::string path, Json root) : path_(std::move(path)), root_(std::move(root)) {}

  // Null where the key is absent or null.
  const Json* Find(absl::string_view key) const;
  const Json::Array* Array(absl::string_view key, std::size_t min_count, std::size_t max_count);

  std::string path_;
  Json root_;
  absl::Status status_;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_WEIGHTS_CONFIG_READER_H_
