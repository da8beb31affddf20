// Hostile conditions over fixed parts. What loads is evaluated against its own explanation.
#include <cstddef>
#include <cstdint>
#include <string>

#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string condition;
  for (size_t i = 0; i < size; ++i) {
    const char c = static_cast<char>(data[i]);
    condition += c == '\'' ? "''" : std::string(1, c == '\n' || c == '\r' ? ' ' : c);
  }
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend());
  vedette::RuleSet rules;
  rules.Add("a.yml",
            "title: t\nlogsource: {category: test}\ndetection:\n  sel_a: {f: a}\n  sel_b: {g: b}\n"
            "  _x: {h: c}\n  condition: '" +
                condition + "'\n");
  const auto built = compiler.Compile(rules);
  if (!built.ok()) __builtin_trap();
  if (built->program->rule_count() == 0) {
    if (built->stats.rules_skipped == 0) __builtin_trap();  // never dropped in silence
    return 0;
  }
  vedette::Event event;
  if (!vedette::JsonParser().Parse(R"({"f":"a","h":"c"})", &event).ok()) __builtin_trap();
  event.set_log_source({"", "test", ""});
  vedette::Evaluator evaluator(built->program);
  const bool fired = !evaluator.Evaluate(event.view()).empty();
  if (evaluator.Explain(event.view(), 0).result != fired) __builtin_trap();
  return 0;
}
