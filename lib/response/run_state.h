// The state of runs, and its form as lines of JSON.
#ifndef VEDETTE_LIB_RESPONSE_RUN_STATE_H_
#define VEDETTE_LIB_RESPONSE_RUN_STATE_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "vedette/response/executor.h"

namespace vedette::inline v0 {

inline constexpr size_t kMaxRunCommands = 2000;
inline constexpr size_t kMaxRunSteps = 4000;

enum class CommandPhase : uint8_t {
  kWaiting,  // for approvals, or for the kill switch
  kSent,
  kDone,
  kFailed,
  kRefused,
  kExpired,
  kAbandoned,  // sent, and the time ran out or the run ended
  kOpen,       // an undo that nobody asked for yet
};
std::string_view CommandPhaseName(CommandPhase phase);

struct CommandState {
  std::string key;
  int64_t frame = -1;  // that waits for it
  std::string playbook;
  std::string step;
  std::string path;
  std::string type;
  std::string action;
  std::string target_type;
  std::vector<std::string> names;
  std::string command;
  std::string shown;
  std::string text;
  std::string agent;
  std::map<std::string, TypedValue> arguments;
  std::string hash;
  CommandPhase phase = CommandPhase::kWaiting;
  uint32_t attempts = 0;
  int64_t status = 0;
  std::string detail;
  std::vector<std::string> approved_by;
  uint32_t needed = 0;
  std::string reason;
  std::vector<std::string> approver_roles;
  bool announced = false;  // as an approval
  EventTime asked = kNoEventTime;
  EventTime sent = kNoEventTime;
  EventTime answered = kNoEventTime;
  EventTime deadline = kNoEventTime;
  EventTime expires = kNoEventTime;
  std::string results_hash;
  std::string undo_of;  // key of the command that this one takes back
  EventTime due = kNoEventTime;
};

enum class FramePhase : uint8_t {
  kEnter,
  kDelay,
  kBegin,
  kCommand,   // about to make its next command
  kApproval,  // the command is made and may wait
  kAnswer,
  kRetry,
  kChildren,
};

// A line of steps: the run itself, a branch, the body of a loop, or a nested playbook.
struct FrameState {
  int64_t id = 0;
  int64_t parent = -1;
  std::string playbook;
  uint32_t scope = 0;
  uint32_t depth = 0;
  std::string path;
  std::string step;
  FramePhase phase = FramePhase::kEnter;
  EventTime at = kNoEventTime;
  EventTime started = kNoEventTime;
  EventTime deadline = kNoEventTime;
  uint32_t command = 0;
  std::string key;
  uint32_t iteration = 0;
  EventTime loop_deadline = kNoEventTime;
  uint32_t children = 0;
  bool child_failed = false;
  bool failing = false;  // something failed that no on_failure took up
};

struct RunState {
  RunRecord record;  // commands are in `commands`
  int64_t next_frame = 1;
  std::map<int64_t, FrameState> frames;
  std::vector<std::map<std::string, TypedValue>> scopes;
  std::map<std::string, std::string> playbooks;  // id: hash, of all that it may use
  std::vector<CommandState> commands;
};

// A command that was emitted, for limits.
struct Emission {
  EventTime time = 0;
  std::string action;
  std::string target_type;
  std::string target;  // hash of its names
};

// What a record changes; a snapshot is a record about everything.
struct StateChange {
  bool kill_switch = false;
  EventTime now = kNoEventTime;
  std::vector<const RunState*> runs;
  std::vector<std::string> removed;
  const Emission* emissions = nullptr;
  size_t emission_count = 0;
};
std::string WriteChange(const StateChange& change);

struct ExecutorState {
  bool kill_switch = false;
  EventTime now = kNoEventTime;
  std::map<std::string, RunState> runs;
  std::vector<Emission> emissions;
};
// Applies a record. DataLoss if it is not as WriteChange writes it, or cannot be.
absl::Status ApplyChange(std::string_view record, ExecutorState* state);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_RUN_STATE_H_
