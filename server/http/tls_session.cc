#include "server/http/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <algorithm>
#include <utility>

namespace darkroom::server::http {

// A BIO over the strings, because OpenSSL's own keeps the memory of the most that it ever held, and
// most connections of a server wait.
BIO_METHOD* TlsSession::Method() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "records");
    BIO_meth_set_read(made, [](BIO* bio, char* bytes, int size) {
      const int count = Of(bio).Take(bytes, size);
      BIO_clear_retry_flags(bio);
      if (count < 0) BIO_set_retry_read(bio);
      return count;
    });
    BIO_meth_set_write(made, [](BIO* bio, const char* bytes, int size) {
      Of(bio).output_.append(bytes, static_cast<std::size_t>(size));
      return size;
    });
    BIO_meth_set_ctrl(made, [](BIO*, int command, long, void*) -> long {
      return command == BIO_CTRL_FLUSH ? 1 : 0;
    });
    return made;
  }();
  return method;
}

TlsSession::TlsSession(SSL_CTX* context) : ssl_(SSL_new(context)) {
  BIO* const bio = BIO_new(Method());
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

int TlsSession::Take(char* bytes, int size) {
  const std::size_t count = std::min(static_cast<std::size_t>(size), input_.size() - taken_);
  if (count == 0) return -1;
  std::copy_n(input_.data() + taken_, count, bytes);
  taken_ += count;
  if (taken_ == input_.size()) {
    input_ = std::string();
    taken_ = 0;
  }
  return static_cast<int>(count);
}

void TlsSession::Receive(absl::string_view records) {
  input_.append(records.data(), records.size());
}

std::size_t TlsSession::Read(char* text, std::size_t size) {
  std::size_t count = 0;
  while (count < size && !ended_ && !failed_) {
    ERR_clear_error();
    const int result = SSL_read(ssl_.get(), text + count, static_cast<int>(size - count));
    if (result > 0) {
      count += static_cast<std::size_t>(result);
      continue;
    }
    NoteResult(result);
    break;
  }
  return count;
}

void TlsSession::NoteResult(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_ZERO_RETURN) {
    ended_ = true;
  } else if (error != SSL_ERROR_WANT_READ) {
    failed_ = true;
  }
}

void TlsSession::Write(absl::string_view text) {
  if (failed_ || text.empty()) return;
  ERR_clear_error();
  const int result = SSL_write(ssl_.get(), text.data(), static_cast<int>(text.size()));
  if (result <= 0) failed_ = true;
}

void TlsSession::EndSending() {
  if (failed_ || SSL_is_init_finished(ssl_.get()) == 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_.get());
}

std::string TlsSession::TakeOutput() { return std::exchange(output_, {}); }

}  // namespace darkroom::server::http
