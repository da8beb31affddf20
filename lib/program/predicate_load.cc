#include "lib/program/predicate_load.h"

#include <algorithm>
#include <bit>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/program/saved_format.h"
#include "re2/set.h"

namespace vedette::inline v0 {
namespace {

using Op = CompiledPredicate::Op;
using TimePart = CompiledPredicate::TimePart;

// The least that one of these takes, which bounds how many there can be.
constexpr size_t kLeastPredicate = 5;
constexpr size_t kLeastNode = 4;

// The function of this name that takes so many arguments (there are two called "-").
const FunctionSpec* FunctionOf(std::string_view name, size_t args) {
  for (const FunctionSpec& spec : AllFunctions()) {
    const bool fits = args >= spec.min_args && (spec.max_args == 255 || args <= spec.max_args);
    if (spec.name == name && fits && !spec.is_aggregate) return &spec;
  }
  return nullptr;
}

void LoadCall(bool host, size_t on_stack, ByteReader* reader, LoadContext* context,
              CompiledExpr::Node* node, CompiledExpr* out) {
  const std::string name(reader->Text());
  node->kind = CompiledExpr::Node::Kind::kCall;
  node->ignore_case = reader->Flag();
  node->args = reader->Index(on_stack + 1, "the number of arguments");
  if (!reader->ok()) return;
  if (!host) {
    const FunctionSpec* spec = name.empty() ? nullptr : FunctionOf(name, node->args);
    if (spec == nullptr) {
      context->Refuse(absl::FailedPreconditionError(absl::StrCat(
                          "this version has no function '", name.substr(0, 80), "' of ", node->args,
                          " arguments, which a rule of the saved program calls")),
                      reader);
      return;
    }
    node->function = spec->function;
    return;
  }
  auto function = context->functions == nullptr ? nullptr : context->functions->Find(name);
  // As it is spelled: a program has one form.
  if (function == nullptr || function->name != name) {
    context->Refuse(
        absl::FailedPreconditionError(absl::StrCat("the host has no function '", name.substr(0, 80),
                                                   "', which a rule of the saved program calls")),
        reader);
    return;
  }
  if (function->arguments.size() != node->args) {
    context->Refuse(
        absl::FailedPreconditionError(absl::StrCat(
            "the host's function '", function->name, "' takes ", function->arguments.size(),
            " arguments; the saved program gives ", node->args)),
        reader);
    return;
  }
  node->function = Function::kHost;
  node->index = static_cast<uint32_t>(out->hosts.size());
  out->hosts.push_back(std::move(function));
}

// One node; `on_stack` values are there before it. Texts are set when all have their place.
CompiledExpr::Node LoadExprNode(size_t on_stack, ByteReader* reader, LoadContext* context,
                                CompiledExpr* out) {
  CompiledExpr::Node node;
  const auto kind = reader->Enum(SavedExprNode::kHostCall, "the kind of an expression");
  switch (kind) {
    case SavedExprNode::kNull:
      node.constant = Value::Null();
      break;
    case SavedExprNode::kFalse:
    case SavedExprNode::kTrue:
      node.constant = Value::Bool(kind == SavedExprNode::kTrue);
      break;
    case SavedExprNode::kInt:
      node.constant = Value::Int(reader->Zigzag());
      break;
    case SavedExprNode::kDouble:
      node.constant = Value::Double(std::bit_cast<double>(reader->Fixed(8)));
      break;
    case SavedExprNode::kText:
      node.index = static_cast<uint32_t>(out->texts.size());
      out->texts.emplace_back(reader->Text());
      node.constant = Value::String("");
      break;
    case SavedExprNode::kField:
      node.kind = CompiledExpr::Node::Kind::kField;
      node.index = reader->Index(out->fields.size(), "a field of an expression");
      break;
    case SavedExprNode::kCall:
    case SavedExprNode::kHostCall:
      LoadCall(kind == SavedExprNode::kHostCall, on_stack, reader, context, &node, out);
      break;
  }
  return node;
}

TextMatcher LoadMatcher(ByteReader* reader) {
  using Piece = TextMatcher::Piece;
  const auto kind = reader->Enum(TextMatcher::Kind::kWildcard, "the kind of a text pattern");
  const bool cased = reader->Flag();
  if (kind != TextMatcher::Kind::kWildcard) {
    return {kind, cased, std::string(reader->Text()), {}};
  }
  std::vector<Piece> pieces(reader->Count(1));
  if (pieces.empty()) reader->Fail("a wildcard pattern is empty");
  for (Piece& piece : pieces) {
    piece.kind = reader->Enum(Piece::Kind::kDash, "a part of a pattern");
    if (piece.kind == Piece::Kind::kLiteral) piece.text = reader->Text();
  }
  return {kind, cased, "", std::move(pieces)};
}

// Parsed, which costs little and finds what this RE2 does not know. Compiled when it is needed if
// it certainly can be then, and now otherwise.
std::shared_ptr<const ProgramRegex> LoadRegex(ByteReader* reader, LoadContext* context) {
  const std::string_view source = reader->Text();
  RE2::Options options;
  options.set_log_errors(false);
  options.set_case_sensitive(reader->Flag());
  options.set_dot_nl(reader->Flag());
  const uint64_t budget = reader->Varint();
  if (budget == 0 || budget > static_cast<uint64_t>(kMaxLoadedRegexBytes) ||
      source.size() > kMaxRegexSource) {
    reader->Fail("a regular expression is out of bounds");
  }
  if (!reader->ok()) return nullptr;
  options.set_max_mem(static_cast<int64_t>(budget));
  const re2::StringPiece pattern(source.data(), source.size());
  const int64_t bound = ProgramRegex::BoundOf(source);
  if (ProgramRegex::FitsWithin(bound, options.max_mem()) &&
      bound <= kMaxLateRegexBytes - context->late_regex_bytes) {
    RE2::Set parser(options, RE2::UNANCHORED);
    std::string error;
    if (parser.Add(pattern, &error) < 0) {
      reader->Fail("a regular expression is not supported: " + error);
      return nullptr;
    }
    context->late_regex_bytes += bound;
    return std::make_shared<const ProgramRegex>(std::string(source), options);
  }
  auto regex = std::make_unique<const RE2>(pattern, options);
  if (!regex->ok()) {
    reader->Fail("a regular expression is not supported: " + regex->error());
    return nullptr;
  }
  context->regex_bytes += ProgramRegex::BytesOf(*regex);
  if (context->regex_bytes > kMaxLoadedRegexBytes) {
    context->Refuse(absl::ResourceExhaustedError(
                        absl::StrCat("the regular expressions of the saved program take more than ",
                                     kMaxLoadedRegexBytes >> 20, " MiB")),
                    reader);
  }
  return std::make_shared<const ProgramRegex>(std::move(regex));
}

Cidr LoadCidr(ByteReader* reader) {
  Cidr cidr;
  cidr.v6 = reader->Flag();
  cidr.bits = reader->Byte();
  if (cidr.bits > (cidr.v6 ? 128 : 32)) reader->Fail("a prefix length is out of range");
  const std::string_view bytes = reader->Take(cidr.v6 ? 16 : 4);
  std::transform(bytes.begin(), bytes.end(), cidr.bytes.begin(),
                 [](char c) { return static_cast<uint8_t>(c); });
  return cidr;
}

void LoadNumber(ByteReader* reader, CompiledPredicate* p) {
  p->time_part = reader->Enum(TimePart::kYear, "a time part");
  const auto kind = reader->Enum(SavedExprNode::kDouble, "the kind of a number");
  if (kind == SavedExprNode::kInt) {
    p->number = Value::Int(reader->Zigzag());
  } else if (kind == SavedExprNode::kDouble) {
    p->number = Value::Double(std::bit_cast<double>(reader->Fixed(8)));
  } else {
    reader->Fail("a number is none");
  }
  if (p->op == Op::kNumberEq) p->number_text = reader->Text();
}

// What the operator needs to know besides the value that it tests.
void LoadOperand(ByteReader* reader, LoadContext* context, CompiledPredicate* p) {
  switch (p->op) {
    case Op::kText:
    case Op::kKeyword:
      p->matcher = LoadMatcher(reader);
      break;
    case Op::kNumberEq:
    case Op::kNumberLt:
    case Op::kNumberLe:
    case Op::kNumberGt:
    case Op::kNumberGe:
      LoadNumber(reader, p);
      break;
    case Op::kRegex:
      p->regex = LoadRegex(reader, context);
      break;
    case Op::kCidr:
      p->cidr = LoadCidr(reader);
      break;
    case Op::kFieldText:
      p->other_field = reader->Index(context->layout->fields.size(), "a field");
      p->compare = reader->Enum(CompiledPredicate::Compare::kContains, "a comparison");
      p->cased = reader->Flag();
      break;
    case Op::kExists:
    case Op::kIsNull:
    case Op::kHolds:
      break;
  }
}

CompiledPredicate LoadPredicate(ByteReader* reader, LoadContext* context) {
  CompiledPredicate p;
  p.op = reader->Enum(Op::kHolds, "an operator");
  p.relative = reader->Flag();
  const bool computed = reader->Flag();
  const bool never = p.op == Op::kExists || p.op == Op::kFieldText || p.op == Op::kKeyword;
  if (computed ? never : p.op == Op::kHolds) reader->Fail("an operator tests the wrong thing");
  if (computed) {
    p.subject = std::make_unique<const CompiledExpr>(
        LoadExpr(context->layout->fields.size(), reader, context));
  } else if (p.op != Op::kKeyword) {
    p.field = reader->Index(context->layout->fields.size(), "a field");
  }
  p.text = reader->Text();
  LoadOperand(reader, context, &p);
  if (computed && p.time_part != TimePart::kNone) {
    reader->Fail("an operator tests the wrong thing");
  }
  return p;
}

ProgramNode LoadNode(size_t node_count, ByteReader* reader, const ProgramLayout& layout) {
  using Kind = ProgramNode::Kind;
  ProgramNode node;
  node.kind = reader->Enum(Kind::kEach, "the kind of a node");
  node.label = reader->Index(layout.labels.size(), "a label");
  node.rank = reader->Index(node_count, "a rank");
  if (node.kind == Kind::kPredicate) {
    node.first = reader->Index(layout.predicates.size(), "a predicate");
    return node;
  }
  if (node.kind == Kind::kEach) {
    node.quantifier = reader->Enum(ProgramNode::Quantifier::kNone, "a quantifier");
    node.field = reader->Index(layout.fields.size(), "a field");
  }
  node.count = reader->Index(node_count, "a number of children");
  const bool constant = node.kind == Kind::kTrue || node.kind == Kind::kFalse;
  const bool single = node.kind == Kind::kNot || node.kind == Kind::kEach;
  if ((constant && node.count != 0) || (single && node.count != 1)) {
    reader->Fail("a node has the wrong number of children");
  }
  if (node.count > 0) node.first = reader->Index(node_count - node.count + 1, "a child");
  return node;
}

// Gives the children of `parent` their depth. Nothing, or what is wrong with them.
std::string_view VisitChildren(uint32_t parent, std::vector<uint16_t>* depth,
                               std::vector<bool>* ranks, ProgramLayout* layout) {
  const ProgramNode& node = layout->nodes[parent];
  if (node.first <= parent) return "a child stands before its parent";
  if ((*depth)[parent] >= kMaxLoadedDepth) return "a condition nests too deep";
  ranks->assign(node.count, false);
  for (uint32_t i = node.first; i < node.first + node.count; ++i) {
    ProgramNode& child = layout->nodes[i];
    if ((*depth)[i] != 0) return "a node has two parents";
    (*depth)[i] = static_cast<uint16_t>((*depth)[parent] + 1);
    child.relative = node.relative || node.kind == ProgramNode::Kind::kEach;
    if (child.rank >= node.count || (*ranks)[child.rank]) return "ranks are no order";
    (*ranks)[child.rank] = true;
  }
  return {};
}

std::string_view FormulaProblem(ProgramLayout* layout) {
  std::vector<uint16_t> depth(layout->nodes.size(), 0);  // 0: nothing leads there yet
  std::vector<bool> ranks;
  std::vector<uint32_t> roots;
  for (const ProgramRule& rule : layout->rules) roots.push_back(rule.root);
  for (const CorrelationFeed& feed : layout->feeds) {
    for (const CompiledColumn& column : feed.columns) {
      if (column.kind == CompiledColumn::Kind::kFormula) roots.push_back(column.node);
    }
  }
  for (const uint32_t root : roots) {
    if (depth[root] != 0) return "two rules or columns share a condition";
    if (layout->nodes[root].rank != 0) return "ranks are no order";
    depth[root] = 1;
  }
  for (uint32_t i = 0; i < layout->nodes.size(); ++i) {
    // Children stand after their parents, so nothing that comes later leads here.
    const ProgramNode& node = layout->nodes[i];
    if (depth[i] == 0) return "a node belongs to no rule or column";
    if (node.kind == ProgramNode::Kind::kPredicate) {
      if (layout->predicates[node.first].relative != node.relative) {
        return "a test of array elements stands elsewhere, or the other way round";
      }
    } else if (node.count > 0) {
      const std::string_view problem = VisitChildren(i, &depth, &ranks, layout);
      if (!problem.empty()) return problem;
    }
  }
  return {};
}

}  // namespace

CompiledExpr LoadExpr(size_t field_count, ByteReader* reader, LoadContext* context) {
  CompiledExpr out;
  out.fields.resize(reader->Count(1));
  for (uint32_t& field : out.fields) field = reader->Index(field_count, "a field");
  const size_t count = reader->Count(1);
  out.nodes.reserve(count);
  size_t on_stack = 0;
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const CompiledExpr::Node node = LoadExprNode(on_stack, reader, context, &out);
    on_stack = on_stack - node.args + 1;
    out.nodes.push_back(node);
  }
  if (on_stack != 1) reader->Fail("an expression does not give one value");
  for (CompiledExpr::Node& node : out.nodes) {
    if (node.kind == CompiledExpr::Node::Kind::kConstant && node.constant.is_string()) {
      node.constant = Value::String(out.texts[node.index]);
    }
  }
  return out;
}

void LoadPredicates(ByteReader* reader, LoadContext* context) {
  const size_t count = reader->Count(kLeastPredicate);
  context->layout->predicates.reserve(count);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    context->layout->predicates.push_back(LoadPredicate(reader, context));
  }
}

void LoadNodes(ByteReader* reader, LoadContext* context) {
  const size_t count = reader->Count(kLeastNode);
  context->layout->nodes.reserve(count);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    context->layout->nodes.push_back(LoadNode(count, reader, *context->layout));
  }
}

absl::Status CheckFormulas(ProgramLayout* layout) {
  const std::string_view problem = FormulaProblem(layout);
  if (problem.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("the saved program is corrupt: ", ToAbsl(problem)));
}

}  // namespace vedette::inline v0
