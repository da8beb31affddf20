// Hostile texts of the Vedette language through the whole compiler, the printer and the formatter;
// an event through what loads.
#include <cstddef>
#include <cstdint>
#include <string>

#include "lib/ir/ir.h"
#include "lib/ir/key.h"
#include "lib/ir/printer.h"
#include "lib/opt/simplify.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

namespace vedette {
namespace {

std::string KeyOf(const IrRule& rule) {
  std::string key;
  AppendFormulaKey(Simplify(WithoutLabels(rule.condition)), &key);
  AppendActionsKey(rule.actions, &key);
  return key;
}

// The rules and correlations of one text; false if it has errors.
bool Translate(const std::string& text, IrModule* module) {
  const RuleSource source{"a.vdt", text};
  const RuleSource* const sources[] = {&source};
  DiagnosticSink sink;
  VedetteFrontend()->Translate(sources, module, &sink);
  bool ok = true;
  for (const Diagnostic& d : sink.diagnostics()) {
    if (d.code.empty() || d.message.empty() || FormatDiagnostic(d).empty()) __builtin_trap();
    ok = ok && d.severity != Severity::kError;
  }
  return ok;
}

void CheckText(const std::string& text) {
  const std::string formatted = FormatVedette(text);
  if (FormatVedette(formatted) != formatted) __builtin_trap();
  IrModule module;
  const bool ok = Translate(text, &module);
  IrModule laid_out;
  if (Translate(formatted, &laid_out) != ok) __builtin_trap();
  if (laid_out.rules.size() != module.rules.size()) __builtin_trap();
  for (size_t i = 0; i < module.rules.size(); ++i) {
    if (KeyOf(laid_out.rules[i]) != KeyOf(module.rules[i])) __builtin_trap();
    IrModule again;
    if (!Translate(PrintRule(module.rules[i], "printed"), &again)) __builtin_trap();
    if (again.rules.size() != 1) __builtin_trap();
    if (KeyOf(again.rules[0]) != KeyOf(module.rules[i])) __builtin_trap();
  }
  for (const CorrelationSpec& spec : module.correlations) {
    // What it refers to is not in the printed text.
    bool alone = true;
    for (const CorrelationSource& source : spec.sources) alone = alone && source.rules.empty();
    if (spec.until) alone = alone && spec.until->rules.empty();
    if (!alone) continue;
    IrModule again;
    if (!Translate(PrintCorrelation(spec, "printed"), &again)) __builtin_trap();
    if (again.correlations.size() != 1 || !(again.correlations[0] == spec)) __builtin_trap();
  }
}

void Run(const std::string& text) {
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add("a.vdt", text);
  const auto built = compiler.Compile(rules);
  if (!built.ok()) __builtin_trap();
  static Event* const event = [] {
    auto* e = new Event;
    const char* json = R"({"f":"a-b","g":[1,null,{"k":"x"}],"process":{"name":"CMD.EXE","pid":12},)"
                       R"("t":"2026-01-01T00:00:00Z","n":9223372036854775807,"b":true,"":""})";
    if (!JsonParser().Parse(json, e).ok()) __builtin_trap();
    return e;
  }();
  Evaluator evaluator(built->program);
  for (const Match& match : evaluator.Evaluate(event->view())) {
    DetectionToJson(evaluator.Describe(event->view(), match));
  }
  for (size_t i = 0; i < built->program->rule_count(); ++i) {
    FormatExplanation(evaluator.Explain(event->view(), i));
    built->program->DumpRule(i);
  }
}

}  // namespace
}  // namespace vedette

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  vedette::CheckText(text);
  vedette::Run(text);
  return 0;
}
