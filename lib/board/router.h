// From a request to a response. All of the board's HTTP that is not sockets.
#ifndef VEDETTE_LIB_BOARD_ROUTER_H_
#define VEDETTE_LIB_BOARD_ROUTER_H_

#include <span>
#include <string_view>
#include <utility>

#include "lib/board/board.h"
#include "lib/board/gate.h"
#include "lib/board/http.h"

namespace vedette::inline v0 {

inline constexpr size_t kMaxTarget = 2048;
inline constexpr size_t kMaxHeaders = 100;
inline constexpr size_t kMaxBody = size_t{256} << 10;

// Every request gets a response; docs/board.md lists the paths. Thread-compatible: the host holds
// the board's lock. `board` must outlive it.
class Router {
 public:
  Router(Board* board, GateOptions gate) : board_(board), gate_(std::move(gate)) {}

  HttpResponse Handle(const HttpRequest& request);

 private:
  HttpResponse Route(const HttpRequest& request);
  HttpResponse Login(const HttpRequest& request);
  HttpResponse Get(std::span<const std::string_view> path, std::string_view query,
                   const Asker& asker) const;
  HttpResponse Changes(std::string_view query) const;
  absl::StatusOr<std::string> Post(std::span<const std::string_view> path,
                                   const HttpRequest& request, const Asker& asker);

  Board* const board_;
  Gate gate_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_ROUTER_H_
