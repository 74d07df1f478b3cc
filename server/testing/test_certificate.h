#ifndef DARKROOM_SERVER_TESTING_TEST_CERTIFICATE_H_
#define DARKROOM_SERVER_TESTING_TEST_CERTIFICATE_H_

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <string>

namespace darkroom::server {

// A key of its own and a certificate for "localhost" that it has signed itself, which is good for
// a day.
class TestCertificate {
 public:
  TestCertificate() : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_.get(), X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate_.get()), 24 * 60 * 60);
    X509_NAME* const name = X509_get_subject_name(certificate_.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>("localhost"), -1, -1, 0);
    X509_set_issuer_name(certificate_.get(), name);
    X509_set_pubkey(certificate_.get(), key_.get());
    X509_sign(certificate_.get(), key_.get(), EVP_sha256());
  }

  void WriteCertificate(const std::string& path) const {
    const File file(fopen(path.c_str(), "w"));
    PEM_write_X509(file.get(), certificate_.get());
  }
  void WriteKey(const std::string& path) const {
    const File file(fopen(path.c_str(), "w"));
    PEM_write_PrivateKey(file.get(), key_.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  bool Is(const X509* shown) const { return X509_cmp(shown, certificate_.get()) == 0; }

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(FILE* file) const { fclose(file); }
  };
  using File = std::unique_ptr<FILE, Free>;

  std::unique_ptr<EVP_PKEY, Free> key_;
  std::unique_ptr<X509, Free> certificate_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_TEST_CERTIFICATE_H_
