#include "server/http/request_id.h"

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "common/ids.h"

namespace darkroom::server::http {
namespace {

constexpr std::size_t kMaxIdBytes = 128;

}  // namespace

std::string ChooseRequestId(absl::string_view sent) {
  const bool good = !sent.empty() && sent.size() <= kMaxIdBytes && absl::c_all_of(sent, [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-';
  });
  return good ? std::string(sent) : RandomId();
}

}  // namespace darkroom::server::http
