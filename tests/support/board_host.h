// A board with a router in memory, for tests and the fuzzer: what `vedette serve` puts around them
// is sockets alone.
#ifndef VEDETTE_TESTS_SUPPORT_BOARD_HOST_H_
#define VEDETTE_TESTS_SUPPORT_BOARD_HOST_H_

#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/board/router.h"
#include "vedette/compiler.h"
#include "vedette/engine.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

namespace vedette::testing {

inline constexpr char kBoardRules[] = R"(
title: Shell from Office
id: rule-shell
status: test
level: high
tags: [attack.execution, attack.t1059.001]
falsepositives: [Add-ins]
triage: |
  - Which document was open?
logsource: {product: windows}
detection: {s: {r: shell}, condition: s}
---
title: Dump of LSASS
id: rule-dump
level: critical
tags: [attack.credential-access, attack.t1003.001]
logsource: {product: windows}
detection: {s: {r: dump}, condition: s}
---
title: Odd logon
id: rule-logon
level: medium
tags: [attack.initial-access]
logsource: {product: windows}
detection: {s: {r: logon}, condition: s}
---
title: Of a log source that no event here has
id: rule-elsewhere
level: low
logsource: {product: linux}
detection: {s: {r: elsewhere}, condition: s}
)";

inline std::string BoardFile(const std::string& name) {
  std::ifstream file("examples/data/response/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Compiled once: the fuzzer makes many hosts.
inline std::shared_ptr<const Program> BoardProgram() {
  static const auto* const program = [] {
    Compiler compiler;
    compiler.AddFrontend(SigmaFrontend());
    RuleSet rules;
    rules.Add("rules.yml", kBoardRules);
    return new std::shared_ptr<const Program>(compiler.Compile(rules)->program);
  }();
  return *program;
}

// Loaded once for each text, likewise.
template <typename T>
auto BoardFileOf(const std::string& text) {
  using Loaded = decltype(T::Load("", ""));
  static auto* const known = new std::map<std::string, Loaded>;
  const auto [at, is_new] = known->try_emplace(text);
  if (is_new) at->second = T::Load("file", text);
  return at->second;
}

// Persons of the sample policy's roles; a token is the name and enough more.
inline std::string TokenOf(const std::string& name) { return name + std::string(40, '-'); }

class BoardHost : public AuditWriter {
 public:
  static constexpr EventTime kStart = 1'795'600'800'000'000'000;  // 2026-11-25T10:00:00Z
  static constexpr char kHost[] = "127.0.0.1:8080";

  // `policy` and `playbook`: texts of the files; "" for none.
  explicit BoardHost(const std::string& policy = "", const std::string& playbook = "") {
    BoardOptions options;
    options.program = program_;
    options.audit = this;
    options.triage.pipeline.policy.on_close = AlertPolicy::OnClose::kRestart;
    if (!policy.empty()) options.policy = BoardFileOf<Policy>(policy).policy;
    if (!playbook.empty()) {
      options.playbooks.push_back(BoardFileOf<Playbook>(playbook).playbook);
    }
    options.on_command = [this](std::string_view line) {
      handed_out.emplace_back(line);
      return absl::OkStatus();
    };
    board = std::move(*Board::Create(std::move(options)));
    GateOptions gate;
    gate.credentials = {{"ada", {"tier1"}, TokenOf("ada")},
                        {"bob", {"responder"}, TokenOf("bob")},
                        {"lea", {"lead"}, TokenOf("lea")},
                        {"max", {"lead"}, TokenOf("max")},
                        {"", {"lead"}, TokenOf("shared")}};
    gate.hosts = {kHost, "localhost:8080"};
    gate.new_session_id = [this] {
      std::string id(64, '0');
      id[63] = static_cast<char>('0' + sessions_++ % 10);
      return id;
    };
    router = std::make_unique<Router>(board.get(), std::move(gate));
    engine_ = std::make_unique<Engine>(program_);
    processor_ = engine_->NewProcessor(board.get());
  }

  absl::Status Write(std::string_view line) override {
    if (audit_fails) return absl::UnavailableError("disk full");
    audit.append(line);
    return absl::OkStatus();
  }

  // An event for the rule; `more` are further members, with a comma before each.
  void Add(const std::string& rule, const std::string& host, const std::string& more = "") {
    now += 1'000'000'000;
    const std::string text = R"({"Channel":"Security","EventID":1,"r":")" + rule +
                             R"(","Computer":")" + host + R"(","UtcTime":")" +
                             FormatEventTime(now) + "\"" + more + "}";
    Event event;
    if (!parser_.Parse(text, &event).ok()) __builtin_trap();
    const EventView view = event.view();
    EventContext context;
    context.event = &view;
    context.raw = text;
    context.tenant = "default";
    context.now = now;
    board->SetEvent(context);
    board->Observe(view, processor_->evaluator().LogSourcesOf(view));
    if (!processor_->Process(view).ok()) __builtin_trap();
  }

  HttpResponse Send(std::string method, std::string target, std::string body = "",
                    const std::string& person = "ada") {
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    request.body = std::move(body);
    request.now = now;
    request.headers = {{"Host", kHost},
                       {"Content-Type", "application/json"},
                       {"X-Vedette", "1"},
                       {"Authorization", "Bearer " + TokenOf(person)}};
    return router->Handle(request);
  }

  EventTime now = kStart;
  std::string audit;
  bool audit_fails = false;
  std::vector<std::string> handed_out;
  std::unique_ptr<Board> board;
  std::unique_ptr<Router> router;

 private:
  std::shared_ptr<const Program> program_ = BoardProgram();
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Processor> processor_;
  JsonParser parser_;
  int sessions_ = 0;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_BOARD_HOST_H_
