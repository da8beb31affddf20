// What people do with incidents.
#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/strings.h"
#include "lib/board/board.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxProposals = 100;

absl::StatusOr<Verdict> VerdictOf(RequestBody* body) {
  const std::string name = body->Text("verdict");
  if (name.empty()) return Verdict::kNone;
  const std::optional<Verdict> verdict = VerdictByName(name);
  if (!verdict.has_value()) return absl::InvalidArgumentError("there is no such verdict");
  return *verdict;
}

// The id that the member names; empty if there is none.
absl::StatusOr<Id128> IdOf(RequestBody* body, std::string_view member) {
  const std::string text = body->Text(member);
  if (text.empty()) return Id128();
  const std::optional<Id128> id = Id128::Parse(text);
  if (!id.has_value()) {
    return absl::InvalidArgumentError(ToAbsl("'" + std::string(member) + "' is no id"));
  }
  return *id;
}

using Result = absl::StatusOr<uint64_t>;

Result Resolve(IncidentBook* book, const Id128& id, RequestBody* body, const IncidentChange& c) {
  const auto verdict = VerdictOf(body);
  if (!verdict.ok()) return verdict.status();
  const auto original = IdOf(body, "duplicate_of");
  if (!original.ok()) return original.status();
  return book->Resolve(id, *verdict, *original, c);
}

Result Close(IncidentBook* book, const Id128& id, RequestBody* body, const IncidentChange& c) {
  const auto verdict = VerdictOf(body);
  if (!verdict.ok()) return verdict.status();
  const auto original = IdOf(body, "duplicate_of");
  if (!original.ok()) return original.status();
  return book->Close(id, *verdict, *original, c);
}

Result SetVerdict(IncidentBook* book, const Id128& id, RequestBody* body, const IncidentChange& c) {
  const auto verdict = VerdictOf(body);
  if (!verdict.ok()) return verdict.status();
  return book->SetVerdict(id, *verdict, c);
}

Result SetPriority(IncidentBook* book, const Id128& id, RequestBody* body,
                   const IncidentChange& c) {
  const uint64_t priority = body->Number("priority", 0);
  return book->SetPriority(id, static_cast<Priority>(std::min<uint64_t>(priority, 255)), c);
}

Result VersionOf(IncidentBook* book, const absl::StatusOr<Id128>& kept) {
  if (!kept.ok()) return kept.status();
  const Incident* const incident = book->Find(*kept);
  return incident == nullptr ? 0 : incident->version;
}

Result Link(IncidentBook* book, const Id128& id, RequestBody* body, const IncidentChange& c) {
  const auto other = IdOf(body, "other");
  if (!other.ok()) return other.status();
  return VersionOf(book, book->Link(id, *other, c));
}

Result Unlink(IncidentBook* book, const Id128& id, RequestBody* body, const IncidentChange& c) {
  std::vector<Id128> alerts;
  for (const std::string& text : body->Texts("alerts")) {
    const std::optional<Id128> alert = Id128::Parse(text);
    if (!alert.has_value()) return absl::InvalidArgumentError("'alerts' has what is no id");
    alerts.push_back(*alert);
  }
  const auto made = book->Unlink(id, alerts, c);
  if (!made.ok()) return made.status();
  return VersionOf(book, id);
}

struct ChangeKind {
  std::string_view name;
  Result (*apply)(IncidentBook*, const Id128&, RequestBody*, const IncidentChange&);
};

constexpr std::array<ChangeKind, 12> kChanges = {{
    {"acknowledge", [](IncidentBook* book, const Id128& id, RequestBody*,
                       const IncidentChange& c) { return book->Acknowledge(id, c); }},
    {"assign",
     [](IncidentBook* book, const Id128& id, RequestBody* body, const IncidentChange& c) {
       return book->Assign(id, body->Text("assignee"), body->Text("group"), c);
     }},
    {"hold", [](IncidentBook* book, const Id128& id, RequestBody*,
                const IncidentChange& c) { return book->Hold(id, c); }},
    {"resume", [](IncidentBook* book, const Id128& id, RequestBody*,
                  const IncidentChange& c) { return book->Resume(id, c); }},
    {"resolve", Resolve},
    {"close", Close},
    {"verdict", SetVerdict},
    {"priority", SetPriority},
    {"contained", [](IncidentBook* book, const Id128& id, RequestBody*,
                     const IncidentChange& c) { return book->MarkContained(id, c.now, c); }},
    {"comment", [](IncidentBook* book, const Id128& id, RequestBody* body,
                   const IncidentChange& c) { return book->Comment(id, body->Text("text"), c); }},
    {"link", Link},
    {"unlink", Unlink},
}};

}  // namespace

absl::StatusOr<std::string> Board::Apply(const Id128& id, std::string_view action,
                                         std::string_view body, const Asker& asker) {
  const auto kind = std::ranges::find(kChanges, action, &ChangeKind::name);
  if (kind == kChanges.end()) return absl::NotFoundError("there is no such change");
  absl::StatusOr<RequestBody> parsed = RequestBody::Parse(body);
  if (!parsed.ok()) return parsed.status();
  // All members are read first: one of the wrong type must not become a change without it.
  RequestBody check = *parsed;
  for (const std::string_view name :
       {"reason", "assignee", "group", "verdict", "duplicate_of", "text", "other"}) {
    check.Text(name);
  }
  check.Number("priority", 0);
  check.Texts("alerts");
  IncidentChange change;
  change.actor = asker.actor;
  change.reason = check.Text("reason");
  change.now = asker.now;
  change.version = check.Number("version", kAnyVersion);
  if (!check.status().ok()) return check.status();
  if (change.version == kAnyVersion && action != "comment") {
    return absl::InvalidArgumentError("say which 'version' of the incident you have seen");
  }
  if (change.reason.size() > 4096) {
    return absl::InvalidArgumentError("a reason has at most 4,096 bytes");
  }
  const auto version = kind->apply(&triage_->incidents(), id, &*parsed, change);
  Changed();
  return Answered(id, version);
}

absl::StatusOr<std::string> Board::Answered(const Id128& id, absl::StatusOr<uint64_t> version) {
  if (!version.ok()) return version.status();
  const Incident* const now = triage_->incidents().Current(id);
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Text("incident", (now != nullptr ? now->id : id).ToText());
  w.Number("version", *version);
  w.End();
  return out;
}

absl::StatusOr<std::string> Board::ChangeIncident(const Id128& id, std::string_view action,
                                                  std::string_view body, const Asker& asker) {
  authorizer_.ForgetRefusal();
  auto done = Apply(id, action, body, asker);
  if (done.ok() || done.status().code() != absl::StatusCode::kPermissionDenied ||
      !authorizer_.wants_second()) {
    return done;
  }
  return Propose(id, action, body, asker);
}

absl::StatusOr<std::string> Board::Propose(const Id128& id, std::string_view action,
                                           std::string_view body, const Asker& asker) {
  Proposal proposal;
  proposal.number = next_proposal_++;
  proposal.incident = id;
  proposal.action = action;
  proposal.body = body;
  proposal.actor = asker.actor;
  proposal.time = asker.now;
  proposals_.push_back(std::move(proposal));
  if (proposals_.size() > kMaxProposals) proposals_.pop_front();
  Changed();
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Number("proposal", proposals_.back().number);
  w.End();
  return out;
}

absl::StatusOr<std::string> Board::ConfirmProposal(uint64_t number, const Asker& asker) {
  const auto found = std::ranges::find(proposals_, number, &Proposal::number);
  if (found == proposals_.end()) return absl::NotFoundError("nothing waits under that number");
  const Proposal proposal = *found;
  authorizer_.set_second(&asker.actor);
  auto done = Apply(proposal.incident, proposal.action, proposal.body, {proposal.actor, asker.now});
  authorizer_.set_second(nullptr);
  // One that the confirmer may not confirm waits for another; one that cannot be made any more
  // (another version) does not.
  if (done.ok() || done.status().code() != absl::StatusCode::kPermissionDenied) {
    std::erase_if(proposals_, [number](const Proposal& p) { return p.number == number; });
  }
  return done;
}

absl::StatusOr<std::string> Board::DropProposal(uint64_t number, const Asker& asker) {
  const auto found = std::ranges::find(proposals_, number, &Proposal::number);
  if (found == proposals_.end()) return absl::NotFoundError("nothing waits under that number");
  AuditEntry entry;
  entry.time = asker.now;
  entry.actor = asker.actor;
  entry.action = {"incident.proposal.drop", "incident", found->incident.ToText(), {}};
  entry.action.attributes = {{"change", found->action}, {"proposed_by", found->actor.id}};
  if (absl::Status s = audit_->Append(entry); !s.ok()) return s;
  proposals_.erase(found);
  Changed();
  return std::string("{}");
}

absl::StatusOr<std::string> Board::JudgeAlert(const Id128& alert, std::string_view body,
                                              const Asker& asker) {
  absl::StatusOr<RequestBody> parsed = RequestBody::Parse(body);
  if (!parsed.ok()) return parsed.status();
  const auto verdict = VerdictOf(&*parsed);
  if (!verdict.ok()) return verdict.status();
  if (*verdict == Verdict::kNone) return absl::InvalidArgumentError("say which 'verdict'");
  IncidentChange change;
  change.actor = asker.actor;
  change.reason = parsed->Text("reason");
  change.now = asker.now;
  if (!parsed->status().ok()) return parsed->status();
  if (absl::Status s = triage_->incidents().JudgeAlert(alert, *verdict, change); !s.ok()) return s;
  Changed();
  return std::string("{}");
}

}  // namespace vedette::inline v0
