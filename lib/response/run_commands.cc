// The commands of a run: how they are made, checked, emitted, answered and taken back.
#include <algorithm>
#include <set>
#include <utility>

#include "lib/base/strings.h"
#include "lib/doc/doc_reader.h"
#include "lib/response/crypto.h"
#include "lib/response/run_driver.h"

namespace vedette::inline v0 {
namespace {

constexpr int64_t kHour = 3'600'000'000'000;
constexpr int64_t kDay = 24 * kHour;

EventTime After(EventTime from, int64_t ns) {
  return ns > INT64_MAX - std::max<EventTime>(from, 0) ? INT64_MAX : from + ns;
}

// Parts with their lengths, so that no two lists of parts are one text.
std::string HashOf(std::initializer_list<std::string_view> parts) {
  std::string all;
  for (const std::string_view part : parts) {
    all.append(std::to_string(part.size())).append(":").append(part);
  }
  return Sha256Hex(all);
}

std::string HashOfTarget(const CommandState& command) {
  std::string names;
  for (const std::string& name : command.names) {
    const std::string folded = LowerAscii(name);
    names.append(std::to_string(folded.size())).append(":").append(folded);
  }
  return Sha256Hex(command.target_type + "|" + names).substr(0, 32);
}

}  // namespace

// Makes the frame's next command, or ends the step if there is none.
void RunDriver::MakeCommand(FrameState* frame, const PlaybookStep& step) {
  if (frame->command >= step.commands.size()) return StepDone(frame, step, true, "success");
  if (run_.commands.size() >= kMaxRunCommands) {
    return Finish(RunOutcome::kFailure, "the run has too many commands");
  }
  const PlaybookCommand& command = step.commands[frame->command];
  const ValueOf value_of = [&](std::string_view name) { return ValueIn(*frame, step, name); };
  absl::StatusOr<FilledCommand> filled = FillCommand(command.ask, value_of);
  if (!filled.ok()) {
    return StepDone(frame, step, false, std::string(ToStd(filled.status().message())));
  }
  CommandState state;
  const std::string index = std::to_string(frame->command);
  state.key = HashOf({"key", run_.record.id, frame->path, frame->playbook, step.id, index,
                      filled->target.type, filled->json})
                  .substr(0, 32);
  state.frame = frame->id;
  state.playbook = frame->playbook;
  state.step = step.id;
  state.path = frame->path;
  state.type = command.type;
  state.action = command.ask.action;
  state.target_type = filled->target.type;
  state.names = filled->target.names;
  state.command = std::move(filled->json);
  state.shown = std::move(filled->shown);
  state.text = command.text;
  state.agent = step.agent;
  std::string arguments;
  for (const std::string& name : step.in_args) {
    const TypedValue* const value = value_of(name);
    if (value == nullptr) return StepDone(frame, step, false, name + " has no value");
    state.arguments[name] = *value;
    arguments.append(name).append("=").append(ValueToJson(*value)).append(";");
  }
  CommandState undo;
  if (command.undo.has_value()) {
    const absl::StatusOr<FilledCommand> back = FillCommand(*command.undo, value_of);
    if (!back.ok()) {
      return StepDone(frame, step, false, std::string(ToStd(back.status().message())));
    }
    undo = state;
    undo.key = HashOf({"undo", state.key, back->json}).substr(0, 32);
    undo.undo_of = state.key;
    undo.frame = -1;
    undo.action = command.undo->action;
    undo.target_type = back->target.type;
    undo.names = back->target.names;
    undo.command = back->json;
    undo.shown = back->shown;
    undo.phase = CommandPhase::kOpen;
    // Until the command has done something, `due` is how long after it.
    if (command.undo_at_duration) undo.due = filled->duration_ns;
  }
  // What approvals are for: the exact command, what goes with it, and what would take it back.
  state.hash = HashOf({"command", run_.record.id, state.type, state.command, state.text,
                       state.agent, arguments, undo.command, std::to_string(undo.due)});
  undo.hash = state.hash;
  state.asked = context_.now;
  state.expires =
      std::min(frame->deadline, After(context_.now, context_.policy->bundle().approval_ttl_ns));
  frame->key = state.key;
  frame->phase = FramePhase::kApproval;
  const CommandVerdict verdict =
      context_.policy->CheckCommand(state.action, {state.target_type, state.names});
  if (verdict.allowed && run_.record.mode == RunMode::kLive) {
    state.needed = verdict.rule->approvals;
    state.reason = "policy";
    state.approver_roles = verdict.rule->approver_roles;
  }
  run_.commands.push_back(std::move(state));
  if (!undo.key.empty()) run_.commands.push_back(std::move(undo));
}

void RunDriver::Refuse(CommandState* command, std::string reason) {
  command->phase = CommandPhase::kRefused;
  command->status = 403;
  command->detail = reason;
  Record("command.refuse", command, false, std::move(reason));
}

std::string RunDriver::LimitReached(const CommandState& command, const CommandRule& rule) const {
  if (run_.record.mode == RunMode::kDryRun || command.attempts > 0) return "";
  const auto counts = [&](const Emission& e, int64_t within) {
    return e.time > context_.now - within && e.action == rule.action &&
           (rule.target == "*" || e.target_type == rule.target);
  };
  const std::vector<Emission>& all = *context_.emissions;
  if (rule.max_per_hour.has_value()) {
    const auto n = std::ranges::count_if(all, [&](const Emission& e) { return counts(e, kHour); });
    if (n >= static_cast<std::ptrdiff_t>(*rule.max_per_hour)) {
      return "limit: more than " + std::to_string(*rule.max_per_hour) + " an hour";
    }
  }
  const std::optional<uint64_t> fleet = context_.policy->FleetSize(rule.target);
  if (rule.max_fleet_percent.has_value() && fleet.has_value()) {
    std::set<std::string_view> targets;
    const std::string own = HashOfTarget(command);
    targets.insert(own);
    for (const Emission& e : all) {
      if (counts(e, kDay)) targets.insert(e.target);
    }
    const double percent =
        100.0 * static_cast<double>(targets.size()) / static_cast<double>(*fleet);
    if (percent > *rule.max_fleet_percent) {
      return "limit: more than the policy's part of the fleet within a day";
    }
  }
  return "";
}

// Checked anew each time: the policy, the limits and the kill switch may have changed while the
// command waited.
bool RunDriver::TryEmit(FrameState* frame, const PlaybookStep& step, CommandState* command) {
  const CommandVerdict verdict =
      context_.policy->CheckCommand(command->action, {command->target_type, command->names});
  if (!verdict.allowed) {
    Refuse(command, verdict.reason);
    StepDone(frame, step, false, "status 403: " + verdict.reason);
    return true;
  }
  if (command->phase == CommandPhase::kWaiting && run_.record.mode == RunMode::kLive) {
    const bool expired = command->announced && context_.now >= command->expires;
    if (expired && command->approved_by.size() < command->needed) {
      command->phase = CommandPhase::kExpired;
      Record("command.expire", command, true, "nobody approved it in time");
      StepDone(frame, step, false, "the approval expired");
      return true;
    }
    uint32_t needed = std::max(command->needed, verdict.rule->approvals);
    const std::string limit = LimitReached(*command, *verdict.rule);
    if (!limit.empty()) needed = std::max(needed, verdict.rule->limit_approvals);
    if (needed > command->needed) {
      command->needed = needed;
      command->reason = limit.empty() ? "policy" : limit;
      command->announced = false;
    }
    if (command->approved_by.size() < command->needed) {
      if (command->announced) return false;
      if (!limit.empty()) command->reason = limit;
      command->approver_roles = verdict.rule->approver_roles;
      command->announced = true;
      command->expires =
          std::min(frame->deadline, After(context_.now, context_.policy->bundle().approval_ttl_ns));
      Record("command.request", command, true, command->reason);
      context_.out.approvals.push_back(ApprovalOf(run_, *command));
      return true;
    }
  }
  if (context_.kill_switch || context_.policy->bundle().kill_switch) {
    context_.out.halted = true;
    return false;
  }
  Emit(command, *verdict.rule, frame->deadline);
  frame->phase = FramePhase::kAnswer;
  return true;
}

void RunDriver::Emit(CommandState* command, const CommandRule& rule, EventTime limit) {
  const int64_t timeout =
      rule.timeout_ns > 0 ? rule.timeout_ns : context_.policy->bundle().step_timeout_ns;
  command->phase = CommandPhase::kSent;
  ++command->attempts;
  command->sent = context_.now;
  command->deadline = After(context_.now, timeout);
  if (limit != kNoEventTime) command->deadline = std::min(command->deadline, limit);
  if (run_.record.mode == RunMode::kLive && command->attempts == 1) {
    context_.emissions->push_back(
        {context_.now, command->action, command->target_type, HashOfTarget(*command)});
  }
  Record(command->undo_of.empty() ? "command.emit" : "command.undo", command, true, "");
  context_.out.commands.push_back(RequestOf(run_, *command));
}

void RunDriver::TakeResults(const FrameState& frame, const PlaybookStep& step,
                            const DocNode& results, std::string* problem) {
  const PlaybookLayout& layout = *LayoutOf(frame);
  for (const std::string& name : step.out_args) {
    const DocNode* const node = results.Find(name);
    const auto variable = layout.variables.find(name);
    if (node == nullptr || variable == layout.variables.end()) continue;
    const std::string text = node->kind == DocNode::Kind::kString ? node->text : DocToJson(*node);
    absl::StatusOr<TypedValue> value = MakeValue(variable->second.info.type, text);
    if (!value.ok()) {
      *problem = "the result " + name + " is " + std::string(ToStd(value.status().message()));
      return;
    }
    run_.scopes[frame.scope][name] = *std::move(value);
  }
}

void RunDriver::Answer(CommandState* command, int status, const DocNode* results,
                       std::string_view results_text) {
  changed_ = true;
  command->status = status;
  if (status == 102) return Record("command.answer", command, true, "processing");
  command->answered = context_.now;
  command->phase = status == 200 ? CommandPhase::kDone : CommandPhase::kFailed;
  if (!results_text.empty()) command->results_hash = Sha256Hex(results_text);
  Record("command.answer", command, true, "");
  if (status == 200 && command->undo_of.empty()) AddUndo(*command);
  const auto found = run_.frames.find(command->frame);
  if (found == run_.frames.end() || found->second.key != command->key) return;
  FrameState* const frame = &found->second;
  const PlaybookStep* const step = StepOf(*frame);
  if (step == nullptr) return Finish(RunOutcome::kFailure, "the playbook has no such step");
  if (status == 200) {
    std::string problem;
    if (results != nullptr) TakeResults(*frame, *step, *results, &problem);
    if (!problem.empty()) return StepDone(frame, *step, false, std::move(problem));
    ++frame->command;
    frame->phase = FramePhase::kCommand;
    return;
  }
  const CommandVerdict verdict =
      context_.policy->CheckCommand(command->action, {command->target_type, command->names});
  const bool again = (status == 500 || status == 503) && verdict.allowed &&
                     command->attempts <= verdict.rule->retries;
  if (!again) return StepDone(frame, *step, false, "status " + std::to_string(status));
  command->phase = CommandPhase::kWaiting;
  frame->phase = FramePhase::kRetry;
  frame->at = After(context_.now, verdict.rule->retry_delay_ns);
}

void RunDriver::LateAnswer(CommandState* command, int status) {
  command->status = status;
  command->answered = context_.now;
  command->detail = "answered too late";
  Record("command.late", command, true, "");
  if (status == 200 && command->undo_of.empty()) AddUndo(*command);
}

void RunDriver::Reject(CommandState* command, const std::string& actor, std::string_view reason) {
  changed_ = true;
  command->phase = CommandPhase::kRefused;
  command->status = 403;
  command->detail = "rejected by " + actor + (reason.empty() ? "" : ": " + std::string(reason));
  const auto found = run_.frames.find(command->frame);
  if (found == run_.frames.end()) return;
  const PlaybookStep* const step = StepOf(found->second);
  if (step == nullptr) return Finish(RunOutcome::kFailure, "the playbook has no such step");
  StepDone(&found->second, *step, false, command->detail);
}

// The command has done something: from now on there is something to take back.
void RunDriver::AddUndo(const CommandState& command) {
  for (CommandState& undo : run_.commands) {
    if (undo.undo_of != command.key || undo.due == kNoEventTime) continue;
    undo.due = After(context_.now, undo.due);
    undo.phase = CommandPhase::kWaiting;
  }
}

// Undos at their time. They were approved with the command, and must still be allowed.
bool RunDriver::DriveUndo() {
  bool moved = false;
  for (CommandState& command : run_.commands) {
    if (command.undo_of.empty()) continue;
    if (command.phase == CommandPhase::kSent && context_.now >= command.deadline) {
      command.phase = CommandPhase::kAbandoned;
      command.detail = "ACTION_TIMEOUT";
      Record("command.timeout", &command, true, "");
      moved = true;
    }
    if (command.phase != CommandPhase::kWaiting || context_.now < command.due) continue;
    const CommandVerdict verdict =
        context_.policy->CheckCommand(command.action, {command.target_type, command.names});
    if (!verdict.allowed) {
      Refuse(&command, verdict.reason);
    } else if (context_.kill_switch || context_.policy->bundle().kill_switch) {
      context_.out.halted = true;
      continue;
    } else {
      Emit(&command, *verdict.rule, kNoEventTime);
    }
    moved = true;
  }
  return moved;
}

CommandRequest RequestOf(const RunState& run, const CommandState& command) {
  CommandRequest out;
  out.key = command.key;
  out.run = run.record.id;
  out.playbook = command.playbook;
  out.incident = run.record.incident;
  out.step = command.step;
  out.path = command.path;
  out.attempt = command.attempts;
  out.type = command.type;
  out.action = command.action;
  out.target = {command.target_type, command.names};
  out.command = command.command;
  out.shown = command.shown;
  out.text = command.text;
  out.arguments = command.arguments;
  out.agent = command.agent;
  out.hash = command.hash;
  out.deadline = command.deadline;
  out.approved_by = command.approved_by;
  out.dry_run = run.record.mode == RunMode::kDryRun;
  out.undo = !command.undo_of.empty();
  return out;
}

ApprovalRequest ApprovalOf(const RunState& run, const CommandState& command) {
  ApprovalRequest out;
  out.key = command.key;
  out.hash = command.hash;
  out.run = run.record.id;
  out.incident = run.record.incident;
  out.step = command.step;
  out.shown = command.shown;
  for (const CommandState& undo : run.commands) {
    if (undo.undo_of == command.key) out.undo = undo.shown;
  }
  out.reason = command.reason;
  out.needed = command.needed;
  out.approved_by = command.approved_by;
  out.approver_roles = command.approver_roles;
  out.expires = command.expires;
  return out;
}

}  // namespace vedette::inline v0
