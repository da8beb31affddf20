#include "vedette/alert/coverage.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "lib/alert/names.h"
#include "lib/event/json_writer.h"
#include "vedette/alert/alert.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, kCoverageLayerCount> kLayerNames = {
    "has rule", "data present", "fired in test", "fired live"};
constexpr std::array<std::string_view, kCoverageLayerCount> kLayerTexts = {
    "Score: rules that name the technique. A rule is a claim.",
    "Score: rules that name the technique and whose log source has been seen.",
    "Score: detections of such rules in tests.", "Score: alerts of such rules on live events."};
constexpr std::array<std::string_view, kCoverageLayerCount> kLayerColors = {"#3182bd", "#756bb1",
                                                                            "#e6550d", "#31a354"};
constexpr size_t kCommentRules = 20;

using Counts = std::map<std::string, uint64_t, std::less<>>;

Counts CountsOf(const std::vector<std::pair<std::string, uint64_t>>& fired) {
  Counts out;
  for (const auto& [rule, n] : fired) out[rule] += n;
  return out;
}

uint64_t CountOf(const Counts& counts, const std::string& rule) {
  const auto it = counts.find(rule);
  return it == counts.end() ? 0 : it->second;
}

class Measurer {
 public:
  Measurer(const CoverageInput& input, Coverage* out)
      : input_(input),
        test_(CountsOf(input.fired_in_test)),
        live_(CountsOf(input.fired_live)),
        out_(out) {}

  void Add(const AlertRule& rule, const LogSource& source) {
    if (!known_.insert(rule.id).second) return;
    if (rule.techniques.empty()) out_->rules_without_technique.push_back(rule.id);
    const bool data = HasData(rule, source);
    const uint64_t test = CountOf(test_, rule.id);
    const uint64_t live = CountOf(live_, rule.id);
    for (const std::string& id :
         std::set<std::string>(rule.techniques.begin(), rule.techniques.end())) {
      TechniqueCoverage& t = techniques_[id];
      t.rules.push_back(rule.id);
      t.with_data += data ? 1 : 0;
      t.test_rules += test > 0 ? 1 : 0;
      t.test_detections += test;
      t.live_rules += live > 0 ? 1 : 0;
      t.live_alerts += live;
    }
  }

  void Finish() {
    for (auto& [id, t] : techniques_) {
      t.technique = id;
      std::sort(t.rules.begin(), t.rules.end());
      out_->techniques.push_back(std::move(t));
    }
    std::sort(out_->rules_without_technique.begin(), out_->rules_without_technique.end());
    std::set<std::string> unknown;
    for (const Counts* counts : {&test_, &live_}) {
      for (const auto& [rule, n] : *counts) {
        if (n > 0 && known_.find(rule) == known_.end()) unknown.insert(rule);
      }
    }
    out_->unknown_rules.assign(unknown.begin(), unknown.end());
  }

 private:
  bool HasData(const AlertRule& rule, const LogSource& source) const {
    if (rule.correlation || source.empty()) return !input_.seen.empty();
    return std::any_of(input_.seen.begin(), input_.seen.end(),
                       [&source](const LogSource& seen) { return seen.Satisfies(source); });
  }

  const CoverageInput& input_;
  const Counts test_;
  const Counts live_;
  Coverage* out_;
  std::set<std::string, std::less<>> known_;
  std::map<std::string, TechniqueCoverage> techniques_;
};

uint64_t ScoreOf(const TechniqueCoverage& t, CoverageLayer layer) {
  switch (layer) {
    case CoverageLayer::kHasRule:
      return t.rules.size();
    case CoverageLayer::kDataPresent:
      return t.with_data;
    case CoverageLayer::kFiredInTest:
      return t.test_detections;
    case CoverageLayer::kFiredLive:
      return t.live_alerts;
  }
  return 0;
}

// "2 of 3 rules: a, b, c".
std::string CommentOf(const TechniqueCoverage& t, CoverageLayer layer) {
  std::string out;
  const auto of = [&t, &out](uint64_t n, std::string_view what) {
    absl::StrAppend(&out, n, " of ", t.rules.size(), t.rules.size() == 1 ? " rule " : " rules ",
                    std::string(what));
  };
  switch (layer) {
    case CoverageLayer::kHasRule:
      absl::StrAppend(&out, t.rules.size(), t.rules.size() == 1 ? " rule" : " rules");
      break;
    case CoverageLayer::kDataPresent:
      of(t.with_data, "with data");
      break;
    case CoverageLayer::kFiredInTest:
      of(t.test_rules, "fired in tests");
      break;
    case CoverageLayer::kFiredLive:
      of(t.live_rules, "fired live");
      break;
  }
  for (size_t i = 0; i < t.rules.size() && i < kCommentRules; ++i) {
    absl::StrAppend(&out, i == 0 ? ": " : ", ", t.rules[i]);
  }
  if (t.rules.size() > kCommentRules) {
    absl::StrAppend(&out, " and ", t.rules.size() - kCommentRules, " more");
  }
  return out;
}

void WriteLayer(const Coverage& c, CoverageLayer layer, JsonWriter* w) {
  const std::string_view color = NameOf(kLayerColors, layer);
  w->Text("name", absl::StrCat(c.name, ": ", std::string(NameOf(kLayerNames, layer))));
  w->Begin("versions");
  w->Text("attack", c.attack_version);
  w->Text("navigator", "5.2.0");
  w->Text("layer", "4.5");
  w->End();
  w->Text("domain", "enterprise-attack");
  w->Text("description", NameOf(kLayerTexts, layer));
  w->Number("sorting", 3);
  uint64_t highest = 1;
  w->BeginList("techniques");
  for (const TechniqueCoverage& t : c.techniques) {
    const uint64_t score = ScoreOf(t, layer);
    if (score == 0) continue;
    highest = std::max(highest, score);
    w->Begin();
    w->Text("techniqueID", t.technique);
    w->Number("score", score);
    w->Text("comment", CommentOf(t, layer));
    w->Bool("enabled", true);
    w->End();
  }
  w->EndList();
  w->Begin("gradient");
  w->Texts("colors", {"#ffffff", std::string(color)});
  w->Number("minValue", 0);
  w->Number("maxValue", highest);
  w->End();
  w->BeginList("legendItems");
  w->Begin();
  w->Text("label", NameOf(kLayerNames, layer));
  w->Text("color", color);
  w->End();
  w->EndList();
}

}  // namespace

std::string_view CoverageLayerName(CoverageLayer layer) { return NameOf(kLayerNames, layer); }

Coverage MeasureCoverage(const Program& program, const CoverageInput& input) {
  Coverage out;
  out.attack_version = input.attack_version;
  out.name = input.name;
  Measurer measurer(input, &out);
  for (uint32_t i = 0; i < program.rule_count(); ++i) {
    measurer.Add(AlertRuleOf(program, i, false), program.rule(i).log_source);
  }
  for (uint32_t i = 0; i < program.correlation_count(); ++i) {
    measurer.Add(AlertRuleOf(program, i, true), {});
  }
  measurer.Finish();
  return out;
}

std::string CoverageLayerToJson(const Coverage& coverage, CoverageLayer layer) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  WriteLayer(coverage, layer, &w);
  w.End();
  return out;
}

std::string CoverageToJson(const Coverage& coverage) {
  std::string out = "[";
  for (int i = 0; i < kCoverageLayerCount; ++i) {
    if (i > 0) out.push_back(',');
    out.append(CoverageLayerToJson(coverage, static_cast<CoverageLayer>(i)));
  }
  out.push_back(']');
  return out;
}

}  // namespace vedette::inline v0
