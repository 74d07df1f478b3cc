#include "server/web/web_page.h"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/sha256.h"
#include "server/http/accept_encoding.h"
#include "server/http/entity_tag.h"

namespace darkroom::server::web {
namespace {

using http::Field;

constexpr absl::string_view kIndex = "index.html";
constexpr std::pair<absl::string_view, absl::string_view> kContentTypes[] = {
    {".css", "text/css; charset=utf-8"},
    {".html", "text/html; charset=utf-8"},
    {".ico", "image/x-icon"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json"},
    {".png", "image/png"},
    {".svg", "image/svg+xml"},
    {".webmanifest", "application/manifest+json"},
};
// Pictures come as blobs, fetched with the visitor's key, and previews as data. Trusted types have
// the browser refuse text as markup, wherever it comes from.
constexpr absl::string_view kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

// One of the two forms that a file is sent in.
struct Form {
  std::string tag;
  std::shared_ptr<const std::string> bytes;  // null: there is none
};

struct PageFile {
  absl::string_view content_type;
  Form plain;
  Form gzip;
};

PageFile Prepare(const EmbeddedFile& file) {
  const std::string digest = Sha256Hex(file.bytes);
  PageFile prepared;
  prepared.content_type = ContentTypeOf(file.name);
  prepared.plain = {absl::StrCat("\"", digest, "\""), std::make_shared<std::string>(file.bytes)};
  // Pictures are compressed as they are.
  if (!file.gzip.empty() && file.gzip.size() < file.bytes.size()) {
    prepared.gzip = {absl::StrCat("\"", digest, "-gzip\""),
                     std::make_shared<std::string>(file.gzip)};
  }
  return prepared;
}

// Of every answer, also one that says only that nothing has changed: the browser then takes these.
std::vector<Field> CommonHeaders() {
  // A request with the referrer policy "no-referrer" could have the origin "null", which may do
  // nothing here. Browsers ask each time whether a file has changed, so that none is older than the
  // others.
  return {{"Cache-Control", "no-cache"},
          {"Vary", "Accept-Encoding"},
          {"Content-Security-Policy", std::string(kContentSecurityPolicy)},
          {"X-Frame-Options", "DENY"},
          {"Referrer-Policy", "same-origin"},
          {"Cross-Origin-Opener-Policy", "same-origin"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Permissions-Policy",
           "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"}};
}

void Answer(http::Exchange& exchange, const PageFile& file) {
  const http::Request& request = exchange.request();
  const bool gzip =
      file.gzip.bytes != nullptr && http::PrefersGzip(request.Header("accept-encoding"));
  const Form& form = gzip ? file.gzip : file.plain;
  http::Response response;
  response.headers = CommonHeaders();
  response.headers.push_back({"ETag", form.tag});
  if (http::NamesTag(request.Header("if-none-match"), form.tag)) {
    response.status = 304;
    return exchange.Answer(std::move(response));
  }
  response.headers.push_back({"Content-Type", std::string(file.content_type)});
  if (gzip) response.headers.push_back({"Content-Encoding", "gzip"});
  response.body = form.bytes;
  exchange.Answer(std::move(response));
}

}  // namespace

absl::string_view ContentTypeOf(absl::string_view file_name) {
  for (const auto& [end, type] : kContentTypes) {
    if (absl::EndsWith(file_name, end)) return type;
  }
  return "";
}

void AddWebPage(http::Router& router, absl::Span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    const auto prepared = std::make_shared<const PageFile>(Prepare(file));
    if (prepared->content_type.empty()) {
      log::Error("a file of the page has no content type", {{"file", file.name}});
      std::abort();
    }
    const http::Handler handler = [prepared](const std::shared_ptr<http::Exchange>& exchange) {
      Answer(*exchange, *prepared);
    };
    router.Add({"GET", absl::StrCat("/", file.name), http::Access::Open(), 0, handler});
    if (file.name == kIndex) router.Add({"GET", "/", http::Access::Open(), 0, handler});
  }
}

void AddWebPage(http::Router& router) { AddWebPage(router, PageFiles()); }

}  // namespace darkroom::server::web
