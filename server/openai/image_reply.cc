#include "server/openai/image_reply.h"

#include <cstdint>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "server/http/json.h"
#include "server/openai/error_shape.h"
#include "server/rest/json_writing.h"

namespace darkroom::server::openai {
namespace {

using rest::JsonObject;

constexpr char kNoTokens[] =
    R"({"input_tokens":0,"input_tokens_details":{"image_tokens":0,"text_tokens":0},)"
    R"("output_tokens":0,"total_tokens":0})";

std::string Base64Text(absl::string_view bytes) {
  return absl::StrCat("\"", absl::Base64Escape(bytes), "\"");
}

std::string SizeText(int width, int height) { return absl::StrCat(width, "x", height); }

std::string SizeOf(const darkroom::v1::Job& job) {
  return SizeText(job.parameters().width(), job.parameters().height());
}

std::int64_t UnixSeconds(const darkroom::v1::Job& job) { return job.create_time().seconds(); }

// "image_generation.completed". There are no streams of variations in OpenAI's interface: here they
// are those of edits.
std::string EventName(const ImageRequest& request, absl::string_view what) {
  return absl::StrCat(
      request.operation == Operation::kGeneration ? "image_generation." : "image_edit.", what);
}

std::string EventText(const std::string& name, const JsonObject& data) {
  return absl::StrCat("event: ", name, "\ndata: ", data.Text(), "\n\n");
}

// What all of their objects about pictures have.
void AddCommon(JsonObject& object, const ImageRequest& request, absl::string_view format,
               absl::string_view size) {
  object.AddText("background", "opaque")
      .AddText("output_format", format)
      .AddText("quality", request.quality)
      .AddText("size", size);
}

}  // namespace

std::string ImagesReply(const ImageRequest& request, const EndedJob& ended) {
  std::vector<std::string> data;
  for (const AwaitedPicture& picture : ended.pictures) {
    data.push_back(JsonObject().Add("b64_json", Base64Text(picture.bytes)).Text());
  }
  JsonObject reply;
  reply.Add("created", absl::StrCat(UnixSeconds(ended.job)));
  AddCommon(reply, request, "png", SizeOf(ended.job));
  return reply.Add("usage", kNoTokens).Add("data", rest::JsonArray(data)).Text();
}

std::string PartialImageEvent(const ImageRequest& request, const darkroom::v1::Job& job,
                              const darkroom::v1::JobPreview& preview, int index, absl::Time time) {
  const std::string name = EventName(request, "partial_image");
  JsonObject data;
  data.AddText("type", name)
      .Add("partial_image_index", absl::StrCat(index))
      .Add("created_at", absl::StrCat(absl::ToUnixSeconds(time)));
  AddCommon(data, request, "jpeg", SizeOf(job));
  return EventText(name, data.Add("b64_json", Base64Text(preview.data())));
}

std::string CompletedEvent(const ImageRequest& request, const darkroom::v1::Job& job,
                           const AwaitedPicture& picture) {
  const std::string name = EventName(request, "completed");
  JsonObject data;
  data.AddText("type", name).Add("created_at", absl::StrCat(UnixSeconds(job)));
  AddCommon(data, request, "png", SizeOf(job));
  return EventText(name, data.Add("usage", kNoTokens).Add("b64_json", Base64Text(picture.bytes)));
}

std::string ErrorEvent(const http::Failure& failure) {
  return absl::StrCat("event: error\ndata: ", absl::StripSuffix(OpenAiErrorShape(failure), "\n"),
                      "\n\n");
}

}  // namespace darkroom::server::openai
