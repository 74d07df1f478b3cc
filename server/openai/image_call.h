#ifndef DARKROOM_SERVER_OPENAI_IMAGE_CALL_H_
#define DARKROOM_SERVER_OPENAI_IMAGE_CALL_H_

#include <map>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "darkroom/v1/job.pb.h"
#include "server/core/awaited_job.h"
#include "server/core/loop.h"
#include "server/core/services.h"
#include "server/http/event_writer.h"
#include "server/http/exchange.h"
#include "server/openai/image_request.h"

namespace darkroom::server::openai {

// One call of OpenAI's interface for pictures, from its request to its answer: a job, and then the
// pictures in one JSON object, or Server-Sent Events on the way. A client that leaves cancels its
// job. Loop thread only; the exchange has it until then.
class ImageCall : public std::enable_shared_from_this<ImageCall> {
 public:
  // The loop and the services outlive it.
  static void Start(Loop& loop, Services& services, std::shared_ptr<http::Exchange> exchange,
                    ImageRequest request);

  ImageCall(Loop& loop, std::shared_ptr<http::Exchange> exchange, ImageRequest request)
      : loop_(loop), exchange_(std::move(exchange)), request_(std::move(request)) {}

 private:
  void Submit(Services& services);
  void OnEvent(const darkroom::v1::JobEvent& event);
  void OnPreview(const darkroom::v1::JobPreview& preview);
  void OnEnd(const absl::StatusOr<EndedJob>& ended);
  void Fail(const absl::Status& status);
  void Leave();

  Loop& loop_;
  std::shared_ptr<http::Exchange> exchange_;  // null once it is answered, or its client has gone
  ImageRequest request_;                      // without its parameters once they are submitted
  bool idempotent_ = false;                   // the client has named its request
  std::shared_ptr<AwaitedJob> awaited_;
  darkroom::v1::Job accepted_;                 // without a name until it is
  std::shared_ptr<http::EventWriter> events_;  // of a stream that has begun
  std::map<int, int> partial_images_;          // that were sent, by picture
};

}  // namespace darkroom::server::openai

#endif  // DARKROOM_SERVER_OPENAI_IMAGE_CALL_H_
