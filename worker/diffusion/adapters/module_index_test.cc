#include "worker/diffusion/adapters/module_index.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::diffusion {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Names of Stable Diffusion 1.5's UNet, where blocks have two layers and the first block on the way
// up has no attention, with those that the original checkpoint has for them.
const std::vector<std::pair<std::string, std::string>>& UNetNames() {
  static const auto* const names = new std::vector<std::pair<std::string, std::string>>{
      {"conv_in", "input_blocks.0.0"},
      {"time_embedding.linear_1", "time_embed.0"},
      {"time_embedding.linear_2", "time_embed.2"},
      {"down_blocks.0.resnets.0.conv1", "input_blocks.1.0.in_layers.2"},
      {"down_blocks.0.resnets.1.conv2", "input_blocks.2.0.out_layers.3"},
      {"down_blocks.0.downsamplers.0.conv", "input_blocks.3.0.op"},
      {"down_blocks.1.resnets.0.conv_shortcut", "input_blocks.4.0.skip_connection"},
      {"down_blocks.1.attentions.0.proj_in", "input_blocks.4.1.proj_in"},
      {"down_blocks.1.attentions.1.transformer_blocks.0.attn2.to_k",
       "input_blocks.5.1.transformer_blocks.0.attn2.to_k"},
      {"down_blocks.1.attentions.1.transformer_blocks.0.attn2.to_out.0",
       "input_blocks.5.1.transformer_blocks.0.attn2.to_out.0"},
      {"down_blocks.3.resnets.1.time_emb_proj", "input_blocks.11.0.emb_layers.1"},
      {"mid_block.resnets.0.conv1", "middle_block.0.in_layers.2"},
      {"mid_block.attentions.0.proj_out", "middle_block.1.proj_out"},
      {"mid_block.resnets.1.conv2", "middle_block.2.out_layers.3"},
      {"up_blocks.0.resnets.2.conv1", "output_blocks.2.0.in_layers.2"},
      {"up_blocks.0.upsamplers.0.conv", "output_blocks.2.1.conv"},
      {"up_blocks.1.attentions.2.proj_in", "output_blocks.5.1.proj_in"},
      {"up_blocks.1.upsamplers.0.conv", "output_blocks.5.2.conv"},
      {"up_blocks.3.attentions.2.transformer_blocks.0.ff.net.0.proj",
       "output_blocks.11.1.transformer_blocks.0.ff.net.0.proj"},
      {"conv_out", "out.2"},
  };
  return *names;
}

ModuleIndex Index() {
  std::vector<AdaptableModule> modules;
  for (const auto& [name, original] : UNetNames()) {
    modules.push_back({.component = Component::kUNet, .name = name, .shape = {320, 768}});
  }
  for (const Component encoder : {Component::kTextEncoder, Component::kTextEncoder2}) {
    modules.push_back({.component = encoder,
                       .name = "text_model.encoder.layers.0.self_attn.out_proj",
                       .shape = {768, 768}});
  }
  modules.push_back({.component = Component::kTextEncoder,
                     .name = "encoder.layers.0.mlp.fc1",
                     .shape = {3072, 768}});
  return ModuleIndex(std::move(modules));
}

TEST(ModuleIndexTest, EveryModuleOfTheUNetIsFoundByBothNamesWithDotsAndWithUnderscores) {
  const ModuleIndex index = Index();
  for (std::size_t i = 0; i < UNetNames().size(); ++i) {
    for (std::string spelled : {UNetNames()[i].first, UNetNames()[i].second}) {
      EXPECT_THAT(index.Find(Component::kUNet, spelled), ElementsAre(i)) << spelled;
      for (char& letter : spelled) letter = letter == '.' ? '_' : letter;
      EXPECT_THAT(index.Find(Component::kUNet, spelled), ElementsAre(i)) << spelled;
      EXPECT_THAT(index.Find(Component::kTextEncoder, spelled), IsEmpty()) << spelled;
    }
  }
}

TEST(ModuleIndexTest, ProjectionsAreFoundByTheNamesOfAttentionProcessors) {
  const ModuleIndex index = Index();
  const std::string block = "down_blocks.1.attentions.1.transformer_blocks.0.attn2.processor.";
  EXPECT_THAT(index.Find(Component::kUNet, block + "to_k"), ElementsAre(8));
  EXPECT_THAT(index.Find(Component::kUNet, block + "to_out"), ElementsAre(9));
  EXPECT_THAT(index.Find(Component::kTextEncoder, "text_model.encoder.layers.0.self_attn.to_out"),
              ElementsAre(UNetNames().size()));
}

TEST(ModuleIndexTest, TheTextModelsOwnNameMayStandInFrontOrNotOnEitherSide) {
  const ModuleIndex index = Index();
  const std::size_t fc1 = UNetNames().size() + 2;
  EXPECT_THAT(index.Find(Component::kTextEncoder, "text_model_encoder_layers_0_mlp_fc1"),
              ElementsAre(fc1));
  EXPECT_THAT(index.Find(Component::kTextEncoder, "encoder.layers.0.mlp.fc1"), ElementsAre(fc1));
}

TEST(ModuleIndexTest, WithoutAComponentAllThatHaveTheNameAreFound) {
  const ModuleIndex index = Index();
  const std::size_t first = UNetNames().size();
  EXPECT_THAT(index.Find(std::nullopt, "text_model.encoder.layers.0.self_attn.out_proj"),
              ElementsAre(first, first + 1));
  EXPECT_THAT(index.Find(std::nullopt, "conv_out"), ElementsAre(first - 1));
  EXPECT_THAT(index.Find(std::nullopt, "conv_out.0"), IsEmpty());
}

TEST(ModuleIndexTest, TheWidthOfTheContextIsThatOfCrossAttention) {
  EXPECT_EQ(Index().context_width(), 768);
  EXPECT_EQ(ModuleIndex({}).context_width(), 0);
}

}  // namespace
}  // namespace darkroom::diffusion
