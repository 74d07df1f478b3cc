#include "worker/diffusion/adapters/adapter_key.h"

#include <string>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;

struct Case {
  std::string key;
  std::optional<Component> component;
  std::string path;
  std::string field;
};

TEST(AdapterKeyTest, EveryTrainersSpellingIsTakenApart) {
  const Case cases[] = {
      {"lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", Component::kUNet,
       "mid_block_attentions_0_proj_in", "lora_down"},
      {"lora_te_text_model_encoder_layers_0_mlp_fc1.alpha", Component::kTextEncoder,
       "text_model_encoder_layers_0_mlp_fc1", "alpha"},
      {"lora_te1_text_model_encoder_layers_0_mlp_fc1.lora_mid.weight", Component::kTextEncoder,
       "text_model_encoder_layers_0_mlp_fc1", "lora_mid"},
      {"lora_te2_text_projection.lora_up.weight", Component::kTextEncoder2, "text_projection",
       "lora_up"},
      {"base_model.model.mid_block.attentions.0.proj_in.lora_A.weight", std::nullopt,
       "mid_block.attentions.0.proj_in", "lora_down"},
      {"unet.base_model.model.conv_in.lora_B.default.weight", Component::kUNet, "conv_in",
       "lora_up"},
      {"unet.conv_in.lora.down.weight", Component::kUNet, "conv_in", "lora_down"},
      {"unet.a.attn1.processor.to_out_lora.up.weight", Component::kUNet, "a.attn1.processor.to_out",
       "lora_up"},
      {"a.attn1.processor.to_q_lora.up.weight", std::nullopt, "a.attn1.processor.to_q", "lora_up"},
      {"text_encoder_2.text_model.encoder.layers.0.mlp.fc1.lora_linear_layer.down.weight",
       Component::kTextEncoder2, "text_model.encoder.layers.0.mlp.fc1", "lora_down"},
      {"lycoris_mid_block_attentions_0_proj_in.hada_w1_a", std::nullopt,
       "mid_block_attentions_0_proj_in", "hada_w1_a"},
      {"diffusion_model.out.2.diff_b", Component::kUNet, "out.2", "diff_b"},
      {"unet.conv_in.lora_magnitude_vector", Component::kUNet, "conv_in", "lora_magnitude_vector"},
      {"lora_unet_conv_in.dora_scale", Component::kUNet, "conv_in", "dora_scale"},
  };
  for (const Case& expected : cases) {
    const auto key = ParseAdapterKey(expected.key);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->component, expected.component) << expected.key;
    EXPECT_EQ(key->path, expected.path) << expected.key;
    EXPECT_EQ(key->field, expected.field) << expected.key;
  }
}

std::string Problem(const std::string& key) {
  const absl::Status status = ParseAdapterKey(key).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << key;
  EXPECT_THAT(std::string(status.message()), HasSubstr(key));
  return std::string(status.message());
}

TEST(AdapterKeyTest, KindsThatAreKnownAndNotSupportedAreNamed) {
  EXPECT_THAT(Problem("lora_unet_conv_in.oft_blocks"), HasSubstr("is OFT, which is not supported"));
  EXPECT_THAT(Problem("lora_unet_conv_in.a1.weight"), HasSubstr("is GLoRA"));
  EXPECT_THAT(Problem("lora_unet_conv_in.on_input"), HasSubstr("is IA3"));
  EXPECT_THAT(Problem("lora_unet_conv_norm_out.w_norm"), HasSubstr("a change of a norm"));
  EXPECT_THAT(Problem("bundle_emb.word.string_to_param.*"), HasSubstr("bundled with a LoRA"));
}

TEST(AdapterKeyTest, WhatIsNoAdapterIsRefused) {
  for (const char* key : {"model.diffusion_model.out.2.weight", "emb_params", "", "alpha",
                          "lora_unet_conv_in.lora_sideways.weight"}) {
    EXPECT_THAT(Problem(key), HasSubstr("no part of any known kind")) << key;
  }
}

}  // namespace
}  // namespace darkroom::diffusion
