#include "tests/reference/correlation_match.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>

#include "tests/reference/sigma_oracle.h"

namespace vedette::reference {
namespace {

using Kind = VedetteNode::Kind;
using ScalarKind = VedetteScalar::Kind;

const std::set<std::string>& AggregateNames() {
  static const auto* const names = new std::set<std::string>{
      "count",      "rate",  "seen", "distinct", "sum",     "avg",  "min",     "max",  "stddev",
      "percentile", "first", "last", "values",   "entropy", "peak", "changes", "trail"};
  return *names;
}

VedetteExpr FieldNode(std::string name) {
  auto node = std::make_shared<VedetteNode>();
  node->kind = Kind::kField;
  node->text = std::move(name);
  return node;
}

// A number, or a text that is wholly a decimal one.
struct Number {
  bool whole = false;
  __int128 integer = 0;
  double real = 0;  // the value if it is not whole

  long double value() const {
    return whole ? static_cast<long double>(integer) : static_cast<long double>(real);
  }
  double as_double() const { return whole ? static_cast<double>(integer) : real; }
};

std::optional<Number> NumberOf(const VedetteScalar& v) {
  if (v.kind == ScalarKind::kInt) return Number{true, v.integer, 0};
  if (v.kind == ScalarKind::kDouble) return Number{false, 0, v.real};
  if (v.kind != ScalarKind::kText || !IsDecimal(v.text)) return std::nullopt;
  const std::string digits = v.text.substr(v.text[0] == '+' ? 1 : 0);
  if (digits.find_first_of(".eE") == std::string::npos && digits.size() <= 18) {
    return Number{true, std::strtoll(digits.c_str(), nullptr, 10), 0};
  }
  const double real = std::strtod(digits.c_str(), nullptr);
  if (!std::isfinite(real)) return std::nullopt;
  return Number{false, 0, real};
}

// Of 64 bits, signed or not.
VedetteScalar WholeScalar(__int128 value) {
  VedetteScalar out;
  out.kind = ScalarKind::kInt;
  out.integer = value;
  return out;
}

VedetteScalar ScalarOfNumber(const Number& n) {
  return n.whole ? WholeScalar(n.integer) : RealScalar(n.real);
}

// Shewchuk's partial sums: doubles that do not overlap and add up to the exact sum.
void AddExactly(double x, std::vector<double>* partials) {
  size_t kept = 0;
  for (double y : *partials) {
    if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
    const double high = x + y;
    const double low = y - (high - x);
    if (low != 0) (*partials)[kept++] = low;
    x = high;
  }
  partials->resize(kept);
  partials->push_back(x);
}

// Their sum, rounded once.
double Rounded(const std::vector<double>& partials) {
  size_t n = partials.size();
  if (n == 0) return 0;
  double high = partials[--n];
  double low = 0;
  while (n > 0) {
    const double x = high;
    const double y = partials[--n];
    high = x + y;
    low = y - (high - x);
    if (low != 0) break;
  }
  // Half-way cases are decided by what is left.
  if (n > 0 && ((low < 0 && partials[n - 1] < 0) || (low > 0 && partials[n - 1] > 0))) {
    const double twice = low * 2;
    const double x = high + twice;
    if (twice == x - high) high = x;
  }
  return high;
}

VedetteScalar SumOf(const std::vector<Number>& numbers) {
  __int128 whole = 0;
  std::vector<double> partials;
  bool all_whole = true;
  for (const Number& n : numbers) {
    if (n.whole) {
      whole += n.integer;
    } else {
      all_whole = false;
      AddExactly(n.real, &partials);
    }
  }
  if (all_whole) {
    const bool fits = whole >= std::numeric_limits<int64_t>::min() &&
                      whole <= static_cast<__int128>(std::numeric_limits<uint64_t>::max());
    return fits ? WholeScalar(whole) : RealScalar(static_cast<double>(whole));
  }
  // An integer in parts that doubles hold exactly.
  const bool negative = whole < 0;
  auto rest = static_cast<unsigned __int128>(negative ? -whole : whole);
  for (double unit = 1; rest != 0; unit *= 4294967296.0) {
    const auto part = static_cast<double>(static_cast<uint32_t>(rest)) * unit;
    AddExactly(negative ? -part : part, &partials);
    rest >>= 32;
  }
  return RealScalar(Rounded(partials));
}

double ToDouble(const VedetteScalar& v) {
  return v.kind == ScalarKind::kInt ? static_cast<double>(v.integer) : v.real;
}

VedetteScalar Deviation(const std::vector<Number>& numbers) {
  if (numbers.size() < 2) return NullScalar();
  const auto n = static_cast<long double>(numbers.size());
  long double mean = 0;
  for (const Number& x : numbers) mean += x.value() / n;
  long double squares = 0;
  for (const Number& x : numbers) squares += (x.value() - mean) * (x.value() - mean);
  return RealScalar(static_cast<double>(std::sqrt(squares / (n - 1))));
}

VedetteScalar Percentile(const std::vector<Number>& numbers, double percent) {
  if (numbers.empty()) return NullScalar();
  std::vector<double> sorted;
  for (const Number& n : numbers) sorted.push_back(n.as_double());
  std::sort(sorted.begin(), sorted.end());
  const double rank = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(rank);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return RealScalar(sorted[below] +
                    (rank - static_cast<double>(below)) * (sorted[above] - sorted[below]));
}

// Every choice of one value from each of the lists.
std::vector<std::vector<VedetteScalar>> Combinations(
    const std::vector<std::vector<VedetteScalar>>& lists) {
  std::vector<std::vector<VedetteScalar>> out = {{}};
  for (const std::vector<VedetteScalar>& list : lists) {
    std::vector<std::vector<VedetteScalar>> longer;
    for (const std::vector<VedetteScalar>& begun : out) {
      for (const VedetteScalar& value : list) {
        longer.push_back(begun);
        longer.back().push_back(value);
      }
    }
    out = std::move(longer);
  }
  return out;
}

bool IsConstant(const VedetteNode& node) {
  if (node.kind == Kind::kField || node.kind == Kind::kAnyValue) return false;
  if (node.kind == Kind::kCall && AggregateNames().contains(node.text)) return false;
  for (const VedetteExpr& part : node.parts) {
    if (!IsConstant(*part)) return false;
  }
  return true;
}

double Entropy(const std::vector<VedetteScalar>& values) {
  std::map<std::string, double> counts;
  for (const VedetteScalar& value : values) counts[TextOf(value)] += 1;
  double sum = 0;
  for (const auto& [text, count] : counts) {
    const double share = count / static_cast<double>(values.size());
    sum -= share * std::log2(share);
  }
  return sum + 0.0;
}

size_t Changes(const std::vector<VedetteScalar>& values) {
  size_t changes = 0;
  for (size_t i = 1; i < values.size(); ++i) {
    if (TypedText(values[i]) != TypedText(values[i - 1])) ++changes;
  }
  return changes;
}

// Texts and numbers, each of the first with each of the second.
std::string Trail(const std::vector<VedetteScalar>& texts,
                  const std::vector<VedetteScalar>& numbers) {
  std::string out;
  for (const VedetteScalar& text : texts) {
    for (const VedetteScalar& number : numbers) {
      const auto value = NumberOf(number);
      if (value.has_value()) out += TextOf(text) + ":" + TypedText(ScalarOfNumber(*value)) + " ";
    }
  }
  return out;
}

std::string CallText(const VedetteNode& node) {
  if (node.kind == Kind::kConstant) return TextOf(node.value);
  if (node.kind == Kind::kField) return node.text;
  std::string out;
  for (const VedetteExpr& part : node.parts) out += (out.empty() ? "" : ", ") + CallText(*part);
  return node.text + "(" + out + ")";
}

}  // namespace

int64_t Saturated(Nanos t) {
  constexpr Nanos kMax = std::numeric_limits<int64_t>::max();
  return static_cast<int64_t>(std::clamp<Nanos>(t, -kMax - 1, kMax));
}

std::string TypedText(const VedetteScalar& value) {
  const bool whole = value.kind == ScalarKind::kDouble && std::trunc(value.real) == value.real &&
                     std::fabs(value.real) < 1e18;
  if (whole) return JsonOf(IntScalar(static_cast<__int128>(value.real)));
  return JsonOf(value);
}

std::string TypedText(const std::vector<VedetteScalar>& values) {
  std::string out = "[";
  for (const VedetteScalar& value : values) out += (out == "[" ? "" : ",") + TypedText(value);
  return out + "]";
}

std::vector<VedetteScalar> FieldValues(const OracleEvent& event, const std::string& field) {
  bool present = false;
  std::vector<OracleValue> leaves;
  for (const OracleValue& value : DirectLookup(event, field, &present)) {
    AppendLeaves(value, &leaves);
  }
  std::vector<VedetteScalar> out;
  for (const OracleValue& leaf : leaves) {
    if (leaf->HasText()) out.push_back(ScalarOf(*leaf));
  }
  return out;
}

OracleValue NodeOf(const VedetteScalar& value) {
  using NodeKind = OracleNode::Kind;
  switch (value.kind) {
    case ScalarKind::kNull:
      return MakeNull();
    case ScalarKind::kBool:
      return MakeText(NodeKind::kBool, TextOf(value));
    case ScalarKind::kText:
      return MakeText(NodeKind::kString, value.text);
    default: {
      auto node = std::make_shared<OracleNode>(*MakeText(NodeKind::kNumber, TextOf(value)));
      node->floating = value.kind == ScalarKind::kDouble;
      return node;
    }
  }
}

std::string JsonOf(const OracleValue& value) {
  std::string out;
  switch (value->kind) {
    case OracleNode::Kind::kArray:
      for (const OracleValue& item : value->items) out += (out.empty() ? "" : ",") + JsonOf(item);
      return "[" + out + "]";
    case OracleNode::Kind::kObject:
      for (const auto& [name, member] : value->members) {
        out += (out.empty() ? "" : ",") + JsonOf(TextScalar(name)) + ":" + JsonOf(member);
      }
      return "{" + out + "}";
    default:
      return TypedText(ScalarOf(*value));
  }
}

std::string CanonicalJson(const std::string& json) {
  const auto event = OracleEvent::FromJson("[" + json + "]");
  return event.has_value() ? JsonOf(event->root()->items.at(0)) : json;
}

Records MatchValues::Of(size_t source, const Records& records) {
  Records out;
  for (const RecordPtr& record : records) {
    if (record->source == source) out.push_back(record);
  }
  return out;
}

bool MatchValues::FindSource(const std::string& name, size_t count, size_t* source,
                             std::string* field) const {
  const std::string alias = name.substr(0, name.find('.'));
  for (size_t i = 0; i < count; ++i) {
    if (rule_.sources[i].alias != alias) continue;
    *source = i;
    *field = alias.size() == name.size() ? "" : name.substr(alias.size() + 1);
    return true;
  }
  return false;
}

OracleValue MatchValues::SourceField(size_t source, const std::string& field) const {
  const Records records = Of(source, records_);
  if (records.empty()) return MakeNull();
  bool present = false;
  const std::vector<OracleValue> found = DirectLookup(records.back()->fields, field, &present);
  if (found.size() == 1) return found[0];
  auto list = std::make_shared<OracleNode>();
  list->kind = OracleNode::Kind::kArray;
  list->items = found;
  return found.empty() ? MakeNull() : list;
}

OracleValue MatchValues::Aggregate(const VedetteNode& call, size_t source) const {
  const std::string& name = call.text;
  const Records records = Of(source, window_);
  const size_t further = source + 1 == rule_.sources.size() ? further_ : 0;
  const auto count = static_cast<__int128>(records.size() + further);
  if (name == "count") return NodeOf(IntScalar(count));
  if (name == "seen") return NodeOf(BoolScalar(count > 0));
  if (name == "rate") {
    if (rule_.span == 0) return MakeNull();
    return NodeOf(RealScalar(static_cast<double>(count) / (static_cast<double>(rule_.span) / 1e9)));
  }
  std::vector<std::string> fields;
  for (const VedetteExpr& part : call.parts) {
    size_t ignored = 0;
    std::string field;
    if (part->kind == Kind::kField &&
        FindSource(part->text, rule_.sources.size(), &ignored, &field)) {
      fields.push_back(field);
    }
  }
  if (name == "distinct") {
    std::set<std::string> different;
    for (const RecordPtr& record : records) {
      std::vector<std::vector<VedetteScalar>> lists;
      for (const std::string& field : fields) lists.push_back(FieldValues(record->fields, field));
      for (const auto& values : Combinations(lists)) different.insert(TypedText(values));
    }
    return NodeOf(IntScalar(static_cast<__int128>(different.size())));
  }
  if (name == "trail") {
    std::string trail;
    for (const RecordPtr& record : records) {
      trail += Trail(FieldValues(record->fields, fields.at(0)),
                     FieldValues(record->fields, fields.at(1)));
    }
    return NodeOf(TextScalar(trail.substr(0, 60)));
  }
  std::vector<VedetteScalar> values;
  std::vector<Number> numbers;
  for (const RecordPtr& record : records) {
    for (const VedetteScalar& value : FieldValues(record->fields, fields.at(0))) {
      values.push_back(value);
      if (const auto number = NumberOf(value)) numbers.push_back(*number);
    }
  }
  if (name == "first") return NodeOf(values.empty() ? NullScalar() : values.front());
  if (name == "last") return NodeOf(values.empty() ? NullScalar() : values.back());
  if (name == "values") {
    auto list = std::make_shared<OracleNode>();
    list->kind = OracleNode::Kind::kArray;
    std::set<std::string> seen;
    for (const VedetteScalar& value : values) {
      if (list->items.size() < 100 && seen.insert(TypedText(value)).second) {
        list->items.push_back(NodeOf(value));
      }
    }
    return values.empty() ? MakeNull() : list;
  }
  if (name == "entropy") {
    return NodeOf(values.empty() ? NullScalar() : RealScalar(Entropy(values)));
  }
  if (name == "changes") return NodeOf(IntScalar(static_cast<__int128>(Changes(values))));
  if (name == "sum") return NodeOf(records.empty() ? NullScalar() : SumOf(numbers));
  if (name == "stddev") return NodeOf(Deviation(numbers));
  if (name == "percentile") {
    return NodeOf(Percentile(numbers, ToDouble(VedetteFirst(call.parts.at(1), rule_.names,
                                                            OracleEvent(MakeObject({}))))));
  }
  if (numbers.empty()) return MakeNull();
  if (name == "avg") {
    return NodeOf(RealScalar(ToDouble(SumOf(numbers)) / static_cast<double>(numbers.size())));
  }
  const auto less = [](const Number& a, const Number& b) { return a.value() < b.value(); };
  return NodeOf(ScalarOfNumber(name == "min"
                                   ? *std::min_element(numbers.begin(), numbers.end(), less)
                                   : *std::max_element(numbers.begin(), numbers.end(), less)));
}

// The expression with fields of their own, put into `members`, for whatever is about sources.
VedetteExpr MatchValues::Bind(const VedetteExpr& expr, size_t sources, Members* members) const {
  const auto member = [members](OracleValue value) {
    members->emplace_back("$" + std::to_string(members->size()), std::move(value));
    return FieldNode(members->back().first);
  };
  size_t source = 0;
  std::string field;
  if (expr->kind == Kind::kCall && AggregateNames().contains(expr->text)) {
    if (expr->parts.empty()) return member(Aggregate(*expr, 0));
    if (expr->parts[0]->kind == Kind::kField &&
        FindSource(expr->parts[0]->text, sources, &source, &field)) {
      return member(Aggregate(*expr, source));
    }
  }
  if (expr->kind == Kind::kField && expr->plain_name &&
      FindSource(expr->text, sources, &source, &field)) {
    return member(field.empty() ? NodeOf(BoolScalar(!Of(source, window_).empty()))
                                : SourceField(source, field));
  }
  auto out = std::make_shared<VedetteNode>(*expr);
  // The condition of a block is about the elements.
  const size_t end = expr->kind == Kind::kBlock ? 1 : expr->parts.size();
  for (size_t i = 0; i < end; ++i) out->parts[i] = Bind(expr->parts[i], sources, members);
  return out;
}

bool MatchValues::Holds(const VedetteExpr& condition) const {
  Members members;
  const VedetteExpr bound = Bind(condition, rule_.sources.size(), &members);
  return VedetteHolds(bound, rule_.names, OracleEvent(MakeObject(members))).value_or(false);
}

bool MatchValues::HoldsFor(const VedetteExpr& condition, const OracleEvent& event,
                           size_t stage) const {
  Members members;
  const VedetteExpr bound = Bind(condition, stage, &members);
  if (members.empty()) return VedetteHolds(bound, rule_.names, event).value_or(false);
  members.insert(members.end(), event.root()->members.begin(), event.root()->members.end());
  return VedetteHolds(bound, rule_.names, OracleEvent(MakeObject(members))).value_or(false);
}

OracleValue MatchValues::Interpolated(const std::string& text) const {
  std::string out;
  for (size_t at = 0; at < text.size();) {
    const size_t end = text.compare(at, 2, "${") == 0 ? text.find('}', at) : std::string::npos;
    if (end == std::string::npos) {
      out += text[at++];
      continue;
    }
    std::string why;
    const VedetteExpr part = ParseVedette(text.substr(at + 2, end - at - 2), &why);
    Members members;
    VedetteScalar value;
    if (part != nullptr) {
      const VedetteExpr bound = Bind(part, rule_.sources.size(), &members);
      value = VedetteFirst(bound, rule_.names, OracleEvent(MakeObject(members)));
    }
    out += value.is_null() ? "-" : TextOf(value);
    at = end + 1;
  }
  return NodeOf(TextScalar(out));
}

OracleValue MatchValues::Outcome(const VedetteExpr& value) const {
  const bool is_text = value->kind == Kind::kConstant && value->value.kind == ScalarKind::kText;
  if (is_text && value->value.text.find("${") != std::string::npos) {
    return Interpolated(value->value.text);
  }
  Members members;
  const VedetteExpr bound = Bind(value, rule_.sources.size(), &members);
  // A field or an aggregate alone is its whole value.
  if (bound->kind == Kind::kField && members.size() == 1) return members[0].second;
  return NodeOf(VedetteFirst(bound, rule_.names, OracleEvent(MakeObject(members))));
}

void MatchValues::CollectAggregates(const VedetteExpr& expr,
                                    std::map<std::string, OracleValue>* out) const {
  if (expr == nullptr) return;
  const bool is_text = expr->kind == Kind::kConstant && expr->value.kind == ScalarKind::kText;
  for (size_t at = is_text ? expr->value.text.find("${") : std::string::npos;
       at != std::string::npos; at = expr->value.text.find("${", at + 1)) {
    const size_t end = expr->value.text.find('}', at);
    std::string why;
    if (end == std::string::npos) break;
    CollectAggregates(ParseVedette(expr->value.text.substr(at + 2, end - at - 2), &why), out);
  }
  size_t source = 0;
  std::string field;
  if (expr->kind == Kind::kCall && AggregateNames().contains(expr->text)) {
    if (expr->parts.empty()) {
      (*out)[expr->text + "(" + rule_.sources[0].alias + ")"] = Aggregate(*expr, 0);
      return;
    }
    if (expr->parts[0]->kind == Kind::kField &&
        FindSource(expr->parts[0]->text, rule_.sources.size(), &source, &field)) {
      (*out)[CallText(*expr)] = Aggregate(*expr, source);
      return;
    }
  }
  for (const VedetteExpr& part : expr->parts) CollectAggregates(part, out);
}

bool IsRising(const VedetteExpr& having) {
  const VedetteNode& node = *having;
  if (node.kind == Kind::kAnd || node.kind == Kind::kOr) {
    return std::all_of(node.parts.begin(), node.parts.end(), IsRising);
  }
  // The name of a source, which is `seen` of it.
  if (node.kind == Kind::kField) return node.text.find('.') == std::string::npos;
  if (node.kind == Kind::kCall) return node.text == "seen";
  if (node.kind != Kind::kCompare) return false;
  const bool turned = IsConstant(*node.parts[0]);
  const VedetteNode& measured = *node.parts[turned ? 1 : 0];
  if (!IsConstant(*node.parts[turned ? 0 : 1]) || measured.kind != Kind::kCall) return false;
  const bool above = node.text == (turned ? "<" : ">") || node.text == (turned ? "<=" : ">=");
  const bool below = node.text == (turned ? ">" : "<") || node.text == (turned ? ">=" : "<=");
  static const auto* const rising =
      new std::set<std::string>{"count",      "distinct", "sum",     "avg",  "max",    "stddev",
                                "percentile", "rate",     "entropy", "peak", "changes"};
  return (above && rising->contains(measured.text)) || (below && measured.text == "min");
}

bool RefersToSources(const VedetteExpr& expr, const CorrelationRule& rule, size_t count) {
  size_t source = 0;
  std::string field;
  const Records none;
  const MatchValues values(rule, none);
  if (expr->kind == Kind::kField) {
    return expr->plain_name && values.FindSource(expr->text, count, &source, &field);
  }
  return std::any_of(expr->parts.begin(), expr->parts.end(),
                     [&](const VedetteExpr& part) { return RefersToSources(part, rule, count); });
}

RearmOfKey::RearmOfKey(const CorrelationRule& rule) : rearm_(rule.rearm), span_(rule.rearm_span) {
  using Rearm = CorrelationRule::Rearm;
  using Shape = CorrelationRule::Shape;
  // A wait, new value or descendant is always new.
  const bool always_new = rule.shape == Shape::kAbsence || rule.shape == Shape::kNewValue ||
                          rule.shape == Shape::kLineage;
  if (rearm_ == Rearm::kWhenFalse && always_new) rearm_ = Rearm::kImmediately;
  if (rearm_ != Rearm::kDefault) return;
  const bool window = rule.shape == Shape::kWindow || rule.shape == Shape::kAll;
  rearm_ = window                         ? Rearm::kWhenFalse
           : rule.shape == Shape::kSample ? Rearm::kNever
                                          : Rearm::kImmediately;
}

bool RearmOfKey::Judge(bool holds, Nanos t) {
  using Rearm = CorrelationRule::Rearm;
  if (!holds) {
    armed_ = true;
    return false;
  }
  bool fires = true;
  if (rearm_ == Rearm::kWhenFalse) fires = armed_;
  if (rearm_ == Rearm::kNever) fires = !fired_;
  if (rearm_ == Rearm::kAfter) fires = !fired_ || t >= last_ + span_;
  armed_ = false;
  if (!fires) return false;
  fired_ = true;
  last_ = t;
  return true;
}

std::vector<Records> ByOrdinal(const Records& records) {
  std::vector<Records> out;
  for (const RecordPtr& record : records) {
    if (out.empty() || out.back()[0]->ordinal() != record->ordinal()) out.emplace_back();
    out.back().push_back(record);
  }
  return out;
}

}  // namespace vedette::reference
