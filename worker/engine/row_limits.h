#ifndef DARKROOM_WORKER_ENGINE_ROW_LIMITS_H_
#define DARKROOM_WORKER_ENGINE_ROW_LIMITS_H_

#include <map>

namespace darkroom::worker {

// How many rows of each batch key fit into one forward, learned from running out of memory: then
// the limit is halved, and after kPatience forwards at the limit it rises by one again, since what
// took the memory may have gone. Thread-compatible; the device thread owns it.
template <typename Key>
class RowLimits {
 public:
  static constexpr int kPatience = 64;

  // The limit of this key, at most `most`, which is at least 1.
  int Get(const Key& key, int most) const {
    const auto learned = learned_.find(key);
    return learned == learned_.end() || learned->second.rows >= most ? most : learned->second.rows;
  }

  // `rows` did not fit; returns half as many, at least 1.
  int NoteOutOfMemory(const Key& key, int rows) {
    const int half = rows > 1 ? rows / 2 : 1;
    learned_[key] = {half, 0};
    return half;
  }

  void NoteFit(const Key& key, int rows) {
    const auto learned = learned_.find(key);
    if (learned == learned_.end() || rows < learned->second.rows) return;
    if (++learned->second.fitted == kPatience) learned->second = {learned->second.rows + 1, 0};
  }

 private:
  struct Learned {
    int rows = 1;
    int fitted = 0;  // forwards of so many rows since the limit last changed
  };
  std::map<Key, Learned> learned_;
};

}  // namespace darkroom::worker

#endif  // DARKROOM_WORKER_ENGINE_ROW_LIMITS_H_
