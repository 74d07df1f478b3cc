// Reads arbitrary bytes as the requests of a connection, as they come and cut into pieces, and
// checks that where they are cut changes nothing in what is read. (How early a head that has not
// ended is refused does depend on it.) What was read goes on to a router, and as a query and as
// JSON to where these are read.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "server/http/json.h"
#include "server/http/origin_policy.h"
#include "server/http/request_id.h"
#include "server/http/request_reader.h"
#include "server/http/router.h"
#include "server/http/target.h"
#include "tests/fuzz/check.h"

namespace {

using darkroom::server::http::Request;
using darkroom::server::http::RequestReader;
using darkroom::server::http::Router;
using State = RequestReader::State;

constexpr std::size_t kMaxHead = 2048;
constexpr std::size_t kMaxBody = 4096;

const Router& Routes() {
  static const Router* const kRouter = [] {
    auto* router = new Router;
    for (const char* pattern : {"/v1/jobs", "/v1/jobs/{job}", "/v1/jobs/{job}:cancel",
                                "/v1/jobs/{job}/images/{image}", "/healthz"}) {
      router->Add({"GET", pattern, {}, 0, nullptr});
      router->Add({"POST", pattern, {}, 0, nullptr});
    }
    return router;
  }();
  return *kRouter;
}

// What a server that is given the bytes in pieces of this size makes of them.
using Reading = std::vector<Request>;

void TakeAll(RequestReader& reader, Reading& reading) {
  while (true) {
    if (reader.state() == State::kJudge) {
      reader.AcceptBody(kMaxBody);
    } else if (reader.state() == State::kDone) {
      reading.push_back(reader.Take());
      reader.Feed("");
    } else {
      return;
    }
  }
}

Reading Read(absl::string_view bytes, std::size_t piece) {
  RequestReader reader(kMaxHead);
  Reading reading;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    reader.Feed(bytes.substr(at, piece));
    TakeAll(reader, reading);
    if (reader.state() == State::kRefused) break;
  }
  return reading;
}

void Use(const Request& request) {
  CHECK(request.body.size() <= kMaxBody);
  CHECK(request.headers.size() <= kMaxHead);
  const Router::Match match = Routes().Find(request.method, request.path);
  CHECK(match.route == nullptr || !match.allowed.empty());
  for (const auto& value : match.path_values) {
    CHECK(!value.value.empty());
    CHECK(!absl::StrContains(value.value, '\0'));
  }
  darkroom::server::http::ParseQuery(request.query);
  darkroom::server::http::ChooseRequestId(request.Header("x-request-id"));
  darkroom::server::http::OriginPolicy({"https://a.example"}).Admits(request);
  darkroom::v1::ImageParameters parameters;
  if (darkroom::server::http::FromJson(request.body, parameters).ok()) {
    darkroom::v1::ImageParameters again;
    const std::string json = darkroom::server::http::ToJson(parameters);
    CHECK(darkroom::server::http::FromJson(json, again).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const absl::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Reading whole = Read(bytes, std::max<std::size_t>(bytes.size(), 1));
  for (const Request& request : whole) Use(request);
  // A long line is refused, when it is known to be long: that depends on how it comes.
  if (bytes.size() > kMaxHead) return 0;
  const Reading pieces = Read(bytes, data[0] % 16 + 1);
  CHECK(whole.size() == pieces.size());
  for (std::size_t i = 0; i < whole.size(); ++i) {
    CHECK(whole[i].path == pieces[i].path);
    CHECK(whole[i].headers == pieces[i].headers);
    CHECK(whole[i].body == pieces[i].body);
  }
  return 0;
}
