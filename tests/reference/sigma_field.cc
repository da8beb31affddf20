// Field names: dotted paths, array positions and quantifiers, and their lookup in an event.
#include <cstdlib>

#include "tests/reference/sigma_tree.h"

namespace vedette::reference {
namespace {

std::optional<Quantifier> QuantifierNamed(std::string_view name) {
  if (name == "any") return Quantifier::kAny;
  if (name == "all") return Quantifier::kAll;
  if (name == "all_or_empty") return Quantifier::kAllOrEmpty;
  if (name == "none") return Quantifier::kNoElement;
  return std::nullopt;
}

bool IsPosition(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 9 &&
         text.find_first_not_of("0123456789") == std::string_view::npos;
}

// The members called `key` of an object, or of each object in an array.
void Descend(const OracleValue& value, const std::string& key, std::vector<OracleValue>* out) {
  if (value->kind == OracleNode::Kind::kObject) {
    if (OracleValue found = value->Find(key)) out->push_back(found);
  }
  for (const OracleValue& item : value->items) Descend(item, key, out);
}

std::vector<OracleValue> AtPosition(const std::vector<OracleValue>& values, long position) {
  std::vector<OracleValue> out;
  for (const OracleValue& value : values) {
    const long size = static_cast<long>(value->items.size());
    const long index = position < 0 ? size + position : position;
    if (index >= 0 && index < size) out.push_back(value->items[static_cast<size_t>(index)]);
  }
  return out;
}

}  // namespace

std::optional<FieldPath> ParseFieldPath(std::string_view name) {
  FieldPath out;
  out.steps.emplace_back();
  bool closed = false;  // a bracket ended this step
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (out.quantifier != Quantifier::kNone) return std::nullopt;
    if (c == '\\' && i + 1 < name.size() && (name[i + 1] == '[' || name[i + 1] == ']')) {
      if (closed) return std::nullopt;
      ++i;
      out.flat.push_back(name[i]);
      out.steps.back().key.push_back(name[i]);
    } else if (c == '[') {
      const size_t end = name.find(']', i);
      if (end == std::string_view::npos) return std::nullopt;
      const std::string inside(name.substr(i + 1, end - i - 1));
      if (const auto quantifier = QuantifierNamed(inside)) {
        out.quantifier = *quantifier;
      } else if (IsPosition(inside)) {
        out.steps.back().positions.push_back(std::strtol(inside.c_str(), nullptr, 10));
        out.flat += "[" + inside + "]";
      } else {
        return std::nullopt;
      }
      closed = true;
      i = end;
    } else if (c == '.') {
      out.flat.push_back(c);
      out.steps.emplace_back();
      closed = false;
    } else {
      if (c == ']' || closed) return std::nullopt;
      out.flat.push_back(c);
      out.steps.back().key.push_back(c);
    }
  }
  return out;
}

std::vector<OracleValue> DirectLookup(const OracleEvent& event, const std::string& name,
                                      bool* present) {
  std::vector<OracleValue> values;
  const std::optional<FieldPath> path = ParseFieldPath(name);
  const OracleValue& root = event.root();
  if (name == ".") {
    values.push_back(root);
  } else if (!path) {
    // The loader refuses such names; nothing can be found under them.
  } else if (OracleValue flat = root->Find(path->flat)) {
    values.push_back(flat);
  } else {
    values.push_back(root);
    for (size_t i = 0; i < path->steps.size(); ++i) {
      const PathStep& step = path->steps[i];
      std::vector<OracleValue> next;
      // In ".[0]" and "[0]" there is no key: the positions are those of the current value.
      if (step.key.empty() && (i == 0 || !step.positions.empty())) {
        next = values;
      } else {
        for (const OracleValue& value : values) Descend(value, step.key, &next);
      }
      for (long position : step.positions) next = AtPosition(next, position);
      values = std::move(next);
    }
  }
  *present = !values.empty();
  return values;
}

}  // namespace vedette::reference
