#ifndef DARKROOM_SERVER_HTTP_TLS_SESSION_H_
#define DARKROOM_SERVER_HTTP_TLS_SESSION_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace darkroom::server::http {

// The server's side of one TLS connection, as a codec: records in, records out. Not thread-safe;
// knows no socket.
class TlsSession {
 public:
  // Of most that one record holds (RFC 8446, 5.1).
  static constexpr std::size_t kRecordBytes = 16 << 10;

  explicit TlsSession(SSL_CTX* context);
  // OpenSSL has its address.
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;

  // What the client sent, as it came.
  void Receive(absl::string_view records);
  // Up to `size` bytes of what that says, and whatever the handshake needs meanwhile. Fewer than
  // `size`: there is no more for now.
  std::size_t Read(char* text, std::size_t size);
  // False once the client has said that it sends no more.
  bool open() const { return !ended_; }
  // The client speaks no TLS, or none that we do. Output may say so to it.
  bool failed() const { return failed_; }

  // Once something has been read.
  void Write(absl::string_view text);
  // Tells the client that nothing comes any more.
  void EndSending();
  // The records that are to be sent now.
  std::string TakeOutput();

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };

  static BIO_METHOD* Method();
  static TlsSession& Of(BIO* bio) { return *static_cast<TlsSession*>(BIO_get_data(bio)); }
  int Take(char* bytes, int size);
  void NoteResult(int result);

  std::string input_;      // not yet decoded
  std::size_t taken_ = 0;  // of it
  std::string output_;
  std::unique_ptr<SSL, Free> ssl_;
  bool ended_ = false;
  bool failed_ = false;
};

}  // namespace darkroom::server::http

#endif  // DARKROOM_SERVER_HTTP_TLS_SESSION_H_
