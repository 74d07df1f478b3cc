#include "server/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>

namespace darkroom::server::http {
namespace {

using ::testing::ElementsAre;

class RouterTest : public ::testing::Test {
 protected:
  void Add(std::string method, std::string pattern, bool streams = false) {
    router_.Add({std::move(method), std::move(pattern), Access::Open(), 0, nullptr, streams});
  }
  std::string PatternOf(absl::string_view method, absl::string_view path) {
    const Router::Match match = router_.Find(method, path);
    return match.route == nullptr ? "" : match.route->pattern;
  }

  Router router_;
};

TEST_F(RouterTest, FindsTheRouteAndTheValuesOfItsPath) {
  Add("GET", "/v1/jobs/{job}/images/{image}");
  const Router::Match match = router_.Find("GET", "/v1/jobs/a%20b/images/0");
  ASSERT_NE(match.route, nullptr);
  EXPECT_THAT(match.path_values, ElementsAre(Field{"job", "a b"}, Field{"image", "0"}));
  EXPECT_EQ(PatternOf("HEAD", "/v1/jobs/a/images/0"), "/v1/jobs/{job}/images/{image}");
}

TEST_F(RouterTest, ThePatternThatSaysMoreIsTheRoute) {
  Add("GET", "/v1/jobs/{job}");
  Add("POST", "/v1/jobs/{job}:cancel");
  Add("GET", "/v1/jobs/newest");
  EXPECT_EQ(PatternOf("GET", "/v1/jobs/1"), "/v1/jobs/{job}");
  EXPECT_EQ(PatternOf("GET", "/v1/jobs/newest"), "/v1/jobs/newest");
  EXPECT_EQ(PatternOf("POST", "/v1/jobs/1:cancel"), "/v1/jobs/{job}:cancel");
  EXPECT_EQ(router_.Find("POST", "/v1/jobs/1:cancel").path_values[0].value, "1");
  EXPECT_EQ(PatternOf("GET", "/v1/jobs/1:cancel"), "");
  EXPECT_EQ(router_.Find("GET", "/v1/jobs/1:cancel").allowed, "POST, OPTIONS");
}

TEST_F(RouterTest, TellsWhatAPathHas) {
  Add("GET", "/a");
  Add("POST", "/a");
  Add("GET", "/events", true);
  EXPECT_EQ(router_.Find("PUT", "/a").allowed, "GET, HEAD, POST, OPTIONS");
  EXPECT_EQ(router_.Find("PUT", "/a").route, nullptr);
  EXPECT_EQ(router_.Find("HEAD", "/events").route, nullptr) << "a stream has no end to measure";
  EXPECT_EQ(router_.Find("GET", "/b").allowed, "");
}

TEST_F(RouterTest, NothingButThePatternFits) {
  Add("GET", "/v1/jobs/{job}");
  for (const char* path :
       {"/v1/jobs", "/v1/jobs/", "/v1/jobs/a/", "/v1/jobs/a/b", "//v1/jobs/a", "/v1/./jobs/a",
        "/v1/x/../jobs/a", "/V1/jobs/a", "/v1/jobs/%", "*", ""}) {
    EXPECT_EQ(PatternOf("GET", path), "") << path;
  }
  EXPECT_EQ(router_.Find("GET", "/v1/jobs/%2e%2e%2fetc").path_values[0].value, "../etc");
}

TEST_F(RouterTest, ErrorsHaveTheShapeOfThePathsBeginning) {
  router_.ShapeErrors("/sdapi/", [](const Failure&) { return std::string("theirs"); });
  EXPECT_EQ((*router_.Find("GET", "/sdapi/v1/x").errors)(Refusal(404, "R", "m")), "theirs");
  EXPECT_NE((*router_.Find("GET", "/v1/x").errors)(Refusal(404, "R", "m")), "theirs");
}

}  // namespace
}  // namespace darkroom::server::http
