#include "tests/support/conversion.h"

#include <string>
#include <utility>

#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"

namespace vedette::testing {
namespace {

constexpr size_t kMostShown = 5;

// What is wrong with the second program, at most so many things.
class Differences {
 public:
  void Add(const std::string& text) {
    if (++count_ <= kMostShown) text_ += text + "\n";
  }
  std::string Take() {
    if (count_ > kMostShown) text_ += "and " + std::to_string(count_ - kMostShown) + " more\n";
    return std::move(text_);
  }

 private:
  size_t count_ = 0;
  std::string text_;
};

void Compare(const Program& before, const Program& after, Differences* differences) {
  if (before.rule_count() != after.rule_count() ||
      before.correlation_count() != after.correlation_count()) {
    differences->Add("there are " + std::to_string(before.rule_count()) + " + " +
                     std::to_string(before.correlation_count()) + " rules, then " +
                     std::to_string(after.rule_count()) + " + " +
                     std::to_string(after.correlation_count()));
    return;
  }
  for (size_t i = 0; i < before.rule_count(); ++i) {
    if (before.fingerprint(i) == after.fingerprint(i)) continue;
    differences->Add(before.rule(i).title + "\n" + before.DumpRule(i) + after.DumpRule(i));
  }
  for (size_t i = 0; i < before.correlation_count(); ++i) {
    if (before.correlation_fingerprint(i) == after.correlation_fingerprint(i)) continue;
    differences->Add(before.correlation(i).title + "\n" + before.DumpCorrelation(i) +
                     after.DumpCorrelation(i));
  }
  if (before.fingerprint() != after.fingerprint()) differences->Add("the fingerprints differ");
}

}  // namespace

Conversion ConvertAndCompare(const RuleSet& rules) {
  Conversion out;
  Differences differences;
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  compiler.AddFrontend(VedetteFrontend());
  const auto built = compiler.Compile(rules);
  const auto converted = compiler.Convert(rules);
  RuleSet texts;
  for (const ConvertedRule& rule : converted->rules) {
    const std::string formatted = FormatVedette(rule.text);
    if (FormatVedette(formatted) != formatted) {
      differences.Add("formatting is not idempotent:\n" + formatted);
    }
    texts.Add(rule.name + ".vdt", formatted);
  }
  const auto again = compiler.Compile(texts);
  for (const Diagnostic& d : again->diagnostics) {
    if (d.severity == Severity::kError) differences.Add(FormatDiagnostic(d));
  }
  Compare(*built->program, *again->program, &differences);
  out.rules = built->program->rule_count() + built->program->correlation_count();
  out.differs = differences.Take();
  return out;
}

}  // namespace vedette::testing
