#include "convert/state_dict.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace darkroom::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Entries = std::vector<std::pair<Value, Value>>;

class StateDictTest : public ::testing::Test {
 protected:
  Value AddDict(Entries entries, Dict::Kind kind = Dict::Kind::kPlain, Value state = None{}) {
    data_.dicts.push_back({.kind = kind, .entries = std::move(entries), .state = state});
    return DictRef{static_cast<std::uint32_t>(data_.dicts.size() - 1)};
  }

  // The state dict of this root.
  absl::StatusOr<StateDict> Select(const Value& root) {
    data_.root = root;
    return SelectStateDict(data_);
  }

  static std::vector<std::string> Names(const absl::StatusOr<StateDict>& state) {
    std::vector<std::string> names;
    if (!state.ok()) return {std::string(state.status().message())};
    for (const NamedTensor& tensor : state->tensors) names.push_back(tensor.name);
    return names;
  }

  PickleData data_;
  const Value tensor_ = TensorRef{0};
};

TEST_F(StateDictTest, TakesTheRootWhenNothingIsInside) {
  const auto state = Select(AddDict({{Text{"a"}, tensor_}, {Text{"b"}, tensor_}}));
  EXPECT_THAT(Names(state), ElementsAre("a", "b"));
  EXPECT_EQ(state->taken_from, "");
  EXPECT_THAT(state->skipped, IsEmpty());
}

TEST_F(StateDictTest, TakesTheStateDictOfATrainingCheckpointAndSaysWhatIsLeft) {
  const Value inner = AddDict({{Text{"w"}, tensor_}, {Text{"steps"}, std::int64_t{3}}});
  const auto state = Select(AddDict({{Text{"epoch"}, std::int64_t{5}},
                                     {Text{"state_dict"}, inner},
                                     {Text{"model"}, AddDict({{Text{"m"}, tensor_}})}}));
  EXPECT_THAT(Names(state), ElementsAre("w"));
  EXPECT_EQ(state->taken_from, "state_dict");
  ASSERT_EQ(state->skipped.size(), 3U);
  EXPECT_EQ(state->skipped[0].name, "\"epoch\"");
  EXPECT_EQ(state->skipped[0].what, "the number 5");
  EXPECT_EQ(state->skipped[1].what, "a dict of 1");
  EXPECT_EQ(state->skipped[2].name, "\"steps\"");
}

TEST_F(StateDictTest, ATensorThatIsCalledModelIsNoHolder) {
  EXPECT_THAT(Names(Select(AddDict({{Text{"model"}, tensor_}}))), ElementsAre("model"));
}

TEST_F(StateDictTest, TheOnlyTensorOfAnEmbeddingGetsTheirName) {
  EXPECT_THAT(Names(Select(AddDict({{Text{"string_to_param"}, AddDict({{Text{"*"}, tensor_}})}}))),
              ElementsAre("emb_params"));
  EXPECT_THAT(Names(Select(tensor_)), ElementsAre("emb_params"));
}

TEST_F(StateDictTest, AParameterDictIsItsParameters) {
  const Value parameters = AddDict({{Text{"*"}, tensor_}}, Dict::Kind::kOrdered);
  const Value attributes = AddDict({{Text{"training"}, true}, {Text{"_parameters"}, parameters}});
  const Value module = AddDict({}, Dict::Kind::kParameterDict, attributes);
  EXPECT_THAT(Names(Select(AddDict({{Text{"string_to_param"}, module}}))),
              ElementsAre("emb_params"));
  EXPECT_FALSE(Select(AddDict({}, Dict::Kind::kParameterDict)).ok());
}

TEST_F(StateDictTest, NamesAreTextsAndComeOnce) {
  EXPECT_THAT(Names(Select(AddDict({{Text{"w"}, tensor_}, {Text{"w"}, tensor_}}))),
              ElementsAre(HasSubstr("twice")));
  EXPECT_THAT(Names(Select(AddDict({{Text{"\xff"}, tensor_}}))),
              ElementsAre(HasSubstr("is no text")));
}

TEST_F(StateDictTest, WithoutTensorsThereIsNothingToConvert) {
  EXPECT_THAT(Names(Select(AddDict({{Text{"a"}, 1.5}}))), ElementsAre("it holds no tensors"));
  EXPECT_THAT(Names(Select(None{})), ElementsAre(HasSubstr("it holds None")));
}

}  // namespace
}  // namespace darkroom::convert
