#include "lib/cli/filter.h"

#include <algorithm>
#include <array>

#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

constexpr std::array<std::string_view, 16> kTactics = {
    "reconnaissance",     "resource-development", "initial-access", "execution",
    "persistence",        "privilege-escalation", "stealth",        "defense-evasion",
    "defense-impairment", "credential-access",    "discovery",      "lateral-movement",
    "collection",         "command-and-control",  "exfiltration",   "impact"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// "attack.x" -> "x", else empty.
std::string AttackPart(std::string_view tag) {
  const std::string normal = NormalTag(tag);
  return normal.starts_with("attack.") ? normal.substr(7) : "";
}

}  // namespace

std::string NormalTag(std::string_view tag) {
  std::string out = Lower(tag);
  std::ranges::replace(out, '_', '-');
  return out;
}

std::string TechniqueOfTag(std::string_view tag) {
  std::string part = AttackPart(tag);
  if (part.size() < 2 || part[0] != 't' || !IsDigit(part[1])) return "";
  part[0] = 'T';
  return part;
}

std::string TacticOfTag(std::string_view tag) {
  std::string part = AttackPart(tag);
  if (part.empty()) return "";
  // Techniques, groups, software, campaigns and data sources end in digits: g0016, ds0005.
  const bool numbered = part.find_first_of("0123456789") != std::string::npos;
  return numbered ? "" : part;
}

size_t TacticOrder(std::string_view tactic) {
  return static_cast<size_t>(std::ranges::find(kTactics, tactic) - kTactics.begin());
}

absl::StatusOr<Level> ParseLevel(std::string_view name) {
  const std::string lower = Lower(name);
  if (lower == "info") return Level::kInformational;
  if (const std::optional<Level> level = LevelByName(lower)) return *level;
  constexpr std::array<std::string_view, 5> kLevels = {"informational", "low", "medium", "high",
                                                       "critical"};
  const std::string message = "a level is informational, low, medium, high or critical, not '" +
                              Clean(name) + "'" + DidYouMean(lower, kLevels);
  return absl::InvalidArgumentError(message.c_str());
}

bool RuleIsCalled(const RuleMeta& rule, std::string_view wanted) {
  return !wanted.empty() &&
         (EqualsIgnoringCase(rule.id, wanted) || EqualsIgnoringCase(rule.title, wanted) ||
          EqualsIgnoringCase(rule.name, wanted));
}

absl::StatusOr<RuleFilter> RuleFilter::FromOptions(const Options& options) {
  RuleFilter filter;
  if (options.Has("level")) {
    const absl::StatusOr<Level> level = ParseLevel(options.Value("level"));
    if (!level.ok()) return level.status();
    filter.min_level = *level;
  }
  for (const std::string& s : options.SplitValues("status")) {
    const std::string status = Lower(s);
    constexpr std::array<std::string_view, 5> kStatuses = {"stable", "test", "experimental",
                                                           "deprecated", "unsupported"};
    if (std::ranges::find(kStatuses, status) == kStatuses.end()) {
      const std::string message = "unknown status '" + Clean(s) + "'" +
                                  DidYouMean(status, kStatuses) +
                                  "; there are stable, test, experimental, deprecated, unsupported";
      return absl::InvalidArgumentError(message.c_str());
    }
    filter.statuses.push_back(status);
  }
  for (const std::string& tag : options.SplitValues("tag")) filter.tags.push_back(NormalTag(tag));
  if (options.Has("logsource")) {
    absl::StatusOr<LogSource> source = LogSource::Parse(options.Value("logsource"));
    if (!source.ok()) return source.status();
    filter.log_source = *std::move(source);
  }
  // Titles hold commas, so these are not cut.
  filter.rules = options.Values("rule");
  return filter;
}

bool RuleFilter::empty() const {
  return min_level == Level::kUnset && statuses.empty() && tags.empty() && log_source.empty() &&
         rules.empty();
}

bool RuleFilter::Accepts(const RuleMeta& rule) const {
  if (rule.level < min_level) return false;
  if (!statuses.empty() && std::ranges::find(statuses, rule.status) == statuses.end()) return false;
  if (!rule.log_source.Satisfies(log_source)) return false;
  if (!tags.empty()) {
    const auto named = [this](const std::string& t) {
      const std::string tag = NormalTag(t);
      return std::ranges::any_of(tags, [&tag](const std::string& wanted) {
        return tag == wanted ||
               (tag.size() > wanted.size() && tag.starts_with(wanted) && tag[wanted.size()] == '.');
      });
    };
    if (!std::ranges::any_of(rule.tags, named)) return false;
  }
  return rules.empty() || std::ranges::any_of(rules, [&rule](const std::string& wanted) {
           return RuleIsCalled(rule, wanted);
         });
}

}  // namespace vedette::inline v0::cli
