// Runs playbooks: proposes commands, and does nothing itself. The host polls with its own time,
// carries commands out or lets somebody do so, and says what came of it.
#ifndef VEDETTE_RESPONSE_EXECUTOR_H_
#define VEDETTE_RESPONSE_EXECUTOR_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/alert/hooks.h"
#include "vedette/event.h"
#include "vedette/response/playbook.h"
#include "vedette/response/policy.h"
#include "vedette/response/state_store.h"

namespace vedette::inline v0 {

enum class RunMode : uint8_t {
  kLive,
  kDryRun,  // the same, but commands are marked, nobody is asked, and limits are not used up
};

// A command that the host should carry out once: a request of a key that it knows already is
// answered from what it remembers.
struct CommandRequest {
  std::string key;  // idempotency key, 32 hexadecimal digits; the same for every attempt
  std::string run;
  std::string playbook;
  std::string incident;
  std::string step;
  std::string step_name;
  std::string path;  // through loops, branches and nested playbooks, "" for the main line
  uint32_t attempt = 1;
  std::string type;    // "openc2-http", "manual", "x-host-action", or one of the host's
  std::string action;  // "contain"
  CommandTarget target;
  std::string command;  // JSON of an OpenC2 command, may be forwarded as it is; holds secrets
  std::string shown;    // the same with secrets masked: for people and logs
  std::string text;     // of manual commands and those of the host's types, as in the file
  std::map<std::string, TypedValue> arguments;  // in_args
  std::string agent;
  std::string hash;  // of the exact command, what approvals were given for
  EventTime deadline = kNoEventTime;
  std::vector<std::string> approved_by;
  bool dry_run = false;
  bool undo = false;    // takes an earlier command back
  bool resend = false;  // after a restart: the host may have seen it before
};

// Somebody is to say whether a command may be emitted.
struct ApprovalRequest {
  std::string key;
  std::string hash;  // give it back with the answer: it is this command and no other
  std::string run;
  std::string incident;
  std::string step;
  std::string shown;   // the command, secrets masked
  std::string undo;    // what would take it back, likewise; "" if nothing
  std::string reason;  // "policy", or which limit it goes beyond
  uint32_t needed = 1;
  std::vector<std::string> approved_by;
  std::vector<std::string> approver_roles;  // one of them is needed; empty: who may approve
  EventTime expires = kNoEventTime;
};

struct PollResult {
  std::vector<CommandRequest> commands;
  std::vector<ApprovalRequest> approvals;  // new since the last poll
  std::vector<std::string> finished;       // runs that ended since the last poll
  bool halted = false;                     // the kill switch is on: nothing is emitted
};

struct StartOptions {
  std::string playbook;  // id of one that was added
  std::string incident;
  Actor initiator;
  RunMode mode = RunMode::kLive;
  std::map<std::string, std::string> variables = {};  // "__host__": text of its type; external ones
  std::string run_id = {};                            // "": made from all of this and the time
};

enum class RunOutcome : uint8_t { kRunning, kSuccess, kFailure, kCancelled, kTimeout };
std::string_view RunOutcomeName(RunOutcome outcome);

// One command of a run, for reports.
struct CommandRecord {
  std::string key;
  std::string step;
  std::string path;
  std::string action;
  std::string target_type;
  std::string shown;
  std::string state;  // "waiting", "sent", "done", "failed", "refused", "expired", "abandoned"
  uint32_t attempts = 0;
  int status = 0;  // OpenC2 code of the last answer; 403 if refused here
  std::string detail;
  std::vector<std::string> approved_by;
  uint32_t approvals_needed = 0;
  EventTime asked = kNoEventTime;
  EventTime sent = kNoEventTime;
  EventTime answered = kNoEventTime;
  std::string results_hash;  // SHA-256 of what the host gave back
  std::string undo;          // what would take it back, secrets masked; "" if nothing
  std::string undo_state;    // "open" (nobody did), "due", "sent", "done", "failed", "refused"
};

struct StepRecord {
  std::string step;
  std::string path;
  std::string name;
  EventTime start = kNoEventTime;
  EventTime end = kNoEventTime;
  std::string outcome;  // "success", or why not: "ACTION_TIMEOUT", "status 404", ..
};

struct RunRecord {
  std::string id;
  std::string playbook;
  std::string playbook_name;
  std::string playbook_version;
  std::string playbook_hash;
  std::string incident;
  Actor initiator;
  std::string policy;  // stamp of the policy at the start
  RunMode mode = RunMode::kLive;
  RunOutcome outcome = RunOutcome::kRunning;
  std::string reason;  // why it is not a success
  EventTime started = kNoEventTime;
  EventTime finished = kNoEventTime;
  std::vector<StepRecord> steps;
  std::vector<CommandRecord> commands;
};
std::string RunToJson(const RunRecord& run);
// One page for an incident's notes.
std::string RunToMarkdown(const RunRecord& run);
// What the second run would do differently: lines of "+ contain ..", "- ..", "" if nothing.
std::string DiffCommands(const RunRecord& before, const RunRecord& after);

struct ExecutorOptions {
  std::shared_ptr<const Policy> policy;    // required
  const Authorizer* authorizer = nullptr;  // who may start, approve, cancel; null: the policy
  AuditSink* audit = nullptr;              // required; nothing happens that it did not take
  StateStore* store = nullptr;             // required
  size_t max_runs = 1000;                  // running and not yet forgotten
};

// Thread-compatible. No call lets an exception through. Each call that changes something puts it
// on record, makes the new state durable, and only then gives anything to the host; if either fails
// nothing has changed. Times are the host's, nanoseconds, and never go back (an earlier one counts
// as the latest).
class Executor {
 public:
  // InvalidArgument if something required is missing. Reads the store: runs go on where they
  // were, once their playbooks are added again. DataLoss if the state is damaged or of a later
  // version: it is never begun anew silently.
  static absl::StatusOr<std::unique_ptr<Executor>> Create(ExecutorOptions options);
  ~Executor();

  // AlreadyExists for another version of a playbook that a run is using.
  absl::Status AddPlaybook(std::shared_ptr<const Playbook> playbook);
  void SetPolicy(std::shared_ptr<const Policy> policy);  // from the next command on

  // The id of the run. Nothing is emitted before Poll. NotFound: no such playbook, or one that it
  // uses; FailedPrecondition: expired, not yet valid, not signed though the policy asks for it, or
  // playbooks that use each other in a circle or deeper than 8; InvalidArgument: variables;
  // PermissionDenied; AlreadyExists: the id.
  absl::StatusOr<std::string> Start(const StartOptions& options, EventTime now);

  // Moves every run on as far as it goes. The first poll after Create gives unanswered commands
  // again, as `resend`.
  absl::StatusOr<PollResult> Poll(EventTime now);
  // When Poll would have something to do, if nothing else happens: a delay, deadline or undo.
  EventTime NextDue() const;  // kNoEventTime: nothing

  // The answer to a command: an OpenC2 code (102 processing, 200 ok, 400, 401, 403, 404, 500, 501,
  // 503) and a JSON object, "" for none, whose members named like out_args become variables.
  // NotFound: the key; InvalidArgument: the code or the results; AlreadyExists: it was answered
  // otherwise. The same answer again changes nothing. One that came too late moves nothing on, but
  // is kept, and what it did is taken back as if it had come in time.
  absl::Status Complete(std::string_view key, int status, std::string_view results, EventTime now);
  // FailedPrecondition: the hash is of another command, or it waits for nobody; PermissionDenied:
  // the initiator, an automation, somebody without the role; AlreadyExists: the same person twice.
  absl::Status Approve(std::string_view key, std::string_view hash, const Actor& actor,
                       std::string_view reason, EventTime now);
  // The step fails. Whoever may approve may reject, the initiator too.
  absl::Status Reject(std::string_view key, std::string_view hash, const Actor& actor,
                      std::string_view reason, EventTime now);
  absl::Status Cancel(std::string_view run, const Actor& actor, std::string_view reason,
                      EventTime now);
  // On: nothing is emitted, in any run; deadlines go on. Asked as action `playbook.kill`.
  absl::Status SetKillSwitch(bool on, const Actor& actor, std::string_view reason, EventTime now);
  bool kill_switch() const;

  std::vector<std::string> runs() const;
  absl::StatusOr<RunRecord> Report(std::string_view run) const;
  std::vector<ApprovalRequest> PendingApprovals() const;
  // Drops a run that has ended, and that nothing is due of.
  absl::Status Forget(std::string_view run);
  // Writes all state as one snapshot, in place of the records so far.
  absl::Status Compact();

 private:
  struct Impl;
  explicit Executor(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_EXECUTOR_H_
