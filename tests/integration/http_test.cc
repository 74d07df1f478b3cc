// The gateway's HTTP API with real processes, as a program that speaks nothing else uses it.

#include <google/protobuf/util/json_util.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/sha256.h"
#include "server/testing/http_client.h"
#include "tests/integration/png_check.h"
#include "tests/integration/stack_test.h"

namespace darkroom::testing {
namespace {

using server::HttpAnswer;
using server::HttpClient;
using ::testing::HasSubstr;

constexpr absl::Duration kPatience = absl::Seconds(60);

class HttpTest : public StackTest {
 protected:
  HttpAnswer Ask(const std::string& request) {
    HttpClient client(stack_->http().port);
    client.Send(request);
    return client.Read();
  }
  static std::string Get(absl::string_view target, absl::string_view more = "") {
    return absl::StrCat("GET ", target, " HTTP/1.1\r\nHost: box\r\n", more, "\r\n");
  }
  v1::Job Create(absl::string_view json) {
    const HttpAnswer answer = Ask(
        absl::StrCat("POST /v1/jobs HTTP/1.1\r\nHost: box\r\nContent-Type: application/json\r\n",
                     "Content-Length: ", json.size(), "\r\n\r\n", json));
    v1::Job job;
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(answer.body, &job).ok());
    return job;
  }
  // The next event; without a kind when the stream has ended.
  static v1::JobEvent ReadEvent(HttpClient& client) {
    v1::JobEvent event;
    for (absl::string_view line : absl::StrSplit(client.ReadEvent(), '\n')) {
      if (!absl::ConsumePrefix(&line, "data: ")) continue;
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(std::string(line), &event).ok());
    }
    return event;
  }
  // Reads on to the end of the job, or of the connection.
  static void ReadRest(HttpClient& client, std::vector<v1::JobEvent>& events) {
    while (events.empty() || !events.back().has_finished()) {
      v1::JobEvent event = ReadEvent(client);
      if (event.kind_case() == v1::JobEvent::KIND_NOT_SET) return;
      events.push_back(std::move(event));
    }
  }
};

TEST_F(HttpTest, MakesAPictureOutOfPlainRequests) {
  const v1::Job job = Create(R"({"parameters":{"prompt":"a red apple","seed":7,"steps":4}})");
  HttpClient watcher(stack_->http().port);
  watcher.Send(Get(absl::StrCat("/v1/", job.name(), "/events")));
  ASSERT_EQ(watcher.ReadHead().status, 200);
  std::vector<v1::JobEvent> events;
  ReadRest(watcher, events);
  ASSERT_FALSE(events.empty());
  ASSERT_TRUE(events.back().has_finished());
  const v1::Job& end = events.back().finished().job();
  ASSERT_EQ(end.state(), v1::JOB_STATE_SUCCEEDED);
  const HttpAnswer image = Ask(Get(absl::StrCat("/v1/", job.name(), "/images/0")));
  ASSERT_EQ(image.status, 200);
  EXPECT_EQ(Sha256Hex(image.body), end.images(0).sha256());
  const auto png = DecodePng(image.body);
  ASSERT_TRUE(png.ok()) << png.status();
  EXPECT_EQ(png->parameters, end.images(0).infotext());
}

TEST_F(HttpTest, AStreamGoesOnWithoutAGapAtTheGatewayThatComesAfter) {
  const v1::Job job = Create(R"({"parameters":{"prompt":"a red apple","steps":40}})");
  const std::string target = absl::StrCat("/v1/", job.name(), "/events");
  std::vector<v1::JobEvent> events;
  {
    HttpClient watcher(stack_->http().port);
    watcher.Send(Get(target));
    ASSERT_EQ(watcher.ReadHead().status, 200);
    do {
      events.push_back(ReadEvent(watcher));
      ASSERT_NE(events.back().kind_case(), v1::JobEvent::KIND_NOT_SET) << "the stream has ended";
    } while (!events.back().has_progress());
    stack_->Kill(Part::kGateway);
    ReadRest(watcher, events);
  }
  ASSERT_FALSE(events.back().has_finished());
  ASSERT_TRUE(stack_->Run(Part::kGateway).ok());
  ASSERT_TRUE(stack_->AwaitReady().ok());
  HttpClient again(stack_->http().port);
  again.Send(Get(target, absl::StrCat("Last-Event-ID: ", events.back().sequence(), "\r\n")));
  ASSERT_EQ(again.ReadHead().status, 200);
  ReadRest(again, events);
  ASSERT_TRUE(events.back().has_finished());
  std::int64_t previous = 0;
  for (const v1::JobEvent& event : events) {
    const bool repeats = event.sequence() == previous && event.has_queued();
    EXPECT_TRUE(repeats || event.sequence() == previous + 1 + event.superseded())
        << event.sequence() << " after " << previous;
    previous = event.sequence();
  }
}

TEST_F(HttpTest, AGatewayThatIsAskedToStopEndsItsStreamsProperly) {
  const v1::Job job = Create(R"({"parameters":{"prompt":"a red apple","steps":10}})");
  HttpClient watcher(stack_->http().port);
  watcher.Send(Get(absl::StrCat("/v1/", job.name(), "/events")));
  ASSERT_EQ(watcher.ReadHead().status, 200);
  EXPECT_EQ(stack_->Terminate(Part::kGateway, kPatience), 0);
  std::string last;
  for (std::string next = watcher.ReadEvent(); !next.empty(); next = watcher.ReadEvent()) {
    last = next;
  }
  // On a machine that is slow enough the job is not done within half of --drain_grace.
  EXPECT_THAT(last, ::testing::AnyOf(HasSubstr("event: finished"), HasSubstr("DRAINING")));
  EXPECT_TRUE(watcher.Ends());
}

}  // namespace
}  // namespace darkroom::testing
