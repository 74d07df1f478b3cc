#ifndef DARKROOM_SERVER_A1111_A1111_API_H_
#define DARKROOM_SERVER_A1111_A1111_API_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "google/protobuf/struct.pb.h"
#include "scheduler/core/setting_store.h"
#include "server/a1111/running_jobs.h"
#include "server/core/loop.h"
#include "server/core/services.h"
#include "server/http/router.h"

namespace darkroom::server::a1111 {

// Of a body with pictures, as /v1/jobs takes them.
inline constexpr std::size_t kMaxPicturesBytes = std::size_t{22} << 20;
// Of one that has nothing to say.
inline constexpr std::size_t kMaxEmptyBytes = 1 << 10;

// What the routes share. Loop thread only.
struct Context {
  Loop& loop;
  Services& services;
  scheduler::SettingStore& settings;
  RunningJobs running = {};
};

using ContextPointer = std::shared_ptr<Context>;
using ExchangePointer = std::shared_ptr<http::Exchange>;
using Settings = google::protobuf::Struct;

// AUTOMATIC1111's interface, "/sdapi/v1", for clients that know no other. What is one for its whole
// server (settings, progress, interrupt) is one for each key here. Fields that are not known are
// not looked at; docs/http.md says what is not done. The loop, the services and the store outlive
// the server of the routes.
void AddA1111Api(http::Router& router, Loop& loop, Services& services,
                 scheduler::SettingStore& settings);

// Its parts.
void AddGenerateRoutes(http::Router& router, const ContextPointer& context);
void AddExtrasRoutes(http::Router& router, const ContextPointer& context);
void AddStateRoutes(http::Router& router, const ContextPointer& context);
void AddListRoutes(http::Router& router, const ContextPointer& context);

// Whose settings and jobs the caller's are: those of its key, or of its tenant without one.
std::string OwnerOf(const Caller& caller);
// The body as an object, {} where it is empty; nothing, and the exchange is answered, where it is
// none.
std::optional<google::protobuf::Struct> ReadBody(http::Exchange& exchange);
// Passes the caller's settings on, or answers the exchange.
void WithSettings(const ContextPointer& context, const ExchangePointer& exchange,
                  std::function<void(Settings)> then);
void AnswerJson(http::Exchange& exchange, const google::protobuf::Message& value);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_A1111_API_H_
