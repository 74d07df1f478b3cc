#ifndef DARKROOM_WORKER_DIFFUSION_BACKEND_H_
#define DARKROOM_WORKER_DIFFUSION_BACKEND_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/grey_image.h"
#include "common/rgb_image.h"
#include "worker/diffusion/image_request.h"
#include "worker/diffusion/model_info.h"
#include "worker/diffusion/named_file.h"

namespace darkroom::diffusion {

// The seam between the step engine and the diffusion library: no torch type passes it.

// Rows can share a denoiser batch exactly when their keys are equal.
struct BatchKey {
  int latent_height = 0;
  int latent_width = 0;
  int chunks = 1;       // of 77 tokens, in the longest context that a call of the job has
  bool tiling = false;  // ImageRequest::tiling

  friend auto operator<=>(const BatchKey&, const BatchKey&) = default;
};

// The state of one request: conditioning, latents, and one suspended sampler an image. Destroying
// it at any time between two calls to the backend is how a job is stopped. Used on the backend's
// thread only.
class Generation {
 public:
  virtual ~Generation() = default;

  // Of the image's next denoiser call: another in the second pass of a hires fix.
  virtual const BatchKey& batch_key(int image) const = 0;
  virtual int image_count() const = 0;
  // What that call costs, in rows of the network: the parts of the prompt and, where it has an
  // influence, the negative prompt. Usually 2.
  virtual int rows_per_call(int image) const = 0;
  // Sampling steps of every image, of both passes; of an Upscale the pieces it is done in.
  virtual int steps() const = 0;
  // Steps that image `i` has done; a second-order sampler needs several denoiser calls for one.
  virtual int steps_done(int image) const = 0;
  // Multiply-adds until the image's picture, which waits between two passes or is all that is asked
  // for, has been made larger: Backend::Scale does that, and no row of it is stepped meanwhile. 0:
  // it does not wait for that.
  virtual std::int64_t scaling_left(int image) const = 0;
  // True once the image's sampler has returned, or its picture is large: it can be decoded.
  virtual bool done(int image) const = 0;
  // Soft inpainting, once done: how far every pixel of the latent has become another, and is not to
  // be covered by what was there; 255: wholly. Nothing where the request does not ask for it.
  virtual std::optional<GreyImage> Changed(int image) const = 0;
};

// One image's next denoiser call.
struct Row {
  Generation* generation = nullptr;
  int image = 0;
};

// A model on a device. Not thread-safe: one thread owns it. No exception leaves it.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual const ModelInfo& info() const = 0;

  // The published form of the model's tokenizer: tokenizer::ClipTokenizer::Parse reads it.
  virtual std::string tokenizer() const = 0;

  // What requests may call from now on, in place of all before; at first there is nothing. No file
  // is read here: that happens when a request first calls one, and again when it has been replaced.
  // Generations that were started keep theirs. Of equal names the first counts.
  virtual void SetAdapters(AdapterFiles files) = 0;

  // Encodes the prompts and the picture to begin with, draws the noise and runs every image's
  // sampler up to its first denoiser call; or reads the upscalers of a request that only enlarges.
  // INVALID_ARGUMENT, naming the field, for a request
  // outside info() or the limits of prompt/limits.h, RESOURCE_EXHAUSTED out of memory,
  // FAILED_PRECONDITION when the model is not in memory and cannot be loaded, UNAVAILABLE when
  // there is no room for it until generations of other models have gone: to be tried again then;
  // ABORTED when its file is being replaced: to be tried again in a moment.
  virtual absl::StatusOr<std::unique_ptr<Generation>> Start(const ImageRequest& request) = 0;

  // What Continue needs to go on from where a generation is, every image at its last whole step: a
  // sampler's latents and what else it carries, and no more, whatever the request. With it the
  // picture comes out the same, bit for bit. RESOURCE_EXHAUSTED for more than `max_bytes`,
  // UNIMPLEMENTED for a request that only enlarges.
  virtual absl::StatusOr<std::string> Save(const Generation& generation, std::size_t max_bytes) = 0;

  // As Start, but from a step of the same request that Save of a backend of the same model has
  // returned. DATA_LOSS when the bytes are not that, as far as it can be told, or are of another
  // kind of device or other files of its LoRAs: the request has to be started anew. Nothing in them
  // is trusted.
  virtual absl::StatusOr<std::unique_ptr<Generation>> Continue(const ImageRequest& request,
                                                               absl::string_view saved) = 0;

  // The most rows of this key that one Step takes.
  virtual int max_rows(const BatchKey& key) const = 0;

  // Runs one denoiser call for every row, in one forward, and every row's sampler up to its next
  // call; where a second pass follows, its picture is scaled on the way, unless a network does it.
  // All rows have the same batch key, none is done or waits for Scale, none occurs twice, and there
  // are 1 to max_rows of them. A row's result does not depend on the others. Returns one status a
  // row: a row that fails (INTERNAL: a value is not finite, an adaptive sampler does not arrive;
  // RESOURCE_EXHAUSTED: its second pass finds no memory) is not to be stepped again.
  // RESOURCE_EXHAUSTED for the whole when the device is out of memory: no row has moved, fewer may
  // fit.
  virtual absl::StatusOr<std::vector<absl::Status>> Step(absl::Span<const Row> rows) = 0;

  // One piece of making an image's picture larger, where scaling_left() is above 0; with the last
  // one the image goes on to its second pass, or is done. Returns the multiply-adds. INTERNAL (a
  // value is not finite) and RESOURCE_EXHAUSTED (out of memory): the image cannot go on.
  virtual absl::StatusOr<std::int64_t> Scale(Generation& generation, int image) = 0;

  // A rough, small picture of the present state of an image, cheap: no decoder runs.
  virtual absl::StatusOr<RgbImage> Preview(const Generation& generation, int image) = 0;

  // The picture of an image that is done. RESOURCE_EXHAUSTED out of memory, INTERNAL when the
  // decoder returns values that are not finite.
  virtual absl::StatusOr<RgbImage> Decode(const Generation& generation, int image) = 0;
};

}  // namespace darkroom::diffusion

#endif  // DARKROOM_WORKER_DIFFUSION_BACKEND_H_
