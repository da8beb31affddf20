// Explanations: every part of a rule with what it gave and why.
#include <utility>

#include "lib/eval/evaluator_impl.h"
#include "lib/eval/kernels.h"
#include "vedette/evaluator.h"

namespace vedette::inline v0 {
namespace {

using Kind = ProgramNode::Kind;
using Op = CompiledPredicate::Op;

// Lists of hundreds of alternatives: those that hold and the first that do not are shown.
constexpr size_t kMaxShownMisses = 12;

class Explainer {
 public:
  Explainer(const ProgramLayout& layout, size_t max_value_bytes, Frame* frame, Runner* runner)
      : layout_(layout), max_value_bytes_(max_value_bytes), frame_(frame), runner_(runner) {}

  Explanation Explain(uint32_t index, const Value* element) {
    const ProgramNode& node = layout_.nodes[index];
    Explanation out;
    out.text = layout_.labels[node.label];
    out.result = runner_->Holds(index, element);
    const auto title = [&out](std::string_view name) {
      if (out.text.empty()) {
        out.text = name;
      } else {
        out.text += " (" + std::string(name) + ")";
      }
    };
    switch (node.kind) {
      case Kind::kTrue:
        title("always");
        return out;
      case Kind::kFalse:
        title("never");
        return out;
      case Kind::kPredicate:
        ExplainPredicate(layout_.predicates[node.first], element, &out);
        return out;
      case Kind::kAnd:
        title("all of these");
        break;
      case Kind::kOr:
        title("any of these");
        break;
      case Kind::kNot:
        title("not");
        out.children.push_back(Explain(node.first, element));
        return out;
      case Kind::kEach:
        ExplainEach(node, element, &out);
        return out;
    }
    AddChildren(node, element, &out);
    return out;
  }

 private:
  void AddChildren(const ProgramNode& node, const Value* element, Explanation* out) {
    size_t misses = 0;
    for (const uint32_t child : ChildrenInOrder(layout_, node)) {
      const bool holds = runner_->Holds(child, element);
      if (!holds && node.kind == Kind::kOr && ++misses > kMaxShownMisses) continue;
      out->children.push_back(Explain(child, element));
    }
    if (misses > kMaxShownMisses) {
      Explanation more;
      more.text = std::to_string(misses - kMaxShownMisses) + " more alternatives do not hold";
      out->children.push_back(std::move(more));
    }
  }

  void ExplainEach(const ProgramNode& node, const Value* element, Explanation* out) {
    static constexpr std::string_view kNames[] = {"any", "all", "all or no", "no"};
    const std::string field = layout_.fields[node.field].text();
    out->text += (out->text.empty() ? "" : ": ") +
                 std::string(kNames[static_cast<size_t>(node.quantifier)]) + " element of " + field;
    const std::span<const Value> elements = runner_->Elements(node, element);
    if (elements.empty()) out->detail = "no such field, or it is empty";
    size_t number = 0;
    for (const Value& item : elements) {
      if (number == kMaxShownMisses) break;
      Explanation one = Explain(node.first, &item);
      one.text = "element " + std::to_string(number++) + ": " + one.text;
      out->children.push_back(std::move(one));
    }
  }

  std::string Shown(const Value& v) const {
    std::string text = DisplayText(v);
    if (text.size() > max_value_bytes_) text = text.substr(0, max_value_bytes_) + "...";
    return "'" + text + "'";
  }

  void ExplainPredicate(const CompiledPredicate& p, const Value* element, Explanation* out) {
    out->text = out->text.empty() ? p.text : out->text + ": " + p.text;
    if (p.op == Op::kKeyword) {
      ExplainKeyword(p, out);
      return;
    }
    if (p.subject != nullptr) {
      ExplainSubject(p, element, out);
      return;
    }
    FieldState relative;
    if (p.relative && element != nullptr) relative = frame_->RelativeField(*element, p.field);
    FieldState* state = p.relative ? &relative : &frame_->Field(p.field);
    if (!state->present) {
      out->detail = "no such field in this event";
      return;
    }
    for (Scalar& scalar : state->scalars) {
      if (p.op == Op::kFieldText || !ScalarMatches(p, &scalar, frame_)) continue;
      out->detail = "value is " + Shown(scalar.value);
      return;
    }
    out->detail = state->value.is_null() ? "value is null" : "value is " + Shown(state->value);
    if (p.op == Op::kFieldText && !p.relative) {
      const FieldState& other = frame_->Field(p.other_field);
      out->detail += other.present ? ", the other's is " + Shown(other.value)
                                   : ", the other field is not in this event";
    }
  }

  // The value that decided, or the first one that was computed.
  void ExplainSubject(const CompiledPredicate& p, const Value* element, Explanation* out) {
    const auto state = [](const Value& v, const std::string& shown) {
      return v.is_scalar() ? "computed value is " + shown : "nothing can be computed: null";
    };
    frame_->indicators().ClearHit();
    const bool holds =
        frame_->AnyValue(*p.subject, p.relative ? element : nullptr, [&](const Value& v) {
          const bool matches = ValueMatches(p, v, frame_);
          if (matches || out->detail.empty()) out->detail = state(v, Shown(v));
          return matches;
        });
    const IndicatorLookup::Hit& hit = frame_->indicators().hit();
    if (!holds || hit.set == nullptr || !AsksIndicatorSet(p)) return;
    out->detail = "value is " + Shown(hit.value) + ", known as";
    for (const auto& [name, value] : DescribeIndicator(hit)) {
      if (name == "set") continue;
      out->detail += (out->detail.ends_with("as") ? " " : ", ") + name + " " + value;
    }
  }

  void ExplainKeyword(const CompiledPredicate& p, Explanation* out) {
    for (Scalar& scalar : frame_->WholeEvent()) {
      if (!ScalarMatches(p, &scalar, frame_)) continue;
      out->detail = "found in " + Shown(scalar.value);
      return;
    }
    out->detail = "in no value of this event";
  }

  const ProgramLayout& layout_;
  size_t max_value_bytes_;
  Frame* frame_;
  Runner* runner_;
};

void Format(const Explanation& e, size_t depth, bool color, std::string* out) {
  out->append(depth * 2, ' ');
  if (color) out->append(e.result ? "\x1b[32m" : "\x1b[31m");
  out->append(e.result ? "+ " : "- ");
  if (color) out->append("\x1b[0m");
  std::string line = e.text;
  if (!e.detail.empty()) line += "   [" + e.detail + "]";
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  out->append(line).append("\n");
  for (const Explanation& child : e.children) Format(child, depth + 1, color, out);
}

}  // namespace

Explanation Evaluator::Explain(const EventView& event, size_t rule_index) {
  impl_->Begin(event);
  impl_->frame.LiftBudget();
  const ProgramRule& rule = impl_->layout.rules[rule_index];
  Explanation source;
  source.text = "log source " + rule.meta.log_source.ToString();
  const std::vector<LogSource>& sources = impl_->frame.plan()->sources;
  source.result = rule.meta.log_source.empty();
  for (const LogSource& s : sources) {
    source.result = source.result || s.Satisfies(rule.meta.log_source);
    source.detail += (source.detail.empty() ? "event is " : ", ") + s.ToString();
  }
  if (sources.empty()) source.detail = "the event's log source is unknown";
  Explanation condition =
      Explainer(impl_->layout, impl_->options.max_value_bytes, &impl_->frame, &impl_->runner)
          .Explain(rule.root, nullptr);
  Explanation out;
  out.text = std::string(rule.meta.display_name());
  out.result = source.result && condition.result;
  out.children.push_back(std::move(source));
  out.children.push_back(std::move(condition));
  return out;
}

std::string FormatExplanation(const Explanation& explanation, bool color) {
  std::string out;
  Format(explanation, 0, color, &out);
  return out;
}

}  // namespace vedette::inline v0
