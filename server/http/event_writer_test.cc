#include "server/http/event_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "server/testing/manual_loop.h"

namespace darkroom::server::http {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// A client that takes a piece when it is told to.
class PuppetExchange final : public Exchange {
 public:
  Request& request() override { return request_; }
  void Answer(Response) override { ADD_FAILURE() << "in one piece"; }
  void Fail(const Failure&) override { ADD_FAILURE() << "as an error"; }
  void Begin(Response head) override { type_ = head.headers.front().value; }
  void Write(std::string bytes, Callback written) override {
    EXPECT_FALSE(written_) << "before the last one was written";
    pieces_.push_back(std::move(bytes));
    written_ = std::move(written);
  }
  void End() override { ended_ = true; }
  void WhenGone(Callback) override {}
  void Break() override {}

  void Take() { std::exchange(written_, nullptr)(); }
  const std::string& type() const { return type_; }
  bool ended() const { return ended_; }
  std::vector<std::string> TakenPieces() { return std::exchange(pieces_, {}); }

 private:
  Request request_;
  std::string type_;
  std::vector<std::string> pieces_;
  Callback written_;
  bool ended_ = false;
};

class EventWriterTest : public testing::Test {
 protected:
  ManualLoop loop_;
  std::shared_ptr<PuppetExchange> exchange_ = std::make_shared<PuppetExchange>();
  std::shared_ptr<EventWriter> writer_ = EventWriter::Start(loop_, exchange_);
};

TEST_F(EventWriterTest, EventsWaitUntilTheLastOneIsWritten) {
  EXPECT_EQ(exchange_->type(), "text/event-stream");
  writer_->Write("a\n\n");
  writer_->Write("b\n\n");
  writer_->Write("c\n\n");
  EXPECT_THAT(exchange_->TakenPieces(), ElementsAre("a\n\n"));
  exchange_->Take();
  EXPECT_THAT(exchange_->TakenPieces(), ElementsAre("b\n\nc\n\n"));
  exchange_->Take();
  EXPECT_THAT(exchange_->TakenPieces(), IsEmpty());
}

TEST_F(EventWriterTest, TheEndComesAfterWhatWaits) {
  writer_->Write("a\n\n");
  writer_->Write("b\n\n");
  writer_->End();
  writer_ = nullptr;
  exchange_->Take();
  EXPECT_FALSE(exchange_->ended());
  exchange_->Take();
  EXPECT_TRUE(exchange_->ended());
}

TEST_F(EventWriterTest, AStreamInWhichNothingComesStaysAlive) {
  loop_.Advance(EventWriter::kKeepAlive);
  EXPECT_THAT(exchange_->TakenPieces(), ElementsAre(":\n\n"));
  loop_.Advance(EventWriter::kKeepAlive);
  EXPECT_THAT(exchange_->TakenPieces(), IsEmpty()) << "the client has not taken the last one";
  exchange_->Take();
  writer_->End();
  EXPECT_TRUE(exchange_->ended());
  loop_.Advance(EventWriter::kKeepAlive);
  EXPECT_THAT(exchange_->TakenPieces(), IsEmpty());
}

}  // namespace
}  // namespace darkroom::server::http
