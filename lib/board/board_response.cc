// Playbooks: started, approved and answered by people; the board carries nothing out.
#include <algorithm>
#include <utility>

#include "lib/base/strings.h"
#include "lib/board/board.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxRecords = 1000;  // of state, then a snapshot replaces them

bool IsContainment(const CommandRequest& request) {
  return (request.action == "contain" || request.action == "deny") && !request.dry_run &&
         !request.undo;
}

// The command in an envelope: with its key the answer finds its way back.
std::string CommandLine(const CommandRequest& request) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Text("key", request.key);
  w.Text("run", request.run);
  w.Text("incident", request.incident);
  w.Text("type", request.type);
  w.Number("attempt", request.attempt);
  w.BoolIf("undo", request.undo);
  w.Time("deadline", request.deadline);
  w.Texts("approved_by", request.approved_by);
  w.TextIf("text", request.text);
  if (!request.command.empty()) w.Raw("command", request.command);
  w.End();
  return out;
}

}  // namespace

absl::Status Board::NoPlaybooks() const {
  if (executor_ != nullptr) return absl::OkStatus();
  return absl::FailedPreconditionError("there is no policy, so there are no playbooks");
}

absl::Status Board::PollRuns(EventTime now) {
  if (executor_ == nullptr) return absl::OkStatus();
  const auto poll = executor_->Poll(now);
  if (!poll.ok()) return poll.status();
  for (const CommandRequest& request : poll->commands) HandOut(request, now);
  if (runs_state_.records() > kMaxRecords) {
    if (absl::Status s = executor_->Compact(); !s.ok()) return s;
  }
  // Commands whose runs went on without them (time-outs, cancelled runs) wait for nobody.
  std::erase_if(commands_, [this](const auto& entry) {
    const auto record = executor_->Report(entry.second.request.run);
    if (!record.ok()) return true;
    return std::ranges::none_of(record->commands, [&](const CommandRecord& c) {
      return c.key == entry.first && c.state == "sent";
    });
  });
  if (!poll->commands.empty() || !poll->approvals.empty() || !poll->finished.empty()) Changed();
  return absl::OkStatus();
}

void Board::HandOut(const CommandRequest& request, EventTime now) {
  OpenCommand& open = commands_[request.key];
  open.request = request;
  open.since = now;
  open.failure.clear();
  // A dry run is for looking at: nothing of it reaches what carries commands out.
  if (request.dry_run || !options_.on_command) return;
  const absl::Status handed = options_.on_command(CommandLine(request));
  if (!handed.ok()) open.failure = ToStd(handed.message());
}

absl::StatusOr<std::string> Board::StartRun(std::string_view body, const Asker& asker) {
  if (absl::Status s = NoPlaybooks(); !s.ok()) return s;
  absl::StatusOr<RequestBody> parsed = RequestBody::Parse(body);
  if (!parsed.ok()) return parsed.status();
  StartOptions start;
  start.playbook = parsed->Text("playbook");
  start.incident = parsed->Text("incident");
  start.initiator = asker.actor;
  start.variables = parsed->TextMap("variables");
  const std::string mode = parsed->Text("mode");
  start.mode = mode == "live" ? RunMode::kLive : RunMode::kDryRun;
  if (!parsed->status().ok()) return parsed->status();
  if (!mode.empty() && mode != "live" && mode != "dry-run") {
    return absl::InvalidArgumentError("'mode' is live or dry-run");
  }
  const std::optional<Id128> incident = Id128::Parse(start.incident);
  if (!incident.has_value() || triage_->incidents().Find(*incident) == nullptr) {
    return absl::NotFoundError("there is no such incident");
  }
  auto run = executor_->Start(start, asker.now);
  if (absl::IsResourceExhausted(run.status())) {
    // Room for it: runs that have ended are on record.
    for (const std::string& ended : executor_->runs()) executor_->Forget(ended).IgnoreError();
    run = executor_->Start(start, asker.now);
  }
  if (!run.ok()) return run.status();
  Changed();
  if (absl::Status s = PollRuns(asker.now); !s.ok()) return s;
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Text("run", *run);
  w.End();
  return out;
}

absl::StatusOr<std::string> Board::CancelRun(std::string_view run, std::string_view body,
                                             const Asker& asker) {
  if (absl::Status s = NoPlaybooks(); !s.ok()) return s;
  absl::StatusOr<RequestBody> parsed = RequestBody::Parse(body);
  if (!parsed.ok()) return parsed.status();
  const std::string reason = parsed->Text("reason");
  if (!parsed->status().ok()) return parsed->status();
  if (absl::Status s = executor_->Cancel(run, asker.actor, reason, asker.now); !s.ok()) return s;
  Changed();
  if (absl::Status s = PollRuns(asker.now); !s.ok()) return s;
  return std::string("{}");
}

absl::StatusOr<std::string> Board::DecideApproval(std::string_view key, bool approve,
                                                  std::string_view body, const Asker& asker) {
  if (absl::Status s = NoPlaybooks(); !s.ok()) return s;
  absl::StatusOr<RequestBody> parsed = RequestBody::Parse(body);
  if (!parsed.ok()) return parsed.status();
  const std::string hash = parsed->Text("hash");
  const std::string reason = parsed->Text("reason");
  if (!parsed->status().ok()) return parsed->status();
  const absl::Status done = approve ? executor_->Approve(key, hash, asker.actor, reason, asker.now)
                                    : executor_->Reject(key, hash, asker.actor, reason, asker.now);
  if (!done.ok()) return done;
  Changed();
  if (absl::Status s = PollRuns(asker.now); !s.ok()) return s;
  return std::string("{}");
}

void Board::MarkContained(const CommandRequest& request, const Asker& asker) {
  const std::optional<Id128> id = Id128::Parse(request.incident);
  if (!id.has_value()) return;
  const Incident* const incident = triage_->incidents().Current(*id);
  if (incident == nullptr || incident->clocks.contain != kNoEventTime) return;
  IncidentChange change;
  change.actor = asker.actor;
  change.reason = request.step_name.empty() ? request.action : request.step_name;
  change.now = asker.now;
  // Whether it is allowed or not is on record; the command's answer stands either way.
  triage_->incidents().MarkContained(incident->id, asker.now, change).status().IgnoreError();
}

absl::StatusOr<std::string> Board::AnswerCommand(std::string_view key, std::string_view body,
                                                 const Asker& asker) {
  if (absl::Status s = NoPlaybooks(); !s.ok()) return s;
  absl::StatusOr<RequestBody> parsed = RequestBody::Parse(body);
  if (!parsed.ok()) return parsed.status();
  const uint64_t status = parsed->Number("status", 0);
  const std::string results = parsed->Text("results");
  if (!parsed->status().ok()) return parsed->status();
  const auto open = commands_.find(std::string(key));
  if (open == commands_.end()) return absl::NotFoundError("no command of that key is open");
  const CommandRequest request = open->second.request;
  const Action action = {"playbook.answer",
                         "playbook_run",
                         request.run,
                         {{"key", request.key}, {"status", std::to_string(status)}}};
  if (absl::Status s = AuthorizeOnRecord(authorizer_, audit_.get(), asker.now, asker.actor, action);
      !s.ok()) {
    return s;
  }
  const int code = static_cast<int>(std::min<uint64_t>(status, 1000));
  if (absl::Status s = executor_->Complete(key, code, results, asker.now); !s.ok()) return s;
  if (status == 200 && IsContainment(request)) MarkContained(request, asker);
  Changed();
  if (absl::Status s = PollRuns(asker.now); !s.ok()) return s;
  return std::string("{}");
}

absl::StatusOr<std::string> Board::SetKillSwitch(std::string_view body, const Asker& asker) {
  if (absl::Status s = NoPlaybooks(); !s.ok()) return s;
  absl::StatusOr<RequestBody> parsed = RequestBody::Parse(body);
  if (!parsed.ok()) return parsed.status();
  const bool on = parsed->Bool("on");
  const std::string reason = parsed->Text("reason");
  if (!parsed->status().ok()) return parsed->status();
  if (absl::Status s = executor_->SetKillSwitch(on, asker.actor, reason, asker.now); !s.ok()) {
    return s;
  }
  Changed();
  if (absl::Status s = PollRuns(asker.now); !s.ok()) return s;
  return std::string("{}");
}

}  // namespace vedette::inline v0
