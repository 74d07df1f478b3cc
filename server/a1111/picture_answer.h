#ifndef DARKROOM_SERVER_A1111_PICTURE_ANSWER_H_
#define DARKROOM_SERVER_A1111_PICTURE_ANSWER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "google/protobuf/struct.pb.h"
#include "server/admission/model_catalogue.h"
#include "server/core/awaited_job.h"

namespace darkroom::server::a1111 {

// What an answer to txt2img or img2img tells of a job beside its pictures.
struct AnswerContext {
  google::protobuf::Struct sent;          // the body, for "parameters"
  std::vector<std::string> ignored = {};  // see ImageRequest
  bool send_images = true;
  absl::Time time;  // "job_timestamp"
};

// {"images": [base64...], "parameters": {...}, "info": "{...}"}. `info` is a text that is JSON of
// AUTOMATIC1111's keys, where all_seeds and infotexts are as many as the pictures, and "darkroom":
// {"job": "jobs/...", "ignored": [...]}. "parameters" is what was sent without pictures, scripts
// and whatever is not known here. Pure.
std::string PictureAnswer(const EndedJob& ended, const AnswerContext& context,
                          const Models& models);

// ["base64", ...]
std::string PicturesJson(const std::vector<AwaitedPicture>& pictures);

// "20251231235959", as AUTOMATIC1111 writes it, in UTC.
std::string Timestamp(absl::Time time);

}  // namespace darkroom::server::a1111

#endif  // DARKROOM_SERVER_A1111_PICTURE_ANSWER_H_
