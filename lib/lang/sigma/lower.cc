#include "lib/lang/sigma/lower.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "lib/lang/sigma/regex_check.h"

namespace vedette::inline v0::sigma {
namespace {

using PieceKind = SigmaString::Piece::Kind;

// A formula and its size; `formula` is empty if a pipeline dropped all of it, which then counts for
// nothing in the condition around it.
struct Lowered {
  std::optional<Formula> formula;
  size_t nodes = 0;
};

class Lowering {
 public:
  Lowering(size_t* budget, Reporter* reporter) : budget_(budget), reporter_(reporter) {}

  bool failed() const { return failed_; }

  Lowered LowerDetection(const Detection& detection) {
    Lowered out;
    switch (detection.kind) {
      case Detection::Kind::kItem:
        out = LowerItem(detection.item);
        break;
      case Detection::Kind::kAnd:
      case Detection::Kind::kOr: {
        std::vector<Lowered> children;
        for (const Detection& child : detection.children) {
          if (failed_) return {};
          children.push_back(LowerDetection(child));
        }
        out = Join(detection.kind == Detection::Kind::kAnd, std::move(children), "");
        break;
      }
      case Detection::Kind::kEach:
        out = LowerEach(detection);
        break;
      case Detection::Kind::kBlock:
        out = LowerBlock(detection);
        break;
    }
    if (out.formula.has_value()) {
      if (!detection.label.empty()) out = Labelled(std::move(out), detection.label);
      // A single test keeps its own place.
      const bool placed = out.formula->kind == NodeKind::kPredicate && out.formula->span.line != 0;
      if (detection.span.line != 0 && !placed) out.formula->span = detection.span;
    }
    return out;
  }

 private:
  // A label must not replace one that is there already.
  Lowered Labelled(Lowered lowered, const std::string& label) {
    if (!lowered.formula->label.empty()) {
      Formula group;
      group.kind = NodeKind::kAnd;
      group.children.push_back(*std::move(lowered.formula));
      lowered.formula = std::move(group);
      ++lowered.nodes;
    }
    lowered.formula->label = label;
    return lowered;
  }

  bool Charge(size_t nodes, SourceSpan span) {
    if (failed_) return false;
    if (nodes > *budget_) {
      *budget_ = 0;
      Fail("SIG0006", span, "the rule grows too large: its condition repeats too many values");
      return false;
    }
    *budget_ -= nodes;
    return true;
  }

  void Fail(std::string_view code, SourceSpan span, std::string message, std::string hint = "") {
    failed_ = true;
    DiagnosticExtras extras;
    extras.hint = std::move(hint);
    reporter_->Error(code, span, std::move(message), std::move(extras));
  }

  Lowered Join(bool conjunction, std::vector<Lowered> parts, std::string label) {
    Lowered out;
    std::vector<Formula> formulas;
    for (Lowered& part : parts) {
      if (!part.formula.has_value()) continue;
      out.nodes += part.nodes;
      formulas.push_back(*std::move(part.formula));
    }
    if (formulas.empty()) return {};
    if (formulas.size() == 1) label.clear();
    ++out.nodes;
    out.formula = conjunction ? Formula::And(std::move(formulas), std::move(label))
                              : Formula::Or(std::move(formulas), std::move(label));
    return out;
  }

  // False if the text cannot be used as it is.
  bool FillText(const ValueTest& test, Predicate* predicate) {
    for (const SigmaString::Piece& piece : test.text.pieces) {
      if (piece.kind != PieceKind::kPlaceholder) continue;
      Fail("SIG0016", test.span,
           "the placeholder " + Quoted("%" + piece.text + "%") + " has no values",
           "give its values in the placeholders file, or load the rule without it");
      return false;
    }
    if (predicate->op == PredicateOp::kText || predicate->op == PredicateOp::kKeyword) {
      predicate->pattern = ToPattern(test.text, test.cased);
    } else if (predicate->op == PredicateOp::kRegex) {
      predicate->regex = test.text.LiteralText();
      NormalizeRegex(predicate);
    }
    return true;
  }

  bool AppendTest(const ValueTest& test, const std::string& field, std::vector<Formula>* out) {
    if (!Charge(1, test.span)) return false;
    Predicate predicate = test.predicate;
    predicate.field = field;
    if (!FillText(test, &predicate)) return false;
    Formula formula = Formula::Of(std::move(predicate), test.span);
    out->push_back(test.negated ? Formula::Not(std::move(formula)) : std::move(formula));
    return true;
  }

  std::optional<Formula> LowerField(const DetectionItem& item, const std::string& field,
                                    size_t* nodes) {
    std::vector<Formula> values;
    for (const std::vector<ValueTest>& tests : item.values) {
      std::vector<Formula> group;
      std::vector<Formula>* const into = item.all ? &group : &values;
      for (const ValueTest& test : tests) {
        if (!AppendTest(test, field, into)) return std::nullopt;
      }
      *nodes += tests.size() + 1;
      if (item.all) values.push_back(Formula::Or(std::move(group)));
    }
    return item.all ? Formula::And(std::move(values)) : Formula::Or(std::move(values));
  }

  Lowered LowerItem(const DetectionItem& item) {
    static const std::vector<std::string>* const no_field = new std::vector<std::string>(1);
    Lowered out;
    if (item.dropped) return out;
    const std::vector<std::string>& fields = item.keyword ? *no_field : item.fields;
    std::vector<Formula> alternatives;
    for (const std::string& field : fields) {
      std::optional<Formula> formula = LowerField(item, field, &out.nodes);
      if (!formula.has_value()) return {};
      alternatives.push_back(*std::move(formula));
    }
    out.nodes += 3;
    out.formula = Formula::Or(std::move(alternatives));
    if (item.negated) out.formula = Formula::Not(*std::move(out.formula));
    return out;
  }

  Lowered LowerEach(const Detection& detection) {
    Lowered inner = LowerDetection(detection.children[0]);
    if (!inner.formula.has_value()) return {};
    Formula each;
    each.kind = NodeKind::kEach;
    each.field = detection.field;
    each.quantifier = detection.quantifier;
    each.children.push_back(*std::move(inner.formula));
    return {std::move(each), inner.nodes + 1};
  }

  // How often each part of a block is used by its condition.
  static void CountUses(const ConditionNode& condition, std::vector<size_t>* uses) {
    for (const uint32_t part : condition.parts) ++(*uses)[part];
    for (const ConditionNode& child : condition.children) CountUses(child, uses);
  }

  Lowered LowerBlock(const Detection& block) {
    std::vector<size_t> uses(block.children.size());
    CountUses(block.condition, &uses);
    std::vector<Lowered> parts(block.children.size());
    for (size_t i = 0; i < parts.size(); ++i) {
      if (uses[i] > 0) parts[i] = LowerDetection(block.children[i]);
      if (failed_) return {};
    }
    return LowerCondition(block, block.condition, &uses, &parts);
  }

  Lowered LowerCondition(const Detection& block, const ConditionNode& condition,
                         std::vector<size_t>* uses, std::vector<Lowered>* parts) {
    std::vector<Lowered> children;
    for (const uint32_t part : condition.parts) {
      // The last use takes the formula itself.
      Lowered& lowered = (*parts)[part];
      if (--(*uses)[part] == 0) {
        children.push_back(std::move(lowered));
        continue;
      }
      if (!Charge(lowered.nodes, block.span)) return {};
      children.push_back(lowered);
    }
    for (const ConditionNode& child : condition.children) {
      children.push_back(LowerCondition(block, child, uses, parts));
      if (failed_) return {};
    }
    if (condition.kind == ConditionNode::Kind::kNot) {
      Lowered inner = std::move(children[0]);
      if (!inner.formula.has_value()) return {};
      return {Formula::Not(*std::move(inner.formula)), inner.nodes + 1};
    }
    const bool conjunction = condition.kind == ConditionNode::Kind::kAnd ||
                             condition.kind == ConditionNode::Kind::kAllOf;
    return Join(conjunction, std::move(children), condition.label);
  }

  size_t* budget_;
  Reporter* reporter_;
  bool failed_ = false;
};

}  // namespace

std::optional<Formula> Lower(const Detection& detection, size_t* budget, Reporter* reporter) {
  Lowering lowering(budget, reporter);
  Lowered lowered = lowering.LowerDetection(detection);
  if (lowering.failed()) return std::nullopt;
  if (!lowered.formula.has_value()) {
    reporter->Error("SIG0018", detection.span, "a pipeline dropped everything the rule tests");
    return std::nullopt;
  }
  return std::move(lowered.formula);
}

}  // namespace vedette::inline v0::sigma
