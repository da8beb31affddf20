// The sockets of `vedette serve`: HTTP/1.1 by cpp-httplib around the board's router.
#ifndef VEDETTE_LIB_CLI_BOARD_SERVER_H_
#define VEDETTE_LIB_CLI_BOARD_SERVER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/board/board.h"
#include "lib/board/gate.h"

namespace vedette::inline v0::cli {

// A board and the one lock around it. Thread-safe.
class SharedBoard {
 public:
  explicit SharedBoard(Board* board) : board_(board) {}

  // For whoever reads events in a tight loop: lets those who ask go first, for a moment.
  void WithForEvents(const std::function<void(Board*)>& use);
  // For whoever asks.
  void With(const std::function<void(Board*)>& use);
  // Waits until the version is another than `seen`, at most so long, or until Stop.
  void WaitForChange(uint64_t seen, int64_t milliseconds);
  void Stop();
  bool stopped() const { return stopped_; }

 private:
  // Wakes those who wait if something has changed since the last call.
  void TellOfChange();

  Board* const board_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<int> asking_ = 0;
  std::atomic<bool> stopped_ = false;
  uint64_t told_ = 0;
};

struct BoardServerOptions {
  std::string address = "127.0.0.1";
  int port = 8750;                 // 0: any that is free
  std::vector<std::string> names;  // further ones that Host may say, with their ports
};

// Thread-safe, but for Bind, which comes first.
class BoardServer {
 public:
  BoardServer(SharedBoard* board, BoardServerOptions options);
  ~BoardServer();

  // Takes the port and returns it. Unavailable if that cannot be.
  absl::StatusOr<int> Bind();
  // Answers until Stop. `gate`: its hosts and the name of the cookie are filled in.
  void Run(Board* board, GateOptions gate);
  void Stop();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_BOARD_SERVER_H_
