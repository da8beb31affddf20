// Moves one run on. Works on a copy of the state: whoever calls keeps it or throws it away.
#ifndef VEDETTE_LIB_RESPONSE_RUN_DRIVER_H_
#define VEDETTE_LIB_RESPONSE_RUN_DRIVER_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "lib/response/playbook_layout.h"
#include "lib/response/run_state.h"
#include "vedette/response/executor.h"

namespace vedette::inline v0 {

using PlaybookMap = std::map<std::string, std::shared_ptr<const Playbook>>;

// What a call of the executor does before it is made durable.
struct DriveContext {
  const Policy* policy = nullptr;
  const PlaybookMap* playbooks = nullptr;
  EventTime now = 0;
  bool kill_switch = false;
  std::vector<Emission>* emissions = nullptr;
  std::vector<AuditEntry> audit;
  PollResult out;
};

class RunDriver {
 public:
  RunDriver(DriveContext* context, RunState* run) : context_(*context), run_(*run) {}

  // As far as it goes; true if anything changed.
  bool Drive();
  // An answer to a command that is sent.
  void Answer(CommandState* command, int status, const DocNode* results,
              std::string_view results_text);
  // An answer to a command that was given up: it moves nothing on, but may have to be taken back.
  void LateAnswer(CommandState* command, int status);
  void Reject(CommandState* command, const std::string& actor, std::string_view reason);
  void Finish(RunOutcome outcome, std::string reason);
  // When Drive would have something to do.
  EventTime NextDue() const;

  // The first frame, of a run whose record and scopes are filled.
  void Begin();

 private:
  const PlaybookLayout* LayoutOf(const FrameState& frame) const;
  const PlaybookStep* StepOf(const FrameState& frame) const;
  CommandState* CommandOf(const std::string& key);
  const TypedValue* ValueIn(const FrameState& frame, const PlaybookStep& step,
                            std::string_view name) const;

  bool Advance(int64_t id);
  bool OverTime(FrameState* frame, const PlaybookStep& step);
  void BeginStep(FrameState* frame, const PlaybookStep& step);
  void BeginIf(FrameState* frame, const PlaybookStep& step);
  void Loop(FrameState* frame, const PlaybookStep& step);
  void BeginSwitch(FrameState* frame, const PlaybookStep& step);
  void BeginPlaybook(FrameState* frame, const PlaybookStep& step);
  FrameState* Spawn(FrameState* parent, const std::string& step, const std::string& path);
  void StepDone(FrameState* frame, const PlaybookStep& step, bool ok, std::string outcome);
  void FrameDone(FrameState* frame, bool ok, const std::string& why);
  void ChildrenDone(FrameState* parent);
  void DropBelow(int64_t id);

  void MakeCommand(FrameState* frame, const PlaybookStep& step);
  bool TryEmit(FrameState* frame, const PlaybookStep& step, CommandState* command);
  void Emit(CommandState* command, const CommandRule& rule, EventTime limit);
  std::string LimitReached(const CommandState& command, const CommandRule& rule) const;
  void Refuse(CommandState* command, std::string reason);
  void AddUndo(const CommandState& command);
  bool DriveUndo();
  void TakeResults(const FrameState& frame, const PlaybookStep& step, const DocNode& results,
                   std::string* problem);
  void Record(std::string name, const CommandState* command, bool allowed, std::string reason);

  DriveContext& context_;
  RunState& run_;
  bool changed_ = false;
};

CommandRequest RequestOf(const RunState& run, const CommandState& command);
ApprovalRequest ApprovalOf(const RunState& run, const CommandState& command);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_RESPONSE_RUN_DRIVER_H_
