#include "worker/diffusion/fake_backend.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "naming/hires_pass.h"
#include "naming/img2img_steps.h"
#include "prompt/composition.h"
#include "tokenizer/clip_tokenizer.h"
#include "worker/diffusion/backend_checks.h"

namespace darkroom::diffusion {
namespace {

constexpr int kLatentFactor = 8;
constexpr int kWordsPerChunk = 75;

int CountChunks(const std::string& prompt) {
  const std::vector<std::string> words = absl::StrSplit(prompt, ' ', absl::SkipWhitespace());
  return std::max(1, (static_cast<int>(words.size()) + kWordsPerChunk - 1) / kWordsPerChunk);
}

class FakeGeneration : public Generation {
 public:
  // `scales_in_pieces`: between its passes.
  FakeGeneration(ImageRequest request, bool scales_in_pieces)
      : request_(std::move(request)),
        scales_in_pieces_(scales_in_pieces),
        steps_done_(request_.image_count, 0),
        pieces_left_(request_.image_count, 0) {
    if (request_.upscale.has_value()) {
      request_.image_count = 1;
      steps_done_ = {0};
      pieces_left_ = {kFakeScalePieces};
    }
    passes_.push_back(PassOf(request_));
    if (request_.init.has_value()) {
      passes_[0].steps = naming::EncodedSteps(request_.init->strength, request_.steps) + 1;
    }
    if (request_.hires.has_value()) passes_.push_back(PassOf(SecondPass(request_)));
  }

  const BatchKey& batch_key(int image) const override { return pass(image).key; }
  int image_count() const override { return request_.image_count; }
  int rows_per_call(int image) const override { return pass(image).rows_per_call; }
  int steps() const override {
    if (request_.upscale.has_value()) return kFakeScalePieces;
    int steps = 0;
    for (const Pass& pass : passes_) steps += pass.steps;
    return steps;
  }
  int steps_done(int image) const override {
    return request_.upscale.has_value() ? steps() - pieces_left_[image] : steps_done_[image];
  }
  std::int64_t scaling_left(int image) const override {
    return pieces_left_[image] * kFakePieceOperations;
  }
  bool done(int image) const override { return steps_done(image) == steps(); }
  std::optional<GreyImage> Changed(int image) const override {
    const bool masked = request_.init.has_value() && request_.init->mask.has_value();
    if (!masked || !request_.init->mask->soft.has_value()) return std::nullopt;
    const BatchKey& key = batch_key(image);
    const auto pixels = static_cast<std::size_t>(key.latent_width) * key.latent_height;
    return GreyImage{.width = key.latent_width,
                     .height = key.latent_height,
                     .pixels = std::vector<std::uint8_t>(pixels, 255)};
  }

  const ImageRequest& request() const { return request_; }
  ImageSeeds seeds(int image) const {
    return SeedsOfImage(request_.seed, request_.variation, image);
  }
  std::int64_t seed(int image) const { return static_cast<std::int64_t>(seeds(image).seed); }
  void Advance(int image) {
    ++steps_done_[image];
    if (scales_in_pieces_ && steps_done_[image] == passes_[0].steps) {
      pieces_left_[image] = kFakeScalePieces;
    }
  }
  void Scale(int image) { --pieces_left_[image]; }
  // Begins there; a picture between the passes is made larger anew.
  void GoOnFrom(std::vector<int> steps_done) {
    steps_done_ = std::move(steps_done);
    for (int i = 0; i < image_count(); ++i) {
      const bool between = scales_in_pieces_ && steps_done_[i] == passes_[0].steps;
      pieces_left_[i] = between ? kFakeScalePieces : 0;
    }
  }

  // What the picture is in the end.
  PictureSize size() const {
    if (request_.upscale.has_value()) {
      const naming::UpscaleAim aim = AimOf(*request_.upscale);
      return request_.upscale->crop ? request_.upscale->cover : PictureSize{aim.width, aim.height};
    }
    return request_.hires.has_value() ? request_.hires->size
                                      : PictureSize{request_.width, request_.height};
  }

 private:
  struct Pass {
    BatchKey key;
    int rows_per_call = 0;
    int steps = 0;
  };

  static Pass PassOf(const ImageRequest& request) {
    return {.key = {.latent_height = request.height / kLatentFactor,
                    .latent_width = request.width / kLatentFactor,
                    .chunks =
                        std::max(CountChunks(request.prompt), CountChunks(request.negative_prompt)),
                    .tiling = request.tiling},
            .rows_per_call = 1 + static_cast<int>(prompt::SplitComposition(request.prompt).size()),
            .steps = request.steps};
  }
  const Pass& pass(int image) const {
    return steps_done_[image] < passes_[0].steps ? passes_[0] : passes_.back();
  }

  ImageRequest request_;
  const bool scales_in_pieces_;
  std::vector<Pass> passes_;  // one or two
  std::vector<int> steps_done_;
  std::vector<int> pieces_left_;
};

// FNV-1a, fixed for ever: absl::Hash differs from process to process, tests compare pictures.
std::uint64_t Hash(absl::string_view text) {
  std::uint64_t hash = 14695981039346656037u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return hash;
}

// Stripes whose colour and direction come from the request, darkened by the share still to do.
RgbImage Paint(const FakeGeneration& generation, int image, int width, int height) {
  const ImageRequest& request = generation.request();
  std::string key =
      absl::StrCat(request.prompt, "\n", request.negative_prompt, "\n", generation.seed(image));
  if (request.variation.strength != 0) {
    absl::StrAppend(&key, "\n", generation.seeds(image).variation_seed);
  }
  const std::uint64_t hash = Hash(key);
  RgbImage picture{.width = width, .height = height, .pixels = {}};
  picture.pixels.reserve(std::size_t{3} * width * height);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      const std::uint64_t ramp = x * (1 + hash % 5) + y * (1 + hash / 5 % 5);
      for (int channel = 0; channel < 3; ++channel) {
        const std::uint64_t full = ((hash >> (16 + 8 * channel)) + ramp) & 0xFF;
        picture.pixels.push_back(
            static_cast<std::uint8_t>(full * generation.steps_done(image) / generation.steps()));
      }
    }
  }
  return picture;
}

void MixIn(const InitPicture& init, RgbImage& picture) {
  for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
    picture.pixels[i] = static_cast<std::uint8_t>(init.strength * picture.pixels[i] +
                                                  (1 - init.strength) * init.picture.pixels[i]);
  }
}

}  // namespace

ModelInfo FakeModelInfo() {
  ModelInfo info;
  info.family = "sd1";
  info.hash = "0123456789";
  info.default_width = 64;
  info.default_height = 64;
  info.max_side = 256;
  info.max_pixels = 256 * 256;
  info.max_images = 8;
  info.max_clip_skip = 12;
  info.samplers = {"Euler", "Euler a", "DPM++ 2M", "DDIM"};
  info.schedules = {"Automatic", "Uniform", "Karras"};
  info.default_sampler = "DPM++ 2M";
  info.default_schedule = "Karras";
  return info;
}

std::string FakeBackend::tokenizer() const {
  constexpr int kVocabulary = 514;
  return tokenizer::ClipTokenizer::ByteLevel(kVocabulary).Serialise();
}

FakeBackend::FakeBackend(FakeBackendOptions options) : options_(std::move(options)) {
  if (!options_.sleep) options_.sleep = absl::SleepFor;
}

absl::StatusOr<std::unique_ptr<Generation>> FakeBackend::Start(const ImageRequest& request) {
  if (options_.refusal != nullptr) DARKROOM_RETURN_IF_ERROR(options_.refusal());
  DARKROOM_RETURN_IF_ERROR(CheckRequest(request, options_.info));
  if (request.image_count > options_.memory_rows) {
    return absl::ResourceExhaustedError("the fake device is out of memory");
  }
  const std::string upscaler = request.upscale.has_value() ? request.upscale->upscaler
                               : request.hires.has_value() ? request.hires->upscaler
                                                           : "";
  const bool by_file = naming::FindUpscaler(upscaler) == nullptr;
  if (by_file) {
    const std::vector<NamedFile> known = adapters().upscalers;
    if (std::none_of(known.begin(), known.end(),
                     [&](const NamedFile& file) { return file.name == upscaler; })) {
      return absl::InvalidArgumentError(absl::StrCat("the upscaler ", upscaler, " is not here"));
    }
  }
  options_.sleep(options_.time_to_start);
  return std::make_unique<FakeGeneration>(request, by_file);
}

absl::StatusOr<std::string> FakeBackend::Save(const Generation& generation, std::size_t max_bytes) {
  if (static_cast<const FakeGeneration&>(generation).request().upscale.has_value()) {
    return absl::UnimplementedError("a picture that is only made larger begins anew");
  }
  std::vector<int> steps;
  for (int i = 0; i < generation.image_count(); ++i) steps.push_back(generation.steps_done(i));
  std::string saved = absl::StrJoin(steps, " ");
  if (saved.size() > max_bytes) return absl::ResourceExhaustedError("a step is too large to save");
  return saved;
}

absl::StatusOr<std::unique_ptr<Generation>> FakeBackend::Continue(const ImageRequest& request,
                                                                  absl::string_view saved) {
  DARKROOM_ASSIGN_OR_RETURN(std::unique_ptr<Generation> generation, Start(request));
  std::vector<int> steps;
  for (const absl::string_view word : absl::StrSplit(saved, ' ')) {
    int step = 0;
    if (!absl::SimpleAtoi(word, &step) || step < 0 || step > generation->steps()) {
      return absl::DataLossError("a saved step has no such number");
    }
    steps.push_back(step);
  }
  if (request.upscale.has_value() || static_cast<int>(steps.size()) != generation->image_count()) {
    return absl::DataLossError("a saved step is of another request");
  }
  static_cast<FakeGeneration&>(*generation).GoOnFrom(std::move(steps));
  return generation;
}

void FakeBackend::SetAdapters(AdapterFiles files) {
  MutexLock lock(&mutex_);
  adapters_ = std::move(files);
}

AdapterFiles FakeBackend::adapters() const {
  MutexLock lock(&mutex_);
  return adapters_;
}

int FakeBackend::max_rows(const BatchKey&) const { return options_.max_rows; }

absl::StatusOr<std::vector<absl::Status>> FakeBackend::Step(absl::Span<const Row> rows) {
  DARKROOM_RETURN_IF_ERROR(CheckRows(rows, options_.max_rows));
  const int count = static_cast<int>(rows.size());
  options_.sleep(options_.time_per_forward + count * options_.time_per_row);
  if (count > options_.memory_rows) {
    return absl::ResourceExhaustedError("the fake device is out of memory");
  }
  std::vector<absl::Status> statuses;
  std::vector<FakeRow> batch;
  for (const Row& row : rows) {
    auto& generation = static_cast<FakeGeneration&>(*row.generation);
    const int step = generation.steps_done(row.image);
    const std::string& prompt = generation.request().prompt;
    const std::int64_t seed = generation.seed(row.image);
    batch.push_back({.prompt = prompt, .seed = seed, .step = step});
    const bool poisoned =
        seed == options_.nan_seed ||
        (!options_.nan_word.empty() && absl::StrContains(prompt, options_.nan_word));
    if (poisoned && step == std::min(1, generation.steps() - 1)) {
      statuses.push_back(absl::InternalError("the denoiser returned a value that is not finite"));
      continue;
    }
    generation.Advance(row.image);
    statuses.push_back(absl::OkStatus());
  }
  MutexLock lock(&mutex_);
  batches_.push_back(std::move(batch));
  return statuses;
}

absl::StatusOr<std::int64_t> FakeBackend::Scale(Generation& generation, int image) {
  options_.sleep(options_.time_to_scale);
  static_cast<FakeGeneration&>(generation).Scale(image);
  return kFakePieceOperations;
}

absl::StatusOr<RgbImage> FakeBackend::Preview(const Generation& generation, int image) {
  const auto& fake = static_cast<const FakeGeneration&>(generation);
  return Paint(fake, image, fake.batch_key(image).latent_width,
               fake.batch_key(image).latent_height);
}

absl::StatusOr<RgbImage> FakeBackend::Decode(const Generation& generation, int image) {
  options_.sleep(options_.time_to_decode);
  const auto& fake = static_cast<const FakeGeneration&>(generation);
  RgbImage picture = Paint(fake, image, fake.size().width, fake.size().height);
  if (fake.request().init.has_value()) MixIn(*fake.request().init, picture);
  return picture;
}

std::vector<std::vector<FakeRow>> FakeBackend::batches() const {
  MutexLock lock(&mutex_);
  return batches_;
}

}  // namespace darkroom::diffusion
