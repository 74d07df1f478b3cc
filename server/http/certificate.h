#ifndef DARKROOM_SERVER_HTTP_CERTIFICATE_H_
#define DARKROOM_SERVER_HTTP_CERTIFICATE_H_

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace darkroom::server::http {

// Where a server's certificate lies: PEM files, the first with the chain behind the certificate,
// the second with its key, not encrypted.
struct CertificateFiles {
  std::string certificate = {};
  std::string key = {};
};

// The certificate that a listener shows, read again when its files change. Not thread-safe.
class Certificate {
 public:
  // INVALID_ARGUMENT when the files cannot be read, or do not belong together.
  static absl::StatusOr<std::unique_ptr<Certificate>> Load(CertificateFiles files);

  // For connections that begin now: TLS 1.2 and 1.3, HTTP/1.1 by ALPN. Those that began earlier
  // keep theirs.
  SSL_CTX* context() const { return context_.get(); }
  absl::Time expires() const { return expires_; }

  // Looks whether the files are others than at the last look, and takes what they have; true when
  // it did. What cannot be used changes nothing; it is looked at again, because a pair is not
  // replaced in one step.
  absl::StatusOr<bool> Refresh();

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };

  explicit Certificate(CertificateFiles files) : files_(std::move(files)) {}
  absl::Status Read();

  const CertificateFiles files_;
  std::unique_ptr<SSL_CTX, Free> context_;
  absl::Time expires_;
  std::string version_;  // of the files that were read
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_CERTIFICATE_H_
