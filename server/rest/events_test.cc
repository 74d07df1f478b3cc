#include <gmock/gmock.h>

#include "server/rest/rest_fixture.h"

namespace darkroom::server::rest {
namespace {

using darkroom::v1::JobEvent;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

struct ServerSentEvent {
  std::string id;
  std::string kind;
  std::string data;
};

ServerSentEvent Parse(const std::string& text) {
  ServerSentEvent event;
  for (const absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    const std::pair<std::string, std::string> field =
        absl::StrSplit(line, absl::MaxSplits(": ", 1));
    if (field.first == "id") event.id = field.second;
    if (field.first == "event") event.kind = field.second;
    if (field.first == "data") event.data = field.second;
  }
  return event;
}

class EventsTest : public RestTest {
 protected:
  std::string Watching(absl::string_view name, absl::string_view more = "",
                       absl::string_view query = "") {
    return absl::StrCat(Head("GET", absl::StrCat(Path(name), "/events", query)), more, "\r\n");
  }
  // The next event as a message.
  static JobEvent ReadEvent(HttpClient& client) {
    const ServerSentEvent sent = Parse(client.ReadEvent());
    JobEvent event;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(sent.data, &event).ok()) << sent.data;
    EXPECT_EQ(sent.id, absl::StrCat(event.sequence()));
    return event;
  }
  // All that come until the stream ends.
  std::vector<JobEvent> Watch(absl::string_view name, absl::string_view more = "",
                              absl::string_view query = "") {
    HttpClient client(http_->port());
    client.Send(Watching(name, more, query));
    EXPECT_EQ(client.ReadHead().status, 200);
    std::vector<JobEvent> events;
    for (std::string text = client.ReadEvent(); !text.empty(); text = client.ReadEvent()) {
      JobEvent event;
      EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(Parse(text).data, &event).ok());
      events.push_back(std::move(event));
    }
    return events;
  }
  // A job that is finished, with a picture.
  std::string Finished(const std::string& picture) {
    std::string name = Create().name();
    EXPECT_TRUE(worker_.Lease());
    worker_.Progress(5);
    worker_.Image(0, picture);
    worker_.Succeed();
    return name;
  }
};

TEST_F(EventsTest, TellsTheWholeStoryAsItHappens) {
  const std::string name = Create().name();
  HttpClient client(http_->port());
  client.Send(Watching(name));
  const HttpAnswer head = client.ReadHead();
  EXPECT_EQ(head.Header("content-type"), "text/event-stream");
  EXPECT_EQ(head.Header("x-accel-buffering"), "no");
  EXPECT_TRUE(ReadEvent(client).has_accepted());
  EXPECT_TRUE(ReadEvent(client).has_queued());
  ASSERT_TRUE(worker_.Lease());
  JobEvent started = ReadEvent(client);
  while (started.has_queued()) started = ReadEvent(client);  // again, where the wait has changed
  EXPECT_TRUE(started.has_started());
  worker_.Progress(5);
  EXPECT_EQ(ReadEvent(client).progress().step(), 5);
  worker_.Preview(5, "jpeg");
  EXPECT_EQ(ReadEvent(client).preview().data(), "jpeg");
  worker_.Image(0, std::string(3'000'000, 'x'));
  const JobEvent image = ReadEvent(client);
  EXPECT_EQ(image.image_chunk().image().size_bytes(), 3'000'000) << "one event an image";
  EXPECT_TRUE(image.image_chunk().data().empty());
  worker_.Succeed();
  EXPECT_EQ(ReadEvent(client).finished().job().state(), darkroom::v1::JOB_STATE_SUCCEEDED);
  EXPECT_THAT(client.ReadEvent(), IsEmpty());
  client.Send(absl::StrCat(Head("GET", "/livez"), "\r\n"));
  EXPECT_EQ(client.Read().status, 200) << "the connection can be used again";
}

TEST_F(EventsTest, GoesOnWithoutAGapWhereItWasLeft) {
  const std::string name = Finished(std::string(2'500'000, 'x'));
  const std::vector<JobEvent> all = Watch(name);
  ExpectGapFree(all, 0);
  ASSERT_EQ(all.size(), 6u);
  for (std::size_t seen = 1; seen < all.size(); ++seen) {
    const std::int64_t after = all[seen - 1].sequence();
    const auto by_header = Watch(name, absl::StrCat("Last-Event-ID: ", after, "\r\n"));
    const auto by_query = Watch(name, "", absl::StrCat("?after_sequence=", after));
    EXPECT_EQ(by_header.size(), all.size() - seen);
    EXPECT_EQ(by_query.size(), all.size() - seen);
    ExpectGapFree(by_header, after);
  }
}

TEST_F(EventsTest, ABrowserThatConnectsAgainAfterTheEndIsToldToStop) {
  const std::string name = Finished("picture");
  const std::int64_t last = Watch(name).back().sequence();
  EXPECT_EQ(Ask(Watching(name, absl::StrCat("Last-Event-ID: ", last, "\r\n"))).status, 204);
}

TEST_F(EventsTest, WhatFailsBeforeTheStreamIsAnOrdinaryError) {
  EXPECT_EQ(Ask(Watching("jobs/00000000000000000000000000000000")).status, 404);
  const std::string name = Create().name();
  EXPECT_EQ(Ask(Watching(name, "", "?after_sequence=99")).status, 400);
  const HttpAnswer wrong = Ask(Watching(name, "Last-Event-ID: abc\r\n"));
  EXPECT_EQ(wrong.status, 400);
  EXPECT_THAT(wrong.body, HasSubstr("\"field\":\"Last-Event-ID\""));
}

TEST_F(EventsTest, GeneratesAndStreamsInOneRequest) {
  HttpClient client(http_->port());
  client.Send(
      WithJson(Head("POST", "/v1/images:generate"), R"({"parameters":{"prompt":"a red apple"}})"));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_EQ(ReadEvent(client).accepted().job().parameters().seed(), 42);
  EXPECT_EQ(Post("/v1/images:generate", R"({"parameters":{"imageCount":0}})").status, 400);
}

TEST_F(EventsTest, AReaderThatLeavesCancelsWhenItSaidSo) {
  std::string name;
  {
    HttpClient client(http_->port());
    client.Send(WithJson(Head("POST", "/v1/images:generate"),
                         R"({"parameters":{"prompt":"a red apple"},"cancelOnDisconnect":true})"));
    EXPECT_EQ(client.ReadHead().status, 200);
    name = ReadEvent(client).job();
  }
  EXPECT_TRUE(Eventually([&] { return StateOf(name) == darkroom::v1::JOB_STATE_CANCELLED; }));
  EXPECT_TRUE(Eventually([this] { return store_.subscriptions() == 0; }));
}

TEST_F(EventsTest, AReaderThatLeavesIsForgotten) {
  const std::string name = Create().name();
  {
    HttpClient client(http_->port());
    client.Send(Watching(name));
    EXPECT_EQ(client.ReadHead().status, 200);
    EXPECT_TRUE(ReadEvent(client).has_accepted());
    EXPECT_EQ(store_.subscriptions(), 1);
  }
  EXPECT_TRUE(Eventually([this] { return store_.subscriptions() == 0; }));
  EXPECT_EQ(StateOf(name), darkroom::v1::JOB_STATE_QUEUED);
}

TEST_F(EventsTest, AGatewayThatStopsSaysWhereToGoOn) {
  const std::string name = Create().name();
  HttpClient client(http_->port());
  client.Send(Watching(name));
  EXPECT_EQ(client.ReadHead().status, 200);
  EXPECT_TRUE(ReadEvent(client).has_accepted());
  EXPECT_TRUE(ReadEvent(client).has_queued());
  http_->Drain();
  gateway_->Drain(absl::Milliseconds(200));
  ServerSentEvent last = Parse(client.ReadEvent());
  while (last.kind == "queued") last = Parse(client.ReadEvent());
  EXPECT_EQ(last.kind, "interrupted");
  EXPECT_EQ(last.id, "") << "so that the reader resumes after the event before";
  EXPECT_THAT(last.data, HasSubstr("\"reason\":\"DRAINING\""));
  EXPECT_THAT(client.ReadEvent(), IsEmpty());
  EXPECT_TRUE(client.Ends());
  EXPECT_EQ(Post("/v1/jobs", R"({"parameters":{"prompt":"x"}})").status, 503);
  EXPECT_EQ(Get("/healthz").status, 503);
}

TEST_F(EventsTest, ImagesAreFetchedOnTheirOwnAsSoonAsTheyAreThere) {
  const std::string name = Create().name();
  const std::string path = absl::StrCat(Path(name), "/images/0");
  EXPECT_THAT(Get(path).body, HasSubstr("IMAGE_NOT_FOUND")) << "nobody has begun";
  ASSERT_TRUE(worker_.Lease());
  EXPECT_EQ(Get(path).status, 404);
  const std::string picture(3'000'000, 'x');
  worker_.Image(0, picture);
  const HttpAnswer early = Get(path);
  EXPECT_EQ(early.status, 200);
  EXPECT_EQ(early.body, picture);
  worker_.Succeed();
  const HttpAnswer image = Get(path);
  EXPECT_EQ(image.body, picture);
  EXPECT_EQ(image.Header("content-type"), "image/png");
  EXPECT_EQ(image.Header("cache-control"), "private, no-cache");
  EXPECT_EQ(image.Header("etag"), absl::StrCat("\"", Sha256Hex(picture), "\""));
  const HttpAnswer same =
      Ask(absl::StrCat(Head("GET", path), "If-None-Match: ", image.Header("etag"), "\r\n\r\n"));
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(Get(absl::StrCat(Path(name), "/images/1")).status, 404);
  EXPECT_EQ(Get(absl::StrCat(Path(name), "/images/99999")).status, 404);
  EXPECT_EQ(Get(absl::StrCat(Path(name), "/images/x")).status, 400);
}

// Readers whose sockets take little, and who then take nothing for a while.
class SlowReaderTest : public EventsTest {
 protected:
  void StartWatching(HttpClient& client, const std::string& name) {
    client.Send(Watching(name));
    EXPECT_EQ(client.ReadHead().status, 200);
    EXPECT_TRUE(ReadEvent(client).has_accepted());
  }
  void SendPreview() { worker_.Preview(++step_, std::string(30'000, 'x')); }

 private:
  int step_ = 0;
};

TEST_F(SlowReaderTest, MissesPreviewsButNeverTheEnd) {
  const std::string name = Create().name();
  HttpClient client(http_->port(), 4096);
  StartWatching(client, name);
  ASSERT_TRUE(worker_.Lease());
  for (int i = 0; i < 100; ++i) SendPreview();
  worker_.Image(0, "picture");
  worker_.Succeed();
  std::vector<JobEvent> events;
  do {
    events.push_back(ReadEvent(client));
  } while (!events.back().has_finished());
  ExpectGapFree(events, 1);
  EXPECT_LT(events.size(), 100u) << "newer previews have replaced older ones";
  EXPECT_THAT(client.ReadEvent(), IsEmpty());
}

class ImpatientTest : public SlowReaderTest {
 protected:
  ImpatientTest() { slowest_reader_ = absl::Milliseconds(500); }
};

TEST_F(ImpatientTest, AReaderThatTakesNothingIsCutAndMayComeBack) {
  const std::string name = Create().name();
  HttpClient client(http_->port(), 4096);
  StartWatching(client, name);
  ASSERT_TRUE(worker_.Lease());
  EXPECT_TRUE(Eventually([this] {
    SendPreview();
    return store_.subscriptions() == 0;
  }));
  worker_.Image(0, "picture");
  worker_.Succeed();
  const std::vector<JobEvent> again = Watch(name, "Last-Event-ID: 1\r\n");
  ExpectGapFree(again, 1);
  EXPECT_EQ(again.back().finished().job().state(), darkroom::v1::JOB_STATE_SUCCEEDED);
  EXPECT_TRUE(Eventually([this] {
    return absl::StrContains(metrics_.Text(),
                             "darkroom_http_open_streams{route=\"/v1/jobs/{job}/events\"} 0");
  }));
}

}  // namespace
}  // namespace darkroom::server::rest
