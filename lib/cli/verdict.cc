#include "lib/cli/verdict.h"

#include <algorithm>
#include <vector>

#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

constexpr size_t kMaxReasons = 3;
constexpr size_t kMaxDepth = 64;

bool IsNegation(const Explanation& e) { return e.text == "not" || e.text.ends_with("(not)"); }

// The parts that decided that `e` is `e.result`, from the top down as far as they are few enough
// to be said in a sentence.
void Reasons(const Explanation& e, size_t depth, std::vector<const Explanation*>* out) {
  if (IsNegation(e) && e.children.size() == 1 && depth < kMaxDepth) {
    Reasons(e.children[0], depth + 1, out);
    return;
  }
  std::vector<const Explanation*> parts;
  for (const Explanation& child : e.children) {
    if (child.result == e.result) parts.push_back(&child);
  }
  const bool too_many = parts.size() > kMaxReasons - std::min(kMaxReasons - 1, out->size());
  if (parts.empty() || too_many || depth >= kMaxDepth) {
    if (out->size() < kMaxReasons) out->push_back(&e);
    return;
  }
  for (const Explanation* part : parts) Reasons(*part, depth + 1, out);
}

std::string Say(const Explanation& e) {
  std::string out = Fit(e.text, 120) + (e.result ? " holds" : " does not hold");
  if (!e.detail.empty()) out += " (" + Fit(e.detail, 120) + ")";
  return out;
}

}  // namespace

std::string Verdict(const Explanation& root) {
  if (root.result) return "The rule matches this event.";
  const auto failed =
      std::ranges::find_if(root.children, [](const Explanation& e) { return !e.result; });
  if (failed == root.children.end()) return "The rule does not match this event.";
  if (failed->text.starts_with("log source")) {
    const bool condition =
        std::all_of(failed + 1, root.children.end(), [](const Explanation& e) { return e.result; });
    std::string out = "The rule does not match this event: it is not of the rule's log source";
    if (!failed->detail.empty()) out += " (" + Fit(failed->detail, 120) + ")";
    return out + (condition ? ", although the condition holds." : ", and the condition fails too.");
  }
  std::vector<const Explanation*> reasons;
  Reasons(*failed, 0, &reasons);
  std::string out = "The rule does not match this event: ";
  for (size_t i = 0; i < reasons.size(); ++i) {
    if (i > 0) out += "; ";
    out += Say(*reasons[i]);
  }
  return out + ".";
}

void CleanExplanation(Explanation* explanation) {
  explanation->text = Clean(explanation->text);
  explanation->detail = Clean(explanation->detail);
  for (Explanation& child : explanation->children) CleanExplanation(&child);
}

}  // namespace vedette::inline v0::cli
