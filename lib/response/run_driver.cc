#include "lib/response/run_driver.h"

#include <algorithm>
#include <utility>

#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

// Work of one Drive: a playbook that does more than this without waiting goes on at the next poll.
constexpr size_t kMaxAdvances = 20000;
constexpr size_t kMaxFrames = 4096;

EventTime Earlier(EventTime a, EventTime b) {
  if (a == kNoEventTime) return b;
  return b == kNoEventTime ? a : std::min(a, b);
}

EventTime After(EventTime from, int64_t ns) {
  return ns > INT64_MAX - std::max<EventTime>(from, 0) ? INT64_MAX : from + ns;
}

}  // namespace

const PlaybookLayout* RunDriver::LayoutOf(const FrameState& frame) const {
  const auto found = context_.playbooks->find(frame.playbook);
  return found == context_.playbooks->end() ? nullptr : &found->second->layout();
}

const PlaybookStep* RunDriver::StepOf(const FrameState& frame) const {
  const PlaybookLayout* const layout = LayoutOf(frame);
  if (layout == nullptr) return nullptr;
  const auto step = layout->steps.find(frame.step);
  return step == layout->steps.end() ? nullptr : &step->second;
}

CommandState* RunDriver::CommandOf(const std::string& key) {
  for (CommandState& command : run_.commands) {
    if (command.key == key) return &command;
  }
  return nullptr;
}

const TypedValue* RunDriver::ValueIn(const FrameState& frame, const PlaybookStep& step,
                                     std::string_view name) const {
  const std::string key(name);
  const auto own = step.values.find(key);
  if (own != step.values.end()) return &own->second;
  const auto& scope = run_.scopes[frame.scope];
  const auto found = scope.find(key);
  return found == scope.end() ? nullptr : &found->second;
}

void RunDriver::Begin() {
  FrameState frame;
  frame.playbook = run_.record.playbook;
  frame.step = LayoutOf(frame)->workflow_start;
  run_.frames[0] = std::move(frame);
}

bool RunDriver::Drive() {
  changed_ = false;
  const bool running = run_.record.outcome == RunOutcome::kRunning;
  if (running && context_.now >= After(run_.record.started, context_.policy->bundle().max_run_ns)) {
    Finish(RunOutcome::kTimeout, "the run took longer than the policy's max_run");
  }
  bool moved = true;
  for (size_t work = 0; moved && work < kMaxAdvances;) {
    moved = false;
    std::vector<int64_t> ids;
    for (const auto& [id, frame] : run_.frames) ids.push_back(id);
    for (const int64_t id : ids) {
      if (!run_.frames.contains(id)) continue;
      ++work;
      moved = Advance(id) || moved;
    }
    changed_ = changed_ || moved;
  }
  changed_ = DriveUndo() || changed_;
  return changed_;
}

// True if the step's time has run out; then the step has failed.
bool RunDriver::OverTime(FrameState* frame, const PlaybookStep& step) {
  if (frame->phase < FramePhase::kCommand) return false;
  CommandState* const command = CommandOf(frame->key);
  EventTime due = frame->deadline;
  // The policy may give a command less time than the playbook its step.
  if (frame->phase == FramePhase::kAnswer && command != nullptr) {
    due = Earlier(due, command->deadline);
  }
  if (due == kNoEventTime || context_.now < due) return false;
  if (command != nullptr && command->phase == CommandPhase::kSent) {
    command->phase = CommandPhase::kAbandoned;
    command->detail = "ACTION_TIMEOUT";
    Record("command.timeout", command, true, "");
  } else if (command != nullptr && command->phase == CommandPhase::kWaiting) {
    command->phase = CommandPhase::kExpired;
    command->detail = "the step's time ran out while it waited";
    Record("command.expire", command, true, "");
  }
  DropBelow(frame->id);
  frame->children = 0;
  StepDone(frame, step, false, "ACTION_TIMEOUT");
  return true;
}

bool RunDriver::Advance(int64_t id) {
  FrameState* const frame = &run_.frames[id];
  const PlaybookStep* const step = StepOf(*frame);
  if (step == nullptr) {
    Finish(RunOutcome::kFailure, "the playbook has no step " + frame->step);
    return true;
  }
  if (OverTime(frame, *step)) return true;
  switch (frame->phase) {
    case FramePhase::kEnter:
      frame->started = context_.now;
      frame->deadline = kNoEventTime;
      frame->key.clear();
      frame->command = 0;
      frame->iteration = 0;
      frame->children = 0;
      frame->child_failed = false;
      frame->at = After(context_.now, step->delay_ns);
      frame->phase = step->delay_ns > 0 ? FramePhase::kDelay : FramePhase::kBegin;
      return true;
    case FramePhase::kDelay:
      if (context_.now < frame->at) return false;
      frame->phase = FramePhase::kBegin;
      return true;
    case FramePhase::kBegin:
      BeginStep(frame, *step);
      return true;
    case FramePhase::kCommand:
      MakeCommand(frame, *step);
      return true;
    case FramePhase::kRetry:
      if (context_.now < frame->at) return false;
      [[fallthrough]];
    case FramePhase::kApproval: {
      CommandState* const command = CommandOf(frame->key);
      if (command == nullptr) {
        Finish(RunOutcome::kFailure, "the state lost a command");
        return true;
      }
      return TryEmit(frame, *step, command);
    }
    case FramePhase::kAnswer:
    case FramePhase::kChildren:
      return false;
  }
  return false;
}

void RunDriver::BeginStep(FrameState* frame, const PlaybookStep& step) {
  const int64_t timeout =
      step.timeout_ns > 0 ? step.timeout_ns : context_.policy->bundle().step_timeout_ns;
  switch (step.type) {
    case StepType::kStart:
      return StepDone(frame, step, true, "success");
    case StepType::kEnd:
      return StepDone(frame, step, true, "success");
    case StepType::kAction:
      frame->deadline = After(context_.now, timeout);
      frame->phase = FramePhase::kCommand;
      return;
    case StepType::kPlaybookAction:
      frame->deadline = After(context_.now, timeout);
      return BeginPlaybook(frame, step);
    case StepType::kParallel: {
      if (step.timeout_ns > 0) frame->deadline = After(context_.now, timeout);
      frame->phase = FramePhase::kChildren;
      const int64_t id = frame->id;
      for (size_t i = 0; i < step.branches.size(); ++i) {
        if (Spawn(&run_.frames[id], step.branches[i], step.id + "." + std::to_string(i)) ==
            nullptr) {
          return;
        }
      }
      return;
    }
    case StepType::kIf:
      if (step.timeout_ns > 0) frame->deadline = After(context_.now, timeout);
      return BeginIf(frame, step);
    case StepType::kWhile:
      if (step.timeout_ns > 0) frame->deadline = After(context_.now, timeout);
      frame->loop_deadline = After(context_.now, step.max_time_ns);
      return Loop(frame, step);
    case StepType::kSwitch:
      if (step.timeout_ns > 0) frame->deadline = After(context_.now, timeout);
      return BeginSwitch(frame, step);
  }
}

void RunDriver::BeginIf(FrameState* frame, const PlaybookStep& step) {
  const absl::StatusOr<bool> holds = EvaluateCondition(
      *step.condition, [&](std::string_view name) { return ValueIn(*frame, step, name); });
  if (!holds.ok())
    return StepDone(frame, step, false, std::string(ToStd(holds.status().message())));
  const std::string& branch = step.branches[*holds ? 0 : 1];
  if (branch.empty()) return StepDone(frame, step, true, "success");
  frame->phase = FramePhase::kChildren;
  Spawn(frame, branch, step.id + (*holds ? ".true" : ".false"));
}

void RunDriver::Loop(FrameState* frame, const PlaybookStep& step) {
  const absl::StatusOr<bool> holds = EvaluateCondition(
      *step.condition, [&](std::string_view name) { return ValueIn(*frame, step, name); });
  if (!holds.ok())
    return StepDone(frame, step, false, std::string(ToStd(holds.status().message())));
  if (!*holds) return StepDone(frame, step, true, "success");
  if (frame->iteration >= step.max_iterations || context_.now >= frame->loop_deadline) {
    return StepDone(frame, step, false, "the loop reached its cap");
  }
  const uint32_t iteration = frame->iteration++;
  frame->phase = FramePhase::kChildren;
  Spawn(frame, step.branches[0], step.id + "#" + std::to_string(iteration));
}

void RunDriver::BeginSwitch(FrameState* frame, const PlaybookStep& step) {
  const TypedValue* const value = ValueIn(*frame, step, step.switch_variable);
  if (value == nullptr) {
    return StepDone(frame, step, false, step.switch_variable + " has no value");
  }
  const std::string* branch = &step.default_case;
  size_t number = step.cases.size();
  for (size_t i = 0; i < step.cases.size(); ++i) {
    if (step.cases[i].first.text != value->text) continue;
    branch = &step.cases[i].second;
    number = i;
    break;
  }
  if (branch->empty()) return StepDone(frame, step, true, "success");
  frame->phase = FramePhase::kChildren;
  Spawn(frame, *branch, step.id + "." + std::to_string(number));
}

void RunDriver::BeginPlaybook(FrameState* frame, const PlaybookStep& step) {
  const auto found = context_.playbooks->find(step.playbook_id);
  if (found == context_.playbooks->end() || frame->depth + 1 >= kMaxPlaybookDepth) {
    return StepDone(frame, step, false, "the playbook is not there, or nested too deep");
  }
  const PlaybookLayout& inner = found->second->layout();
  std::map<std::string, TypedValue> scope;
  for (const auto& [name, variable] : inner.variables) {
    if (variable.info.has_value) scope[name] = variable.value;
  }
  for (const std::string& name : step.in_args) {
    const TypedValue* const value = ValueIn(*frame, step, name);
    const auto variable = inner.variables.find(name);
    if (value == nullptr || variable == inner.variables.end()) continue;
    if (variable->second.info.constant || variable->second.info.type != value->type) {
      return StepDone(frame, step, false, name + " does not fit the playbook's variable");
    }
    scope[name] = *value;
  }
  frame->phase = FramePhase::kChildren;
  FrameState* const child = Spawn(frame, inner.workflow_start, step.id + "!");
  if (child == nullptr) return;
  child->playbook = step.playbook_id;
  child->depth += 1;
  child->scope = static_cast<uint32_t>(run_.scopes.size());
  run_.scopes.push_back(std::move(scope));
}

FrameState* RunDriver::Spawn(FrameState* parent, const std::string& step, const std::string& path) {
  if (run_.frames.size() >= kMaxFrames || run_.scopes.size() >= kMaxRunSteps) {
    Finish(RunOutcome::kFailure, "too many branches at once");
    return nullptr;
  }
  FrameState child;
  child.id = run_.next_frame++;
  child.parent = parent->id;
  child.playbook = parent->playbook;
  child.scope = parent->scope;
  child.depth = parent->depth;
  child.path = parent->path + path + "/";
  child.step = step;
  ++parent->children;
  return &(run_.frames[child.id] = std::move(child));
}

void RunDriver::StepDone(FrameState* frame, const PlaybookStep& step, bool ok,
                         std::string outcome) {
  changed_ = true;
  if (run_.record.steps.size() >= kMaxRunSteps) {
    return Finish(RunOutcome::kFailure, "the run has too many steps");
  }
  run_.record.steps.push_back(
      {step.id, frame->path, step.name, frame->started, context_.now, outcome});
  std::string next = step.on_completion;
  if (next.empty()) next = ok ? step.on_success : step.on_failure;
  // A failure that nobody takes up by on_failure makes the line fail, wherever it goes on.
  if (!ok && step.on_failure.empty()) {
    frame->failing = true;
    if (run_.record.reason.empty()) run_.record.reason = "step " + step.id + ": " + outcome;
  }
  const bool main_line = frame->path.empty() || frame->path.ends_with("!/");
  if (next.empty() && !ok && main_line) {
    next = LayoutOf(*frame)->workflow_exception;
    // A step that ran before may come again: what it asks for is then another command.
    if (!next.empty()) frame->path += "exception/";
  }
  if (next.empty()) {
    return FrameDone(frame, ok && !frame->failing, "step " + step.id + ": " + outcome);
  }
  frame->step = std::move(next);
  frame->phase = FramePhase::kEnter;
  frame->deadline = kNoEventTime;
}

void RunDriver::FrameDone(FrameState* frame, bool ok, const std::string& why) {
  if (!ok && run_.record.reason.empty()) run_.record.reason = why;
  const int64_t parent_id = frame->parent;
  if (parent_id < 0) return Finish(ok ? RunOutcome::kSuccess : RunOutcome::kFailure, "");
  FrameState* const parent = &run_.frames[parent_id];
  // What a nested playbook gives back.
  const PlaybookStep* const step = StepOf(*parent);
  if (ok && step != nullptr && step->type == StepType::kPlaybookAction) {
    for (const std::string& name : step->out_args) {
      const auto value = run_.scopes[frame->scope].find(name);
      if (value != run_.scopes[frame->scope].end()) {
        run_.scopes[parent->scope][name] = value->second;
      }
    }
  }
  run_.frames.erase(frame->id);
  if (!ok) parent->child_failed = true;
  if (parent->children > 0) --parent->children;
  if (parent->children == 0) ChildrenDone(parent);
}

void RunDriver::ChildrenDone(FrameState* parent) {
  const PlaybookStep* const step = StepOf(*parent);
  if (step == nullptr) return Finish(RunOutcome::kFailure, "the playbook has no such step");
  if (parent->child_failed) return StepDone(parent, *step, false, "what it runs has failed");
  if (step->type == StepType::kWhile) return Loop(parent, *step);
  StepDone(parent, *step, true, "success");
}

void RunDriver::DropBelow(int64_t id) {
  std::vector<int64_t> gone;
  // Parents come before their children.
  for (const auto& [child_id, child] : run_.frames) {
    const bool below = child.parent == id || std::ranges::find(gone, child.parent) != gone.end();
    if (below && child_id != id) gone.push_back(child_id);
  }
  for (const int64_t child : gone) {
    for (CommandState& command : run_.commands) {
      if (command.frame != child) continue;
      if (command.phase == CommandPhase::kSent) command.phase = CommandPhase::kAbandoned;
      if (command.phase == CommandPhase::kWaiting) command.phase = CommandPhase::kExpired;
    }
    run_.frames.erase(child);
  }
}

void RunDriver::Finish(RunOutcome outcome, std::string reason) {
  changed_ = true;
  if (run_.record.outcome != RunOutcome::kRunning) return;
  run_.record.outcome = outcome;
  if (outcome == RunOutcome::kSuccess) run_.record.reason.clear();
  if (!reason.empty()) run_.record.reason = std::move(reason);
  run_.record.finished = context_.now;
  for (CommandState& command : run_.commands) {
    if (!command.undo_of.empty()) continue;
    if (command.phase == CommandPhase::kSent) command.phase = CommandPhase::kAbandoned;
    if (command.phase == CommandPhase::kWaiting) command.phase = CommandPhase::kExpired;
  }
  run_.frames.clear();
  context_.out.finished.push_back(run_.record.id);
  Record("playbook.finish", nullptr, true, std::string(RunOutcomeName(outcome)));
}

EventTime RunDriver::NextDue() const {
  EventTime due = kNoEventTime;
  for (const auto& [id, frame] : run_.frames) {
    if (frame.phase == FramePhase::kEnter || frame.phase == FramePhase::kBegin ||
        frame.phase == FramePhase::kCommand) {
      return context_.now;
    }
    if (frame.phase == FramePhase::kDelay || frame.phase == FramePhase::kRetry) {
      due = Earlier(due, frame.at);
    }
    if (frame.phase >= FramePhase::kCommand) due = Earlier(due, frame.deadline);
  }
  for (const CommandState& command : run_.commands) {
    if (command.phase == CommandPhase::kWaiting) {
      due = Earlier(due, command.undo_of.empty() ? command.expires : command.due);
      const bool ready = command.undo_of.empty() && command.approved_by.size() >= command.needed;
      if (ready && !context_.kill_switch) due = Earlier(due, context_.now);
    }
    if (command.phase == CommandPhase::kSent) due = Earlier(due, command.deadline);
  }
  if (run_.record.outcome == RunOutcome::kRunning) {
    due = Earlier(due, After(run_.record.started, context_.policy->bundle().max_run_ns));
  }
  return due;
}

void RunDriver::Record(std::string name, const CommandState* command, bool allowed,
                       std::string reason) {
  AuditEntry entry;
  entry.time = context_.now;
  entry.actor = {"playbook:" + run_.record.playbook, {}, true};
  entry.action.name = std::move(name);
  entry.action.kind = "playbook_run";
  entry.action.object_id = run_.record.id;
  auto& attributes = entry.action.attributes;
  attributes.emplace_back("incident", run_.record.incident);
  attributes.emplace_back("mode", run_.record.mode == RunMode::kDryRun ? "dry-run" : "live");
  if (command != nullptr) {
    attributes.emplace_back("step", command->step);
    attributes.emplace_back("key", command->key);
    attributes.emplace_back("command", command->shown);
    attributes.emplace_back("command_hash", command->hash);
    attributes.emplace_back("attempt", std::to_string(command->attempts));
    if (command->status != 0) attributes.emplace_back("status", std::to_string(command->status));
    for (const std::string& who : command->approved_by) attributes.emplace_back("approved", who);
  }
  entry.allowed = allowed;
  entry.reason = std::move(reason);
  entry.policy_version = context_.policy->stamp();
  context_.audit.push_back(std::move(entry));
}

}  // namespace vedette::inline v0
