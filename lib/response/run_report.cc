// Records of runs, for programs and for people.
#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "lib/event/json_writer.h"
#include "vedette/response/executor.h"

namespace vedette::inline v0 {
namespace {

// A text within a cell of a table, or a line: nothing of it is markup.
std::string Cell(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 500)) {
    if (static_cast<unsigned char>(c) < 0x20) {
      out.push_back(' ');
      continue;
    }
    if (std::string_view("\\`*_{}[]<>()#|!~").find(c) != std::string_view::npos)
      out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

std::string Minutes(EventTime from, EventTime to) {
  if (from == kNoEventTime || to == kNoEventTime || to < from) return "-";
  const int64_t seconds = (to - from) / 1'000'000'000;
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60) + " s";
}

bool IsContainment(std::string_view action) { return action == "contain" || action == "deny"; }

// When the first command that contains had worked.
EventTime Contained(const RunRecord& run) {
  EventTime out = kNoEventTime;
  for (const CommandRecord& c : run.commands) {
    if (c.state != "done" || !IsContainment(c.action)) continue;
    if (out == kNoEventTime || c.answered < out) out = c.answered;
  }
  return out;
}

void Write(const CommandRecord& c, JsonWriter* w) {
  w->Begin();
  w->Text("key", c.key);
  w->Text("step_id", c.step);
  w->Text("path", c.path);
  w->Raw("command", c.shown);
  w->Text("state", c.state);
  w->Signed("attempts", c.attempts);
  w->Signed("status", c.status);
  w->Text("detail", c.detail);
  w->Signed("approvals_needed", c.approvals_needed);
  w->List("approved_by", c.approved_by);
  w->Time("asked", c.asked);
  w->Time("sent", c.sent);
  w->Time("answered", c.answered);
  w->Text("results_sha256", c.results_hash);
  if (!c.undo.empty()) {
    w->Raw("undo", c.undo);
    w->Text("undo_state", c.undo_state);
  }
  w->End();
}

}  // namespace

std::string_view RunOutcomeName(RunOutcome outcome) {
  static constexpr std::array<std::string_view, 5> kNames = {"running", "success", "failure",
                                                             "cancelled", "timeout"};
  return kNames[static_cast<size_t>(outcome)];
}

std::string RunToJson(const RunRecord& run) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Text("type", "playbook-run");
  w.Text("run_id", run.id);
  w.Text("playbook_id", run.playbook);
  w.Text("playbook_name", run.playbook_name);
  w.Text("playbook_modified", run.playbook_version);
  w.Text("playbook_hash", run.playbook_hash);
  w.Text("incident", run.incident);
  w.Text("initiator", run.initiator.id);
  w.Text("policy", run.policy);
  w.Text("mode", run.mode == RunMode::kDryRun ? "dry-run" : "live");
  w.Text("status", RunOutcomeName(run.outcome));
  w.Text("reason", run.reason);
  w.Time("started", run.started);
  w.Time("finished", run.finished);
  w.Time("contained", run.mode == RunMode::kLive ? Contained(run) : kNoEventTime);
  w.BeginList("steps");
  for (const StepRecord& s : run.steps) {
    w.Begin();
    w.Text("step_id", s.step);
    w.Text("path", s.path);
    w.Text("name", s.name);
    w.Time("started", s.start);
    w.Time("ended", s.end);
    w.Text("outcome", s.outcome);
    w.End();
  }
  w.EndList();
  w.BeginList("commands");
  for (const CommandRecord& c : run.commands) Write(c, &w);
  w.EndList();
  w.End();
  return out;
}

std::string RunToMarkdown(const RunRecord& run) {
  std::string out = "# Playbook run: " + Cell(run.playbook_name) + "\n\n";
  if (run.mode == RunMode::kDryRun) out.append("**Dry run: nothing was done.**\n\n");
  const auto row = [&out](std::string_view name, std::string_view value) {
    out.append("- ").append(name).append(": ").append(Cell(value)).append("\n");
  };
  row("Outcome", std::string(RunOutcomeName(run.outcome)) +
                     (run.reason.empty() ? "" : " (" + run.reason + ")"));
  row("Incident", run.incident);
  row("Run", run.id);
  row("Playbook", run.playbook + ", " + run.playbook_version + ", SHA-256 " + run.playbook_hash);
  row("Started by", run.initiator.id);
  row("Policy", run.policy);
  row("Started", FormatEventTime(run.started));
  row("Took", Minutes(run.started, run.finished));
  if (run.mode == RunMode::kLive) row("To containment", Minutes(run.started, Contained(run)));
  out.append("\n## Commands\n\n");
  if (run.commands.empty()) out.append("None.\n");
  if (!run.commands.empty()) {
    out.append("| step | command | state | attempts | approved by |\n|---|---|---|---|---|\n");
  }
  constexpr size_t kMaxRows = 40;  // a page
  for (size_t i = 0; i < std::min(run.commands.size(), kMaxRows); ++i) {
    const CommandRecord& c = run.commands[i];
    std::string who;
    for (const std::string& name : c.approved_by) who.append(who.empty() ? "" : ", ").append(name);
    out.append("| ").append(Cell(c.path + c.step)).append(" | ").append(Cell(c.shown));
    out.append(" | ").append(Cell(c.state + (c.detail.empty() ? "" : ": " + c.detail)));
    out.append(" | ").append(std::to_string(c.attempts)).append(" | ").append(Cell(who));
    out.append(" |\n");
  }
  if (run.commands.size() > kMaxRows) {
    out.append("\nand ").append(std::to_string(run.commands.size() - kMaxRows)).append(" more\n");
  }
  std::string open;
  for (const CommandRecord& c : run.commands) {
    // Status 200 also of what was given up: it was done, only too late.
    if (c.undo.empty() || c.status != 200 || c.undo_state == "done") continue;
    open.append("- ").append(Cell(c.undo)).append(" (").append(c.undo_state).append(")\n");
  }
  if (!open.empty()) out.append("\n## To take back\n\n").append(open);
  std::string failed;
  for (const StepRecord& s : run.steps) {
    if (s.outcome == "success") continue;
    failed.append("- ").append(Cell(s.path + s.step)).append(": ").append(Cell(s.outcome));
    failed.append("\n");
  }
  if (!failed.empty()) out.append("\n## Steps that failed\n\n").append(failed);
  return out;
}

std::string DiffCommands(const RunRecord& before, const RunRecord& after) {
  // How often each command is asked for: keys differ between runs.
  const auto lines = [](const RunRecord& run) {
    std::vector<std::string> out;
    for (const CommandRecord& c : run.commands) {
      const bool refused = c.state == "refused";
      out.push_back(c.path + c.step + " " + c.shown +
                    (refused ? " (refused: " + c.detail + ")" : ""));
    }
    return out;
  };
  const std::vector<std::string> old_lines = lines(before);
  const std::vector<std::string> new_lines = lines(after);
  std::map<std::string, int64_t> count;
  for (const std::string& line : old_lines) --count[line];
  for (const std::string& line : new_lines) ++count[line];
  std::string out;
  for (const std::string& line : old_lines) {
    if (count[line] >= 0) continue;
    ++count[line];
    out.append("- ").append(line).append("\n");
  }
  for (const std::string& line : new_lines) {
    if (count[line] <= 0) continue;
    --count[line];
    out.append("+ ").append(line).append("\n");
  }
  return out;
}

}  // namespace vedette::inline v0
