// The incident board's model: incidents, rules and playbooks as one thing that is looked at and
// changed. No sockets, files, threads or clock: the host gives events, requests and times.
#ifndef VEDETTE_LIB_BOARD_BOARD_H_
#define VEDETTE_LIB_BOARD_BOARD_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/board/audit_tail.h"
#include "lib/board/board_authorizer.h"
#include "lib/board/request_body.h"
#include "lib/event/json_writer.h"
#include "vedette/alert/health.h"
#include "vedette/alert/scorecard.h"
#include "vedette/alert/triage.h"
#include "vedette/response/audit.h"
#include "vedette/response/executor.h"

namespace vedette::inline v0 {

struct BoardOptions {
  TriageOptions triage;  // the board sets its authorizer and audit sink
  std::shared_ptr<const Program> program;
  std::string tenant = "default";
  // Where the audit log goes, and how far it goes already; null: only its end is kept.
  AuditWriter* audit = nullptr;
  AuditHead audit_head;
  // Who may do what, and which commands may be proposed. Null: everybody may change incidents, and
  // there are no playbooks.
  std::shared_ptr<const Policy> policy;
  std::vector<std::shared_ptr<const Playbook>> playbooks;
  // Takes each command of a live run that is to be carried out, as a line of JSON with the OpenC2
  // command in it. Not ok: the failure is shown. May be null.
  std::function<absl::Status(std::string_view line)> on_command;
};

// Somebody who asks, and when.
struct Asker {
  Actor actor;
  EventTime now = kNoEventTime;
};

// A change that waits for a second person.
struct Proposal {
  uint64_t number = 0;
  Id128 incident;
  std::string action;
  std::string body;  // of the request
  Actor actor;
  EventTime time = kNoEventTime;
};

// Give it to a processor as its sink, and call SetEvent before each event. What is asked gives one
// JSON object, or: InvalidArgument, NotFound, Aborted (another version than was seen),
// FailedPrecondition, PermissionDenied, AlreadyExists, or the audit log's error. Thread-compatible:
// the host holds one lock around every call.
class Board : public DetectionSink, private TriageSink {
 public:
  static absl::StatusOr<std::unique_ptr<Board>> Create(BoardOptions options);
  ~Board() override = default;

  void SetEvent(const EventContext& context);
  // For the health of sources and fields; `log_sources` as Evaluator::LogSourcesOf gives them.
  void Observe(const EventView& event, std::span<const LogSource> log_sources);
  absl::Status OnDetection(const Detection& detection) override;
  absl::Status Flush() override;
  // What is due by now: promises that were not kept, commands, time-outs. About once a second.
  absl::Status Tick(EventTime now);
  // All events have been read; nothing more will come.
  void EndInput();

  // Another one whenever something that the board shows has changed.
  uint64_t version() const { return version_; }

  std::string SessionJson(const Asker& asker) const;
  // Open ones first, most urgent first; at most `most` of them.
  std::string QueueJson(size_t most = 1000) const;
  absl::StatusOr<std::string> IncidentJson(const Id128& id) const;
  absl::StatusOr<std::string> AlertJson(const Id128& id) const;
  std::string ScorecardJson(EventTime now) const;
  std::string MatrixJson() const;
  std::string ResponseJson() const;  // playbooks, runs, approvals, commands
  std::string HealthJson(EventTime now) const;
  std::string AuditJson() const;

  // Changes of an incident: "acknowledge", "assign", "resolve", ... (docs/board.md). The answer has
  // the incident's new version, or the number of the proposal if a second person must agree.
  absl::StatusOr<std::string> ChangeIncident(const Id128& id, std::string_view action,
                                             std::string_view body, const Asker& asker);
  absl::StatusOr<std::string> JudgeAlert(const Id128& alert, std::string_view body,
                                         const Asker& asker);
  // The second person agrees, or somebody takes the proposal back.
  absl::StatusOr<std::string> ConfirmProposal(uint64_t number, const Asker& asker);
  absl::StatusOr<std::string> DropProposal(uint64_t number, const Asker& asker);

  absl::StatusOr<std::string> StartRun(std::string_view body, const Asker& asker);
  absl::StatusOr<std::string> CancelRun(std::string_view run, std::string_view body,
                                        const Asker& asker);
  absl::StatusOr<std::string> DecideApproval(std::string_view key, bool approve,
                                             std::string_view body, const Asker& asker);
  // What came of a command that was handed out.
  absl::StatusOr<std::string> AnswerCommand(std::string_view key, std::string_view body,
                                            const Asker& asker);
  absl::StatusOr<std::string> SetKillSwitch(std::string_view body, const Asker& asker);

  uint64_t events() const { return events_; }
  const Triage& triage() const { return *triage_; }

 private:
  // A command that was handed out and not answered yet.
  struct OpenCommand {
    CommandRequest request;
    EventTime since = kNoEventTime;
    std::string failure;  // to hand it on
  };

  explicit Board(BoardOptions options);
  absl::Status Start();
  void Changed() { ++version_; }

  absl::Status OnAlert(const Alert& alert) override;
  absl::Status OnFold(const FoldUpdate& fold) override;
  absl::Status OnHeld(const HeldAlert& held) override;
  absl::Status OnLate(const Alert& alert) override;
  absl::Status OnRisk(const RiskNotice& notice) override;

  absl::StatusOr<std::string> Apply(const Id128& id, std::string_view action, std::string_view body,
                                    const Asker& asker);
  absl::StatusOr<std::string> Answered(const Id128& id, absl::StatusOr<uint64_t> version);
  absl::StatusOr<std::string> Propose(const Id128& id, std::string_view action,
                                      std::string_view body, const Asker& asker);
  void TakeFindings();
  absl::Status PollRuns(EventTime now);
  void HandOut(const CommandRequest& request, EventTime now);
  void MarkContained(const CommandRequest& request, const Asker& asker);
  absl::Status NoPlaybooks() const;

  // Each appends members or items of JSON.
  void WriteSummary(const Incident& incident, JsonWriter* w) const;
  void WriteProposals(const Id128& id, JsonWriter* w) const;
  void WriteRuns(std::string_view incident, JsonWriter* w) const;
  std::vector<std::string> BreachesOf(const Id128& id) const;

  BoardOptions options_;
  AuditTail audit_tail_;
  std::unique_ptr<AuditLog> audit_;
  BoardAuthorizer authorizer_;
  ScorecardCounter scorecard_;
  HealthMonitor health_;
  std::deque<HealthFinding> findings_;  // the last ones
  MemoryStateStore runs_state_;
  std::unique_ptr<Triage> triage_;
  std::unique_ptr<Executor> executor_;  // null without a policy

  uint64_t version_ = 1;
  uint64_t events_ = 0;
  uint64_t events_shown_ = 0;  // as of the last change that was for their number alone
  EventTime counted_at_ = kNoEventTime;
  EventTime started_ = kNoEventTime;
  EventTime last_event_ = kNoEventTime;  // newest
  bool input_ended_ = false;
  std::vector<AlertRule> rules_;           // of the program: first its rules, then correlations
  std::map<std::string, uint64_t> fired_;  // alerts by rule id
  std::map<Id128, uint8_t> breaches_;      // by incident, a bit for each SlaBreach::Clock
  std::map<std::string, OpenCommand> commands_;  // by key
  std::deque<Proposal> proposals_;
  uint64_t next_proposal_ = 1;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_BOARD_BOARD_H_
