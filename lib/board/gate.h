// Who may talk to the board: tokens, sessions, and what keeps other web pages out.
#ifndef VEDETTE_LIB_BOARD_GATE_H_
#define VEDETTE_LIB_BOARD_GATE_H_

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "lib/board/http.h"
#include "vedette/alert/hooks.h"

namespace vedette::inline v0 {

// What somebody must know to come in, and as whom. Value type.
struct Credential {
  std::string user;  // "": whoever has the token says his name himself
  std::vector<std::string> roles;
  std::string token;  // at least kMinToken bytes
};
inline constexpr size_t kMinToken = 32;

struct GateOptions {
  std::vector<Credential> credentials;
  // "127.0.0.1:8080": what Host may say. Another name means that a foreign one was made to point
  // here (DNS rebinding).
  std::vector<std::string> hosts;
  std::string cookie = "vedette_session";  // name; cookies do not know ports, so put it in
  // 64 hexadecimal digits that nobody can guess; the library has no source of chance.
  std::function<std::string()> new_session_id;
  int64_t session_ns = int64_t{12} * 3600 * 1'000'000'000;
  size_t max_sessions = 64;  // the oldest ends
  // Wrong tokens within a minute; then nobody can log in until it is over. Sessions go on.
  size_t max_failures = 10;
};

// A name that people can log in with: 1 to 64 letters, digits and . _ - @, and not the library's.
bool IsUserName(std::string_view name);
// Takes the same time wherever the texts differ; their lengths are no secret.
bool SameSecret(std::string_view a, std::string_view b);

// Thread-compatible.
class Gate {
 public:
  explicit Gate(GateOptions options) : options_(std::move(options)) {}

  // Nothing if the request comes from where it may come from: our name in Host, and for changes a
  // page of ours (Origin, a header and a type that other pages' forms cannot send).
  std::optional<HttpResponse> CheckSource(const HttpRequest& request) const;
  // By `Authorization: Bearer` or the cookie; else the refusal.
  std::optional<HttpResponse> CheckPerson(const HttpRequest& request, Actor* actor);

  HttpResponse Login(std::string_view name, std::string_view token, EventTime now);
  HttpResponse Logout(const HttpRequest& request);

 private:
  struct Session {
    std::string id;
    Actor actor;
    EventTime ends = kNoEventTime;
  };
  std::string_view CookieOf(const HttpRequest& request) const;
  const Credential* FindCredential(std::string_view token) const;
  bool TooManyFailures(EventTime now);

  const GateOptions options_;
  std::deque<Session> sessions_;
  std::deque<EventTime> failures_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_GATE_H_
