#include "server/http/request_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace darkroom::server::http {
namespace {

using State = RequestReader::State;
using ::testing::HasSubstr;

constexpr std::size_t kMaxHead = 1024;

// Reads to the end of the first request, letting a body of this size in.
State ReadAll(RequestReader& reader, absl::string_view bytes, std::size_t max_body = 100) {
  reader.Feed(bytes);
  if (reader.state() == State::kJudge) reader.AcceptBody(max_body);
  return reader.state();
}

int StatusOf(absl::string_view bytes) {
  RequestReader reader(kMaxHead);
  return ReadAll(reader, bytes) == State::kRefused ? reader.refusal().status : 0;
}

TEST(RequestReaderTest, ReadsARequestByteByByte) {
  RequestReader reader(kMaxHead);
  EXPECT_EQ(reader.state(), State::kIdle);
  const std::string sent =
      "POST /v1/jobs?a=b HTTP/1.1\r\nHost: h\r\nX-Two: 1\r\nx-two: 2\r\nContent-Length: "
      "4\r\n\r\nbody";
  for (const char byte : sent) {
    reader.Feed(absl::string_view(&byte, 1));
    if (reader.state() == State::kJudge) reader.AcceptBody(4);
  }
  ASSERT_EQ(reader.state(), State::kDone);
  const Request request = reader.Take();
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.path, "/v1/jobs");
  EXPECT_EQ(request.query, "a=b");
  EXPECT_EQ(request.Header("X-TWO"), "1, 2");
  EXPECT_EQ(request.body, "body");
  EXPECT_TRUE(request.persistent);
  EXPECT_EQ(reader.state(), State::kIdle);
}

TEST(RequestReaderTest, KeepsWhatComesAheadForTheNextRequest) {
  RequestReader reader(kMaxHead);
  const std::string first = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx";
  ASSERT_EQ(ReadAll(reader, absl::StrCat(first, "GET /b HTTP/1.1\r\nHost: h\r\n\r\n")),
            State::kDone);
  EXPECT_EQ(reader.Take().body, "x");
  ASSERT_EQ(ReadAll(reader, ""), State::kDone);
  EXPECT_EQ(reader.Take().path, "/b");
  EXPECT_EQ(reader.kept_bytes(), 0u);
}

TEST(RequestReaderTest, AHeadIsTooLongInAnyPieces) {
  RequestReader reader(kMaxHead);
  reader.Feed("GET / HTTP/1.1\r\nHost: h\r\n");
  std::size_t sent = 0;
  while (reader.state() == State::kHead && sent < 10 * kMaxHead) {
    reader.Feed("A: b\r\n");
    sent += 6;
  }
  ASSERT_EQ(reader.state(), State::kRefused);
  EXPECT_EQ(reader.refusal().status, 431);
  EXPECT_LE(sent, kMaxHead);
}

TEST(RequestReaderTest, WhatFollowsTheLastChunkIsTooLongInAnyPieces) {
  RequestReader reader(kMaxHead);
  ASSERT_EQ(ReadAll(reader,
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "1\r\nx\r\n0\r\n"),
            State::kBody);
  for (std::size_t sent = 0; reader.state() == State::kBody && sent < 10 * kMaxHead; sent += 6) {
    reader.Feed("A: b\r\n");
  }
  ASSERT_EQ(reader.state(), State::kRefused);
  EXPECT_EQ(reader.refusal().status, 431);
}

TEST(RequestReaderTest, ManySmallChunksAreABody) {
  RequestReader reader(kMaxHead);
  std::string sent = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 1000; ++i) sent += "1\r\nx\r\n";
  ASSERT_EQ(ReadAll(reader, sent + "0\r\n\r\n", 1000), State::kDone);
  EXPECT_EQ(reader.Take().body.size(), 1000u);
}

TEST(RequestReaderTest, PutsTheChunksOfABodyTogether) {
  RequestReader reader(kMaxHead);
  ASSERT_EQ(ReadAll(reader,
                    "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                    "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n"),
            State::kDone);
  EXPECT_EQ(reader.Take().body, "abcde");
}

TEST(RequestReaderTest, JudgesTheHeadBeforeTheBodyIsLetIn) {
  RequestReader reader(kMaxHead);
  reader.Feed("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
  ASSERT_EQ(reader.state(), State::kJudge);
  EXPECT_TRUE(reader.expects_continue());
  EXPECT_EQ(reader.body_bytes(), 5u);
  reader.AcceptBody(4);
  ASSERT_EQ(reader.state(), State::kRefused);
  EXPECT_EQ(reader.refusal().status, 413);
}

TEST(RequestReaderTest, ChunksThatExceedTheBodysBoundAreRefused) {
  EXPECT_EQ(StatusOf(absl::StrCat(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n",
                std::string(200, 'x'))),
            413);
}

TEST(RequestReaderTest, WhatTwoServersMayReadDifferentlyIsRefused) {
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n"
                     "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n"
                     "Content-Length: 3\r\n\r\n0\r\n\r\n"),
            400);
  EXPECT_EQ(
      StatusOf("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"),
      400);
  EXPECT_EQ(StatusOf("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n"),
            501);
  EXPECT_EQ(StatusOf("POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\n\r\n"), 400) << "no host";
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost : h\r\n\r\n"), 400) << "a blank before the colon";
}

TEST(RequestReaderTest, WhatIsNotHttpIsRefused) {
  EXPECT_EQ(StatusOf("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"), 400) << "TLS";
  EXPECT_EQ(StatusOf("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(StatusOf("GET nowhere HTTP/1.1\r\nHost: h\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n"), 400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999999999999999\r\n\r\n"),
            400);
  EXPECT_EQ(StatusOf("GET / HTTP/1.1\r\nHost: h\r\nExpect: miracles\r\n\r\n"), 417);
}

TEST(RequestReaderTest, LongHeadsAndLinesAreRefused) {
  EXPECT_EQ(StatusOf(absl::StrCat("GET / HTTP/1.1\r\nHost: h\r\nX: ", std::string(2000, 'x'))),
            431);
  EXPECT_EQ(StatusOf(absl::StrCat("GET /", std::string(2000, 'x'))), 431);
  EXPECT_EQ(
      StatusOf(absl::StrCat("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1;",
                            std::string(2000, 'x'))),
      431)
      << "an extension of a chunk";
}

TEST(RequestReaderTest, TheOldVersionEndsItsConnections) {
  RequestReader reader(kMaxHead);
  ASSERT_EQ(ReadAll(reader, "GET /a HTTP/1.0\r\n\r\n"), State::kDone);
  const Request request = reader.Take();
  EXPECT_FALSE(request.persistent);
  EXPECT_FALSE(request.chunks);
}

TEST(RequestReaderTest, ReadsTheTargetThatProxiesSend) {
  RequestReader reader(kMaxHead);
  ASSERT_EQ(ReadAll(reader, "GET http://h:80/a?b HTTP/1.1\r\nHost: h\r\n\r\n"), State::kDone);
  const Request request = reader.Take();
  EXPECT_EQ(request.path, "/a");
  EXPECT_EQ(request.query, "b");
}

}  // namespace
}  // namespace darkroom::server::http
