#include "worker/diffusion/weights/checkpoint_names.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/weights/published_configs.h"

namespace darkroom::diffusion {
namespace {

std::string NameOf(const CheckpointNames& names, const std::string& asked) {
  const auto stored = names.Find(asked);
  return stored.has_value() ? stored->name : "(none)";
}

TEST(CheckpointNames, UNetBlocksAreNumberedThroughTheLevels) {
  const CheckpointNames names({PartNaming::kUNet, "m."}, Sd15Config(), 0);
  EXPECT_EQ(NameOf(names, "conv_in.weight"), "m.input_blocks.0.0.weight");
  EXPECT_EQ(NameOf(names, "time_embedding.linear_2.bias"), "m.time_embed.2.bias");
  EXPECT_EQ(NameOf(names, "down_blocks.1.resnets.1.conv2.bias"),
            "m.input_blocks.5.0.out_layers.3.bias");
  EXPECT_EQ(NameOf(names, "down_blocks.2.downsamplers.0.conv.weight"),
            "m.input_blocks.9.0.op.weight");
  EXPECT_EQ(NameOf(names, "mid_block.resnets.1.time_emb_proj.weight"),
            "m.middle_block.2.emb_layers.1.weight");
  EXPECT_EQ(NameOf(names, "up_blocks.3.attentions.2.proj_in.weight"),
            "m.output_blocks.11.1.proj_in.weight");
  EXPECT_EQ(NameOf(names, "conv_norm_out.weight"), "m.out.0.weight");
}

TEST(CheckpointNames, UpsamplersStandBehindATransformerWhereThereIsOne) {
  const CheckpointNames names({PartNaming::kUNet, "m."}, Sd15Config(), 0);
  EXPECT_EQ(NameOf(names, "up_blocks.0.upsamplers.0.conv.bias"), "m.output_blocks.2.1.conv.bias");
  EXPECT_EQ(NameOf(names, "up_blocks.1.upsamplers.0.conv.bias"), "m.output_blocks.5.2.conv.bias");
}

TEST(CheckpointNames, TheDecoderCountsItsBlocksFromTheFinest) {
  const CheckpointNames names({PartNaming::kVae, "v."}, Sd15Config(), 0);
  EXPECT_EQ(NameOf(names, "decoder.up_blocks.0.resnets.2.conv_shortcut.weight"),
            "v.decoder.up.3.block.2.nin_shortcut.weight");
  EXPECT_EQ(NameOf(names, "encoder.down_blocks.1.downsamplers.0.conv.bias"),
            "v.encoder.down.1.downsample.conv.bias");
  EXPECT_EQ(NameOf(names, "decoder.mid_block.attentions.0.to_out.0.weight"),
            "v.decoder.mid.attn_1.proj_out.weight");
  EXPECT_EQ(NameOf(names, "encoder.mid_block.attentions.0.query.weight"), "(none)");
  EXPECT_EQ(NameOf(names, "post_quant_conv.bias"), "v.post_quant_conv.bias");
}

TEST(CheckpointNames, QueriesKeysAndValuesOfOpenClipAreThirdsOfOneTensor) {
  const CheckpointNames names({PartNaming::kOpenClip, "c."}, SdxlConfig(), 32);
  const auto value = names.Find("text_model.encoder.layers.7.self_attn.v_proj.bias");
  ASSERT_TRUE(value.has_value());
  EXPECT_EQ(value->name, "c.transformer.resblocks.7.attn.in_proj_bias");
  EXPECT_EQ(value->third, 2);
  const auto out = names.Find("text_model.encoder.layers.7.self_attn.out_proj.bias");
  EXPECT_EQ(out->name, "c.transformer.resblocks.7.attn.out_proj.bias");
  EXPECT_EQ(out->third, -1);
  const auto projection = names.Find("text_projection.weight");
  EXPECT_EQ(projection->name, "c.text_projection");
  EXPECT_TRUE(projection->transposed);
}

TEST(CheckpointNames, OnlyWhatNoModelUsesMayBeLeft) {
  const CheckpointNames clip({PartNaming::kClip, "t."}, Sd15Config(), 12);
  EXPECT_TRUE(clip.MayBeLeft("t.embeddings.position_ids"));
  EXPECT_FALSE(clip.MayBeLeft("t.encoder.layers.12.layer_norm1.bias"));
  EXPECT_TRUE(clip.MayBeLeft("model_ema.decay"));
  const CheckpointNames open_clip({PartNaming::kOpenClip, "t."}, Sd21Config(), 23);
  EXPECT_TRUE(open_clip.MayBeLeft("t.transformer.resblocks.23.ln_1.bias"));
  EXPECT_FALSE(open_clip.MayBeLeft("t.transformer.resblocks.22.ln_1.bias"));
  EXPECT_FALSE(open_clip.MayBeLeft("t.ln_extra.bias"));
  EXPECT_FALSE(
      CheckpointNames({PartNaming::kUNet, "m."}, Sd15Config(), 0).MayBeLeft("m.extra.weight"));
}

}  // namespace
}  // namespace darkroom::diffusion
