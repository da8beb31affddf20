// Walks a rule's tree over one event. Two-valued: a test of an absent field is false.
#include "tests/reference/sigma_tree.h"

namespace vedette::reference {
namespace {

// What fields and keywords are looked up in: the event, or one element inside an array block.
struct Scope {
  const OracleEvent& event;
  const FieldLookup& lookup;
};

bool HoldsBody(const RuleBody& body, const Scope& scope);

bool TextMatches(const Matcher& matcher, const OracleNode& value) {
  switch (matcher.kind) {
    case Matcher::Kind::kString:
      return GlobMatches(matcher.pattern, matcher.cased ? value.exact : value.folded);
    case Matcher::Kind::kRegex:
      return RE2::PartialMatch(value.text, *matcher.regex);
    case Matcher::Kind::kNumber:
    case Matcher::Kind::kBool:
      return value.folded == Fold(Decode(matcher.text));
    case Matcher::Kind::kCidr:
      return value.kind == OracleNode::Kind::kString &&
             NetworkContains(matcher.network, value.text);
    default:
      return false;
  }
}

bool Compares(long double left, Compare compare, long double right) {
  switch (compare) {
    case Compare::kEqual:
      return left == right;
    case Compare::kLess:
      return left < right;
    case Compare::kLessEqual:
      return left <= right;
    case Compare::kGreater:
      return left > right;
    case Compare::kGreaterEqual:
      return left >= right;
  }
  return false;
}

// The scalars and objects a field stands for.
std::vector<OracleValue> LeavesOf(const std::string& field, const Scope& scope, bool* present) {
  std::vector<OracleValue> leaves;
  for (const OracleValue& value : scope.lookup(scope.event, field, present)) {
    AppendLeaves(value, &leaves);
  }
  return leaves;
}

bool ReferenceMatches(const Matcher& matcher, const OracleNode& value, const Scope& scope) {
  bool present = false;
  for (const OracleValue& other : LeavesOf(matcher.text, scope, &present)) {
    if (!other->HasText()) continue;
    Pattern pattern = LiteralPattern(matcher.cased ? other->exact : other->folded);
    if (matcher.open_before) pattern.insert(pattern.begin(), Unit{Unit::Kind::kStar, 0, {}});
    if (matcher.open_after) pattern.push_back(Unit{Unit::Kind::kStar, 0, {}});
    if (GlobMatches(pattern, matcher.cased ? value.exact : value.folded)) return true;
  }
  return false;
}

bool ValueMatches(const Matcher& matcher, const OracleNode& value, const Scope& scope) {
  if (!value.HasText()) return false;
  if (matcher.kind == Matcher::Kind::kFieldRef) return ReferenceMatches(matcher, value, scope);
  if (matcher.kind == Matcher::Kind::kCompare) {
    return value.number && Compares(*value.number, matcher.compare, matcher.number);
  }
  if (matcher.kind == Matcher::Kind::kTimePart) {
    if (value.kind == OracleNode::Kind::kBool) return false;
    const bool epoch = value.kind == OracleNode::Kind::kNumber ||
                       (value.text.size() >= 9 && value.number.has_value());
    const std::optional<int> part =
        epoch ? ReadEpochPart(*value.number, matcher.part) : ReadTimePart(value.text, matcher.part);
    return part && Compares(static_cast<long double>(*part), matcher.compare, matcher.number);
  }
  return TextMatches(matcher, value);
}

bool FieldMatches(const Matcher& matcher, const std::vector<OracleValue>& leaves, bool present,
                  const Scope& scope) {
  if (matcher.kind == Matcher::Kind::kExists) return present == matcher.wanted;
  if (matcher.kind == Matcher::Kind::kNull) {
    // Absent, null, a null among others, or an array with nothing in it.
    if (leaves.empty()) return true;
    for (const OracleValue& leaf : leaves) {
      if (leaf->kind == OracleNode::Kind::kNull) return true;
    }
    return false;
  }
  for (const OracleValue& leaf : leaves) {
    if (ValueMatches(matcher, *leaf, scope)) return true;
  }
  return false;
}

bool HoldsValues(const Item& item, const std::vector<OracleValue>& leaves, bool present,
                 const Scope& scope) {
  for (const auto& forms : item.values) {
    bool any = false;
    for (const Matcher& form : forms) any = any || FieldMatches(form, leaves, present, scope);
    if (any != item.all) return any;
  }
  return item.all;
}

bool HoldsBlock(const Item& item, const Scope& scope) {
  bool present = false;
  std::vector<OracleValue> elements;
  for (const OracleValue& value : scope.lookup(scope.event, item.field, &present)) {
    if (value->kind == OracleNode::Kind::kArray) {
      elements.insert(elements.end(), value->items.begin(), value->items.end());
    } else if (value->kind != OracleNode::Kind::kNull) {
      elements.push_back(value);  // one value counts as an array of one
    }
  }
  size_t matching = 0;
  const FieldLookup direct = DirectLookup;
  for (const OracleValue& element : elements) {
    const OracleEvent inner(element);
    if (HoldsBody(*item.block, Scope{inner, direct})) ++matching;
  }
  switch (item.quantifier) {
    case Quantifier::kAny:
      return matching > 0;
    case Quantifier::kAll:
      return !elements.empty() && matching == elements.size();
    case Quantifier::kAllOrEmpty:
      return matching == elements.size();
    case Quantifier::kNoElement:
      return matching == 0;
    case Quantifier::kNone:
      break;
  }
  return false;
}

bool HoldsItem(const Item& item, const Scope& scope) {
  if (item.quantifier != Quantifier::kNone) return HoldsBlock(item, scope);
  std::vector<OracleValue> leaves;
  bool present = true;
  if (item.keyword) {
    AppendScalars(scope.event.root(), &leaves);
  } else {
    leaves = LeavesOf(item.field, scope, &present);
  }
  return HoldsValues(item, leaves, present, scope) != item.negated;
}

bool HoldsDetection(const Detection& detection, const Scope& scope) {
  if (detection.kind == Detection::Kind::kItem) return HoldsItem(detection.item, scope);
  const bool all = detection.kind == Detection::Kind::kAllOf;
  for (const Detection& part : detection.parts) {
    if (HoldsDetection(part, scope) != all) return !all;
  }
  return all;
}

bool HoldsCondition(const Condition& condition, const RuleBody& body, const Scope& scope) {
  switch (condition.kind) {
    case Condition::Kind::kIdentifier:
      return HoldsDetection(body.detections.at(condition.identifier), scope);
    case Condition::Kind::kNot:
      return !HoldsCondition(condition.parts.front(), body, scope);
    case Condition::Kind::kAnd:
    case Condition::Kind::kOr:
      break;
  }
  const bool all = condition.kind == Condition::Kind::kAnd;
  for (const Condition& part : condition.parts) {
    if (HoldsCondition(part, body, scope) != all) return !all;
  }
  return all;
}

bool HoldsBody(const RuleBody& body, const Scope& scope) {
  for (const Condition& condition : body.conditions) {
    if (HoldsCondition(condition, body, scope)) return true;
  }
  return false;
}

}  // namespace

bool Matches(const OracleRule& rule, const OracleEvent& event, const FieldLookup& lookup) {
  const Scope scope{event, lookup};
  for (const auto& body : rule.bodies) {
    if (!HoldsBody(*body, scope)) return false;
  }
  return true;
}

}  // namespace vedette::reference
