// What alerts say about their rules.
#include "lib/alert/alert_rule.h"

#include <algorithm>
#include <array>

#include "lib/alert/names.h"
#include "vedette/alert/alert.h"
#include "vedette/alert/suppression.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 3> kOutcomeNames = {"unknown", "allowed", "blocked"};
constexpr std::array<std::string_view, 4> kReasonNames = {"first", "escalation", "canary", "alone"};
constexpr std::array<std::string_view, 11> kVerdictNames = {
    "",         "false_positive", "true_positive",     "", "suspicious",
    "benign",   "test",           "insufficient_data", "", "",
    "duplicate"};
constexpr std::array<std::string_view, 4> kHoldNames = {"exception", "maintenance", "inhibition",
                                                        "budget"};

// "T1003.001" of "attack.t1003.001"; empty if it is no technique.
std::string TechniqueOf(std::string_view tag) {
  if (tag.size() < 5 || tag[0] != 't') return {};
  std::string out = "T";
  for (const char c : tag.substr(1)) {
    if ((c < '0' || c > '9') && c != '.') return {};
    out.push_back(c);
  }
  return out;
}

// Groups and software of ATT&CK: "g0007", "s0154".
bool IsGroupOrSoftware(std::string_view tag) {
  return tag.size() == 5 && (tag[0] == 'g' || tag[0] == 's') &&
         std::all_of(tag.begin() + 1, tag.end(), [](char c) { return c >= '0' && c <= '9'; });
}

void AddTags(const std::vector<std::string>& tags, AlertRule* out) {
  for (const std::string& tag : tags) {
    constexpr std::string_view kPrefix = "attack.";
    if (!tag.starts_with(kPrefix)) continue;
    std::string name = tag.substr(kPrefix.size());
    if (std::string technique = TechniqueOf(name); !technique.empty()) {
      out->techniques.push_back(std::move(technique));
    } else if (!name.empty() && !IsGroupOrSoftware(name)) {
      std::replace(name.begin(), name.end(), '_', '-');
      out->tactics.push_back(std::move(name));
    }
  }
}

// The lines of a guide, without bullets.
std::vector<std::string> Lines(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    while (!line.empty() && (line.front() == ' ' || line.front() == '-' || line.front() == '*')) {
      line.remove_prefix(1);
    }
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.remove_suffix(1);
    if (!line.empty()) out.emplace_back(line);
  }
  return out;
}

}  // namespace

std::string_view OutcomeName(Outcome outcome) { return NameOf(kOutcomeNames, outcome); }
std::string_view EmitReasonName(EmitReason reason) { return NameOf(kReasonNames, reason); }
std::string_view HoldKindName(HoldKind kind) { return NameOf(kHoldNames, kind); }
std::string_view VerdictName(Verdict verdict) { return NameOf(kVerdictNames, verdict); }
std::optional<Verdict> VerdictByName(std::string_view name) {
  if (name.empty()) return std::nullopt;
  return ByName<Verdict>(kVerdictNames, name);
}

AlertRule AlertRuleOf(const Program& program, uint32_t rule, bool correlation) {
  const RuleMeta& meta = correlation ? program.correlation(rule) : program.rule(rule);
  AlertRule out;
  out.id = !meta.id.empty() ? meta.id : std::string(meta.display_name());
  out.title = meta.display_name();
  out.description = meta.description;
  out.status = meta.status;
  out.level = meta.level;
  out.author = meta.author;
  out.license = meta.license;
  out.source = meta.source;
  out.fingerprint = correlation ? program.correlation_fingerprint(rule) : program.fingerprint(rule);
  out.correlation = correlation;
  out.tags = meta.tags;
  AddTags(meta.tags, &out);
  out.references = meta.references;
  out.false_positives = meta.false_positives;
  for (const auto& [name, text] : meta.custom) {
    if (name == "triage" || name == "triage_steps" || name == "note")
      out.triage_steps = Lines(text);
    if (name == "playbook" || name == "runbook") out.playbook = text;
  }
  return out;
}

uint8_t ConfidenceOf(const RuleMeta& meta) {
  for (const auto& [name, text] : meta.custom) {
    if (name != "confidence" || text.empty() || text.size() > 3) continue;
    uint32_t n = 0;
    for (const char c : text)
      n = c >= '0' && c <= '9' ? n * 10 + static_cast<uint32_t>(c - '0') : 999;
    if (n <= 100) return static_cast<uint8_t>(n);
  }
  if (meta.status == "stable") return 90;
  if (meta.status == "test") return 70;
  if (meta.status == "experimental") return 50;
  return meta.status == "deprecated" || meta.status == "unsupported" ? 30 : 60;
}

uint64_t TacticBits(const AlertRule& rule) {
  static constexpr std::array<std::string_view, 16> kTactics = {"reconnaissance",
                                                                "resource-development",
                                                                "initial-access",
                                                                "execution",
                                                                "persistence",
                                                                "privilege-escalation",
                                                                "defense-evasion",
                                                                "stealth",
                                                                "credential-access",
                                                                "discovery",
                                                                "lateral-movement",
                                                                "collection",
                                                                "command-and-control",
                                                                "exfiltration",
                                                                "impact",
                                                                "defense-impairment"};
  uint64_t bits = 0;
  for (const std::string& tactic : rule.tactics) {
    const auto it = std::find(kTactics.begin(), kTactics.end(), tactic);
    // Names of other matrices share 48 bits.
    const uint64_t bit = it != kTactics.end() ? static_cast<uint64_t>(it - kTactics.begin())
                                              : 16 + MakeId(tactic).low % 48;
    bits |= uint64_t{1} << bit;
  }
  return bits;
}

}  // namespace vedette::inline v0
