#ifndef DARKROOM_SERVER_TESTING_DEMO_MODEL_H_
#define DARKROOM_SERVER_TESTING_DEMO_MODEL_H_

#include "darkroom/v1/model.pb.h"

namespace darkroom::server {

// A model as a worker announces it; tests change what they are about.
inline darkroom::v1::Model DemoModel() {
  darkroom::v1::Model model;
  model.set_name("models/demo");
  model.set_display_name("Demo");
  model.set_family(darkroom::v1::MODEL_FAMILY_STABLE_DIFFUSION_1);
  model.set_default_width(128);
  model.set_default_height(128);
  model.set_max_side(256);
  model.set_max_pixels(256 * 128);
  model.set_size_multiple(8);
  model.set_max_images(4);
  model.set_max_steps(100);
  model.set_max_clip_skip(12);
  for (const char* sampler : {"Euler", "Euler a", "DPM++ 2M", "DDIM"}) model.add_samplers(sampler);
  for (const char* schedule : {"Automatic", "Karras"}) model.add_schedules(schedule);
  model.set_default_sampler("DPM++ 2M");
  model.set_default_schedule("Karras");
  model.set_default_steps(20);
  model.set_default_guidance_scale(5);
  model.set_step_milliseconds(10);
  model.set_workers(1);
  return model;
}

}  // namespace darkroom::server

#endif  // DARKROOM_SERVER_TESTING_DEMO_MODEL_H_
