// An alert: a detection with all that triage needs where there is no console.
#ifndef VEDETTE_ALERT_ALERT_H_
#define VEDETTE_ALERT_ALERT_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/alert/entity.h"
#include "vedette/alert/id.h"
#include "vedette/detection.h"
#include "vedette/event.h"
#include "vedette/program.h"
#include "vedette/rule.h"

namespace vedette::inline v0 {

// What an alert says about its rule, made once per rule and shared by its alerts. Value type.
struct AlertRule {
  std::string id;  // the rule's, else its name or title
  std::string title;
  std::string description;
  std::string status;
  Level level = Level::kUnset;
  std::string author;
  std::string license;
  std::string source;        // file name
  uint64_t fingerprint = 0;  // of what the rule means: Program::fingerprint
  bool correlation = false;
  std::vector<std::string> tags;
  std::vector<std::string> tactics;     // of ATT&CK tags: "credential-access"
  std::vector<std::string> techniques;  // "T1003.001"
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  std::vector<std::string> triage_steps;  // of the policy, else of the rule ("triage", "note")
  std::string playbook;                   // of the policy, else of the rule ("playbook")
};

// Was what happened stopped by something?
enum class Outcome : uint8_t { kUnknown, kAllowed, kBlocked };
std::string_view OutcomeName(Outcome outcome);

// Why an alert was emitted rather than folded or held back.
enum class EmitReason : uint8_t {
  kFirst,       // nothing like it is open
  kEscalation,  // something like it is open, but this is worse
  kCanary,      // one of many suppressed ones, so that somebody looks
  kAlone,       // a key field is missing, and the rule wants each of those by itself
};
std::string_view EmitReasonName(EmitReason reason);

// OCSF's verdict_id.
enum class Verdict : uint8_t {
  kNone = 0,
  kFalsePositive = 1,
  kTruePositive = 2,
  kSuspicious = 4,
  kBenign = 5,  // a true alarm with a legitimate cause
  kTest = 6,
  kInsufficient = 7,
  kDuplicate = 10,
};
std::string_view VerdictName(Verdict verdict);  // "" for kNone, "false_positive", ...
std::optional<Verdict> VerdictByName(std::string_view name);

// Where an event stands, for who wants the original. Value type.
struct EventPlace {
  EventTime time = kNoEventTime;
  std::string source;     // file or stream
  uint64_t line = 0;      // line or record number; 0 unknown
  std::string uid;        // the event's own id, if it has one
  std::string raw_hash;   // of the bytes: the host's digest, else "xxh64:..."; empty if not given
  uint64_t raw_size = 0;  // of the bytes, if they were given
};

// An earlier judgement of alerts with the same fingerprint.
struct PastVerdict {
  Verdict verdict = Verdict::kNone;
  Id128 alert;
  std::string analyst;
  EventTime time = kNoEventTime;
};

// How often a rule was right: the lower bound of Beta(1 + TP, 1 + FP + benign) at 95 %.
struct RulePrecision {
  double lower = 0;
  uint64_t n = 0;  // verdicts it rests on
};

// Versions of what made an alert, for who must know what was in force. The host sets them.
struct AlertProvenance {
  std::string engine;  // version of the library, set by it
  std::string schema;
  std::string intel;
  std::string policy;
};

// Owned; shares its rule and evidence. Value type.
struct Alert {
  // Of tenant, rule, its meaning, group key, and first event: the same wherever it is made.
  Id128 id;
  Id128 fingerprint;  // of rule and key, whatever the rule's version: what folds together
  std::string tenant;

  // What, and how sure.
  std::shared_ptr<const AlertRule> rule;  // never null
  Level severity = Level::kMedium;        // the rule's, its outcome's; one less if blocked
  uint8_t confidence = 0;                 // 0 to 100
  std::optional<RulePrecision> precision;

  // When: nanoseconds. Of several events the first and the last.
  EventTime event_time = kNoEventTime;
  EventTime last_event_time = kNoEventTime;
  EventTime ingest_time = kNoEventTime;
  EventTime alert_time = kNoEventTime;

  // Where.
  EventPlace place;
  LogSource log_source;

  // Who.
  std::vector<AlertEntity> entities;
  std::string process;       // the acting program's path
  std::string command_line;  // cut to 1,024 bytes

  // Why.
  std::vector<MatchedField> matched;
  std::vector<std::pair<std::string, std::string>> outcomes;  // values as JSON
  std::shared_ptr<const vedette::Evidence> evidence;          // of a rule over several events
  std::vector<std::pair<std::string, std::string>> key;       // fields and values it folds by

  // So what.
  Outcome outcome = Outcome::kUnknown;
  Criticality criticality = Criticality::kNormal;  // the highest of its entities
  bool groups = true;                              // false: an incident of its own, always

  // Why emitted.
  EmitReason reason = EmitReason::kFirst;
  std::string reason_text;      // "severity rose from medium to high"
  Id128 escalates;              // the alert that it would have been folded into
  uint64_t folded_before = 0;   // alerts like it since the one it escalates, or suppressed ones
  std::string suppressed_by;    // of a canary
  bool after_negative = false;  // the last verdict of its fingerprint is false positive or benign

  // What next (triage steps and playbook are the rule's).
  std::vector<PastVerdict> past_verdicts;  // of the fingerprint, newest first, at most 5

  AlertProvenance provenance;
};

// The rule's part of alerts.
AlertRule AlertRuleOf(const Program& program, uint32_t rule, bool correlation);

// One JSON object on one line, the same for the same alert. Sections: who, what, when, where, why,
// how_sure, so_what, what_next, credits, provenance (docs/alerts.md).
std::string AlertToJson(const Alert& alert);

}  // namespace vedette::inline v0

#endif  // VEDETTE_ALERT_ALERT_H_
