// Requests and responses as values: what the board's router knows of HTTP.
#ifndef VEDETTE_LIB_BOARD_HTTP_H_
#define VEDETTE_LIB_BOARD_HTTP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/event.h"

namespace vedette::inline v0 {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
  std::string method;
  std::string target;  // path and query as they were sent
  HttpHeaders headers;
  std::string body;
  EventTime now = kNoEventTime;  // by the host's clock

  // The value of the first header of that name (in any case), or "".
  std::string_view Header(std::string_view name) const;
  size_t CountOf(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string type;  // of the body
  HttpHeaders headers;
  std::string body;
  // A question for changes since this version, and there are none: the server may ask again when
  // the board's version is another, or send this.
  std::optional<uint64_t> unchanged_since;
};

// What every response says to browsers, whoever makes it: no scripts but ours, no frames, no
// guesses at types, no copies kept.
const HttpHeaders& SecurityHeaders();

// {"error":{"code":CODE,"message":MESSAGE}}
HttpResponse ErrorResponse(int status, std::string_view code, std::string_view message);
HttpResponse JsonResponse(std::string body, int status = 200);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_HTTP_H_
