#ifndef DARKROOM_TOKENIZER_TOKENIZER_CONFIG_H_
#define DARKROOM_TOKENIZER_TOKENIZER_CONFIG_H_

#include <string>

namespace darkroom::tokenizer {

// How a vocabulary spells its special tokens; their ids come from the vocabulary. The defaults are
// those of transformers' CLIPTokenizer.
struct TokenizerConfig {
  std::string bos_token = "<|startoftext|>";
  std::string eos_token = "<|endoftext|>";
  std::string unk_token = "<|endoftext|>";
  std::string pad_token = "<|endoftext|>";
};

}  // namespace darkroom::tokenizer

#endif  // DARKROOM_TOKENIZER_TOKENIZER_CONFIG_H_
