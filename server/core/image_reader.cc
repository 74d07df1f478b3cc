#include "server/core/image_reader.h"

#include <utility>

#include "common/sha256.h"
#include "server/core/within.h"

namespace darkroom::server {

void ImageReader::Read(const scheduler::LeaseKey& key, int image,
                       Callback<std::shared_ptr<const StoredImage>> done) {
  const Address address(key.id, key.fence, image);
  Entry& entry = entries_[address];
  if (auto held = entry.image.lock()) {
    done(std::move(held));
    return;
  }
  entry.waiting.push_back(std::move(done));
  if (entry.waiting.size() > 1) return;
  results_.Get(
      key, image,
      Within<std::string>(loop_, kStoreTimeout,
                          [weak = weak_from_this(), address](absl::StatusOr<std::string> bytes) {
                            if (auto self = weak.lock()) {
                              self->OnRead(address, std::move(bytes));
                            }
                          }));
}

void ImageReader::OnRead(const Address& address, absl::StatusOr<std::string> bytes) {
  auto waiting = std::exchange(entries_[address].waiting, {});
  if (!bytes.ok()) {
    entries_.erase(address);
    for (auto& done : waiting) done(bytes.status());
    return;
  }
  auto made = std::make_unique<StoredImage>();
  made->sha256 = Sha256Hex(*bytes);
  made->bytes = *std::move(bytes);
  // The last holder's release forgets the address; holders release on the loop.
  std::shared_ptr<const StoredImage> image(
      made.release(), [weak = weak_from_this(), address](const StoredImage* gone) {
        delete gone;
        if (auto self = weak.lock()) self->entries_.erase(address);
      });
  entries_[address].image = image;
  for (auto& done : waiting) done(image);
}

}  // namespace darkroom::server
