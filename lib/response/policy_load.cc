#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/base/strings.h"
#include "lib/doc/doc_reader.h"
#include "lib/response/crypto.h"
#include "lib/response/openc2_words.h"
#include "vedette/response/policy.h"

namespace vedette::inline v0 {
namespace {

using Kind = DocNode::Kind;

constexpr size_t kMaxPolicyBytes = size_t{8} << 20;
constexpr int64_t kMinute = 60'000'000'000;
constexpr std::array<std::string_view, 4> kCriticalities = {"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 5> kSeverities = {"informational", "low", "medium", "high",
                                                         "critical"};
constexpr std::array<std::string_view, 3> kLevels = {"rule", "tested", "fired"};

class PolicyReader {
 public:
  explicit PolicyReader(DocReporter* reporter) : reporter_(reporter) {}

  PolicyBundle Read(const DocNode& root) {
    MapReader in(root, "the policy", reporter_);
    const DocNode* const format = in.Required("format", Kind::kString);
    if (format != nullptr && format->text != "vedette-policy-1") {
      reporter_->Error(kBadValue, *format, "the format is not known", "\"vedette-policy-1\"");
    }
    out_.version = in.Text("version", true);
    out_.tenant = in.Text("tenant");
    in.Any("description");
    out_.kill_switch = in.Bool("kill_switch", false);
    out_.require_signed_playbooks = in.Bool("require_signed_playbooks", false);
    out_.step_timeout_ns = in.Duration("step_timeout", 15 * kMinute);
    out_.approval_ttl_ns = in.Duration("approval_ttl", 60 * kMinute);
    out_.max_run_ns = in.Duration("max_run", 24 * 60 * kMinute);
    Roles(in.Of("roles", Kind::kMap));
    Rules(in.Of("deny", Kind::kList), &out_.deny);
    Rules(in.Of("four_eyes", Kind::kList), &out_.four_eyes);
    Each(in.Of("commands", Kind::kList), [this](const DocNode& n) { Command(n); });
    Each(in.Of("protected", Kind::kList), [this](const DocNode& n) { Protected(n); });
    Fleet(in.Of("fleet", Kind::kMap));
    Each(in.Of("assets", Kind::kList), [this](const DocNode& n) { Asset(n); });
    Sla(in.Of("sla", Kind::kMap));
    Each(in.Of("coverage", Kind::kList), [this](const DocNode& n) { Coverage(n); });
    in.Done();
    CheckRolesAreKnown();
    return std::move(out_);
  }

 private:
  template <typename F>
  void Each(const DocNode* list, F read) {
    if (list == nullptr) return;
    for (const DocNode& item : list->items) read(item);
  }

  void Condition(const DocNode* node, PolicyCondition* out) {
    if (node == nullptr) return;
    MapReader in(*node, "a condition", reporter_);
    for (const DocEntry& entry : node->entries) {
      out->attributes.emplace_back(entry.key, in.Texts(entry.key));
      if (entry.value.kind == Kind::kList && entry.value.items.empty()) {
        reporter_->Error(kBadValue, entry.value, "no value would ever do");
      }
    }
  }

  // "incident.*", or {"action": "incident.close", "when": {"severity": ["critical"]}}.
  void Rules(const DocNode* list, std::vector<PolicyRule>* out) {
    Each(list, [this, out](const DocNode& item) {
      PolicyRule rule;
      if (item.kind == Kind::kString) {
        rule.action = item.text;
      } else {
        MapReader in(item, "an action", reporter_);
        rule.action = in.Text("action", true);
        Condition(in.Of("when", Kind::kMap), &rule.when);
        in.Done();
      }
      if (item.kind == Kind::kString && rule.action.empty()) {
        reporter_->Error(kBadValue, item, "an action without a name");
      }
      out->push_back(std::move(rule));
    });
  }

  void Roles(const DocNode* node) {
    if (node == nullptr) return;
    for (const DocEntry& entry : node->entries) {
      PolicyRole role;
      role.name = entry.key;
      MapReader in(entry.value, "role '" + entry.key + "'", reporter_);
      role.automation = in.Bool("automation", false);
      Rules(in.Of("allow", Kind::kList), &role.allow);
      Rules(in.Of("deny", Kind::kList), &role.deny);
      in.Any("description");
      in.Done();
      out_.roles.push_back(std::move(role));
    }
  }

  void CheckTarget(const DocNode* node) {
    if (node == nullptr || node->text == "*" || IsExtension(node->text)) return;
    if (IsOneOf(node->text, kOpenC2Targets)) return;
    reporter_->Error(
        "0009", *node,
        "no type of target is called '" + node->text + "'" + DidYouMean(node->text, kOpenC2Targets),
        "a target of OpenC2, one that begins with x-, or *");
  }

  void Command(const DocNode& node) {
    MapReader in(node, "a command", reporter_);
    CommandRule rule;
    const DocNode* const action = in.Required("action", Kind::kString);
    if (action != nullptr) {
      rule.action = action->text;
      const bool host = rule.action == kManualAction || IsExtension(rule.action) ||
                        rule.action.starts_with("command:");
      if (!host && !IsOneOf(rule.action, kOpenC2Actions)) {
        reporter_->Error(
            "0008", *action,
            "OpenC2 has no action '" + rule.action + "'" + DidYouMean(rule.action, kOpenC2Actions),
            "an action of OpenC2, one that begins with x-, manual, or command:TYPE");
      }
    }
    const DocNode* const target = in.Required("target", Kind::kString);
    if (target != nullptr) rule.target = target->text;
    CheckTarget(target);
    in.Any("scope");
    rule.scope = in.Texts("scope");
    if (rule.scope.empty() && in.ok()) {
      reporter_->Report(Severity::kError, kMissing, node.offset, 1,
                        "a command has no 'scope', so that it would allow nothing",
                        "patterns of names; [\"*\"] is every target that is not protected");
    }
    rule.approvals = static_cast<uint32_t>(in.Int("approvals", 0, 20).value_or(1));
    rule.limit_approvals = static_cast<uint32_t>(in.Int("limit_approvals", 1, 20).value_or(2));
    rule.approver_roles = in.Texts("approver_roles");
    for (const std::string& role : rule.approver_roles) named_roles_.emplace_back(role, &node);
    if (const auto n = in.Int("max_per_hour", 0, 1'000'000)) {
      rule.max_per_hour = static_cast<uint32_t>(*n);
    }
    if (const DocNode* percent = in.Any("max_fleet_percent")) Percent(*percent, &rule);
    rule.timeout_ns = in.Duration("timeout", 0);
    rule.retries = static_cast<uint32_t>(in.Int("retries", 0, 10).value_or(0));
    rule.retry_delay_ns = in.Duration("retry_delay", 0);
    in.Done();
    if (rule.approvals == 0 && action != nullptr && !IsReading(rule.action)) {
      reporter_->Warning("0012", *action, "'" + rule.action + "' needs nobody's approval",
                         "give approvals, or max_per_hour and max_fleet_percent at least");
    }
    if (rule.max_fleet_percent.has_value()) fleet_needed_.emplace_back(rule.target, &node);
    out_.commands.push_back(std::move(rule));
  }

  static bool IsReading(std::string_view action) {
    static constexpr std::array<std::string_view, 5> kReading = {"scan", "locate", "query",
                                                                 "investigate", "manual"};
    return IsOneOf(action, kReading);
  }

  void Percent(const DocNode& node, CommandRule* rule) {
    const bool number = node.kind == Kind::kInt || node.kind == Kind::kReal;
    if (!number || !(node.real >= 0 && node.real <= 100)) {
      reporter_->Error(kBadValue, node, "'max_fleet_percent' must be a number from 0 to 100");
      return;
    }
    rule->max_fleet_percent = node.real;
  }

  void Protected(const DocNode& node) {
    MapReader in(node, "a protected target", reporter_);
    ProtectedTargets entry;
    const DocNode* const target = in.Required("target", Kind::kString);
    if (target != nullptr) entry.target = target->text;
    CheckTarget(target);
    entry.names = in.Texts("names");
    entry.reason = in.Text("reason");
    in.Done();
    if (entry.names.empty() && in.ok()) {
      reporter_->Report(Severity::kError, kMissing, node.offset, 1,
                        "a protected target has no 'names'");
    }
    out_.protected_targets.push_back(std::move(entry));
  }

  void Fleet(const DocNode* node) {
    if (node != nullptr) {
      MapReader in(*node, "the fleet", reporter_);
      for (const DocEntry& entry : node->entries) {
        const auto size = in.Int(entry.key, 1, INT64_MAX);
        out_.fleet.emplace_back(entry.key, static_cast<uint64_t>(size.value_or(1)));
      }
    }
    for (const auto& [target, command] : fleet_needed_) {
      const bool known =
          std::ranges::find(out_.fleet, target, &std::pair<std::string, uint64_t>::first) !=
          out_.fleet.end();
      if (known) continue;
      reporter_->Report(Severity::kError, "0011", command->offset, 1,
                        "'max_fleet_percent' needs the size of the fleet of '" + target + "'",
                        "\"fleet\": {\"" + target + "\": 1200}");
    }
  }

  void Asset(const DocNode& node) {
    MapReader in(node, "an asset", reporter_);
    AssetRule rule;
    rule.kind = in.Text("kind", true);
    rule.names = in.Texts("names");
    rule.criticality = Word(&in, "criticality", kCriticalities);
    in.Done();
    out_.assets.push_back(std::move(rule));
  }

  std::string Word(MapReader* in, std::string_view name, std::span<const std::string_view> words) {
    const DocNode* const node = in->Required(name, Kind::kString);
    if (node == nullptr) return "";
    if (std::ranges::find(words, node->text) == words.end()) {
      std::string list;
      for (const std::string_view w : words) list.append(list.empty() ? "" : ", ").append(w);
      reporter_->Error(
          kBadValue, *node,
          "'" + std::string(name) + "' is none of " + list + DidYouMean(node->text, words));
    }
    return node->text;
  }

  void Sla(const DocNode* node) {
    if (node == nullptr) return;
    for (const DocEntry& entry : node->entries) {
      if (std::ranges::find(kSeverities, entry.key) == kSeverities.end()) {
        reporter_->Report(
            Severity::kError, kBadValue, entry.offset, entry.length,
            "no severity is called '" + entry.key + "'" + DidYouMean(entry.key, kSeverities));
      }
      MapReader in(entry.value, "the goals of '" + entry.key + "'", reporter_);
      SlaGoal goal;
      goal.severity = entry.key;
      goal.acknowledge_ns = in.Duration("acknowledge", 0);
      goal.contain_ns = in.Duration("contain", 0);
      goal.resolve_ns = in.Duration("resolve", 0);
      in.Done();
      out_.sla.push_back(std::move(goal));
    }
  }

  void Coverage(const DocNode& node) {
    MapReader in(node, "a coverage goal", reporter_);
    CoverageGoal goal;
    goal.technique = in.Text("technique", true);
    goal.level = Word(&in, "level", kLevels);
    in.Done();
    const bool good = goal.technique.size() >= 5 && goal.technique[0] == 'T' &&
                      goal.technique.find_first_not_of("0123456789.", 1) == std::string::npos;
    if (in.ok() && !good && !goal.technique.empty()) {
      reporter_->Error(kBadValue, *node.Find("technique"), "no technique of ATT&CK",
                       "T1059 or T1059.001");
    }
    out_.coverage.push_back(std::move(goal));
  }

  void CheckRolesAreKnown() {
    std::vector<std::string_view> names;
    for (const PolicyRole& role : out_.roles) names.push_back(role.name);
    for (const auto& [role, node] : named_roles_) {
      if (std::ranges::find(names, role) != names.end()) continue;
      reporter_->Report(Severity::kError, "0007", node->offset, 1,
                        "the policy has no role '" + role + "'" + DidYouMean(role, names));
    }
  }

  DocReporter* reporter_;
  PolicyBundle out_;
  std::vector<std::pair<std::string, const DocNode*>> named_roles_;
  std::vector<std::pair<std::string, const DocNode*>> fleet_needed_;
};

}  // namespace

Policy::Loaded Policy::Load(std::string name, std::string text, const Verifier& verifier) {
  Loaded out;
  DiagnosticSink sink;
  const RuleSource source = {std::move(name), std::move(text)};
  const SourceText places(source);
  DocReporter reporter("POL", &places, &sink);
  if (verifier != nullptr) {
    if (absl::Status status = verifier(source.text); !status.ok()) {
      reporter.Report(Severity::kError, "0010", 0, 0,
                      "the signature is not good: " + std::string(ToStd(status.message())));
    }
  }
  DocError error;
  std::optional<DocNode> root;
  if (source.text.size() > kMaxPolicyBytes) {
    reporter.Report(Severity::kError, "0002", 0, 0, "the file is larger than 8 MiB");
  } else {
    root = ParseJsonTree(places, 0, source.text.size(), &error);
    if (!root.has_value()) {
      reporter.Report(Severity::kError, error.too_deep ? "0002" : kBadJson, error.offset,
                      error.length, error.message);
    }
  }
  if (root.has_value()) {
    PolicyBundle bundle = PolicyReader(&reporter).Read(*root);
    if (reporter.errors() == 0) {
      out.policy = std::make_shared<const Policy>(std::move(bundle), Sha256Hex(source.text));
    }
  }
  out.diagnostics = sink.Take();
  return out;
}

}  // namespace vedette::inline v0
