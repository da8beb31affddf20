// Hostile rule texts through the whole compiler, and an event through what loads.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  vedette::Compiler compiler;
  vedette::SigmaOptions options;
  options.placeholders["p"] = {"a", "b*"};
  compiler.AddFrontend(vedette::SigmaFrontend(options));
  vedette::RuleSet rules;
  rules.Add("a.yml", std::string(reinterpret_cast<const char*>(data), size));
  const auto built = compiler.Compile(rules);
  if (!built.ok()) __builtin_trap();
  for (const vedette::Diagnostic& d : built->diagnostics) {
    if (d.code.empty() || d.message.empty() || vedette::FormatDiagnostic(d).empty()) {
      __builtin_trap();
    }
  }
  static vedette::Event* const event = [] {
    auto* e = new vedette::Event;
    const char* json =
        R"({"f":"a-b","g":[1,null,{"k":"x"}],"CommandLine":"x /a","t":"2026-01-01T00:00:00Z"})";
    if (!vedette::JsonParser().Parse(json, e).ok()) __builtin_trap();
    return e;
  }();
  vedette::Evaluator evaluator(built->program);
  for (size_t i = 0; i < built->program->rule_count(); ++i) {
    vedette::FormatExplanation(evaluator.Explain(event->view(), i));
    built->program->DumpRule(i);
  }
  return 0;
}
