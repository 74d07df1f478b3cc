#ifndef DARKROOM_SERVER_CORE_INPUT_FINDER_H_
#define DARKROOM_SERVER_CORE_INPUT_FINDER_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/await.h"
#include "darkroom/v1/image_parameters.pb.h"
#include "picture/header.h"
#include "server/core/api_error.h"
#include "server/core/loop.h"
#include "server/core/ports.h"

namespace darkroom::server {

// A picture file of a request.
struct InputPicture {
  std::string id;  // InputId
  std::string bytes;
  picture::Header header;
};

// What an input is kept under: SHA-256 of tenant, line feed, content. So a picture that is sent
// twice is kept once, and nobody finds another tenant's.
std::string InputId(absl::string_view tenant, absl::string_view bytes);

// Brings the pictures that requests send or name. Loop thread only; callbacks run there, once. The
// loop and the ports outlive it.
class InputFinder : public std::enable_shared_from_this<InputFinder> {
 public:
  struct Answer {
    std::vector<FieldViolation> violations;
    std::optional<InputPicture> picture;  // where there is none about it
    std::optional<InputPicture> mask;     // alike
  };

  InputFinder(Loop& loop, const Ports& ports) : loop_(loop), ports_(ports) {}

  // The picture and, where it has one, its mask. UNAVAILABLE, as an ApiError, when the store cannot
  // be asked.
  void Find(const std::string& tenant, const darkroom::v1::InitImage& image, Callback<Answer> done);

 private:
  // One file: with its violations, or it is `picture`.
  template <typename Message>
  void FindOne(const std::string& tenant, const std::string& field, const Message& message,
               Callback<Answer> done);
  // "jobs/{job}/images/{index}"
  void FindResult(const std::string& tenant, const std::string& field, absl::string_view name,
                  Callback<Answer> done);
  // "inputs/{input}"
  void FindInput(const std::string& tenant, const std::string& field, absl::string_view name,
                 Callback<Answer> done);

  Loop& loop_;
  const Ports ports_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_INPUT_FINDER_H_
