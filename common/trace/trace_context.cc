#include "common/trace/trace_context.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/ids.h"

namespace darkroom::trace {
namespace {

// 00-<trace id>-<span id>-<flags>
constexpr std::size_t kLength = 55;
constexpr std::size_t kTraceId = 3;
constexpr std::size_t kTraceIdLength = 32;
constexpr std::size_t kSpanId = 36;
constexpr std::size_t kSpanIdLength = 16;
constexpr std::size_t kFlags = 53;
constexpr std::uint64_t kSampledFlag = 1;
constexpr std::size_t kRandomDigits = 14;  // 56 bits
constexpr double kRandomValues = std::uint64_t{1} << (4 * kRandomDigits);

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_isdigit(static_cast<unsigned char>(c)) || (c >= 'a' && c <= 'f');
  });
}

bool IsId(absl::string_view text) {
  return IsHex(text) && std::any_of(text.begin(), text.end(), [](char c) { return c != '0'; });
}

// §3.2: of version 00 nothing follows; a later one goes on behind another dash.
bool IsTraceparent(absl::string_view header) {
  if (header.size() < kLength) return false;
  const absl::string_view version = header.substr(0, 2);
  if (!IsHex(version) || version == "ff") return false;
  if (header.size() > kLength && (version == "00" || header[kLength] != '-')) return false;
  return header[kTraceId - 1] == '-' && header[kSpanId - 1] == '-' && header[kFlags - 1] == '-' &&
         IsId(header.substr(kTraceId, kTraceIdLength)) &&
         IsId(header.substr(kSpanId, kSpanIdLength)) && IsHex(header.substr(kFlags, 2));
}

// Of text that was found to be hexadecimal, of 16 digits at most.
std::uint64_t ValueOf(absl::string_view hex) {
  std::uint64_t value = 0;
  static_cast<void>(absl::SimpleHexAtoi(hex, &value));
  return value;
}

}  // namespace

TraceContext ParseTraceparent(absl::string_view header) {
  if (!IsTraceparent(header)) return {};
  return {.trace_id = std::string(header.substr(kTraceId, kTraceIdLength)),
          .span_id = std::string(header.substr(kSpanId, kSpanIdLength)),
          .sampled = (ValueOf(header.substr(kFlags, 2)) & kSampledFlag) != 0};
}

std::string FormatTraceparent(const TraceContext& context) {
  if (!context.valid()) return "";
  return absl::StrCat("00-", context.trace_id, "-", context.span_id,
                      context.sampled ? "-01" : "-00");
}

absl::string_view TraceIdOf(absl::string_view traceparent) {
  return IsTraceparent(traceparent) ? traceparent.substr(kTraceId, kTraceIdLength)
                                    : absl::string_view();
}

std::string NewSpanId() { return RandomId().substr(0, kSpanIdLength); }

bool IsAmong(double ratio, absl::string_view trace_id) {
  if (trace_id.size() != kTraceIdLength) return false;
  const std::uint64_t chance = ValueOf(trace_id.substr(kTraceIdLength - kRandomDigits));
  return chance >= static_cast<std::uint64_t>((1 - ratio) * kRandomValues);
}

}  // namespace darkroom::trace
