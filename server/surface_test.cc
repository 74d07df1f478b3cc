// What holds for every route of the gateway's HTTP server, whichever interface it is of.

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "scheduler/testing/in_memory_setting_store.h"
#include "server/a1111/a1111_api.h"
#include "server/dezgo/dezgo_api.h"
#include "server/openai/openai_api.h"
#include "server/rest/rest_fixture.h"
#include "server/web/web_page.h"

namespace darkroom::server {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// As main.cc puts it together.
class SurfaceTest : public rest::RestTest {
 protected:
  void AddRoutes(http::Router& router) override {
    RestTest::AddRoutes(router);
    web::AddWebPage(router);
    openai::AddOpenAiApi(router, loop_, gateway_->services(), {});
    dezgo::AddDezgoApi(router, loop_, gateway_->services(), {});
    a1111::AddA1111Api(router, loop_, gateway_->services(), settings_);
    routes_ = router.routes();
  }
  // A path that the route has: "/v1/jobs/x:cancel".
  static std::string PathOf(const http::Route& route) {
    std::string path = route.pattern;
    for (std::size_t begin = path.find('{'); begin != std::string::npos; begin = path.find('{')) {
      path.replace(begin, path.find('}') - begin + 1, "x");
    }
    return path;
  }
  static bool Changes(const http::Route& route) { return route.method != "GET"; }
  std::string Request(const http::Route& route, absl::string_view more) {
    const absl::string_view body = Changes(route) ? "{}" : "";
    return absl::StrCat(Head(route.method, PathOf(route)), more, "Content-Length: ", body.size(),
                        "\r\n\r\n", body);
  }

  scheduler::InMemorySettingStore settings_{&Clock::System()};
  std::vector<http::Route> routes_;
};

TEST_F(SurfaceTest, NoRouteThatChangesAnythingIsForPagesOfOtherOrigins) {
  // What needs no preflight, and what no route of JSON takes: so its own page starts nothing
  // either.
  constexpr char kPlain[] = "Content-Type: text/plain\r\n";
  ASSERT_TRUE(absl::c_any_of(routes_, Changes));
  for (const http::Route& route : routes_) {
    if (!Changes(route)) continue;
    for (const char* origin : {"https://evil.example", "http://gateway.evil.example", "null",
                               "http://gateway:81", "file://"}) {
      const HttpAnswer answer =
          Ask(Request(route, absl::StrCat("Origin: ", origin, "\r\n", kPlain)));
      EXPECT_EQ(answer.status, 403) << route.method << " " << route.pattern << " by " << origin;
      EXPECT_THAT(answer.body, HasSubstr("pages of this origin may not"));
      EXPECT_EQ(answer.Header("access-control-allow-origin"), "");
    }
    // Other servers' interfaces take any type, and would begin to draw.
    if (!absl::StartsWith(route.pattern, "/v1/") ||
        absl::StartsWith(route.pattern, "/v1/images/")) {
      continue;
    }
    EXPECT_THAT(Ask(Request(route, absl::StrCat("Origin: http://gateway\r\n", kPlain))).body,
                Not(HasSubstr("pages of this origin may not")))
        << route.pattern << " by its own page";
  }
}

TEST_F(SurfaceTest, PreflightsAllowOtherOriginsNothing) {
  for (const http::Route& route : routes_) {
    const HttpAnswer answer =
        Ask(absl::StrCat(Head("OPTIONS", PathOf(route)), "Origin: https://evil.example\r\n",
                         "Access-Control-Request-Method: ", route.method, "\r\n",
                         "Access-Control-Request-Headers: authorization, content-type\r\n\r\n"));
    for (const auto& [name, value] : answer.fields) {
      EXPECT_FALSE(absl::StartsWith(name, "access-control-")) << route.pattern << " has " << name;
    }
  }
}

// What is read is not for pages of other origins either, which browsers see to where no header says
// otherwise.
TEST_F(SurfaceTest, NoAnswerIsMarkedAsForOtherOrigins) {
  for (const http::Route& route : routes_) {
    if (Changes(route) || route.streams) continue;
    EXPECT_EQ(Ask(Request(route, "Origin: https://evil.example\r\n"))
                  .Header("access-control-allow-origin"),
              "")
        << route.pattern;
  }
}

TEST_F(SurfaceTest, EveryAnswerSaysWhatItIsAndForbidsGuessing) {
  for (const http::Route& route : routes_) {
    if (route.streams || Changes(route)) continue;
    const HttpAnswer answer = Ask(Request(route, ""));
    EXPECT_EQ(answer.Header("x-content-type-options"), "nosniff") << route.pattern;
    if (!answer.body.empty()) {
      EXPECT_NE(answer.Header("content-type"), "") << route.pattern;
    }
  }
}

// The first file of the page is served; nothing of the disk is, however it is asked for.
TEST_F(SurfaceTest, NoPathLeadsToTheDisk) {
  for (const http::Route& route : routes_) {
    const std::string folder(absl::StripSuffix(PathOf(route), "/"));
    for (const char* way :
         {"/../../../../../../etc/passwd", "/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
          "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd", "/..%5c..%5cetc%5cpasswd", "%00/etc/passwd",
          "//etc/passwd"}) {
      const HttpAnswer answer = Get(absl::StrCat(folder, way));
      EXPECT_GE(answer.status, 400) << folder << way;
      EXPECT_LT(answer.status, 500) << folder << way;
      EXPECT_THAT(answer.body, Not(HasSubstr("root:"))) << folder << way;
    }
  }
}

// A job of somebody else is as one that there is not, by every route that takes a job's name.
TEST_F(SurfaceTest, AJobOfSomebodyElseIsAsOneThatThereIsNot) {
  const std::string name =
      Read<darkroom::v1::Job>(Post("/v1/jobs", rest::kAppleJson, kAliceKey)).name();
  ASSERT_TRUE(worker_.Lease());
  worker_.Image(0, "picture");
  worker_.Succeed();
  const std::string id(absl::StripPrefix(name, "jobs/"));
  int asked = 0;
  for (const http::Route& route : routes_) {
    if (!absl::StrContains(route.pattern, "{job}")) continue;
    ++asked;
    const auto ask = [&](absl::string_view job) {
      http::Route exact = route;
      exact.pattern = absl::StrReplaceAll(route.pattern, {{"{job}", job}, {"{image}", "0"}});
      const HttpAnswer answer = Ask(
          absl::StrCat(Head(route.method, PathOf(exact), kBobKey), "Content-Length: 0\r\n\r\n"));
      // The name that was asked for may be said again.
      return std::pair(answer.status, absl::StrReplaceAll(answer.body, {{job, "ID"}}));
    };
    const auto foreign = ask(id);
    EXPECT_GE(foreign.first, 403) << route.pattern;
    EXPECT_EQ(foreign, ask(std::string(id.size(), '0'))) << route.pattern;
  }
  EXPECT_GE(asked, 4);
}

}  // namespace
}  // namespace darkroom::server
