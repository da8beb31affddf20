#include "lib/board/board.h"

#include <algorithm>
#include <utility>

#include "lib/base/strings.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxBreaches = 10'000;  // then those of forgotten incidents go
constexpr size_t kMaxFindings = 100;
constexpr int64_t kCountNs = 5 * kNsPerSecond;  // between two looks at how many events came

}  // namespace

Board::Board(BoardOptions options)
    : options_(std::move(options)),
      audit_tail_(options_.audit),
      authorizer_(options_.policy),
      health_(options_.program) {
  AuditLogOptions log;
  log.log_id = "board";
  log.tenant = options_.tenant;
  audit_ = std::make_unique<AuditLog>(std::move(log), options_.audit_head, &audit_tail_);
}

absl::StatusOr<std::unique_ptr<Board>> Board::Create(BoardOptions options) {
  if (options.program == nullptr) return absl::InvalidArgumentError("a board needs a program");
  std::unique_ptr<Board> board(new Board(std::move(options)));
  if (absl::Status s = board->Start(); !s.ok()) return s;
  return board;
}

absl::Status Board::Start() {
  options_.triage.authorizer = &authorizer_;
  options_.triage.audit = audit_.get();
  auto triage = Triage::Create(options_.triage, this);
  if (!triage.ok()) return triage.status();
  triage_ = *std::move(triage);
  const Program& program = *options_.program;
  for (uint32_t i = 0; i < program.rule_count(); ++i) {
    rules_.push_back(AlertRuleOf(program, i, false));
  }
  for (uint32_t i = 0; i < program.correlation_count(); ++i) {
    rules_.push_back(AlertRuleOf(program, i, true));
  }
  if (options_.policy == nullptr) {
    if (options_.playbooks.empty()) return absl::OkStatus();
    return absl::InvalidArgumentError("playbooks need a policy that says what they may do");
  }
  auto executor = Executor::Create({.policy = options_.policy,
                                    .authorizer = nullptr,
                                    .audit = audit_.get(),
                                    .store = &runs_state_});
  if (!executor.ok()) return executor.status();
  executor_ = *std::move(executor);
  for (const auto& playbook : options_.playbooks) {
    if (absl::Status s = executor_->AddPlaybook(playbook); !s.ok()) return s;
  }
  return absl::OkStatus();
}

void Board::SetEvent(const EventContext& context) {
  ++events_;
  if (started_ == kNoEventTime) started_ = context.now;
  if (context.event != nullptr) last_event_ = std::max(last_event_, context.event->time());
  triage_->SetEvent(context);
}

void Board::Observe(const EventView& event, std::span<const LogSource> log_sources) {
  health_.Observe(event, log_sources);
}

absl::Status Board::OnDetection(const Detection& detection) {
  return triage_->OnDetection(detection);
}

absl::Status Board::Flush() {
  Changed();
  return triage_->Flush();
}

void Board::TakeFindings() {
  if (last_event_ == kNoEventTime) return;
  // By the time of events: a file of last week is not silent since then.
  for (HealthFinding& finding : health_.AdvanceTime(last_event_)) {
    findings_.push_back(std::move(finding));
    if (findings_.size() > kMaxFindings) findings_.pop_front();
    Changed();
  }
}

void Board::EndInput() {
  TakeFindings();
  input_ended_ = true;
  events_shown_ = events_;
  Changed();
}

absl::Status Board::Tick(EventTime now) {
  const auto breaches = triage_->AdvanceTime(now);
  if (!breaches.ok()) return breaches.status();
  for (const SlaBreach& breach : *breaches) {
    breaches_[breach.incident] |= static_cast<uint8_t>(1U << static_cast<unsigned>(breach.clock));
    Changed();
  }
  TakeFindings();
  if (events_ != events_shown_ && (counted_at_ == kNoEventTime || now - counted_at_ >= kCountNs)) {
    events_shown_ = events_;
    counted_at_ = now;
    Changed();
  }
  if (breaches_.size() > kMaxBreaches) {
    const IncidentBook& book = triage_->incidents();
    std::erase_if(breaches_, [&](const auto& b) { return book.Find(b.first) == nullptr; });
  }
  return PollRuns(now);
}

absl::Status Board::OnAlert(const Alert& alert) {
  scorecard_.OnAlert(alert);
  ++fired_[alert.rule->id];
  Changed();
  return absl::OkStatus();
}

absl::Status Board::OnFold(const FoldUpdate& fold) {
  scorecard_.OnFold(fold);
  Changed();
  return absl::OkStatus();
}

absl::Status Board::OnHeld(const HeldAlert& held) {
  scorecard_.OnHeld(held);
  Changed();
  return absl::OkStatus();
}

absl::Status Board::OnLate(const Alert& alert) {
  scorecard_.OnLate(alert);
  Changed();
  return absl::OkStatus();
}

absl::Status Board::OnRisk(const RiskNotice& /*notice*/) {
  Changed();
  return absl::OkStatus();
}

}  // namespace vedette::inline v0
