#include "vedette/alert/scorecard.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/alert/markdown.h"
#include "lib/alert/names.h"
#include "lib/alert/permille.h"
#include "lib/event/json_writer.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 3> kAdviceNames = {"keep", "tune", "retire"};
constexpr std::array<std::string_view, 3> kAdviceTitles = {"Keep", "Tune", "Retire"};

struct Counts {
  std::string title;
  Level level = Level::kUnset;
  uint64_t emitted = 0;
  uint64_t folded = 0;
  uint64_t suppressed = 0;
  uint64_t inhibited = 0;
  uint64_t late = 0;
};

uint64_t Permille(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0
                    : static_cast<uint64_t>(static_cast<double>(part) * 1000.0 /
                                            static_cast<double>(whole));
}

std::string Percent(uint64_t permille) {
  return absl::StrCat(permille / 10, ".", permille % 10, " %");
}

void Advise(const ScorecardOptions& options, RuleScore* s) {
  const RuleVerdicts& v = s->verdicts;
  const uint64_t judged = v.true_positives + v.false_positives + v.benign;
  const auto say = [s](RuleAdvice advice, std::string reason) {
    s->advice = std::max(s->advice, advice);
    s->reasons.push_back(std::move(reason));
  };
  if (judged > 0) {
    s->right_permille = static_cast<uint32_t>(Permille(v.true_positives, judged));
    if (judged >= options.min_verdicts && *s->right_permille < options.tune_below_permille) {
      const bool retire = *s->right_permille < options.retire_below_permille;
      say(retire ? RuleAdvice::kRetire : RuleAdvice::kTune,
          absl::StrCat("right in ", v.true_positives, " of ", judged, " judged alerts (",
                       Percent(*s->right_permille), "): ", v.false_positives, " false positives, ",
                       v.benign, " benign"));
    }
  }
  if (options.noisy_from > 0 && s->raw > options.noisy_from) {
    say(RuleAdvice::kTune, absl::StrCat(s->raw, " raw alerts, more than ", options.noisy_from));
  }
  const uint64_t suppressed = Permille(s->suppressed, s->raw);
  if (s->raw >= options.min_verdicts && suppressed > options.suppressed_from_permille) {
    say(RuleAdvice::kTune, absl::StrCat(Percent(suppressed),
                                        " of its alerts are suppressed: put "
                                        "the exception into the rule"));
  }
  if (v.refired > 0 && s->advice != RuleAdvice::kKeep) {
    say(RuleAdvice::kTune,
        absl::StrCat(v.refired, " alerts came again after a verdict that it was nothing"));
  }
  if (s->advice != RuleAdvice::kKeep) return;
  if (judged >= options.min_verdicts) {
    s->reasons.push_back(absl::StrCat("right in ", v.true_positives, " of ", judged,
                                      " judged alerts (", Percent(*s->right_permille), ")"));
  } else if (s->raw == 0) {
    s->reasons.emplace_back("no alerts: see whether it can fire at all");
  } else {
    s->reasons.push_back(
        absl::StrCat("too few verdicts to tell (", judged, " of ", options.min_verdicts, ")"));
  }
}

}  // namespace

std::string_view RuleAdviceName(RuleAdvice advice) { return NameOf(kAdviceNames, advice); }

struct ScorecardCounter::Impl {
  ScorecardOptions options;
  std::map<std::string, Counts, std::less<>> rules;
  uint64_t other = 0;

  // Null if there are too many.
  Counts* Of(std::string_view id) {
    const auto it = rules.find(id);
    if (it != rules.end()) return &it->second;
    if (rules.size() >= options.max_rules) {
      ++other;
      return nullptr;
    }
    return &rules[std::string(id)];
  }

  Counts* Of(const AlertRule& rule) {
    Counts* counts = Of(rule.id);
    if (counts != nullptr) {
      counts->title = rule.title;
      counts->level = rule.level;
    }
    return counts;
  }
};

ScorecardCounter::ScorecardCounter(ScorecardOptions options) : impl_(std::make_unique<Impl>()) {
  impl_->options = options;
}
ScorecardCounter::~ScorecardCounter() = default;

void ScorecardCounter::OnAlert(const Alert& alert) {
  if (Counts* c = impl_->Of(*alert.rule)) ++c->emitted;
}

void ScorecardCounter::OnFold(const FoldUpdate& fold) {
  if (Counts* c = impl_->Of(fold.rule_id)) ++c->folded;
}

void ScorecardCounter::OnHeld(const HeldAlert& held) {
  Counts* c = impl_->Of(held.rule_id);
  if (c == nullptr) return;
  if (c->title.empty()) c->title = held.title;
  ++(held.kind == HoldKind::kInhibition ? c->inhibited : c->suppressed);
}

void ScorecardCounter::OnLate(const Alert& alert) {
  if (Counts* c = impl_->Of(*alert.rule)) ++c->late;
}

void ScorecardCounter::Clear() {
  impl_->rules.clear();
  impl_->other = 0;
}

Scorecard ScorecardCounter::Report(const Program* program, const VerdictBook* verdicts,
                                   EventTime from, EventTime to) const {
  std::map<std::string, Counts, std::less<>> rules = impl_->rules;
  if (program != nullptr) {
    const auto add = [&rules](const AlertRule& rule) {
      Counts& c = rules[rule.id];
      c.title = rule.title;
      c.level = rule.level;
    };
    for (uint32_t i = 0; i < program->rule_count(); ++i) add(AlertRuleOf(*program, i, false));
    for (uint32_t i = 0; i < program->correlation_count(); ++i) {
      add(AlertRuleOf(*program, i, true));
    }
  }
  Scorecard card;
  card.from = from;
  card.to = to;
  card.other_raw = impl_->other;
  for (auto& [id, c] : rules) {
    RuleScore& s = card.rules.emplace_back();
    s.rule_id = id;
    s.title = std::move(c.title);
    s.level = c.level;
    s.emitted = c.emitted;
    s.folded = c.folded;
    s.suppressed = c.suppressed;
    s.inhibited = c.inhibited;
    s.late = c.late;
    s.raw = c.emitted + c.folded + c.suppressed + c.inhibited + c.late;
    if (verdicts != nullptr) {
      s.verdicts = verdicts->OfRule(id);
      s.precision = verdicts->PrecisionOf(id);
    }
    Advise(impl_->options, &s);
  }
  std::stable_sort(card.rules.begin(), card.rules.end(),
                   [](const RuleScore& a, const RuleScore& b) {
                     if (a.advice != b.advice) return a.advice > b.advice;
                     return a.raw > b.raw;
                   });
  return card;
}

std::string ScorecardToJson(const Scorecard& card) {
  std::string out;
  JsonWriter w(&out);
  w.Begin();
  w.Time("from", card.from);
  w.Time("to", card.to);
  w.BeginList("rules");
  for (const RuleScore& s : card.rules) {
    w.Begin();
    w.Text("rule_id", s.rule_id);
    w.Text("title", s.title);
    w.TextIf("level", LevelName(s.level));
    w.Number("raw", s.raw);
    w.Number("emitted", s.emitted);
    w.Number("folded", s.folded);
    w.Number("suppressed", s.suppressed);
    w.Number("inhibited", s.inhibited);
    w.Number("late", s.late);
    w.Number("true_positives", s.verdicts.true_positives);
    w.Number("false_positives", s.verdicts.false_positives);
    w.Number("benign", s.verdicts.benign);
    w.Number("other_verdicts", s.verdicts.others);
    w.Number("refired", s.verdicts.refired);
    if (s.right_permille.has_value()) w.Raw("right", PermilleText(*s.right_permille));
    if (s.precision.has_value()) {
      w.Raw("precision_at_least",
            PermilleText(static_cast<uint64_t>(s.precision->lower * 1000 + 0.5)));
      w.Number("precision_n", s.precision->n);
    }
    w.Text("advice", RuleAdviceName(s.advice));
    w.Texts("reasons", s.reasons);
    w.End();
  }
  w.EndList();
  w.Number("other_raw", card.other_raw);
  w.End();
  return out;
}

std::string ScorecardToMarkdown(const Scorecard& card) {
  std::string out = "# Rule scorecard\n";
  if (card.from != kNoEventTime && card.to != kNoEventTime) {
    absl::StrAppend(&out, "\nFrom ", FormatEventTime(card.from), " to ", FormatEventTime(card.to),
                    ".\n");
  }
  for (const RuleAdvice advice : {RuleAdvice::kRetire, RuleAdvice::kTune, RuleAdvice::kKeep}) {
    bool any = false;
    for (const RuleScore& s : card.rules) {
      if (s.advice != advice) continue;
      if (!any) {
        absl::StrAppend(
            &out, "\n## ", std::string(NameOf(kAdviceTitles, advice)),
            "\n\n| Rule | Raw | Emitted | Folded | Suppressed | Inhibited | Late | TP | "
            "FP | Benign | Precision at least | Why |\n"
            "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|\n");
      }
      any = true;
      std::string why;
      for (const std::string& reason : s.reasons) {
        if (!why.empty()) why.append("; ");
        why.append(reason);
      }
      const std::string precision =
          s.precision.has_value()
              ? absl::StrCat(Percent(static_cast<uint64_t>(s.precision->lower * 1000 + 0.5)),
                             " (n=", s.precision->n, ")")
              : "-";
      absl::StrAppend(&out, "| ", MarkdownText(s.title.empty() ? s.rule_id : s.title), " | ", s.raw,
                      " | ", s.emitted, " | ", s.folded, " | ");
      absl::StrAppend(&out, s.suppressed, " | ", s.inhibited, " | ", s.late, " | ",
                      s.verdicts.true_positives, " | ", s.verdicts.false_positives);
      absl::StrAppend(&out, " | ", s.verdicts.benign, " | ", precision, " | ", MarkdownText(why),
                      " |\n");
    }
  }
  if (card.other_raw > 0) {
    absl::StrAppend(&out, "\n", card.other_raw, " alerts of further rules are not told apart.\n");
  }
  return out;
}

}  // namespace vedette::inline v0
