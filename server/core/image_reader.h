#ifndef DARKROOM_SERVER_CORE_IMAGE_READER_H_
#define DARKROOM_SERVER_CORE_IMAGE_READER_H_

#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "common/await.h"
#include "scheduler/core/result_store.h"
#include "server/core/loop.h"

namespace darkroom::server {

// An encoded image and its SHA-256 as 64 hexadecimal digits.
struct StoredImage {
  std::string bytes;
  std::string sha256;
};

// Reads finished images. Watchers of one job share one reading and one copy for as long as any of
// them holds it. Loop thread only.
class ImageReader : public std::enable_shared_from_this<ImageReader> {
 public:
  // Both outlive the reader.
  ImageReader(Loop& loop, scheduler::ResultStore& results) : loop_(loop), results_(results) {}

  // NOT_FOUND when the image is no longer kept, UNAVAILABLE while the store is.
  void Read(const scheduler::LeaseKey& key, int image,
            Callback<std::shared_ptr<const StoredImage>> done);

 private:
  using Address = std::tuple<scheduler::JobId, scheduler::Fence, int>;
  struct Entry {
    std::weak_ptr<const StoredImage> image;
    std::vector<Callback<std::shared_ptr<const StoredImage>>> waiting;
  };

  void OnRead(const Address& address, absl::StatusOr<std::string> bytes);

  Loop& loop_;
  scheduler::ResultStore& results_;
  std::map<Address, Entry> entries_;
};

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_CORE_IMAGE_READER_H_
