#include "lib/board/gate.h"

#include <algorithm>
#include <utility>

#include "lib/event/json_writer.h"

namespace vedette::inline v0 {
namespace {

constexpr int64_t kFailureWindow = 60'000'000'000;
constexpr std::string_view kBearer = "Bearer ";

bool IsIn(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

HttpResponse NotKnown() {
  HttpResponse response = ErrorResponse(401, "unauthenticated", "log in with a token");
  response.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"vedette\"");
  return response;
}

HttpResponse Slower() {
  HttpResponse response =
      ErrorResponse(429, "too_many_failures", "too many wrong tokens; wait a minute and try again");
  response.headers.emplace_back("Retry-After", "60");
  return response;
}

}  // namespace

bool IsUserName(std::string_view name) {
  if (name.empty() || name.size() > 64 || name == "vedette") return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-' || c == '@';
  });
}

bool SameSecret(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  // volatile: or the compiler may leave as soon as it knows the answer.
  volatile unsigned char different = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    different = static_cast<unsigned char>(different | static_cast<unsigned char>(a[i] ^ b[i]));
  }
  return different == 0;
}

std::optional<HttpResponse> Gate::CheckSource(const HttpRequest& request) const {
  if (request.CountOf("host") != 1 || !IsIn(options_.hosts, request.Header("host"))) {
    return ErrorResponse(421, "wrong_host", "this server does not answer to that name");
  }
  const std::string_view origin = request.Header("origin");
  if (!origin.empty()) {
    // https: behind a proxy of the host's that does TLS.
    const size_t scheme = origin.starts_with("http://")    ? 7
                          : origin.starts_with("https://") ? 8
                                                           : 0;
    if (scheme == 0 || request.CountOf("origin") != 1 ||
        !IsIn(options_.hosts, origin.substr(scheme))) {
      return ErrorResponse(403, "wrong_origin", "another page asked for this");
    }
  }
  if (request.method != "POST") return std::nullopt;
  const std::string_view site = request.Header("sec-fetch-site");
  if (!site.empty() && site != "same-origin") {
    return ErrorResponse(403, "wrong_origin", "another page asked for this");
  }
  // Neither can be sent across origins without asking first, and nobody answers that question.
  if (request.Header("x-vedette") != "1") {
    return ErrorResponse(403, "no_header", "changes need the header X-Vedette: 1");
  }
  const std::string_view type = request.Header("content-type");
  if (type.substr(0, type.find(';')) != "application/json") {
    return ErrorResponse(415, "wrong_type", "changes are application/json");
  }
  return std::nullopt;
}

std::string_view Gate::CookieOf(const HttpRequest& request) const {
  std::string_view rest = request.Header("cookie");
  while (!rest.empty()) {
    const size_t end = rest.find(';');
    std::string_view pair = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.starts_with(options_.cookie) && pair.substr(options_.cookie.size()).starts_with('=')) {
      return pair.substr(options_.cookie.size() + 1);
    }
  }
  return {};
}

// Looks at every one, so that time does not tell which was near.
const Credential* Gate::FindCredential(std::string_view token) const {
  const Credential* found = nullptr;
  for (const Credential& c : options_.credentials) {
    if (SameSecret(c.token, token)) found = &c;
  }
  return found;
}

bool Gate::TooManyFailures(EventTime now) {
  while (!failures_.empty() && now - failures_.front() >= kFailureWindow) failures_.pop_front();
  return failures_.size() >= options_.max_failures;
}

std::optional<HttpResponse> Gate::CheckPerson(const HttpRequest& request, Actor* actor) {
  const std::string_view authorization = request.Header("authorization");
  if (authorization.starts_with(kBearer)) {
    if (TooManyFailures(request.now)) return Slower();
    const Credential* const c = FindCredential(authorization.substr(kBearer.size()));
    if (c == nullptr) {
      failures_.push_back(request.now);
      return NotKnown();
    }
    const std::string_view name = request.Header("x-vedette-user");
    *actor = {c->user.empty() ? std::string(name) : c->user, c->roles, false};
    if (!IsUserName(actor->id)) {
      return ErrorResponse(401, "no_name", "say who you are with the header X-Vedette-User");
    }
    return std::nullopt;
  }
  const std::string_view cookie = CookieOf(request);
  const Session* found = nullptr;
  for (const Session& s : sessions_) {
    if (SameSecret(s.id, cookie) && request.now < s.ends) found = &s;
  }
  if (found == nullptr) return NotKnown();
  *actor = found->actor;
  return std::nullopt;
}

HttpResponse Gate::Login(std::string_view name, std::string_view token, EventTime now) {
  if (TooManyFailures(now)) return Slower();
  const Credential* const c = FindCredential(token);
  if (c == nullptr) {
    failures_.push_back(now);
    return ErrorResponse(401, "wrong_token", "that is not a token of this board");
  }
  const std::string user = c->user.empty() ? std::string(name) : c->user;
  if (!IsUserName(user)) {
    return ErrorResponse(400, "wrong_name", "a name is 1 to 64 letters, digits and . _ - @");
  }
  Session session;
  session.id = options_.new_session_id();
  session.actor = {user, c->roles, false};
  session.ends = now + options_.session_ns;
  while (!sessions_.empty() && sessions_.size() >= options_.max_sessions) sessions_.pop_front();
  std::string body;
  JsonWriter w(&body);
  w.Begin();
  w.Text("user", user);
  w.End();
  HttpResponse response = JsonResponse(std::move(body));
  response.headers.emplace_back(
      "Set-Cookie", options_.cookie + "=" + session.id + "; Path=/; HttpOnly; SameSite=Strict");
  sessions_.push_back(std::move(session));
  return response;
}

HttpResponse Gate::Logout(const HttpRequest& request) {
  const std::string_view cookie = CookieOf(request);
  std::erase_if(sessions_, [&](const Session& s) { return SameSecret(s.id, cookie); });
  HttpResponse response = JsonResponse("{}");
  response.headers.emplace_back(
      "Set-Cookie", options_.cookie + "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
  return response;
}

}  // namespace vedette::inline v0
