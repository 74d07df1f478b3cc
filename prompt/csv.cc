#include "prompt/csv.h"

#include <cstddef>
#include <utility>

namespace darkroom::prompt {
namespace {

class Reader {
 public:
  explicit Reader(absl::string_view text) : text_(text) {}

  std::vector<CsvRow> Read() {
    while (position_ < text_.size()) ReadRow();
    return std::move(rows_);
  }

 private:
  void ReadRow() {
    if (AtLineEnd()) return TakeLineEnd();
    CsvRow row;
    while (true) {
      row.push_back(ReadField());
      if (position_ == text_.size() || text_[position_] != ',') break;
      ++position_;
    }
    TakeLineEnd();
    rows_.push_back(std::move(row));
  }

  std::string ReadField() {
    while (position_ < text_.size() && text_[position_] == ' ') ++position_;
    std::string field;
    if (position_ < text_.size() && text_[position_] == '"') {
      ++position_;
      ReadQuoted(&field);
    }
    while (position_ < text_.size() && text_[position_] != ',' && !AtLineEnd()) {
      field.push_back(text_[position_++]);
    }
    return field;
  }

  // Up to and with the closing quote, or to the end of the text.
  void ReadQuoted(std::string* field) {
    while (position_ < text_.size()) {
      const char c = text_[position_++];
      if (c == '"') {
        if (position_ == text_.size() || text_[position_] != '"') return;
        ++position_;
      }
      field->push_back(c);
    }
  }

  bool AtLineEnd() const {
    return position_ < text_.size() && (text_[position_] == '\r' || text_[position_] == '\n');
  }

  void TakeLineEnd() {
    if (position_ < text_.size() && text_[position_] == '\r') ++position_;
    if (position_ < text_.size() && text_[position_] == '\n') ++position_;
  }

  const absl::string_view text_;
  std::size_t position_ = 0;
  std::vector<CsvRow> rows_;
};

}  // namespace

std::vector<CsvRow> ReadCsv(absl::string_view text) { return Reader(text).Read(); }

}  // namespace darkroom::prompt
