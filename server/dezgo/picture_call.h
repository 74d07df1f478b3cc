#ifndef DARKROOM_SERVER_DEZGO_PICTURE_CALL_H_
#define DARKROOM_SERVER_DEZGO_PICTURE_CALL_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "server/core/awaited_job.h"
#include "server/core/loop.h"
#include "server/core/services.h"
#include "server/http/exchange.h"
#include "server/http/response.h"

namespace darkroom::server::dezgo {

// One call of Dezgo's interface: a job of one picture, which is answered as a file, with its seed
// and its job in headers. A client that leaves cancels its job. Loop thread only; the exchange has
// it until then.
class PictureCall : public std::enable_shared_from_this<PictureCall> {
 public:
  // The loop and the services outlive it.
  static void Start(Loop& loop, Services& services, std::shared_ptr<http::Exchange> exchange,
                    darkroom::v1::ImageParameters parameters);

  PictureCall(Loop& loop, std::shared_ptr<http::Exchange> exchange)
      : loop_(loop), exchange_(std::move(exchange)) {}

 private:
  void OnEnd(absl::StatusOr<EndedJob> ended);
  void Leave();

  Loop& loop_;
  std::shared_ptr<http::Exchange> exchange_;  // null once it is answered, or its client has gone
  std::shared_ptr<AwaitedJob> awaited_;
};

// The answer of a job that has succeeded. Pure.
http::Response PictureAnswer(const darkroom::v1::Job& job, AwaitedPicture picture);

}  // namespace darkroom::server::dezgo

#endif  // DARKROOM_SERVER_DEZGO_PICTURE_CALL_H_
