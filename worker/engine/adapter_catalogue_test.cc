#include "worker/engine/adapter_catalogue.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/diffusion/adapters/test_file.h"

namespace darkroom::worker {
namespace {

namespace fs = std::filesystem;
using diffusion::NamedFile;
using ::testing::_;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A LoRA for models whose UNet attends to text of this width; `output_name` may be empty.
std::string LoraBytes(int width, const std::string& output_name = "") {
  diffusion::TestFile file("unused");
  if (!output_name.empty()) {
    file.SetMetadata(absl::StrCat(R"({"ss_output_name":")", output_name, "\"}"));
  }
  file.Add("lora_unet_mid_block_attn2_to_k.lora_down.weight", {1, width});
  file.Add("lora_unet_mid_block_attn2_to_k.lora_up.weight", {8, 1});
  return file.Bytes();
}

std::string EmbeddingBytes(int vectors, int width) {
  diffusion::TestFile file("unused");
  file.Add("emb_params", {vectors, width});
  return file.Bytes();
}

// A network that makes pictures `scale` times as large.
std::string UpscalerBytes(int scale) {
  diffusion::TestFile file("unused");
  file.Add("body.0.weight", {8, 3, 3, 3});
  file.Add("body.0.bias", {8});
  file.Add("body.1.weight", {8});
  file.Add("body.2.weight", {3 * scale * scale, 8, 3, 3});
  file.Add("body.2.bias", {3 * scale * scale});
  return file.Bytes();
}

class AdapterCatalogueTest : public ::testing::Test {
 protected:
  ~AdapterCatalogueTest() override { fs::remove_all(base_); }

  void Write(const std::string& path, const std::string& bytes) {
    fs::create_directories((base_ / path).parent_path());
    std::ofstream(base_ / path, std::ios::binary) << bytes;
  }

  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const FoundAdapter& adapter : catalogue_.adapters()) names.push_back(adapter.name);
    return names;
  }

  const fs::path base_ = fs::path(::testing::TempDir()) / RandomId();
  std::vector<std::string> warnings_;
  AdapterCatalogue catalogue_{
      {.loras = {base_ / "Lora", base_ / "LyCORIS"},
       .embeddings = {base_ / "embeddings"},
       .upscalers = {base_ / "ESRGAN"}},
      [this](const fs::path& path, absl::string_view why) {
        warnings_.push_back(absl::StrCat(path.filename().string(), ": ", why));
      }};
};

TEST_F(AdapterCatalogueTest, FindsBothKindsAtAnyDepth) {
  Write("Lora/people/Anna.safetensors", LoraBytes(768));
  Write("LyCORIS/loha.safetensors", LoraBytes(2048));
  Write("embeddings/bad hands.safetensors", EmbeddingBytes(2, 768));
  Write("embeddings/.hidden/x.safetensors", EmbeddingBytes(2, 768));
  Write("Lora/Anna.preview.png", "a picture");
  EXPECT_TRUE(catalogue_.Rescan());
  EXPECT_THAT(Names(), ElementsAre("Anna", "loha", "bad hands"));
  EXPECT_EQ(catalogue_.adapters()[0].kind, AdapterKind::kLora);
  EXPECT_EQ(catalogue_.adapters()[0].path, base_ / "Lora/people/Anna.safetensors");
  EXPECT_EQ(catalogue_.adapters()[2].kind, AdapterKind::kEmbedding);
  EXPECT_EQ(catalogue_.adapters()[2].header.vectors, 2);
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(AdapterCatalogueTest, SeesNewChangedAndRemovedFiles) {
  EXPECT_FALSE(catalogue_.Rescan()) << "folders that do not exist";
  Write("Lora/a.safetensors", LoraBytes(768));
  EXPECT_TRUE(catalogue_.Rescan());
  EXPECT_FALSE(catalogue_.Rescan());
  Write("Lora/a.safetensors", LoraBytes(2048));
  EXPECT_TRUE(catalogue_.Rescan());
  EXPECT_EQ(catalogue_.adapters()[0].header.family, "sdxl");
  fs::remove(base_ / "Lora/a.safetensors");
  EXPECT_TRUE(catalogue_.Rescan());
  EXPECT_THAT(Names(), IsEmpty());
}

TEST_F(AdapterCatalogueTest, AFileThatReplacesAnotherOfItsSizeIsAChange) {
  Write("Lora/a.safetensors", LoraBytes(768));
  catalogue_.Rescan();
  const fs::file_time_type before = fs::last_write_time(base_ / "Lora/a.safetensors");
  Write("Lora/a.safetensors", LoraBytes(768));
  fs::last_write_time(base_ / "Lora/a.safetensors", before + std::chrono::seconds(1));
  EXPECT_TRUE(catalogue_.Rescan());
}

TEST_F(AdapterCatalogueTest, LeavesOutADamagedFileWithOneWarningOnceItStaysAsItIs) {
  const std::string whole = LoraBytes(768);
  Write("Lora/good.safetensors", whole);
  Write("Lora/growing.safetensors", whole.substr(0, 40));
  catalogue_.Rescan();
  EXPECT_THAT(Names(), ElementsAre("good"));
  Write("Lora/growing.safetensors", whole);
  EXPECT_TRUE(catalogue_.Rescan());
  EXPECT_THAT(Names(), ElementsAre("good", "growing"));
  EXPECT_THAT(warnings_, IsEmpty()) << "it was still being written";
  Write("Lora/growing.safetensors", "nonsense");
  for (int i = 0; i < 4; ++i) catalogue_.Rescan();
  EXPECT_THAT(Names(), ElementsAre("good"));
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], HasSubstr("growing.safetensors"));
}

TEST_F(AdapterCatalogueTest, LeavesOutWhatIsNoAdapter) {
  Write("Lora/embedding.safetensors", EmbeddingBytes(2, 768));
  Write("embeddings/lora.safetensors", LoraBytes(768));
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(catalogue_.Rescan());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("'emb_params' is no part of any known kind"), _));
}

TEST_F(AdapterCatalogueTest, TellsHowToConvertPyTorchFiles) {
  Write("embeddings/old.pt", "a pickle");
  Write("embeddings/done.pt", "a pickle");
  Write("embeddings/done.safetensors", EmbeddingBytes(1, 768));
  for (int i = 0; i < 3; ++i) catalogue_.Rescan();
  ASSERT_THAT(warnings_, SizeIs(1));
  EXPECT_THAT(warnings_[0], AllOf(HasSubstr("old.pt"), HasSubstr("darkroom convert ")));
}

TEST_F(AdapterCatalogueTest, OfTwoFilesOfOneNameTheFirstCountsAndTheOtherIsReported) {
  Write("Lora/b/same.safetensors", LoraBytes(768));
  Write("Lora/a/same.safetensors", LoraBytes(768));
  Write("Lora/Same.safetensors", LoraBytes(768));
  Write("embeddings/same.safetensors", EmbeddingBytes(1, 768));
  catalogue_.Rescan();
  EXPECT_THAT(Names(), ElementsAre("Same", "same", "same")) << "case and kind tell names apart";
  EXPECT_EQ(catalogue_.adapters()[1].path, base_ / "Lora/a/same.safetensors");
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("its name is taken by ")));
}

TEST_F(AdapterCatalogueTest, AnAliasIsKeptWhereItLeadsToOneFile) {
  Write("Lora/a.safetensors", LoraBytes(768, "trained"));
  Write("Lora/b.safetensors", LoraBytes(768, "last"));
  Write("Lora/c.safetensors", LoraBytes(768, "last"));
  Write("Lora/d.safetensors", LoraBytes(768, "a"));
  Write("Lora/e.safetensors", LoraBytes(768, "None"));
  Write("Lora/f.safetensors", LoraBytes(768, "f"));
  catalogue_.Rescan();
  std::vector<std::string> aliases;
  for (const FoundAdapter& adapter : catalogue_.adapters()) {
    aliases.push_back(adapter.header.alias);
  }
  EXPECT_THAT(aliases, ElementsAre("trained", "", "", "", "", ""));
}

TEST_F(AdapterCatalogueTest, UpscalersAreFoundByWhatIsInThemAndOfferedToEveryModel) {
  Write("ESRGAN/RealESRGAN_x2plus.safetensors", UpscalerBytes(2));
  Write("ESRGAN/deep/4x own.safetensors", UpscalerBytes(4));
  Write("ESRGAN/lora.safetensors", LoraBytes(768));
  Write("ESRGAN/lanczos.safetensors", UpscalerBytes(4));
  Write("Lora/upscaler.safetensors", UpscalerBytes(4));
  Write("ESRGAN/old.pth", "a pickle");
  EXPECT_TRUE(catalogue_.Rescan());
  EXPECT_FALSE(catalogue_.Rescan());
  EXPECT_THAT(Names(), ElementsAre("4x own", "RealESRGAN_x2plus"));
  const FoundAdapter& published = catalogue_.adapters()[1];
  EXPECT_EQ(published.kind, AdapterKind::kUpscaler);
  EXPECT_EQ(published.header.alias, "R-ESRGAN 2x+");
  EXPECT_EQ(published.upscaler->scale, 2);
  EXPECT_THAT(warnings_, ::testing::UnorderedElementsAre(
                             AllOf(HasSubstr("old.pth"), HasSubstr("darkroom convert ")),
                             AllOf(HasSubstr("lanczos.safetensors"), HasSubstr("without a file")),
                             AllOf(HasSubstr("lora.safetensors"), HasSubstr("no upscaler")),
                             HasSubstr("upscaler.safetensors")));
  const diffusion::AdapterFiles files = FilesFor("sdxl", catalogue_.adapters());
  EXPECT_THAT(files.upscalers,
              ElementsAre(NamedFile{"4x own", base_ / "ESRGAN/deep/4x own.safetensors"},
                          NamedFile{"RealESRGAN_x2plus", published.path},
                          NamedFile{"R-ESRGAN 2x+", published.path}));
}

TEST_F(AdapterCatalogueTest, FollowsLinksToFoldersWithoutGoingRoundInCircles) {
  Write("elsewhere/linked.safetensors", LoraBytes(768));
  fs::create_directories(base_ / "Lora");
  fs::create_directory_symlink(base_ / "elsewhere", base_ / "Lora/link");
  fs::create_directory_symlink(base_ / "elsewhere", base_ / "elsewhere/itself");
  catalogue_.Rescan();
  EXPECT_THAT(Names(), ElementsAre("linked"));
  EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(AdapterCatalogueTest, AModelGetsTheFilesOfItsFamilyAndThoseThatDoNotTell) {
  Write("Lora/one.safetensors", LoraBytes(768, "first"));
  Write("Lora/xl.safetensors", LoraBytes(2048));
  diffusion::TestFile untold("unused");
  untold.Add("lora_unet_mid_block_proj_in.lora_down.weight", {1, 320});
  Write("Lora/untold.safetensors", untold.Bytes());
  Write("embeddings/bad.safetensors", EmbeddingBytes(1, 768));
  catalogue_.Rescan();
  const auto names = [](const std::vector<NamedFile>& files) {
    std::vector<std::string> list;
    for (const NamedFile& file : files) list.push_back(file.name);
    return list;
  };
  const diffusion::AdapterFiles sd1 = FilesFor("sd1", catalogue_.adapters());
  EXPECT_THAT(names(sd1.loras), ElementsAre("one", "first", "untold"));
  EXPECT_EQ(sd1.loras[1].path, base_ / "Lora/one.safetensors");
  EXPECT_THAT(names(sd1.embeddings), ElementsAre("bad"));
  const diffusion::AdapterFiles sdxl = FilesFor("sdxl", catalogue_.adapters());
  EXPECT_THAT(names(sdxl.loras), ElementsAre("untold", "xl"));
  EXPECT_THAT(names(sdxl.embeddings), IsEmpty());
}

TEST_F(AdapterCatalogueTest, TheWebuisFoldersAreFoundInItsTree) {
  fs::create_directories(base_ / "models/Stable-diffusion");
  Write("models/Lora/a.safetensors", LoraBytes(768));
  Write("models/embeddings/inside.safetensors", EmbeddingBytes(1, 768));
  Write("embeddings/beside.safetensors", EmbeddingBytes(1, 768));
  Write("models/ESRGAN/sharp.safetensors", UpscalerBytes(2));
  Write("models/RealESRGAN/real.safetensors", UpscalerBytes(4));
  AdapterCatalogue catalogue(AdapterRootsOf({base_ / "models", base_ / "one.safetensors"}));
  catalogue.Rescan();
  std::vector<std::string> names;
  for (const FoundAdapter& adapter : catalogue.adapters()) names.push_back(adapter.name);
  EXPECT_THAT(names, ElementsAre("a", "beside", "inside", "real", "sharp"));
}

}  // namespace
}  // namespace darkroom::worker
