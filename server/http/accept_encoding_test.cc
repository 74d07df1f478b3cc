#include "server/http/accept_encoding.h"

#include <gtest/gtest.h>

namespace darkroom::server::http {
namespace {

TEST(AcceptEncodingTest, GzipIsForThoseWhoAskForIt) {
  for (const char* header :
       {"gzip", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8, *;q=0.1", "GZip", "x-gzip", "*",
        "identity;q=0.5, gzip;q=0.9", "deflate , gzip ; q=0.001", "identity;q=0, *;q=0.5"}) {
    EXPECT_TRUE(PrefersGzip(header)) << header;
  }
}

TEST(AcceptEncodingTest, OthersGetTheBytesAsTheyAre) {
  for (const char* header :
       {"", "br", "identity", "gzip;q=0", "gzip;q=0.000, *;q=1", "*;q=0",
        "identity;q=0.9, gzip;q=0.5", "gzip;q=high", "gzip;q=2", "gzip;q=nan", "gzipped", ",;,;"}) {
    EXPECT_FALSE(PrefersGzip(header)) << header;
  }
}

}  // namespace
}  // namespace darkroom::server::http
