#include "server/auth/key_secret.h"

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/file.h"
#include "common/ids.h"
#include "common/sha256.h"
#include "common/status_macros.h"

namespace darkroom::server {
namespace {

constexpr absl::string_view kKeyPrefix = "dr_";
constexpr std::size_t kIdDigits = 32;
constexpr std::size_t kSecretDigits = 64;
constexpr std::size_t kMaxPepperBytes = 4096;

}  // namespace

std::string NewKeyText(absl::string_view id) {
  return absl::StrCat(kKeyPrefix, id, ".", RandomId(), RandomId());
}

std::optional<std::string> IdOfKeyText(absl::string_view text) {
  if (!absl::ConsumePrefix(&text, kKeyPrefix) || text.size() != kIdDigits + 1 + kSecretDigits ||
      text[kIdDigits] != '.') {
    return std::nullopt;
  }
  const absl::string_view id = text.substr(0, kIdDigits);
  return IsRandomId(id) ? std::optional<std::string>(id) : std::nullopt;
}

absl::StatusOr<Pepper> Pepper::Read(const std::string& path) {
  DARKROOM_ASSIGN_OR_RETURN(const std::string content, ReadFile(path, kMaxPepperBytes));
  const absl::string_view secret = absl::StripAsciiWhitespace(content);
  if (secret.size() < kLeastBytes) {
    return absl::InvalidArgumentError(absl::StrCat("the pepper ", path, " has ", secret.size(),
                                                   " bytes; it must have at least ", kLeastBytes,
                                                   ", as `openssl rand -hex 32` prints them"));
  }
  return Pepper(secret);
}

Pepper::Pepper(absl::string_view secret) : prefix_(Sha256Hex(secret)) {}

std::string Pepper::Digest(absl::string_view use, absl::string_view text) const {
  return Sha256Hex(absl::StrCat(prefix_, use, "\n", text));
}

bool EqualInConstantTime(absl::string_view a, absl::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

}  // namespace darkroom::server
