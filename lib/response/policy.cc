#include "vedette/response/policy.h"

#include <algorithm>
#include <utility>

#include "lib/doc/doc_reader.h"
#include "lib/event/address.h"

namespace vedette::inline v0 {
namespace {

std::string_view AttributeOf(const Action& action, std::string_view name) {
  for (const auto& [key, value] : action.attributes) {
    if (key == name) return value;
  }
  return {};
}

bool Holds(const PolicyCondition& when, const Action& action) {
  return std::ranges::all_of(when.attributes, [&action](const auto& attribute) {
    const std::string_view value = AttributeOf(action, attribute.first);
    return std::ranges::any_of(attribute.second, [value](const std::string& pattern) {
      return MatchesGlob(pattern, value);
    });
  });
}

const PolicyRule* FirstThatFits(const std::vector<PolicyRule>& rules, const Action& action) {
  for (const PolicyRule& rule : rules) {
    if (MatchesGlob(rule.action, action.name) && Holds(rule.when, action)) return &rule;
  }
  return nullptr;
}

std::string Describe(const PolicyRule& rule) {
  std::string out = rule.action;
  for (const auto& [name, values] : rule.when.attributes) {
    out.append(" with ").append(name).append(" ");
    for (size_t i = 0; i < values.size(); ++i) out.append(i > 0 ? "/" : "").append(values[i]);
  }
  return out;
}

// An address or block; an IPv4 address in the dress of IPv6 as what it is.
std::optional<Cidr> BlockOf(std::string_view text) {
  std::optional<Cidr> block = ParseCidr(text, nullptr);
  if (!block.has_value() || !block->v6 || block->bits < 96) return block;
  for (size_t i = 0; i < 10; ++i) {
    if (block->bytes[i] != 0) return block;
  }
  if (block->bytes[10] != 0xFF || block->bytes[11] != 0xFF) return block;
  Cidr v4;
  v4.bits = static_cast<uint8_t>(block->bits - 96);
  std::copy_n(block->bytes.begin() + 12, 4, v4.bytes.begin());
  return v4;
}

bool BlockContains(const Cidr& outer, const Cidr& inner) {
  return outer.v6 == inner.v6 && outer.bits <= inner.bits && Contains(outer, inner.v6, inner.bytes);
}

std::string_view WithoutDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

// Every name that the pattern may be about: whether it is too much is less of a harm than too
// little.
bool Touches(std::string_view pattern, std::string_view name) {
  const std::optional<Cidr> a = BlockOf(pattern);
  const std::optional<Cidr> b = BlockOf(name);
  if (a.has_value() && b.has_value()) return BlockContains(*a, *b) || BlockContains(*b, *a);
  name = WithoutDot(name);
  pattern = WithoutDot(pattern);
  return MatchesGlob(pattern, name) ||
         (!a.has_value() && pattern.find('.') == std::string_view::npos &&
          MatchesGlob(pattern, name.substr(0, name.find('.'))));
}

// The whole of what the name means is within the pattern.
bool Within(std::string_view pattern, std::string_view name) {
  const std::optional<Cidr> a = BlockOf(pattern);
  const std::optional<Cidr> b = BlockOf(name);
  if (a.has_value() && b.has_value()) return BlockContains(*a, *b);
  return MatchesGlob(pattern, WithoutDot(name));
}

bool IsOdd(std::string_view name) {
  if (name.empty() || name.front() == ' ' || name.back() == ' ') return true;
  return std::ranges::any_of(
      name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

Policy::Policy(PolicyBundle bundle, std::string hash)
    : bundle_(std::move(bundle)), hash_(std::move(hash)) {
  stamp_ = bundle_.version + "@" + hash_.substr(0, 12);
}

bool Policy::NeedsFourEyes(const Action& action) const {
  return FirstThatFits(bundle_.four_eyes, action) != nullptr;
}

Authorization Policy::Authorize(const Actor& actor, const Action& action) const {
  Authorization out;
  out.policy_version = stamp_;
  if (actor.id.empty()) {
    out.reason = "an actor without an id may do nothing";
    return out;
  }
  if (const PolicyRule* rule = FirstThatFits(bundle_.deny, action)) {
    out.reason = "nobody may " + Describe(*rule);
    return out;
  }
  std::string refusal;
  const PolicyRole* granted = nullptr;
  for (const PolicyRole& role : bundle_.roles) {
    if (std::ranges::find(actor.roles, role.name) == actor.roles.end()) continue;
    if (actor.automation && !role.automation) {
      if (refusal.empty()) refusal = "role " + role.name + " is not for automations";
      continue;
    }
    if (FirstThatFits(role.allow, action) == nullptr) continue;
    if (const PolicyRule* rule = FirstThatFits(role.deny, action)) {
      refusal = "role " + role.name + " may not " + Describe(*rule);
      continue;
    }
    granted = &role;
    break;
  }
  if (granted == nullptr) {
    out.reason =
        refusal.empty() ? "no role of " + actor.id + " allows " + action.name : std::move(refusal);
    return out;
  }
  if (const PolicyRule* rule = FirstThatFits(bundle_.four_eyes, action)) {
    const std::string_view second = AttributeOf(action, "approved_by");
    if (second.empty() || LowerAscii(second) == LowerAscii(actor.id)) {
      out.reason = Describe(*rule) + " needs a second person";
      return out;
    }
  }
  out.allowed = true;
  out.reason = "role " + granted->name;
  return out;
}

CommandVerdict Policy::CheckCommand(std::string_view action, const CommandTarget& target) const {
  CommandVerdict out;
  if (target.names.empty()) {
    out.reason = "the target has no name";
    return out;
  }
  for (const std::string& name : target.names) {
    if (!IsOdd(name)) continue;
    out.reason = "a name of the target is empty, or has blanks or control characters at its ends";
    return out;
  }
  for (const ProtectedTargets& entry : bundle_.protected_targets) {
    if (entry.target != "*" && entry.target != target.type) continue;
    for (const std::string& pattern : entry.names) {
      for (const std::string& name : target.names) {
        if (!Touches(pattern, name)) continue;
        out.reason = "protected: " + name + (entry.reason.empty() ? "" : " (" + entry.reason + ")");
        return out;
      }
    }
  }
  for (const CommandRule& rule : bundle_.commands) {
    if (rule.action != action || (rule.target != "*" && rule.target != target.type)) continue;
    const bool in_scope = std::ranges::all_of(target.names, [&rule](const std::string& name) {
      return std::ranges::any_of(
          rule.scope, [&name](const std::string& pattern) { return Within(pattern, name); });
    });
    if (!in_scope) continue;
    out.allowed = true;
    out.rule = &rule;
    return out;
  }
  out.reason = "the policy does not allow " + std::string(action) + " of " + target.type + " " +
               target.names[0];
  return out;
}

std::string_view Policy::Criticality(std::string_view kind, std::string_view name) const {
  for (const AssetRule& rule : bundle_.assets) {
    if (rule.kind != kind) continue;
    for (const std::string& pattern : rule.names) {
      if (Touches(pattern, name)) return rule.criticality;
    }
  }
  return {};
}

const SlaGoal* Policy::Sla(std::string_view severity) const {
  for (const SlaGoal& goal : bundle_.sla) {
    if (goal.severity == severity) return &goal;
  }
  return nullptr;
}

std::optional<uint64_t> Policy::FleetSize(std::string_view target) const {
  for (const auto& [type, size] : bundle_.fleet) {
    if (type == target) return size;
  }
  return std::nullopt;
}

}  // namespace vedette::inline v0
