#include "lib/board/gate.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/board_host.h"

namespace vedette {
namespace {

using testing::BoardHost;
using testing::TokenOf;

HttpRequest Ask(std::string method, std::string target, HttpHeaders headers) {
  HttpRequest request;
  request.method = std::move(method);
  request.target = std::move(target);
  request.headers = std::move(headers);
  request.now = BoardHost::kStart;
  return request;
}

HttpRequest LoginRequest(const std::string& name, const std::string& token) {
  HttpRequest request = Ask("POST", "/api/login",
                            {{"Host", BoardHost::kHost},
                             {"Origin", "http://127.0.0.1:8080"},
                             {"Sec-Fetch-Site", "same-origin"},
                             {"X-Vedette", "1"},
                             {"Content-Type", "application/json"}});
  request.body = R"({"name":")" + name + R"(","token":")" + token + R"("})";
  return request;
}

std::string HeaderOf(const HttpResponse& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(GateTest, ComparesSecretsWhole) {
  EXPECT_TRUE(SameSecret("", ""));
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abd"));
  EXPECT_FALSE(SameSecret("xbc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abcd"));
}

TEST(GateTest, NamesAreShortAndNotTheLibrarys) {
  EXPECT_TRUE(IsUserName("ada.l@example.org"));
  EXPECT_FALSE(IsUserName(""));
  EXPECT_FALSE(IsUserName("vedette"));
  EXPECT_FALSE(IsUserName("a b"));
  EXPECT_FALSE(IsUserName("<b>"));
  EXPECT_FALSE(IsUserName(std::string(65, 'a')));
}

TEST(GateTest, NothingOfTheApiWithoutAToken) {
  BoardHost host;
  for (const char* path : {"/api/session", "/api/queue", "/api/incidents/x", "/api/audit",
                           "/api/changes?since=0", "/api/nothing"}) {
    const HttpResponse r = host.router->Handle(Ask("GET", path, {{"Host", BoardHost::kHost}}));
    EXPECT_EQ(r.status, 401) << path;
    EXPECT_EQ(HeaderOf(r, "WWW-Authenticate"), "Bearer realm=\"vedette\"");
  }
  // The page is for everybody: it has nothing but the form.
  EXPECT_EQ(host.router->Handle(Ask("GET", "/", {{"Host", BoardHost::kHost}})).status, 200);
}

TEST(GateTest, TokensAreNotTakenFromUrls) {
  BoardHost host;
  for (const std::string path : {"/api/queue?token=", "/api/queue?access_token="}) {
    const HttpResponse r =
        host.router->Handle(Ask("GET", path + TokenOf("ada"), {{"Host", BoardHost::kHost}}));
    EXPECT_EQ(r.status, 401);
  }
}

TEST(GateTest, OtherNamesOfThisHostAreRefused) {
  BoardHost host;
  for (const char* name : {"evil.example", "127.0.0.1", "127.0.0.1:8081", "evil:8080", ""}) {
    EXPECT_EQ(host.router->Handle(Ask("GET", "/", {{"Host", name}})).status, 421) << name;
  }
  EXPECT_EQ(host.router->Handle(Ask("GET", "/", {})).status, 421);
  EXPECT_EQ(
      host.router->Handle(Ask("GET", "/", {{"Host", BoardHost::kHost}, {"host", "evil.example"}}))
          .status,
      421);
  EXPECT_EQ(host.router->Handle(Ask("GET", "/", {{"host", "localhost:8080"}})).status, 200);
}

TEST(GateTest, ChangesComeFromOurPageOnly) {
  BoardHost host;
  const auto without = [&](std::string_view name, std::string value) {
    HttpRequest request = LoginRequest("ada", TokenOf("ada"));
    for (auto& [key, old] : request.headers) {
      if (key == name) old = std::move(value);
    }
    return host.router->Handle(request).status;
  };
  EXPECT_EQ(without("", ""), 200);
  EXPECT_EQ(without("Origin", "http://evil.example"), 403);
  EXPECT_EQ(without("Origin", "null"), 403);
  EXPECT_EQ(without("Origin", "http://127.0.0.1:9999"), 403);
  EXPECT_EQ(without("Sec-Fetch-Site", "cross-site"), 403);
  EXPECT_EQ(without("Sec-Fetch-Site", "same-site"), 403);
  EXPECT_EQ(without("X-Vedette", ""), 403);
  EXPECT_EQ(without("Content-Type", "text/plain"), 415);
  EXPECT_EQ(without("Content-Type", "application/x-www-form-urlencoded"), 415);
  EXPECT_EQ(without("Content-Type", "application/json; charset=utf-8"), 200);
}

TEST(GateTest, ALoginIsACookieThatScriptsAndOtherSitesDoNotSee) {
  BoardHost host;
  const HttpResponse in = host.router->Handle(LoginRequest("mallory", TokenOf("ada")));
  ASSERT_EQ(in.status, 200);
  // A token that is a person's says who it is, whatever the form says.
  EXPECT_EQ(in.body, R"({"user":"ada"})");
  const std::string cookie = HeaderOf(in, "Set-Cookie");
  EXPECT_EQ(cookie,
            "vedette_session=" + std::string(64, '0') + "; Path=/; HttpOnly; SameSite=Strict");
  EXPECT_EQ(cookie.find(TokenOf("ada")), std::string::npos);
  const std::string pair = cookie.substr(0, cookie.find(';'));
  HttpRequest ask =
      Ask("GET", "/api/session", {{"Host", BoardHost::kHost}, {"Cookie", "other=1; " + pair}});
  const HttpResponse session = host.router->Handle(ask);
  EXPECT_EQ(session.status, 200);
  EXPECT_NE(session.body.find(R"("user":"ada","roles":["tier1"])"), std::string::npos);
  ask.headers[1].second = "vedette_session=" + std::string(64, '1');
  EXPECT_EQ(host.router->Handle(ask).status, 401);
  ask.headers[1].second = pair;
  ask.now += int64_t{13} * 3600 * 1'000'000'000;
  EXPECT_EQ(host.router->Handle(ask).status, 401) << "sessions end";
  ask.now = BoardHost::kStart;
  HttpRequest out = LoginRequest("", "");
  out.target = "/api/logout";
  out.headers.emplace_back("Cookie", pair);
  EXPECT_EQ(host.router->Handle(out).status, 200);
  EXPECT_EQ(host.router->Handle(ask).status, 401);
}

TEST(GateTest, ASharedTokenAsksForAName) {
  BoardHost host;
  EXPECT_EQ(host.router->Handle(LoginRequest("", TokenOf("shared"))).status, 400);
  EXPECT_EQ(host.router->Handle(LoginRequest("vedette", TokenOf("shared"))).status, 400);
  EXPECT_EQ(host.router->Handle(LoginRequest("eve", TokenOf("shared"))).body, R"({"user":"eve"})");
  EXPECT_EQ(host.Send("GET", "/api/session", "", "shared").status, 401);
}

TEST(GateTest, GuessingIsSlow) {
  BoardHost host;
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(host.router->Handle(LoginRequest("ada", std::string(40, 'x'))).status, 401);
  }
  EXPECT_EQ(host.router->Handle(LoginRequest("ada", TokenOf("ada"))).status, 429);
  EXPECT_EQ(host.Send("GET", "/api/queue").status, 429);
  HttpRequest later = LoginRequest("ada", TokenOf("ada"));
  later.now += int64_t{60} * 1'000'000'000;
  EXPECT_EQ(host.router->Handle(later).status, 200);
}

TEST(GateTest, TheOldestSessionEndsWhenThereAreTooMany) {
  GateOptions options;
  options.credentials = {{"", {}, TokenOf("t")}};
  options.max_sessions = 2;
  int made = 0;
  options.new_session_id = [&made] { return std::string(63, '0') + std::to_string(made++); };
  Gate gate(std::move(options));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(gate.Login("ada", TokenOf("t"), 1).status, 200);
  for (int i = 0; i < 3; ++i) {
    Actor actor;
    HttpRequest ask = Ask(
        "GET", "/", {{"Cookie", "vedette_session=" + std::string(63, '0') + std::to_string(i)}});
    ask.now = 2;
    EXPECT_EQ(gate.CheckPerson(ask, &actor).has_value(), i == 0);
  }
}

TEST(GateTest, EveryResponseTellsBrowsersToBeStrict) {
  BoardHost host;
  for (const HttpResponse& r :
       {host.Send("GET", "/"), host.Send("GET", "/api/queue"), host.Send("GET", "/nothing"),
        host.Send("PUT", "/"), host.Send("POST", "/api/incidents/x/close"),
        host.router->Handle(Ask("GET", "/", {}))}) {
    const std::string policy = HeaderOf(r, "Content-Security-Policy");
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << r.status;
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(HeaderOf(r, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(HeaderOf(r, "Cache-Control"), "no-store");
  }
}

}  // namespace
}  // namespace vedette
