// A rule of a Program as text, in the notation of lib/ir/printer.h.
#include <algorithm>
#include <array>

#include "lib/program/program_layout.h"
#include "vedette/program.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 4> kQuantifiers = {"any", "all", "all_or_empty", "none"};

class Dumper {
 public:
  explicit Dumper(const ProgramLayout& layout) : layout_(layout) {}

  // Depth is bounded by the verifier.
  void Dump(uint32_t index, int depth) {
    const ProgramNode& node = layout_.nodes[index];
    out_.append(static_cast<size_t>(depth) * 2, ' ');
    if (node.label != 0) out_ += layout_.labels[node.label] + ": ";
    switch (node.kind) {
      case ProgramNode::Kind::kTrue:
        out_ += "true\n";
        return;
      case ProgramNode::Kind::kFalse:
        out_ += "false\n";
        return;
      case ProgramNode::Kind::kPredicate:
        out_ += layout_.predicates[node.first].text + "\n";
        return;
      case ProgramNode::Kind::kAnd:
        out_ += "and\n";
        break;
      case ProgramNode::Kind::kOr:
        out_ += "or\n";
        break;
      case ProgramNode::Kind::kNot:
        out_ += "not\n";
        break;
      case ProgramNode::Kind::kEach:
        out_ += std::string(kQuantifiers[static_cast<size_t>(node.quantifier)]) + " element of " +
                layout_.fields[node.field].text() + "\n";
        break;
    }
    std::vector<uint32_t> children(node.count);
    for (uint32_t i = 0; i < node.count; ++i) children[i] = node.first + i;
    std::sort(children.begin(), children.end(), [this](uint32_t a, uint32_t b) {
      return layout_.nodes[a].rank < layout_.nodes[b].rank;
    });
    for (const uint32_t child : children) Dump(child, depth + 1);
  }
  std::string Take() { return std::move(out_); }

 private:
  const ProgramLayout& layout_;
  std::string out_;
};

}  // namespace

std::string Program::DumpRule(size_t index) const {
  const ProgramRule& rule = layout_->rules[index];
  Dumper dumper(*layout_);
  dumper.Dump(rule.root, 1);
  return "rule " + std::string(rule.meta.display_name()) + "\n  log source " +
         rule.meta.log_source.ToString() + "\n" + dumper.Take();
}

}  // namespace vedette::inline v0
