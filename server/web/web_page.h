#ifndef DARKROOM_SERVER_WEB_WEB_PAGE_H_
#define DARKROOM_SERVER_WEB_WEB_PAGE_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/embedded_file.h"
#include "server/http/router.h"

namespace darkroom::server::web {

// The page that people use in their browsers: the files of server/web/page, of which one is
// "index.html". They are part of the program; nothing is read from a disk.
absl::Span<const EmbeddedFile> PageFiles();

// Serves the page: each file at its name, "index.html" at "/" too. Anybody may have it; what it
// does is done by the API, with the visitor's key. Its Content-Security-Policy has it run and reach
// nothing but what this gateway serves, and never inside another page.
void AddWebPage(http::Router& router);
// The same of these files, which outlive the router's server.
void AddWebPage(http::Router& router, absl::Span<const EmbeddedFile> files);

// "text/html; charset=utf-8", by the end of the file's name; empty of one that is not known.
absl::string_view ContentTypeOf(absl::string_view file_name);

}  // namespace darkroom::server::web

#endif  // DARKROOM_SERVER_WEB_WEB_PAGE_H_
