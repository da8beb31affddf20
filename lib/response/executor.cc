#include "vedette/response/executor.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/base/strings.h"
#include "lib/doc/doc_reader.h"
#include "lib/response/crypto.h"
#include "lib/response/run_driver.h"
#include "lib/response/run_state.h"
#include "vedette/response/privacy.h"

namespace vedette::inline v0 {
namespace {

constexpr int64_t kDay = int64_t{86'400} * 1'000'000'000;
constexpr size_t kMaxEmissions = 100000;
constexpr size_t kMaxResultsBytes = size_t{1} << 20;
constexpr std::array<int, 9> kStatuses = {102, 200, 400, 401, 403, 404, 500, 501, 503};

absl::Status Invalid(const std::string& why) { return absl::InvalidArgumentError(ToAbsl(why)); }

}  // namespace

struct Executor::Impl {
  ExecutorOptions options;
  PlaybookMap playbooks;
  ExecutorState state;
  std::set<std::string> resend;  // runs from before the start whose commands were not given again
  bool failed = false;

  const Authorizer& authorizer() const {
    return options.authorizer != nullptr ? *options.authorizer : *options.policy;
  }

  EventTime Now(EventTime now) const { return std::max({now, state.now, EventTime{0}}); }

  DriveContext Context(EventTime now, std::vector<Emission>* emissions) const {
    DriveContext context;
    context.policy = options.policy.get();
    context.playbooks = &playbooks;
    context.now = Now(now);
    context.kill_switch = state.kill_switch;
    context.emissions = emissions;
    return context;
  }

  // Puts the entries on record, then makes the change durable. Only then may the caller keep it.
  absl::Status Commit(const std::vector<AuditEntry>& audit, const StateChange& change) {
    if (failed) {
      return absl::FailedPreconditionError("the store has failed; create the executor anew");
    }
    for (const AuditEntry& entry : audit) {
      if (absl::Status status = options.audit->Append(entry); !status.ok()) return status;
    }
    absl::Status status = options.store->Append(WriteChange(change));
    // Nobody knows how much of it is there.
    failed = !status.ok();
    return status;
  }

  // Asks, and puts a refusal on record at once. An entry that allows goes with the change.
  absl::Status Ask(EventTime now, const Actor& actor, Action action, std::string_view reason,
                   std::vector<AuditEntry>* audit) {
    const Authorization decision = authorizer().Authorize(actor, action);
    AuditEntry entry;
    entry.time = now;
    entry.actor = actor;
    entry.action = std::move(action);
    entry.allowed = decision.allowed;
    entry.reason = decision.allowed ? std::string(reason) : decision.reason;
    entry.policy_version = decision.policy_version;
    if (decision.allowed) {
      audit->push_back(std::move(entry));
      return absl::OkStatus();
    }
    return Refuse(std::move(entry));
  }

  absl::Status Refuse(AuditEntry entry) {
    entry.allowed = false;
    if (absl::Status status = options.audit->Append(entry); !status.ok()) return status;
    return absl::PermissionDeniedError(ToAbsl(entry.reason));
  }

  // The run that has the command, or null.
  RunState* RunOf(std::string_view key, size_t* index) {
    for (auto& [id, run] : state.runs) {
      for (size_t i = 0; i < run.commands.size(); ++i) {
        if (run.commands[i].key != key) continue;
        *index = i;
        return &run;
      }
    }
    return nullptr;
  }

  // Whether all playbooks that the run may use are there, in the version that it began with.
  bool Ready(const RunState& run) const {
    return std::ranges::all_of(run.playbooks, [this](const auto& used) {
      const auto found = playbooks.find(used.first);
      return found != playbooks.end() && found->second->hash() == used.second;
    });
  }

  // Writes one run that has changed, then keeps it.
  absl::Status Keep(RunState run, DriveContext* context, std::vector<AuditEntry> audit) {
    audit.insert(audit.end(), context->audit.begin(), context->audit.end());
    StateChange change;
    change.kill_switch = state.kill_switch;
    change.now = context->now;
    change.runs = {&run};
    if (absl::Status status = Commit(audit, change); !status.ok()) return status;
    state.now = context->now;
    std::string id = run.record.id;
    state.runs[std::move(id)] = std::move(run);
    return absl::OkStatus();
  }

  absl::Status Uses(const std::string& id, std::vector<std::string>* above,
                    std::map<std::string, std::string>* out) const {
    if (std::ranges::find(*above, id) != above->end()) {
      return absl::FailedPreconditionError(ToAbsl("playbooks run each other in a circle: " + id));
    }
    if (above->size() >= kMaxPlaybookDepth) {
      return absl::FailedPreconditionError("playbooks run each other deeper than 8 levels");
    }
    const auto found = playbooks.find(id);
    if (found == playbooks.end()) return absl::NotFoundError(ToAbsl("no playbook " + id));
    (*out)[id] = found->second->hash();
    above->push_back(id);
    for (const std::string& inner : found->second->playbooks_used()) {
      if (absl::Status s = Uses(inner, above, out); !s.ok()) return s;
    }
    above->pop_back();
    return absl::OkStatus();
  }

  absl::Status MayStart(const std::map<std::string, std::string>& used, EventTime now) const {
    for (const auto& [id, hash] : used) {
      const Playbook& playbook = *playbooks.at(id);
      if (playbook.valid_from() != kNoEventTime && now < playbook.valid_from()) {
        return absl::FailedPreconditionError(ToAbsl("not yet valid: " + id));
      }
      if (playbook.valid_until() != kNoEventTime && now >= playbook.valid_until()) {
        return absl::FailedPreconditionError(ToAbsl("expired: " + id));
      }
      if (options.policy->bundle().require_signed_playbooks && !playbook.is_verified()) {
        return absl::FailedPreconditionError(ToAbsl("not signed: " + id));
      }
    }
    return absl::OkStatus();
  }

  absl::Status Variables(const StartOptions& start, std::map<std::string, TypedValue>* out) const {
    const PlaybookLayout& layout = playbooks.at(start.playbook)->layout();
    for (const auto& [name, variable] : layout.variables) {
      if (variable.info.has_value) (*out)[name] = variable.value;
    }
    for (const auto& [name, text] : start.variables) {
      const auto variable = layout.variables.find(name);
      if (variable == layout.variables.end()) return Invalid("no variable " + name);
      if (!variable->second.info.external) return Invalid(name + " is not external");
      if (variable->second.info.constant) return Invalid(name + " is constant");
      const absl::StatusOr<TypedValue> value = MakeValue(variable->second.info.type, text);
      if (!value.ok()) return Invalid(name + ": " + std::string(ToStd(value.status().message())));
      (*out)[name] = *value;
    }
    for (const auto& [name, variable] : layout.variables) {
      if (variable.info.external && !out->contains(name)) return Invalid(name + " is not given");
    }
    return absl::OkStatus();
  }
};

Executor::Executor(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Executor::~Executor() = default;

absl::StatusOr<std::unique_ptr<Executor>> Executor::Create(ExecutorOptions options) {
  if (options.policy == nullptr || options.audit == nullptr || options.store == nullptr) {
    return Invalid("an executor needs a policy, an audit sink and a store");
  }
  auto impl = std::make_unique<Impl>();
  absl::StatusOr<StoredState> stored = options.store->Load();
  if (!stored.ok()) return stored.status();
  impl->options = std::move(options);
  if (!stored->snapshot.empty()) {
    if (absl::Status s = ApplyChange(stored->snapshot, &impl->state); !s.ok()) return s;
  }
  for (const std::string& record : stored->records) {
    if (absl::Status s = ApplyChange(record, &impl->state); !s.ok()) return s;
  }
  for (const auto& [id, run] : impl->state.runs) impl->resend.insert(id);
  return std::unique_ptr<Executor>(new Executor(std::move(impl)));
}

absl::Status Executor::AddPlaybook(std::shared_ptr<const Playbook> playbook) {
  if (playbook == nullptr) return Invalid("no playbook");
  for (const auto& [id, run] : impl_->state.runs) {
    const auto used = run.playbooks.find(playbook->id());
    const bool live = !run.frames.empty();
    if (live && used != run.playbooks.end() && used->second != playbook->hash()) {
      return absl::AlreadyExistsError(ToAbsl("run " + id + " uses another version"));
    }
  }
  impl_->playbooks[playbook->id()] = std::move(playbook);
  return absl::OkStatus();
}

void Executor::SetPolicy(std::shared_ptr<const Policy> policy) {
  if (policy != nullptr) impl_->options.policy = std::move(policy);
}

absl::StatusOr<std::string> Executor::Start(const StartOptions& options, EventTime now) {
  Impl& impl = *impl_;
  if (impl.state.runs.size() >= impl.options.max_runs) {
    return absl::ResourceExhaustedError("too many runs; forget those that have ended");
  }
  RunState run;
  std::vector<std::string> above;
  if (absl::Status s = impl.Uses(options.playbook, &above, &run.playbooks); !s.ok()) return s;
  std::vector<Emission> none;
  DriveContext context = impl.Context(now, &none);
  if (absl::Status s = impl.MayStart(run.playbooks, context.now); !s.ok()) return s;
  run.scopes.resize(1);
  if (absl::Status s = impl.Variables(options, &run.scopes[0]); !s.ok()) return s;
  const Playbook& playbook = *impl.playbooks.at(options.playbook);
  RunRecord& record = run.record;
  record.id = options.run_id;
  if (record.id.empty()) {
    record.id = "run-" + Sha256Hex(playbook.hash() + "|" + options.incident + "|" +
                                   options.initiator.id + "|" + std::to_string(context.now) + "|" +
                                   std::to_string(impl.state.runs.size()))
                             .substr(0, 24);
  }
  if (record.id.size() > 200) return Invalid("the id of a run has at most 200 bytes");
  if (impl.state.runs.contains(record.id)) {
    return absl::AlreadyExistsError(ToAbsl("run " + record.id));
  }
  record.playbook = playbook.id();
  record.playbook_name = playbook.name();
  record.playbook_version = playbook.version();
  record.playbook_hash = playbook.hash();
  record.incident = options.incident;
  record.initiator = options.initiator;
  record.policy = impl.options.policy->stamp();
  record.mode = options.mode;
  record.started = context.now;
  Action action = {"playbook.start", "playbook", playbook.id(), {}};
  action.attributes = {{"incident", options.incident},
                       {"run", record.id},
                       {"playbook_hash", playbook.hash()},
                       {"mode", options.mode == RunMode::kDryRun ? "dry-run" : "live"}};
  std::vector<AuditEntry> audit;
  if (absl::Status s = impl.Ask(context.now, options.initiator, std::move(action), "", &audit);
      !s.ok()) {
    return s;
  }
  RunDriver(&context, &run).Begin();
  std::string id = record.id;
  if (absl::Status s = impl.Keep(std::move(run), &context, std::move(audit)); !s.ok()) return s;
  return id;
}

absl::StatusOr<PollResult> Executor::Poll(EventTime now) {
  Impl& impl = *impl_;
  // Works on copies: if something cannot be put on record or made durable, nothing has happened.
  std::vector<Emission> emissions = impl.state.emissions;
  DriveContext context = impl.Context(now, &emissions);
  std::erase_if(emissions, [&](const Emission& e) { return e.time < context.now - kDay; });
  const size_t known = emissions.size();
  std::vector<CommandRequest> again;
  std::vector<std::string> ready;
  std::vector<RunState> changed;
  const bool halted = kill_switch();
  for (const auto& [id, state] : impl.state.runs) {
    if (!impl.Ready(state)) continue;
    if (impl.resend.contains(id) && !halted) {
      ready.push_back(id);
      for (const CommandState& command : state.commands) {
        if (command.phase != CommandPhase::kSent) continue;
        again.push_back(RequestOf(state, command));
        again.back().resend = true;
      }
    }
    RunState copy = state;
    RunDriver driver(&context, &copy);
    if (driver.NextDue() == kNoEventTime || driver.NextDue() > context.now) continue;
    if (driver.Drive()) changed.push_back(std::move(copy));
  }
  if (emissions.size() > kMaxEmissions) {
    return absl::ResourceExhaustedError("more than 100,000 commands within a day");
  }
  if (!changed.empty()) {
    StateChange change;
    change.kill_switch = impl.state.kill_switch;
    change.now = context.now;
    for (const RunState& run : changed) change.runs.push_back(&run);
    change.emissions = emissions.data() + known;
    change.emission_count = emissions.size() - known;
    if (absl::Status status = impl.Commit(context.audit, change); !status.ok()) return status;
    impl.state.emissions = std::move(emissions);
    for (RunState& run : changed) {
      std::string id = run.record.id;
      impl.state.runs[std::move(id)] = std::move(run);
    }
  }
  // What ran out of time meanwhile is not asked for again.
  std::erase_if(again, [&impl](const CommandRequest& request) {
    size_t index = 0;
    const RunState* const run = impl.RunOf(request.key, &index);
    return run == nullptr || run->commands[index].phase != CommandPhase::kSent;
  });
  PollResult out = std::move(context.out);
  out.commands.insert(out.commands.begin(), again.begin(), again.end());
  for (CommandRequest& request : out.commands) {
    const auto playbook = impl.playbooks.find(request.playbook);
    if (playbook == impl.playbooks.end()) continue;
    const auto step = playbook->second->layout().steps.find(request.step);
    if (step != playbook->second->layout().steps.end()) request.step_name = step->second.name;
  }
  for (const std::string& id : ready) impl.resend.erase(id);
  out.halted = out.halted || halted;
  impl.state.now = context.now;
  return out;
}

EventTime Executor::NextDue() const {
  EventTime due = kNoEventTime;
  std::vector<Emission> none;
  for (const auto& [id, state] : impl_->state.runs) {
    if (!impl_->Ready(state)) continue;
    DriveContext context = impl_->Context(impl_->state.now, &none);
    context.kill_switch = context.kill_switch || impl_->options.policy->bundle().kill_switch;
    RunState* const run = const_cast<RunState*>(&state);  // NextDue changes nothing
    const EventTime next = RunDriver(&context, run).NextDue();
    if (next != kNoEventTime && (due == kNoEventTime || next < due)) due = next;
  }
  return due;
}

absl::Status Executor::Complete(std::string_view key, int status, std::string_view results,
                                EventTime now) {
  Impl& impl = *impl_;
  if (std::ranges::find(kStatuses, status) == kStatuses.end()) {
    return Invalid("no status of OpenC2: " + std::to_string(status));
  }
  if (results.size() > kMaxResultsBytes) return Invalid("the results are larger than 1 MiB");
  const RuleSource source = {"results", std::string(results)};
  const SourceText text(source);
  DocError error;
  std::optional<DocNode> doc;
  if (!results.empty()) {
    doc = ParseJsonTree(text, 0, results.size(), &error);
    if (!doc.has_value()) return Invalid("the results are not JSON: " + error.message);
    if (doc->kind != DocNode::Kind::kMap) return Invalid("the results are no object");
  }
  size_t index = 0;
  const RunState* const found = impl.RunOf(key, &index);
  if (found == nullptr || found->commands[index].attempts == 0) {
    return absl::NotFoundError("no command has this key");
  }
  const CommandState& known = found->commands[index];
  if (known.phase != CommandPhase::kSent) {
    const bool same = known.status == status || status == 102;
    if (same) return absl::OkStatus();
    if (known.phase == CommandPhase::kAbandoned && impl.Ready(*found)) {
      RunState run = *found;
      std::vector<Emission> none;
      DriveContext context = impl.Context(now, &none);
      RunDriver(&context, &run).LateAnswer(&run.commands[index], status);
      return impl.Keep(std::move(run), &context, {});
    }
    // Sent, failed, and now waiting to be sent again: the earlier answer stands.
    if (known.phase == CommandPhase::kWaiting) return absl::OkStatus();
    return absl::AlreadyExistsError("the command was answered otherwise");
  }
  if (!impl.Ready(*found)) {
    return absl::FailedPreconditionError("the run's playbooks were not added");
  }
  RunState run = *found;
  std::vector<Emission> none;
  DriveContext context = impl.Context(now, &none);
  RunDriver(&context, &run).Answer(&run.commands[index], status, doc ? &*doc : nullptr, results);
  return impl.Keep(std::move(run), &context, {});
}

namespace {

// The action that an approval, or its opposite, is.
Action ApprovalAction(const char* name, const RunState& run, const CommandState& command) {
  Action action = {name, "playbook_run", run.record.id, {}};
  action.attributes = {{"incident", run.record.incident},
                       {"step", command.step},
                       {"key", command.key},
                       {"command", command.shown},
                       {"command_hash", command.hash}};
  return action;
}

bool SamePerson(std::string_view a, std::string_view b) { return LowerAscii(a) == LowerAscii(b); }

}  // namespace

absl::Status Executor::Approve(std::string_view key, std::string_view hash, const Actor& actor,
                               std::string_view reason, EventTime now) {
  Impl& impl = *impl_;
  size_t index = 0;
  const RunState* const found = impl.RunOf(key, &index);
  if (found == nullptr) return absl::NotFoundError("no command has this key");
  const CommandState& known = found->commands[index];
  std::vector<Emission> none;
  DriveContext context = impl.Context(now, &none);
  if (known.phase != CommandPhase::kWaiting || !known.announced || !known.undo_of.empty() ||
      known.approved_by.size() >= known.needed) {
    return absl::FailedPreconditionError("the command does not wait for an approval");
  }
  if (known.hash != hash) return absl::FailedPreconditionError("the hash is of another command");
  if (context.now >= known.expires) {
    return absl::FailedPreconditionError("the time to approve is over");
  }
  AuditEntry entry;
  entry.time = context.now;
  entry.actor = actor;
  entry.action = ApprovalAction("playbook.approve", *found, known);
  entry.policy_version = impl.options.policy->stamp();
  if (actor.automation) {
    entry.reason = "an automation cannot approve";
    return impl.Refuse(std::move(entry));
  }
  if (SamePerson(actor.id, found->record.initiator.id)) {
    entry.reason = "who started the run cannot approve its commands";
    return impl.Refuse(std::move(entry));
  }
  const auto has_role = [&actor](const std::string& role) {
    return std::ranges::find(actor.roles, role) != actor.roles.end();
  };
  if (!known.approver_roles.empty() && std::ranges::none_of(known.approver_roles, has_role)) {
    entry.reason = "the command needs another role to approve it";
    return impl.Refuse(std::move(entry));
  }
  std::vector<AuditEntry> audit;
  if (absl::Status s = impl.Ask(context.now, actor, entry.action, reason, &audit); !s.ok()) {
    return s;
  }
  for (const std::string& who : known.approved_by) {
    if (SamePerson(who, actor.id)) return absl::AlreadyExistsError("this person has approved it");
  }
  RunState run = *found;
  run.commands[index].approved_by.push_back(actor.id);
  return impl.Keep(std::move(run), &context, std::move(audit));
}

absl::Status Executor::Reject(std::string_view key, std::string_view hash, const Actor& actor,
                              std::string_view reason, EventTime now) {
  Impl& impl = *impl_;
  size_t index = 0;
  const RunState* const found = impl.RunOf(key, &index);
  if (found == nullptr) return absl::NotFoundError("no command has this key");
  const CommandState& known = found->commands[index];
  if (known.phase != CommandPhase::kWaiting || !known.undo_of.empty() || !impl.Ready(*found)) {
    return absl::FailedPreconditionError("the command does not wait for an approval");
  }
  if (known.hash != hash) return absl::FailedPreconditionError("the hash is of another command");
  std::vector<Emission> none;
  DriveContext context = impl.Context(now, &none);
  std::vector<AuditEntry> audit;
  if (absl::Status s = impl.Ask(context.now, actor,
                                ApprovalAction("playbook.reject", *found, known), reason, &audit);
      !s.ok()) {
    return s;
  }
  RunState run = *found;
  RunDriver(&context, &run).Reject(&run.commands[index], actor.id, reason);
  return impl.Keep(std::move(run), &context, std::move(audit));
}

absl::Status Executor::Cancel(std::string_view id, const Actor& actor, std::string_view reason,
                              EventTime now) {
  Impl& impl = *impl_;
  const auto found = impl.state.runs.find(std::string(id));
  if (found == impl.state.runs.end()) return absl::NotFoundError("no such run");
  if (found->second.record.outcome != RunOutcome::kRunning) {
    return absl::FailedPreconditionError("the run has ended");
  }
  std::vector<Emission> none;
  DriveContext context = impl.Context(now, &none);
  Action action = {"playbook.cancel", "playbook_run", std::string(id), {}};
  action.attributes = {{"incident", found->second.record.incident}};
  std::vector<AuditEntry> audit;
  if (absl::Status s = impl.Ask(context.now, actor, std::move(action), reason, &audit); !s.ok()) {
    return s;
  }
  RunState run = found->second;
  RunDriver(&context, &run).Finish(RunOutcome::kCancelled, "cancelled by " + actor.id);
  return impl.Keep(std::move(run), &context, std::move(audit));
}

absl::Status Executor::SetKillSwitch(bool on, const Actor& actor, std::string_view reason,
                                     EventTime now) {
  Impl& impl = *impl_;
  now = impl.Now(now);
  Action action = {"playbook.kill", "executor", "", {{"switch", on ? "on" : "off"}}};
  std::vector<AuditEntry> audit;
  if (absl::Status s = impl.Ask(now, actor, std::move(action), reason, &audit); !s.ok()) return s;
  StateChange change;
  change.kill_switch = on;
  change.now = now;
  if (absl::Status s = impl.Commit(audit, change); !s.ok()) return s;
  impl.state.kill_switch = on;
  impl.state.now = now;
  return absl::OkStatus();
}

bool Executor::kill_switch() const {
  return impl_->state.kill_switch || impl_->options.policy->bundle().kill_switch;
}

std::vector<std::string> Executor::runs() const {
  std::vector<std::string> out;
  for (const auto& [id, run] : impl_->state.runs) out.push_back(id);
  return out;
}

std::vector<ApprovalRequest> Executor::PendingApprovals() const {
  std::vector<ApprovalRequest> out;
  for (const auto& [id, run] : impl_->state.runs) {
    for (const CommandState& command : run.commands) {
      const bool waits = command.phase == CommandPhase::kWaiting && command.announced &&
                         command.approved_by.size() < command.needed;
      if (waits) out.push_back(ApprovalOf(run, command));
    }
  }
  return out;
}

absl::StatusOr<RunRecord> Executor::Report(std::string_view id) const {
  const auto found = impl_->state.runs.find(std::string(id));
  if (found == impl_->state.runs.end()) return absl::NotFoundError("no such run");
  const RunState& run = found->second;
  RunRecord out = run.record;
  for (const CommandState& command : run.commands) {
    if (!command.undo_of.empty()) continue;
    CommandRecord record;
    record.key = command.key;
    record.step = command.step;
    record.path = command.path;
    record.action = command.action;
    record.target_type = command.target_type;
    record.shown = command.shown;
    record.state = std::string(CommandPhaseName(command.phase));
    record.attempts = command.attempts;
    record.status = static_cast<int>(command.status);
    record.detail = command.detail;
    record.approved_by = command.approved_by;
    record.approvals_needed = command.needed;
    record.asked = command.asked;
    record.sent = command.sent;
    record.answered = command.answered;
    record.results_hash = command.results_hash;
    for (const CommandState& undo : run.commands) {
      if (undo.undo_of != command.key) continue;
      record.undo = undo.shown;
      record.undo_state =
          undo.phase == CommandPhase::kWaiting ? "due" : std::string(CommandPhaseName(undo.phase));
    }
    out.commands.push_back(std::move(record));
  }
  return out;
}

absl::Status Executor::Forget(std::string_view id) {
  Impl& impl = *impl_;
  const auto found = impl.state.runs.find(std::string(id));
  if (found == impl.state.runs.end()) return absl::NotFoundError("no such run");
  const RunState& run = found->second;
  const bool due = std::ranges::any_of(run.commands, [](const CommandState& command) {
    return !command.undo_of.empty() &&
           (command.phase == CommandPhase::kWaiting || command.phase == CommandPhase::kSent);
  });
  if (run.record.outcome == RunOutcome::kRunning || due) {
    return absl::FailedPreconditionError("the run has not ended, or an undo of it is due");
  }
  StateChange change;
  change.kill_switch = impl.state.kill_switch;
  change.now = impl.state.now;
  change.removed = {std::string(id)};
  if (absl::Status s = impl.Commit({}, change); !s.ok()) return s;
  impl.state.runs.erase(found);
  return absl::OkStatus();
}

absl::Status Executor::Compact() {
  Impl& impl = *impl_;
  StateChange change;
  change.kill_switch = impl.state.kill_switch;
  change.now = impl.state.now;
  for (const auto& [id, run] : impl.state.runs) change.runs.push_back(&run);
  change.emissions = impl.state.emissions.data();
  change.emission_count = impl.state.emissions.size();
  return impl.options.store->Snapshot(WriteChange(change));
}

}  // namespace vedette::inline v0
