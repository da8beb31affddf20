// Hostile rule files of Elastic: TOML if the first byte is odd, else JSON or NDJSON. Every place is
// in the file, what is read is refused with a reason or good IR, and IR has a text.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "lib/ir/ir.h"
#include "lib/ir/printer.h"
#include "lib/ir/verifier.h"
#include "lib/lang/elastic/rule_file.h"
#include "vedette/frontends/elastic.h"

namespace {

using namespace vedette;
using namespace vedette::elastic;

bool Refused(const VerifyResult& result) {
  // Sizes are the compiler's to judge.
  return result.kind == VerifyResult::Kind::kMalformed;
}

void CheckPlaces(const RuleSource& source, const DiagnosticSink& sink) {
  for (const Diagnostic& d : sink.diagnostics()) {
    if (d.message.empty() || d.code.empty()) __builtin_trap();
    if (d.span.line > 0 && d.span.column + d.span.length > source.text.size() + 2) __builtin_trap();
  }
}

void CheckReading(const RuleSource& source, bool toml) {
  const SourceText text(source);
  DiagnosticSink sink;
  const std::vector<ElasticRule> rules = ReadElasticRules(text, &sink);
  if (toml && rules.empty() && sink.errors() == 0) __builtin_trap();
  for (const ElasticRule& rule : rules) {
    for (size_t at = 0; at <= rule.query.text.size(); ++at) {
      if (rule.query.FileOffset(at) > source.text.size()) __builtin_trap();
    }
    if (toml && !rule.query.exact && !rule.query.text.empty()) __builtin_trap();
  }
  CheckPlaces(source, sink);
}

void CheckLowering(const RuleSource& source, bool toml) {
  const auto frontend = ElasticFrontend();
  const RuleSource* sources[] = {&source};
  IrModule module;
  DiagnosticSink sink;
  frontend->Translate(sources, &module, &sink);
  CheckPlaces(source, sink);
  const size_t loaded = module.rules.size() + module.correlations.size();
  if (toml && (loaded > 0) != (sink.errors() == 0)) __builtin_trap();
  for (const IrRule& rule : module.rules) {
    if (Refused(VerifyRule(rule))) __builtin_trap();
    if (VerifyRule(rule).ok() && PrintRule(rule, "r").empty()) __builtin_trap();
  }
  for (const CorrelationSpec& spec : module.correlations) {
    if (Refused(VerifyCorrelation(spec, module))) __builtin_trap();
    if (PrintCorrelation(spec, "r").empty()) __builtin_trap();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const bool toml = (data[0] & 1) != 0;
  const RuleSource source{toml ? "a.toml" : "a.ndjson",
                          std::string(reinterpret_cast<const char*>(data) + 1, size - 1)};
  CheckReading(source, toml);
  CheckLowering(source, toml);
  return 0;
}
