#include "worker/diffusion/weights/checkpoint_layout.h"

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::HasSubstr;
using Shape = std::vector<std::int64_t>;

// Tensors of these names without bytes: the layout is told by names and shapes.
class Listing {
 public:
  Listing& Add(const std::string& name, Shape shape = {1}) {
    tensors_[name].shape = std::move(shape);
    return *this;
  }
  Listing& UNet(std::int64_t channels = 4) {
    return Add("model.diffusion_model.input_blocks.0.0.weight", {320, channels, 3, 3});
  }
  Listing& Label() { return Add("model.diffusion_model.label_emb.0.0.weight", {1280, 2816}); }
  Listing& Clip() { return Add("cond_stage_model.transformer.text_model.final_layer_norm.bias"); }
  Listing& OpenClip(const std::string& prefix) {
    return Add(prefix + "transformer.resblocks.0.ln_1.bias");
  }
  Listing& Vae() { return Add("first_stage_model.decoder.conv_in.weight"); }

  absl::StatusOr<CheckpointLayout> Identify() const { return IdentifyCheckpoint(tensors_); }
  std::string Problem() const { return std::string(Identify().status().message()); }
  const SafetensorsFile::Tensors& tensors() const { return tensors_; }

 private:
  SafetensorsFile::Tensors tensors_;
};

TEST(CheckpointLayout, AFamilyIsToldByItsTextEncoders) {
  EXPECT_EQ(Listing().UNet().Clip().Identify()->family, ModelFamily::kSd1);
  EXPECT_EQ(Listing().UNet().OpenClip("cond_stage_model.model.").Identify()->family,
            ModelFamily::kSd2);
  const auto sdxl = Listing()
                        .UNet()
                        .Label()
                        .Add("conditioner.embedders.0.transformer.text_model.final_layer_norm.bias")
                        .OpenClip("conditioner.embedders.1.model.")
                        .Identify();
  ASSERT_TRUE(sdxl.ok()) << sdxl.status();
  EXPECT_EQ(sdxl->family, ModelFamily::kSdxl);
  ASSERT_EQ(sdxl->text_encoders.size(), 2u);
  EXPECT_EQ(sdxl->text_encoders[0].prefix, "conditioner.embedders.0.transformer.text_model.");
  EXPECT_EQ(sdxl->text_encoders[1].prefix, "conditioner.embedders.1.model.");
  EXPECT_EQ(Listing().UNet().Label().OpenClip("conditioner.embedders.0.model.").Identify()->family,
            ModelFamily::kSdxlRefiner);
}

TEST(CheckpointLayout, TheSecondGenerationIsKnownInTheNewerNamesToo) {
  const auto layout = Listing().UNet().OpenClip("conditioner.embedders.0.model.").Identify();
  ASSERT_TRUE(layout.ok()) << layout.status();
  EXPECT_EQ(layout->family, ModelFamily::kSd2);
}

TEST(CheckpointLayout, OlderFilesLeaveOutTextModel) {
  const auto layout =
      Listing().UNet().Add("cond_stage_model.transformer.final_layer_norm.bias").Identify();
  ASSERT_TRUE(layout.ok()) << layout.status();
  EXPECT_EQ(layout->text_encoders[0].prefix, "cond_stage_model.transformer.");
}

TEST(CheckpointLayout, AVaeMayBeMissing) {
  EXPECT_FALSE(Listing().UNet().Clip().Identify()->vae.has_value());
  EXPECT_EQ(Listing().UNet().Clip().Vae().Identify()->vae->prefix, "first_stage_model.");
}

TEST(CheckpointLayout, MarkerTensorsSayHowTheModelPredicts) {
  const auto plain = Listing().UNet().Clip().Identify();
  EXPECT_FALSE(plain->marked_v_prediction);
  EXPECT_FALSE(plain->marked_zero_terminal_snr);
  const auto marked = Listing().UNet().Clip().Add("v_pred", {0}).Add("ztsnr", {0}).Identify();
  EXPECT_TRUE(marked->marked_v_prediction);
  EXPECT_TRUE(marked->marked_zero_terminal_snr);
}

TEST(CheckpointLayout, InpaintingAndInstructionModelsAreKnownAndOtherChannelsAreNot) {
  EXPECT_TRUE(Listing().UNet(9).Clip().Identify().ok());
  EXPECT_TRUE(Listing().UNet(8).Clip().Identify().ok());
  EXPECT_THAT(Listing().UNet(5).Clip().Problem(), HasSubstr("its UNet takes 5 channels"));
  EXPECT_THAT(Listing().UNet(7).Label().OpenClip("cond_stage_model.model.").Problem(),
              HasSubstr("x4 upscaler"));
  EXPECT_THAT(Listing().Add("model.diffusion_model.input_blocks.0.0.weight", {320}).Problem(),
              HasSubstr("its UNet takes 0 channels"));
}

TEST(CheckpointLayout, TextEncodersAndUNetOfDifferentFamiliesAreRefused) {
  EXPECT_THAT(Listing().UNet().Label().Clip().Problem(),
              HasSubstr("has a label_emb, which that family has not"));
  EXPECT_THAT(Listing()
                  .UNet()
                  .Add("conditioner.embedders.0.transformer.text_model.final_layer_norm.bias")
                  .OpenClip("conditioner.embedders.1.model.")
                  .Problem(),
              HasSubstr("has no label_emb, which it should have"));
  EXPECT_THAT(Listing().UNet().Vae().Problem(), HasSubstr("a UNet without a text encoder"));
}

struct Refusal {
  std::string name;    // of a tensor of the file
  std::string reason;  // what the file is said to look like
};

class RefusedFileTest : public testing::TestWithParam<Refusal> {};

TEST_P(RefusedFileTest, IsDescribed) {
  EXPECT_EQ(Listing().Add(GetParam().name).Identify().status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Listing().Add(GetParam().name).Problem(), HasSubstr(GetParam().reason));
}

INSTANTIATE_TEST_SUITE_P(
    Files, RefusedFileTest,
    testing::Values(
        Refusal{"lora_unet_mid_block_attentions_0_proj_in.lora_down.weight", "a LoRA"},
        Refusal{"lora_te1_text_model_encoder_layers_0_mlp_fc1.hada_w1_a", "a LoRA"},
        Refusal{"unet.down_blocks.0.attentions.0.proj_in.lora_A.weight", "a LoRA"},
        Refusal{"unet.mid_block.attentions.0.processor.to_q_lora.down.weight", "a LoRA"},
        Refusal{"emb_params", "a textual inversion embedding"},
        Refusal{"clip_g", "a textual inversion embedding"},
        Refusal{"<my-style>", "a textual inversion embedding"},
        Refusal{"control_model.zero_convs.0.0.weight", "a ControlNet"},
        Refusal{"zero_convs.0.0.weight", "a ControlNet"},
        Refusal{"controlnet_cond_embedding.conv_in.weight", "a ControlNet"},
        Refusal{"adapter.body.0.block1.weight", "a T2I-Adapter"},
        Refusal{"ip_adapter.1.to_k_ip.weight", "an IP-Adapter"},
        Refusal{"model.diffusion_model.joint_blocks.0.x_block.attn.qkv.weight",
                "a Stable Diffusion 3 model"},
        Refusal{"double_blocks.0.img_attn.norm.key_norm.scale", "a FLUX model"},
        Refusal{"model.diffusion_model.double_blocks.0.img_mlp.0.weight", "a FLUX model"},
        Refusal{"model.diffusion_model.double_layers.0.attn.w1q.weight", "an AuraFlow model"},
        Refusal{"clip_txt_mapper.weight", "a Stable Cascade model"},
        Refusal{"down_blocks.0.resnets.0.conv1.weight", "the UNet of a diffusers model"},
        Refusal{"text_model.embeddings.token_embedding.weight", "a CLIP text encoder"},
        Refusal{"encoder.block.0.layer.0.SelfAttention.k.weight", "a T5 text encoder"},
        Refusal{"conv_first.weight", "a picture upscaler"},
        Refusal{"depth_model.model.pretrained.cls_token", "a depth-to-image model"},
        Refusal{"edm_mean", "EDM noise levels"}));

TEST(CheckpointLayout, AnUnknownFileIsRefusedWithItsFirstNames) {
  EXPECT_THAT(Listing().Add("alpha", {1, 2, 3}).Add("beta", {4, 5, 6}).Problem(),
              HasSubstr("its first are alpha, beta"));
  EXPECT_THAT(Listing().Problem(), HasSubstr("an empty file"));
}

TEST(CheckpointLayout, AModelWithAControlNetOnTopIsNoModel) {
  EXPECT_THAT(Listing().UNet().Clip().Add("control_model.time_embed.0.weight").Problem(),
              HasSubstr("a ControlNet"));
  EXPECT_THAT(Listing().UNet(8).Clip().Add("cc_projection.weight").Problem(),
              HasSubstr("conditioned on pictures"));
  EXPECT_THAT(Listing()
                  .UNet(8)
                  .OpenClip("cond_stage_model.model.")
                  .Add("model.diffusion_model.input_blocks.1.1.time_stack.0.norm1.weight")
                  .Problem(),
              HasSubstr("a video model"));
}

Listing VaeListing(const std::string& prefix, const std::string& first_layer) {
  Listing listing;
  listing.Add(prefix + "encoder.conv_in.weight").Add(prefix + "decoder.conv_in.weight");
  listing.Add(prefix + "encoder." + first_layer + ".conv1.weight");
  return listing;
}

TEST(CheckpointLayout, AVaeAloneIsFoundUnderEveryOfItsNamings) {
  const auto original = IdentifyVae(VaeListing("", "down.0.block.0").tensors());
  ASSERT_TRUE(original.ok()) << original.status();
  EXPECT_EQ(original->naming, PartNaming::kVae);
  EXPECT_EQ(original->prefix, "");
  const auto prefixed = IdentifyVae(VaeListing("first_stage_model.", "down.0.block.0").tensors());
  ASSERT_TRUE(prefixed.ok()) << prefixed.status();
  EXPECT_EQ(prefixed->prefix, "first_stage_model.");
  const auto diffusers = IdentifyVae(VaeListing("", "down_blocks.0.resnets.0").tensors());
  ASSERT_TRUE(diffusers.ok()) << diffusers.status();
  EXPECT_EQ(diffusers->naming, PartNaming::kDiffusers);
  EXPECT_THAT(std::string(IdentifyVae(Listing().UNet().tensors()).status().message()),
              HasSubstr("is no VAE"));
  EXPECT_THAT(VaeListing("", "down.0.block.0").Problem(), HasSubstr("looks like a VAE"));
}

}  // namespace
}  // namespace darkroom::diffusion
