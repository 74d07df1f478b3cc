#ifndef DARKROOM_COMMON_LOG_H_
#define DARKROOM_COMMON_LOG_H_

#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace darkroom::log {

// Structured logging: one JSON object a line on stderr, written by a background thread. Callers
// never put prompts, keys or pictures into a field. Thread-safe.
//
//   log::Info("job leased", {{"job", id}, {"fence", fence}});

struct Field {
  Field(absl::string_view key, const absl::AlphaNum& value) : key(key), value(value.Piece()) {}

  absl::string_view key;
  absl::string_view value;
};

enum class Level { kDebug, kInfo, kWarning, kError };

// Call once at the start of main(). `process` is part of every line. Until then lines are written
// synchronously with the process name "darkroom".
void Start(absl::string_view process, Level least = Level::kInfo);
// Writes out what is still buffered.
void Flush();

void Debug(absl::string_view message, std::initializer_list<Field> fields = {});
void Info(absl::string_view message, std::initializer_list<Field> fields = {});
void Warning(absl::string_view message, std::initializer_list<Field> fields = {});
void Error(absl::string_view message, std::initializer_list<Field> fields = {});

}  // namespace darkroom::log

#endif  // DARKROOM_COMMON_LOG_H_
