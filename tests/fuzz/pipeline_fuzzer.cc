// Hostile processing pipelines and placeholder files over a fixed rule.
#include <cstddef>
#include <cstdint>
#include <string>

#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  vedette::DiagnosticSink sink;
  vedette::SigmaOptions options;
  options.placeholders = vedette::ParseSigmaPlaceholders({"vars.yml", text}, &sink);
  options.pipelines.push_back({"pipeline.yml", text});
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::SigmaFrontend(options));
  vedette::RuleSet rules;
  rules.Add("a.yml",
            "title: t\nlogsource: {product: windows}\ndetection:\n  s:\n    Image|endswith: x\n"
            "    f|expand: '%v%'\n  k: [word]\n  condition: s or k\n");
  if (!compiler.Compile(rules).ok()) __builtin_trap();
  return 0;
}
