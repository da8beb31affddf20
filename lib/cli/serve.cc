// `vedette serve`: the incident board in the browser.
#include <poll.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "lib/board/board.h"
#include "lib/cli/board_server.h"
#include "lib/cli/commands.h"
#include "lib/cli/read_as_one.h"
#include "lib/cli/serve_files.h"
#include "lib/cli/text.h"
#include "lib/cli/triage_input.h"
#include "vedette/engine.h"

namespace vedette::inline v0::cli {
namespace {

constexpr int kTickMilliseconds = 250;

EventTime Now() { return absl::ToUnixNanos(absl::Now()); }

absl::Status Invalid(const std::string& message) {
  return absl::InvalidArgumentError(message.c_str());
}

bool IsLoopback(std::string_view address) {
  return address.starts_with("127.") || address == "::1" || address == "localhost";
}

// What the options name, beside rules and events.
struct ServeFiles {
  std::unique_ptr<LineFile> audit;
  std::unique_ptr<LineFile> commands;
  std::shared_ptr<const Policy> policy;
  std::vector<std::shared_ptr<const Playbook>> playbooks;
  std::vector<Credential> credentials;
};

// Diagnostics as they are written, the errors among them as the status.
absl::Status Tell(const std::vector<Diagnostic>& diagnostics, const std::string& what,
                  Console* console) {
  bool bad = false;
  for (const Diagnostic& d : diagnostics) {
    console->err->Write(FormatDiagnostic(d));
    bad = bad || d.severity == Severity::kError;
  }
  if (!bad) return absl::OkStatus();
  return absl::FailedPreconditionError((Clean(what) + " cannot be used").c_str());
}

absl::Status LoadPolicy(const Options& options, Console* console, ServeFiles* files) {
  if (!options.Has("policy")) {
    if (!options.Has("playbooks")) return absl::OkStatus();
    return Invalid("--playbooks needs --policy, which says what they may do");
  }
  const std::string path(options.Value("policy"));
  absl::StatusOr<std::string> text = ReadTextFile(path);
  if (!text.ok()) return text.status();
  Policy::Loaded loaded = Policy::Load(path, *std::move(text));
  files->policy = loaded.policy;
  return Tell(loaded.diagnostics, path, console);
}

absl::Status LoadPlaybooks(const Options& options, Console* console, ServeFiles* files) {
  std::vector<std::string> paths;
  for (const std::string& path : options.Values("playbooks")) {
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) {
      paths.push_back(path);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      if (entry.path().extension() == ".json") paths.push_back(entry.path().string());
    }
    if (error) return absl::NotFoundError((Clean(path) + ": " + error.message()).c_str());
  }
  std::ranges::sort(paths);
  for (const std::string& path : paths) {
    absl::StatusOr<std::string> text = ReadTextFile(path);
    if (!text.ok()) return text.status();
    Playbook::Loaded loaded = Playbook::Load(path, *std::move(text));
    if (absl::Status s = Tell(loaded.diagnostics, path, console); !s.ok()) return s;
    files->playbooks.push_back(loaded.playbook);
  }
  return absl::OkStatus();
}

// Every role that a person can have.
std::vector<std::string> RolesOf(const Policy* policy) {
  std::vector<std::string> roles;
  if (policy == nullptr) return roles;
  for (const PolicyRole& role : policy->bundle().roles) {
    if (!role.automation) roles.push_back(role.name);
  }
  return roles;
}

// "ada=tier1,responder".
absl::StatusOr<Credential> UserOf(const std::string& word, const Policy* policy) {
  Credential out;
  const size_t equals = word.find('=');
  out.user = word.substr(0, equals);
  if (!IsUserName(out.user)) {
    return Invalid("--user: '" + Clean(out.user) + "' is no name of letters, digits and . _ - @");
  }
  const std::vector<std::string> known = RolesOf(policy);
  if (equals == std::string::npos) {
    if (policy != nullptr) return Invalid("--user: which roles has " + out.user + "? NAME=ROLE,..");
    return out;
  }
  SplitCommas(std::string_view(word).substr(equals + 1), &out.roles);
  for (const std::string& role : out.roles) {
    if (std::ranges::find(known, role) == known.end()) {
      return Invalid("--user: the policy has no role '" + Clean(role) + "' for persons");
    }
  }
  return out;
}

absl::Status MakeCredentials(const Options& options, ServeFiles* files) {
  for (const std::string& word : options.Values("user")) {
    absl::StatusOr<Credential> user = UserOf(word, files->policy.get());
    if (!user.ok()) return user.status();
    if (std::ranges::find(files->credentials, user->user, &Credential::user) !=
        files->credentials.end()) {
      return Invalid("--user: " + user->user + " is given twice");
    }
    files->credentials.push_back(*std::move(user));
  }
  // One token for all, who say their names: nobody proves that he is not somebody else.
  if (files->credentials.empty()) {
    files->credentials.push_back({"", RolesOf(files->policy.get()), ""});
  }
  for (Credential& c : files->credentials) c.token = RandomSecret();
  if (!options.Has("token-file")) return absl::OkStatus();
  const std::string path(options.Value("token-file"));
  const auto tokens = ReadTokens(path);
  if (!tokens.ok()) return tokens.status();
  for (Credential& c : files->credentials) {
    const auto line =
        std::ranges::find(*tokens, c.user, &std::pair<std::string, std::string>::first);
    if (line == tokens->end()) {
      return Invalid(Clean(path) + ": no token for " + (c.user.empty() ? "everybody" : c.user));
    }
    c.token = line->second;
  }
  return absl::OkStatus();
}

absl::Status OpenFiles(const Options& options, Console* console, ServeFiles* files,
                       BoardOptions* board) {
  if (absl::Status s = LoadPolicy(options, console, files); !s.ok()) return s;
  if (absl::Status s = LoadPlaybooks(options, console, files); !s.ok()) return s;
  if (absl::Status s = MakeCredentials(options, files); !s.ok()) return s;
  if (options.Has("audit")) {
    auto file = LineFile::Open(std::string(options.Value("audit")));
    if (!file.ok()) return file.status();
    files->audit = *std::move(file);
    absl::StatusOr<AuditHead> head = files->audit->ContinueAudit();
    if (!head.ok()) return head.status();
    board->audit = files->audit.get();
    board->audit_head = *std::move(head);
  }
  if (options.Has("commands")) {
    auto file = LineFile::Open(std::string(options.Value("commands")));
    if (!file.ok()) return file.status();
    files->commands = *std::move(file);
    board->on_command = [file = files->commands.get()](std::string_view line) {
      return file->Write(line);
    };
  }
  board->policy = files->policy;
  board->playbooks = files->playbooks;
  return absl::OkStatus();
}

// Reads events into the board on a thread of its own.
class Ingest : public DetectionSink {
 public:
  Ingest(const TriageInput& input, SharedBoard* board, std::string tenant)
      : input_(input), board_(board), tenant_(std::move(tenant)), engine_(input.rules.program) {
    processor_ = engine_.NewProcessor(this, ProcessingOf(input));
  }

  absl::Status OnDetection(const Detection& detection) override {
    return input_.rules.IsSelected(detection) ? current_->OnDetection(detection) : absl::OkStatus();
  }

  void Run() {
    ReadTold told;
    told.unreadable = told.skipped = [this](const std::string& message) { Tell(message); };
    const absl::Status read = ReadAsOne(input_.files, input_.events, told, [this](Event* event) {
      OnEvent(*event);
      return absl::OkStatus();
    });
    if (!read.ok()) return;
    // A file that is followed has no end but the user's.
    if (Interrupted()) return;
    board_->WithForEvents([this](Board* board) {
      current_ = board;
      absl::Status status = processor_->Flush();
      if (status.ok()) status = board->Flush();
      if (!status.ok()) Tell(Clean(MessageOf(status)));
      board->EndInput();
    });
  }

  // What has gone wrong since the last call.
  std::vector<std::string> TakeMessages() {
    const std::lock_guard<std::mutex> hold(mutex_);
    return std::exchange(messages_, {});
  }

 private:
  void OnEvent(const Event& event) {
    const EventView view = input_.events.View(event);
    EventContext context;
    context.event = &view;
    context.raw = event.raw();
    context.tenant = tenant_;
    context.now = Now();
    board_->WithForEvents([&](Board* board) {
      current_ = board;
      board->SetEvent(context);
      board->Observe(view, processor_->evaluator().LogSourcesOf(view));
      const absl::Status status = processor_->Process(view);
      if (!status.ok() && !std::exchange(failed_, true)) Tell(Clean(MessageOf(status)));
    });
  }

  void Tell(std::string message) {
    const std::lock_guard<std::mutex> hold(mutex_);
    messages_.push_back(std::move(message));
  }

  const TriageInput& input_;
  SharedBoard* const board_;
  const std::string tenant_;
  Engine engine_;
  std::unique_ptr<Processor> processor_;
  Board* current_ = nullptr;  // while its lock is held
  bool failed_ = false;
  std::mutex mutex_;
  std::vector<std::string> messages_;
};

void Introduce(const BoardServerOptions& where, int port, const ServeFiles& files,
               const Options& options, Console* console) {
  Output& out = *console->out;
  const bool v6 = where.address.find(':') != std::string::npos;
  out.WriteLine("Board:  http://" + (v6 ? "[" + where.address + "]" : where.address) + ":" +
                std::to_string(port) + "/");
  const bool given = options.Has("token-file");
  for (const Credential& c : files.credentials) {
    const std::string whose = c.user.empty() ? "Token:  " : "Token of " + c.user + ":  ";
    out.WriteLine(whose + (given ? "as in the file" : c.token));
  }
  out.WriteLine("Ctrl-C ends it.");
  out.Flush();
  if (options.Has("quiet")) return;
  if (!IsLoopback(where.address)) {
    console->Error(
        "note: reachable from other machines, and without TLS whoever is on the way "
        "reads tokens and incidents; put a proxy with TLS before it");
  }
  if (files.audit == nullptr) {
    console->Error("note: no --audit FILE, so what people decide is forgotten at the end");
  }
}

int Serve(const Options& options, Console* console) {
  const absl::StatusOr<uint64_t> port = options.Number("port", 8750);
  if (!port.ok()) return Fail(port.status(), "serve", console);
  if (*port > 65'535) return Fail(Invalid("--port: at most 65535"), "serve", console);
  TriageInput input;
  if (const int code = LoadTriageInput(options, "serve", console, &input); code != kExitOk) {
    return code;
  }
  if (options.Has("follow")) {
    if (input.files.size() > 1) {
      return Fail(Invalid("--follow takes one file"), "serve", console);
    }
    input.events.follow = true;
  }
  ServeFiles files;
  BoardOptions board_options;
  board_options.triage = TriageOptionsOf(options);
  board_options.program = input.rules.program;
  board_options.tenant = options.Value("tenant", "default");
  if (absl::Status s = OpenFiles(options, console, &files, &board_options); !s.ok()) {
    return Fail(s, "serve", console);
  }
  const std::string tenant = board_options.tenant;
  auto board = Board::Create(std::move(board_options));
  if (!board.ok()) return Fail(board.status(), "serve", console);

  SharedBoard shared(board->get());
  BoardServerOptions where;
  where.address = options.Value("address", where.address);
  where.port = static_cast<int>(*port);
  where.names = options.Values("allow-host");
  BoardServer server(&shared, where);
  const absl::StatusOr<int> bound = server.Bind();
  if (!bound.ok()) return Fail(bound.status(), "serve", console);
  Introduce(where, *bound, files, options, console);

  GateOptions gate;
  gate.credentials = files.credentials;
  gate.new_session_id = RandomSecret;
  Ingest ingest(input, &shared, tenant);
  std::thread reading([&] { ingest.Run(); });
  std::thread answering([&] { server.Run(board->get(), std::move(gate)); });
  bool failed = false;
  while (!Interrupted()) {
    absl::Status ticked;
    shared.With([&](Board* b) { ticked = b->Tick(Now()); });
    if (!ticked.ok() && !std::exchange(failed, true)) console->Error(Clean(MessageOf(ticked)));
    for (const std::string& message : ingest.TakeMessages()) console->Error(message);
    poll(nullptr, 0, kTickMilliseconds);
  }
  server.Stop();
  answering.join();
  reading.join();
  return failed ? kExitFailed : kExitOk;
}

}  // namespace

Command ServeCommand() {
  CommandSpec spec;
  spec.name = "serve";
  spec.summary = "Show the incidents of event files on a board in the browser.";
  spec.description =
      "Reads events as `vedette triage` does and serves a page on which people look at incidents, "
      "judge them, and start and approve playbooks. It listens on this machine only unless another "
      "address is given, and asks for the token that it prints. It carries no command out: those "
      "that a playbook asks for are shown, and written to --commands. docs/board.md has more.";
  spec.examples =
      "vedette serve -r rules -e examples/data/attack.ndjson.gz\n"
      "vedette serve -r rules -e /var/log/events.jsonl -f --audit audit.log\n"
      "vedette serve -r rules -e events.jsonl -f --policy policy.json --playbooks playbooks/ \\\n"
      "  --user ada=tier1 --user bob=responder --audit audit.log --commands commands.jsonl";
  spec.options = TriageInputOptions();
  const std::vector<OptionSpec> own = {
      {"follow", 'f', OptionKind::kFlag, "",
       "Read the file on while it grows, also over rotation and truncation."},
      {"port", 0, OptionKind::kValue, "N", "Default: 8750. 0: any that is free; it is printed."},
      {"address", 0, OptionKind::kValue, "ADDRESS",
       "Where to listen. Default: 127.0.0.1, which other machines cannot reach."},
      {"allow-host", 0, OptionKind::kRepeat, "NAME[:PORT]",
       "Another name by which browsers reach the board, as behind a proxy."},
      {"user", 0, OptionKind::kRepeat, "NAME[=ROLE,..]",
       "Somebody with a token of his own and the roles of the policy. Without any, one token is "
       "for everybody, who say their names and have every role."},
      {"token-file", 0, OptionKind::kValue, "FILE",
       "Tokens instead of random ones: lines `NAME TOKEN`, or `TOKEN` for everybody. Only its "
       "owner may read it."},
      {"audit", 0, OptionKind::kValue, "FILE",
       "Append every decision to this log, which `vedette verify` checks."},
      {"policy", 0, OptionKind::kValue, "FILE",
       "Who may do what, and which commands playbooks may ask for (docs/response.md)."},
      {"playbooks", 0, OptionKind::kWords, "PATH", "CACAO playbooks, or folders of them (*.json)."},
      {"commands", 0, OptionKind::kValue, "FILE",
       "Append each command that is to be carried out, OpenC2 in a line of JSON. Not of dry runs."},
      {"quiet", 'q', OptionKind::kFlag, "", "No notes, no warnings about rules."},
      kColorOption,
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Serve};
}

}  // namespace vedette::inline v0::cli
