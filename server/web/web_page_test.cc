#include "server/web/web_page.h"

#include <gmock/gmock.h>
#include <libdeflate.h>

#include <string>

#include "server/http/listener_fixture.h"

namespace darkroom::server::web {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kScript[] = "console.log('a'); console.log('a'); console.log('a');";

std::string Unzip(absl::string_view bytes) {
  std::string text(1 << 20, '\0');
  std::size_t size = 0;
  libdeflate_decompressor* const decompressor = libdeflate_alloc_decompressor();
  EXPECT_EQ(libdeflate_gzip_decompress(decompressor, bytes.data(), bytes.size(), text.data(),
                                       text.size(), &size),
            LIBDEFLATE_SUCCESS);
  libdeflate_free_decompressor(decompressor);
  text.resize(size);
  return text;
}

class WebPageTest : public http::ListenerFixture {
 protected:
  void SetUp() override {
    AddWebPage(router_);
    AddWebPage(router_, extra_);
    Serve();
  }
  HttpAnswer Ask(absl::string_view path, absl::string_view more = "",
                 absl::string_view method = "GET") {
    HttpClient client(listener_->port());
    client.Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: h\r\n", more, "\r\n"));
    return client.Read(method);
  }

  const std::vector<EmbeddedFile> extra_ = {
      {"test/script.js", kScript, "not more than its name says"},
      {"test/dot.png", "a picture", "what is longer than the picture is not sent"}};
};

TEST_F(WebPageTest, IsAtTheFrontDoorForAnybody) {
  const HttpAnswer page = Ask("/");
  EXPECT_EQ(page.status, 200);
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.body, HasSubstr("<title>"));
  EXPECT_EQ(Ask("/index.html").body, page.body);
  const HttpAnswer head = Ask("/", "", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), absl::StrCat(page.body.size()));
  EXPECT_EQ(Ask("/", "", "POST").status, 405);
}

TEST_F(WebPageTest, EachFileHasAKnownTypeAndIsCompressedWhereThatHelps) {
  EXPECT_THAT(PageFiles(), Contains(Field(&EmbeddedFile::name, "index.html")));
  for (const EmbeddedFile& file : PageFiles()) {
    const HttpAnswer plain = Ask(absl::StrCat("/", file.name));
    EXPECT_EQ(plain.status, 200) << file.name;
    EXPECT_EQ(plain.body, file.bytes) << file.name;
    EXPECT_NE(ContentTypeOf(file.name), "") << file.name;
    EXPECT_EQ(plain.Header("content-type"), ContentTypeOf(file.name));
    EXPECT_EQ(plain.Header("content-encoding"), "");
    const HttpAnswer small = Ask(absl::StrCat("/", file.name), "Accept-Encoding: br, gzip\r\n");
    if (small.Header("content-encoding").empty()) {
      EXPECT_GE(file.gzip.size(), file.bytes.size()) << file.name;
      continue;
    }
    EXPECT_EQ(small.Header("content-encoding"), "gzip");
    EXPECT_LT(small.body.size(), plain.body.size());
    EXPECT_EQ(Unzip(small.body), file.bytes) << file.name;
  }
}

TEST_F(WebPageTest, EncodingIsTheClientsChoice) {
  EXPECT_EQ(Ask("/test/script.js", "Accept-Encoding: gzip\r\n").body, extra_[0].gzip);
  EXPECT_EQ(Ask("/test/script.js", "Accept-Encoding: gzip;q=0\r\n").body, kScript);
  EXPECT_EQ(Ask("/test/script.js", "Accept-Encoding: br\r\n").body, kScript);
  EXPECT_EQ(Ask("/test/script.js").Header("vary"), "Accept-Encoding");
  EXPECT_EQ(Ask("/test/dot.png", "Accept-Encoding: gzip\r\n").body, extra_[1].bytes);
}

TEST_F(WebPageTest, WhatTheClientHasIsNotSentAgain) {
  const HttpAnswer plain = Ask("/test/script.js");
  const HttpAnswer small = Ask("/test/script.js", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(plain.Header("cache-control"), "no-cache");
  EXPECT_NE(plain.Header("etag"), small.Header("etag")) << "they are other bytes";
  const std::string known = absl::StrCat("If-None-Match: ", small.Header("etag"), "\r\n");
  const HttpAnswer same = Ask("/test/script.js", known + "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.Header("etag"), small.Header("etag"));
  EXPECT_THAT(same.Header("content-security-policy"), Not(""));
  EXPECT_EQ(Ask("/test/script.js", known).status, 200) << "of the other form";
  EXPECT_EQ(Ask("/", known).status, 200);
}

TEST_F(WebPageTest, BrowsersAreToldToKeepItToItself) {
  for (const char* path : {"/", "/test/script.js"}) {
    const HttpAnswer page = Ask(path);
    EXPECT_THAT(page.Header("content-security-policy"),
                AllOf(HasSubstr("default-src 'none'"), HasSubstr("script-src 'self';"),
                      HasSubstr("frame-ancestors 'none'"), HasSubstr("base-uri 'none'"),
                      HasSubstr("require-trusted-types-for 'script'"), Not(HasSubstr("unsafe")),
                      Not(HasSubstr("*"))));
    EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
    EXPECT_EQ(page.Header("x-frame-options"), "DENY");
    EXPECT_EQ(page.Header("referrer-policy"), "same-origin");
    EXPECT_EQ(page.Header("cross-origin-opener-policy"), "same-origin");
    EXPECT_EQ(page.Header("cross-origin-resource-policy"), "same-origin");
    EXPECT_THAT(page.Header("permissions-policy"), HasSubstr("camera=()"));
  }
}

TEST_F(WebPageTest, NothingElseIsServed) {
  for (const char* path : {"//",
                           "//index.html",
                           "/./index.html",
                           "/..%2f",
                           "/../../etc/passwd",
                           "/..%2f..%2fetc/passwd",
                           "/%2e%2e/%2e%2e/etc/passwd",
                           "/index.html/",
                           "/index.html%00",
                           "/index.html%00.png",
                           "/index",
                           "/page/index.html",
                           "/index.html.gz",
                           "/INDEX.HTML",
                           "/test",
                           "/test/",
                           "/test%2fscript.js",
                           "/test\\script.js",
                           "/%",
                           "/etc/passwd"}) {
    EXPECT_EQ(Ask(path).status, 404) << path;
  }
}

}  // namespace
}  // namespace darkroom::server::web
