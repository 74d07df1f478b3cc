#include "common/log.h"

#include <memory>
#include <string>

#include "absl/strings/str_format.h"
#include "common/json_text.h"
#include "spdlog/async.h"
#include "spdlog/pattern_formatter.h"
#include "spdlog/sinks/stdout_sinks.h"
#include "spdlog/spdlog.h"

namespace darkroom::log {
namespace {

constexpr int kQueuedLines = 8192;

std::shared_ptr<spdlog::logger>& Logger() {
  static auto& logger = *new std::shared_ptr<spdlog::logger>(std::make_shared<spdlog::logger>(
      "darkroom", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  return logger;
}

void SetPattern(spdlog::logger& logger, absl::string_view process) {
  logger.set_pattern(
      absl::StrFormat(R"({"time":"%%Y-%%m-%%dT%%H:%%M:%%S.%%eZ","level":"%%l","process":"%s",%%v})",
                      process),
      spdlog::pattern_time_type::utc);
}

void Write(spdlog::level::level_enum level, absl::string_view message,
           std::initializer_list<Field> fields) {
  static const bool preset = (SetPattern(*Logger(), "darkroom"), true);
  (void)preset;
  if (!Logger()->should_log(level)) return;
  std::string line = "\"message\":";
  AppendJsonString(line, message);
  for (const Field& field : fields) {
    absl::StrAppend(&line, ",\"", field.key, "\":");
    AppendJsonString(line, field.value);
  }
  Logger()->log(level, line);
}

}  // namespace

void Start(absl::string_view process, Level least) {
  Debug("");  // fixes the default pattern before it is replaced
  spdlog::init_thread_pool(kQueuedLines, 1);
  auto logger = std::make_shared<spdlog::async_logger>(
      "darkroom", std::make_shared<spdlog::sinks::stderr_sink_mt>(), spdlog::thread_pool(),
      spdlog::async_overflow_policy::overrun_oldest);
  SetPattern(*logger, process);
  logger->flush_on(spdlog::level::info);
  switch (least) {
    case Level::kDebug:
      logger->set_level(spdlog::level::debug);
      break;
    case Level::kInfo:
      logger->set_level(spdlog::level::info);
      break;
    case Level::kWarning:
      logger->set_level(spdlog::level::warn);
      break;
    case Level::kError:
      logger->set_level(spdlog::level::err);
      break;
  }
  Logger() = std::move(logger);
}

void Flush() { Logger()->flush(); }

void Debug(absl::string_view message, std::initializer_list<Field> fields) {
  Write(spdlog::level::debug, message, fields);
}
void Info(absl::string_view message, std::initializer_list<Field> fields) {
  Write(spdlog::level::info, message, fields);
}
void Warning(absl::string_view message, std::initializer_list<Field> fields) {
  Write(spdlog::level::warn, message, fields);
}
void Error(absl::string_view message, std::initializer_list<Field> fields) {
  Write(spdlog::level::err, message, fields);
}

}  // namespace darkroom::log
