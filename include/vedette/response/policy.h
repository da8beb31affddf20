// The policy bundle: who may do what, which commands may be proposed, what is protected, and the
// goals that reports are measured against. Data, versioned apart from rules and playbooks.
#ifndef VEDETTE_RESPONSE_POLICY_H_
#define VEDETTE_RESPONSE_POLICY_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "vedette/alert/hooks.h"
#include "vedette/diagnostic.h"

namespace vedette::inline v0 {

// Holds for an action if each named attribute has one of the values. Empty: always.
struct PolicyCondition {
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
};

struct PolicyRule {
  std::string action;  // a pattern: "incident.close", "incident.*"
  PolicyCondition when;
};

// What a role may do: what one of `allow` names and none of `deny`. Somebody with several roles may
// do what one of them may.
struct PolicyRole {
  std::string name;
  bool automation = false;  // only such roles count for automations
  std::vector<PolicyRule> allow;
  std::vector<PolicyRule> deny;
};

// An entry of the allow-list: commands that a playbook may ask for. The first that fits a command
// counts.
struct CommandRule {
  std::string action;              // "contain"
  std::string target;              // type of target: "device"; "*" is any
  std::vector<std::string> scope;  // patterns of names; every name of the target must fit one
  uint32_t approvals = 1;          // how many persons must agree
  std::vector<std::string> approver_roles;  // one of these; empty: whoever may `playbook.approve`
  std::optional<uint32_t> max_per_hour;     // of this entry, over all runs
  std::optional<double> max_fleet_percent;  // distinct targets within a day, of `fleet[target]`
  uint32_t limit_approvals = 2;             // what it takes to go beyond a limit
  int64_t timeout_ns = 0;                   // 0: the policy's step_timeout
  uint32_t retries = 0;                     // after 500 and 503, with the same key
  int64_t retry_delay_ns = 0;
};

// Nothing may be done to these. Names are patterns, or address blocks.
struct ProtectedTargets {
  std::string target;  // "*" is any
  std::vector<std::string> names;
  std::string reason;
};

struct AssetRule {
  std::string kind;                // "device", "user", ..
  std::vector<std::string> names;  // patterns
  std::string criticality;         // "low", "medium", "high", "critical"
};

// Nanoseconds; 0: no goal.
struct SlaGoal {
  std::string severity;
  int64_t acknowledge_ns = 0;
  int64_t contain_ns = 0;
  int64_t resolve_ns = 0;
};

struct CoverageGoal {
  std::string technique;  // "T1059", "T1059.001"
  std::string level;      // "rule", "tested", "fired"
};

struct PolicyBundle {
  std::string version;  // of the author's own counting
  std::string tenant;
  bool kill_switch = false;  // no command is emitted
  bool require_signed_playbooks = false;
  int64_t step_timeout_ns = 0;  // of steps that say none
  int64_t approval_ttl_ns = 0;  // an approval that is not complete by then has failed
  int64_t max_run_ns = 0;       // of a whole run
  std::vector<PolicyRole> roles;
  std::vector<PolicyRule> deny;       // for everybody
  std::vector<PolicyRule> four_eyes;  // need a second person, see Policy::Authorize
  std::vector<CommandRule> commands;
  std::vector<ProtectedTargets> protected_targets;
  std::vector<std::pair<std::string, uint64_t>> fleet;  // type of target: how many there are
  std::vector<AssetRule> assets;
  std::vector<SlaGoal> sla;
  std::vector<CoverageGoal> coverage;
};

// What a command is about, as a policy sees it.
struct CommandTarget {
  std::string type;                // "device"
  std::vector<std::string> names;  // every text and number in it
};

struct CommandVerdict {
  bool allowed = false;
  std::string reason;                 // why not
  const CommandRule* rule = nullptr;  // that allows it; lives as long as the policy
};

// Immutable, thread-safe.
class Policy : public Authorizer {
 public:
  // Verifies a signature over the file's bytes, which the host keeps beside it. Not ok: the policy
  // is refused with that message (POL0010).
  using Verifier = std::function<absl::Status(std::string_view text)>;
  struct Loaded {
    std::shared_ptr<const Policy> policy;  // null if there is an error
    std::vector<Diagnostic> diagnostics;   // codes POL00xx, see docs/diagnostics.md
  };
  // `text` is JSON; docs/response.md has the format. `name` is for diagnostics.
  static Loaded Load(std::string name, std::string text, const Verifier& verifier = nullptr);
  explicit Policy(PolicyBundle bundle, std::string hash);

  const PolicyBundle& bundle() const { return bundle_; }
  const std::string& hash() const { return hash_; }  // SHA-256 of the text, hexadecimal
  // "<version>@<first 12 digits of the hash>": stamped on every decision.
  const std::string& stamp() const { return stamp_; }

  // Refused unless a role of the actor allows it. Actions that need four eyes must have the
  // attribute `approved_by`, which the host sets to the id of a second person who agreed: it must
  // not be the actor.
  Authorization Authorize(const Actor& actor, const Action& action) const override;
  bool NeedsFourEyes(const Action& action) const;

  // Whether a command may be proposed at all, however many approve. Names are compared without
  // regard to ASCII case. A protected name wins over every entry.
  CommandVerdict CheckCommand(std::string_view action, const CommandTarget& target) const;

  // "low", "medium", "high" or "critical" of the first asset rule that fits; "" if none does.
  std::string_view Criticality(std::string_view kind, std::string_view name) const;
  const SlaGoal* Sla(std::string_view severity) const;
  std::optional<uint64_t> FleetSize(std::string_view target) const;

 private:
  PolicyBundle bundle_;
  std::string hash_;
  std::string stamp_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_POLICY_H_
