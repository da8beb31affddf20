// SaveProgram; what it writes, ProgramLoader reads in the same order.
#include "lib/program/program_save.h"

#include <algorithm>
#include <bit>
#include <span>
#include <utility>

#include "vedette/saved_program.h"
#include "vedette/version.h"

namespace vedette::inline v0 {
namespace {

using Op = CompiledPredicate::Op;

// The members of what is saved are taken apart by structured bindings: a new member does not
// compile here until somebody has thought about it.

void SavePairs(const std::vector<std::pair<std::string, std::string>>& pairs, std::string* out) {
  AppendVarint(pairs.size(), out);
  for (const auto& [a, b] : pairs) {
    AppendText(a, out);
    AppendText(b, out);
  }
}

void SaveLogSource(const LogSource& log_source, std::string* out) {
  const auto& [product, category, service] = log_source;
  for (const std::string* part : {&product, &category, &service}) AppendText(*part, out);
}

void SaveConstant(const Value& v, std::string* out) {
  switch (v.kind()) {
    case ValueKind::kBool:
      AppendEnum(v.boolean() ? SavedExprNode::kTrue : SavedExprNode::kFalse, out);
      return;
    case ValueKind::kInt:
      AppendEnum(SavedExprNode::kInt, out);
      AppendZigzag(v.integer(), out);
      return;
    case ValueKind::kDouble:
      AppendEnum(SavedExprNode::kDouble, out);
      AppendFixed(std::bit_cast<uint64_t>(v.number()), 8, out);
      return;
    case ValueKind::kString:
      AppendEnum(SavedExprNode::kText, out);
      AppendText(v.string(), out);
      return;
    default:
      AppendEnum(SavedExprNode::kNull, out);
      return;
  }
}

void SaveMatcher(const TextMatcher& matcher, std::string* out) {
  AppendEnum(matcher.kind(), out);
  AppendEnum(matcher.cased(), out);
  if (matcher.kind() != TextMatcher::Kind::kWildcard) {
    AppendText(matcher.literal(), out);
    return;
  }
  AppendVarint(matcher.pieces().size(), out);
  for (const TextMatcher::Piece& piece : matcher.pieces()) {
    AppendEnum(piece.kind, out);
    if (piece.kind == TextMatcher::Piece::Kind::kLiteral) AppendText(piece.text, out);
  }
}

void SaveRegex(const ProgramRegex& regex, std::string* out) {
  AppendText(regex.pattern(), out);
  AppendEnum(regex.options().case_sensitive(), out);
  AppendEnum(regex.options().dot_nl(), out);
  // Zero and less is no limit for RE2.
  const int64_t budget = regex.options().max_mem();
  AppendVarint(static_cast<uint64_t>(budget <= 0 ? kMaxLoadedRegexBytes
                                                 : std::min(budget, kMaxLoadedRegexBytes)),
               out);
}

void SaveCidr(const Cidr& cidr, std::string* out) {
  AppendEnum(cidr.v6, out);
  AppendEnum(cidr.bits, out);
  const std::span<const uint8_t> bytes = std::span(cidr.bytes).first(cidr.v6 ? 16 : 4);
  for (const uint8_t byte : bytes) out->push_back(static_cast<char>(byte));
}

void SavePredicate(const CompiledPredicate& predicate, std::string* out) {
  const auto& [op, time_part, compare, cased, relative, field, other_field, matcher, number,
               number_text, regex, cidr, subject, text] = predicate;
  AppendEnum(op, out);
  AppendEnum(relative, out);
  AppendEnum(subject != nullptr, out);
  if (subject != nullptr) {
    SaveExpr(*subject, out);
  } else if (op != Op::kKeyword) {
    AppendVarint(field, out);
  }
  AppendText(text, out);
  switch (op) {
    case Op::kText:
    case Op::kKeyword:
      SaveMatcher(matcher, out);
      break;
    case Op::kNumberEq:
    case Op::kNumberLt:
    case Op::kNumberLe:
    case Op::kNumberGt:
    case Op::kNumberGe:
      AppendEnum(time_part, out);
      SaveConstant(number, out);
      if (op == Op::kNumberEq) AppendText(number_text, out);
      break;
    case Op::kRegex:
      SaveRegex(*regex, out);
      break;
    case Op::kCidr:
      SaveCidr(cidr, out);
      break;
    case Op::kFieldText:
      AppendVarint(other_field, out);
      AppendEnum(compare, out);
      AppendEnum(cased, out);
      break;
    case Op::kExists:
    case Op::kIsNull:
    case Op::kHolds:
      break;
  }
}

void SaveNode(const ProgramNode& node, std::string* out) {
  // `relative` follows from the node's place, `shared` from all nodes.
  const auto& [kind, quantifier, relative, first, count, field, label, rank, shared] = node;
  AppendEnum(kind, out);
  AppendVarint(label, out);
  AppendVarint(rank, out);
  if (kind == ProgramNode::Kind::kPredicate) {
    AppendVarint(first, out);
    return;
  }
  if (kind == ProgramNode::Kind::kEach) {
    AppendEnum(quantifier, out);
    AppendVarint(field, out);
  }
  AppendVarint(count, out);
  if (count > 0) AppendVarint(first, out);
}

void SaveRule(const ProgramRule& rule, std::string* out) {
  // Feeds say where they come from.
  const auto& [meta, root, fingerprint, outcomes, suppress_by, suppress_ns, silent, feeds] = rule;
  SaveMeta(meta, out);
  AppendVarint(root, out);
  AppendFixed(fingerprint, 8, out);
  SaveList(outcomes, SaveOutcome, out);
  SaveList(suppress_by, SaveKey, out);
  AppendZigzag(suppress_ns, out);
  AppendEnum(silent, out);
}

void SaveRow(const LogSourceTable::Row& row, std::string* out) {
  const auto& [when, log_source, class_uid, renames, sets, assumes, line] = row;
  AppendVarint(when.size(), out);
  for (const auto& [field, values] : when) {
    AppendText(field, out);
    SaveTexts(values, out);
  }
  SaveLogSource(log_source, out);
  AppendZigzag(class_uid, out);
  for (const auto* pairs : {&renames, &sets, &assumes}) SavePairs(*pairs, out);
  AppendZigzag(line, out);
}

std::string Section(uint32_t tag, const ProgramLayout& layout) {
  // What is not written is made again from the rest: names of fields, routing.
  const auto& [rules, visible_rules, nodes, shared_formulas, predicates, labels, fields,
               field_names, searches, log_sources, routing, correlations, feeds, fingerprint,
               rule_json] = layout;
  std::string out;
  switch (tag) {
    case kProgramSection:
      AppendFixed(fingerprint, 8, &out);
      break;
    case kFieldSection:
      SaveList(
          fields, [](const FieldPath& f, std::string* o) { AppendText(f.text(), o); }, &out);
      break;
    case kLabelSection:
      SaveTexts(labels, &out);
      break;
    case kPredicateSection:
      SaveList(predicates, SavePredicate, &out);
      break;
    case kNodeSection:
      SaveList(nodes, SaveNode, &out);
      break;
    case kRuleSection:
      SaveList(rules, SaveRule, &out);
      AppendVarint(visible_rules, &out);
      break;
    case kLogSourceSection:
      SaveList(log_sources.rows(), SaveRow, &out);
      break;
    case kCorrelationSection:
      SaveList(correlations, SaveCorrelation, &out);
      SaveList(feeds, SaveFeed, &out);
      break;
    default:
      break;
  }
  return out;
}

}  // namespace

void SaveTexts(const std::vector<std::string>& texts, std::string* out) {
  SaveList(
      texts, [](const std::string& text, std::string* o) { AppendText(text, o); }, out);
}

void SaveMeta(const RuleMeta& meta, std::string* out) {
  const auto& [id, name, title, description, status, level, author, date, modified, license, tags,
               references, false_positives, fields, related, custom, log_source, source, line] =
      meta;
  for (const std::string* text :
       {&id, &name, &title, &description, &status, &author, &date, &modified, &license, &source}) {
    AppendText(*text, out);
  }
  AppendEnum(level, out);
  AppendVarint(line, out);
  SaveLogSource(log_source, out);
  for (const auto* list : {&tags, &references, &false_positives, &fields}) SaveTexts(*list, out);
  SavePairs(related, out);
  SavePairs(custom, out);
}

void SaveExpr(const CompiledExpr& expr, std::string* out) {
  AppendVarint(expr.fields.size(), out);
  for (const uint32_t field : expr.fields) AppendVarint(field, out);
  AppendVarint(expr.nodes.size(), out);
  for (const CompiledExpr::Node& node : expr.nodes) {
    switch (node.kind) {
      case CompiledExpr::Node::Kind::kConstant:
        SaveConstant(node.constant, out);
        break;
      case CompiledExpr::Node::Kind::kField:
        AppendEnum(SavedExprNode::kField, out);
        AppendVarint(node.index, out);
        break;
      case CompiledExpr::Node::Kind::kCall: {
        const bool host = node.function == Function::kHost;
        AppendEnum(host ? SavedExprNode::kHostCall : SavedExprNode::kCall, out);
        // By name: numbers of functions change when new ones are put among them.
        AppendText(
            host ? std::string_view(expr.hosts[node.index]->name) : SpecOf(node.function).name,
            out);
        AppendEnum(node.ignore_case, out);
        AppendVarint(node.args, out);
        break;
      }
    }
  }
}

void SaveKey(const CompiledKey& key, std::string* out) {
  const auto& [expr, optional] = key;
  SaveExpr(expr, out);
  AppendEnum(optional, out);
}

void SaveOutcome(const std::pair<std::string, CompiledExpr>& outcome, std::string* out) {
  AppendText(outcome.first, out);
  SaveExpr(outcome.second, out);
}

std::string SaveProgram(const Program& program) {
  std::string sections;
  for (const uint32_t tag : kSections) {
    const std::string section = Section(tag, program.layout());
    AppendFixed(tag, 4, &sections);
    AppendFixed(section.size(), 8, &sections);
    sections.append(section);
  }
  std::string out(kSavedMagic);
  out.reserve(kSavedHeaderBytes + sections.size());
  AppendFixed(kSavedProgramMajor, 2, &out);
  AppendFixed(kSavedProgramMinor, 2, &out);
  for (const int part : {kVersionMajor, kVersionMinor, kVersionPatch, 0}) {
    AppendFixed(static_cast<uint64_t>(part), 2, &out);
  }
  AppendFixed(sections.size(), 8, &out);
  // As SavedChecksum, which needs all in one piece.
  const uint64_t checksum = Xxh64(sections, Xxh64(out));
  AppendFixed(checksum, 8, &out);
  return out.append(sections);
}

}  // namespace vedette::inline v0
