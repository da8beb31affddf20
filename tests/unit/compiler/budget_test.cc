// The size of a program is bounded; rules beyond it are named.
#include <string>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/saved_program.h"

namespace vedette {
namespace {

constexpr int kRules = 60;

RuleSet ManyRules() {
  RuleSet rules;
  for (int i = 0; i < kRules; ++i) {
    const std::string n = std::to_string(i);
    rules.Add(n + ".yml", "title: Rule " + n + "\nlogsource: {product: linux}\n" +
                              "detection: {s: {f|contains: [a" + n + ", b" + n +
                              "]}, condition: s}\n");
  }
  return rules;
}

CompileResult CompileWithin(size_t bytes, bool cached) {
  CompilerOptions options;
  if (bytes > 0) options.max_program_bytes = bytes;
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  CompileCache cache;
  auto result = cached ? compiler.Compile(ManyRules(), &cache) : compiler.Compile(ManyRules());
  EXPECT_TRUE(result.ok()) << result.status();
  return *std::move(result);
}

TEST(ProgramBudget, RulesBeyondItAreRefusedByName) {
  const size_t whole = CompileWithin(0, false).program->memory_bytes();
  std::string saved;
  for (const bool cached : {false, true}) {
    const CompileResult result = CompileWithin(whole / 2, cached);
    EXPECT_GT(result.stats.rules_loaded, 5U);
    EXPECT_LT(result.stats.rules_loaded, kRules - 5U);
    EXPECT_EQ(result.stats.rules_loaded + result.stats.rules_skipped, size_t{kRules});
    EXPECT_EQ(result.diagnostics.size(), result.stats.rules_skipped);
    for (const Diagnostic& d : result.diagnostics) EXPECT_EQ(d.code, "VED0021") << d.message;
    EXPECT_LT(result.program->memory_bytes(), whole * 3 / 4);
    if (cached) {
      EXPECT_EQ(SaveProgram(*result.program), saved);
    }
    saved = SaveProgram(*result.program);
  }
}

TEST(ProgramBudget, IsEnoughForManyRules) {
  const CompileResult result = CompileWithin(0, true);
  EXPECT_EQ(result.stats.rules_loaded, size_t{kRules});
  EXPECT_TRUE(result.diagnostics.empty());
}

}  // namespace
}  // namespace vedette
