#include "server/http/certificate.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <ctime>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/status_macros.h"

namespace darkroom::server::http {
namespace {

constexpr absl::string_view kProtocols("\x08http/1.1", 9);

// Other for files that were written or replaced.
std::string VersionOf(const std::string& path) {
  struct stat file = {};
  if (stat(path.c_str(), &file) != 0) return "";
  return absl::StrCat(file.st_dev, " ", file.st_ino, " ", file.st_size, " ", file.st_mtim.tv_sec,
                      " ", file.st_mtim.tv_nsec);
}

std::string VersionOf(const CertificateFiles& files) {
  return absl::StrCat(VersionOf(files.certificate), "\n", VersionOf(files.key));
}

// What OpenSSL says, the first thing that went wrong.
std::string Why() {
  const unsigned long error = ERR_peek_error();
  if (error == 0) return "";
  if (ERR_SYSTEM_ERROR(error)) {
    return absl::StrCat(": ", std::system_category().message(ERR_GET_REASON(error)));
  }
  const char* const reason = ERR_reason_error_string(error);
  return reason == nullptr ? "" : absl::StrCat(": ", reason);
}

absl::Status Unusable(const std::string& path, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(path, " ", what, Why()));
}

int ChooseProtocol(SSL*, const unsigned char** chosen, unsigned char* length,
                   const unsigned char* offered, unsigned int size, void*) {
  unsigned char* found = nullptr;
  const int result = SSL_select_next_proto(
      &found, length, reinterpret_cast<const unsigned char*>(kProtocols.data()), kProtocols.size(),
      offered, size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// Instead of asking at the terminal.
int NoPassword(char*, int, int, void*) { return 0; }

absl::Time ExpiryOf(const SSL_CTX* context) {
  tm time = {};
  ASN1_TIME_to_tm(X509_get0_notAfter(SSL_CTX_get0_certificate(context)), &time);
  return absl::FromTM(time, absl::UTCTimeZone());
}

}  // namespace

absl::StatusOr<std::unique_ptr<Certificate>> Certificate::Load(CertificateFiles files) {
  std::unique_ptr<Certificate> certificate(new Certificate(std::move(files)));
  DARKROOM_RETURN_IF_ERROR(certificate->Read());
  return certificate;
}

absl::Status Certificate::Read() {
  ERR_clear_error();
  std::unique_ptr<SSL_CTX, Free> context(SSL_CTX_new(TLS_server_method()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Most connections wait: their buffers are given back meanwhile.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  SSL_CTX_set_default_passwd_cb(context.get(), NoPassword);
  // Before the files, so that what is written meanwhile counts as new.
  std::string version = VersionOf(files_);
  if (SSL_CTX_use_certificate_chain_file(context.get(), files_.certificate.c_str()) != 1) {
    return Unusable(files_.certificate, "has no certificate in PEM that can be read");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files_.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Unusable(files_.key,
                    absl::StrCat("has no unencrypted key in PEM for ", files_.certificate));
  }
  context_ = std::move(context);
  expires_ = ExpiryOf(context_.get());
  version_ = std::move(version);
  return absl::OkStatus();
}

absl::StatusOr<bool> Certificate::Refresh() {
  if (VersionOf(files_) == version_) return false;
  DARKROOM_RETURN_IF_ERROR(Read());
  return true;
}

}  // namespace darkroom::server::http
