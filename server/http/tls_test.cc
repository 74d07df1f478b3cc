#include <gmock/gmock.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <filesystem>
#include <fstream>

#include "server/http/certificate.h"
#include "server/http/listener_fixture.h"
#include "server/testing/test_certificate.h"

namespace darkroom::server::http {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

// One connection under TLS, whose calls block.
class TlsClient {
 public:
  explicit TlsClient(int port, int newest = TLS1_3_VERSION)
      : context_(SSL_CTX_new(TLS_client_method())), ssl_(nullptr) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), newest);
    SSL_CTX_set_security_level(context_.get(), 0);  // lets old versions be asked for
    ssl_.reset(SSL_new(context_.get()));
    const unsigned char protocols[] = "\x02h2\x08http/1.1";
    SSL_set_alpn_protos(ssl_.get(), protocols, sizeof(protocols) - 1);
    BIO* const bio = BIO_new_connect(absl::StrCat("127.0.0.1:", port).c_str());
    SSL_set_bio(ssl_.get(), bio, bio);
    connected_ = SSL_connect(ssl_.get()) == 1;
  }

  bool connected() const { return connected_; }
  const X509* certificate() const { return SSL_get0_peer_certificate(ssl_.get()); }
  std::string protocol() const {
    const unsigned char* name = nullptr;
    unsigned int length = 0;
    SSL_get0_alpn_selected(ssl_.get(), &name, &length);
    return {reinterpret_cast<const char*>(name), length};
  }

  void Send(absl::string_view text) {
    SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
  }
  // Until the text ends so, or the connection does.
  std::string ReadUntil(absl::string_view end) {
    std::string text;
    while (!absl::EndsWith(text, end)) {
      char bytes[4096];
      const int count = SSL_read(ssl_.get(), bytes, sizeof(bytes));
      if (count <= 0) break;
      text.append(bytes, static_cast<std::size_t>(count));
    }
    return text;
  }
  // Whether the server has said that it sends no more.
  bool HasEnded() const { return (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0; }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  std::unique_ptr<SSL_CTX, Free> context_;
  std::unique_ptr<SSL, Free> ssl_;
  bool connected_ = false;
};

class TlsTest : public ListenerFixture {
 protected:
  TlsTest() {
    std::filesystem::create_directories(folder_);
    Write(first_);
    options_.certificate = files_;
    options_.look_at_certificate = absl::Milliseconds(20);
    large_.append("end");
    Add("GET", "/large", [this](const ExchangePointer& exchange) {
      exchange->Answer(MakeResponse(200, "text/plain", large_));
    });
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  void Write(const TestCertificate& certificate) const {
    certificate.WriteCertificate(files_.certificate);
    certificate.WriteKey(files_.key);
  }
  bool Shows(const TestCertificate& certificate) {
    const TlsClient client(listener_->port());
    return client.connected() && certificate.Is(client.certificate());
  }
  bool ServesOthersUnderTls() {
    TlsClient other(listener_->port());
    other.Send(Post("/echo", "other"));
    return absl::EndsWith(other.ReadUntil("other"), "other");
  }

  const std::filesystem::path folder_ =
      std::filesystem::path(testing::TempDir()) /
      absl::StrCat("tls_", testing::UnitTest::GetInstance()->current_test_info()->name());
  const CertificateFiles files_ = {folder_ / "certificate.pem", folder_ / "key.pem"};
  const TestCertificate first_;
  const TestCertificate second_;
  std::string large_ = std::string(3'000'000, 'x');
};

TEST_F(TlsTest, RequestsAreAnsweredOneAfterTheOther) {
  Serve();
  TlsClient client(listener_->port());
  ASSERT_TRUE(client.connected());
  EXPECT_TRUE(first_.Is(client.certificate()));
  EXPECT_EQ(client.protocol(), "http/1.1");
  for (const char* word : {"one", "two"}) {
    client.Send(Post("/echo", word));
    const std::string answer = client.ReadUntil(word);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(answer, EndsWith(word));
  }
}

TEST_F(TlsTest, ALargeAnswerComesWholeAndThenTheEndIsSaid) {
  Serve();
  TlsClient client(listener_->port());
  client.Send(Get("/large", "Connection: close\r\n"));
  const std::string answer = client.ReadUntil("never");
  EXPECT_THAT(answer, EndsWith("xxxend"));
  EXPECT_GT(answer.size(), large_.size());
  EXPECT_TRUE(client.HasEnded());
}

TEST_F(TlsTest, PiecesComeAsTheyAreWritten) {
  Serve();
  TlsClient client(listener_->port());
  client.Send(Get("/pieces"));
  const std::string answer = client.ReadUntil("0\r\n\r\n");
  EXPECT_THAT(answer, HasSubstr("4\r\none,\r\n"));
  EXPECT_THAT(answer, HasSubstr("3\r\ntwo\r\n"));
}

TEST_F(TlsTest, ManyRequestsInOneRecordAreAllAnswered) {
  Serve();
  TlsClient client(listener_->port());
  std::string requests;
  for (int i = 0; i < 100; ++i) absl::StrAppend(&requests, Post("/echo", std::string(900, 'y')));
  client.Send(absl::StrCat(requests, Post("/echo", "last")));
  EXPECT_THAT(client.ReadUntil("last"), EndsWith("last"));
}

TEST_F(TlsTest, AClientThatSpeaksNoTlsIsLetGo) {
  Serve();
  HttpClient plain(listener_->port());
  plain.Send(Get("/healthz"));
  EXPECT_EQ(plain.Read().status, 0);
  EXPECT_TRUE(ServesOthersUnderTls());
}

TEST_F(TlsTest, VersionsThatAreBrokenAreRefused) {
  Serve();
  EXPECT_FALSE(TlsClient(listener_->port(), TLS1_1_VERSION).connected());
  EXPECT_TRUE(TlsClient(listener_->port(), TLS1_2_VERSION).connected());
}

TEST_F(TlsTest, AHandshakeThatDoesNotEndIsCut) {
  options_.limits.head = absl::Milliseconds(50);
  Serve();
  HttpClient silent(listener_->port());
  EXPECT_TRUE(silent.Ends());
  HttpClient begun(listener_->port());
  begun.Send(absl::string_view("\x16\x03\x01\x02", 4));
  EXPECT_TRUE(begun.Ends());
}

TEST_F(TlsTest, AReaderThatTakesNothingIsCut) {
  options_.limits.write = absl::Milliseconds(100);
  Serve();
  TlsClient client(listener_->port());
  client.Send(Get("/endless"));
  EXPECT_TRUE(Eventually([this] { return gone_ == 1; }));
}

TEST_F(TlsTest, AClientThatLeavesIsNoticed) {
  Serve();
  {
    TlsClient client(listener_->port());
    client.Send(Get("/watched"));
    ASSERT_TRUE(AwaitHeld());
  }
  EXPECT_TRUE(Eventually([this] { return gone_ == 1; }));
}

TEST_F(TlsTest, ARenewedCertificateIsShownToWhoComesThen) {
  Serve();
  TlsClient early(listener_->port());
  Write(second_);
  EXPECT_TRUE(Eventually([this] { return Shows(second_); }));
  early.Send(Post("/echo", "early"));
  EXPECT_THAT(early.ReadUntil("early"), EndsWith("early"));
}

TEST_F(TlsTest, HalfARenewedCertificateLeavesTheOldOne) {
  const auto certificate = Certificate::Load(files_);
  ASSERT_TRUE(certificate.ok()) << certificate.status();
  EXPECT_FALSE((*certificate)->Refresh().value());
  SSL_CTX* const before = (*certificate)->context();
  second_.WriteCertificate(files_.certificate);
  EXPECT_FALSE((*certificate)->Refresh().ok());
  EXPECT_EQ((*certificate)->context(), before);
  second_.WriteKey(files_.key);
  EXPECT_TRUE((*certificate)->Refresh().value());
  EXPECT_NE((*certificate)->context(), before);
}

TEST_F(TlsTest, FilesThatAreNoCertificateAreNamed) {
  const auto missing = Certificate::Load({folder_ / "no.pem", files_.key});
  EXPECT_TRUE(absl::IsInvalidArgument(missing.status()));
  EXPECT_THAT(std::string(missing.status().message()),
              HasSubstr("no.pem has no certificate in PEM that can be read: No such"));
  second_.WriteKey(files_.key);
  const auto foreign = Certificate::Load(files_);
  EXPECT_THAT(std::string(foreign.status().message()), HasSubstr("key.pem has no unencrypted key"));
  options_.certificate = CertificateFiles{folder_ / "no.pem", files_.key};
  options_.listen = "127.0.0.1:0";
  EXPECT_FALSE(Listener::Start(loop_, router_, *authenticator_, options_).ok());
}

}  // namespace
}  // namespace darkroom::server::http
