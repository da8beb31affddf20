// Compiling with a cache gives, after any edits of a rule set, what compiling from scratch gives:
// the same bytes, diagnostics, counts.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/lcg.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/saved_program.h"

namespace vedette {
namespace {

using testing::Lcg;

// Everything that is told of a compilation.
std::string Told(const CompileResult& result) {
  std::string out;
  for (const Diagnostic& d : result.diagnostics) out += FormatDiagnostic(d);
  const CompileStats& s = result.stats;
  for (const size_t n : {s.sources, s.rules_loaded, s.rules_skipped, s.rules_unroutable,
                         s.correlations, s.predicates, result.tests.size()}) {
    out += std::to_string(n) + " ";
  }
  return out + std::to_string(result.program->fingerprint());
}

struct CacheCase {
  const char* name;
  bool lint = false;
  bool pipeline = false;
  bool emit_all = false;
  size_t max_nodes = 500000;
};

void AddLanguages(const CacheCase& setup, Compiler* compiler) {
  SigmaOptions sigma;
  sigma.lint = setup.lint;
  sigma.max_nodes_per_source = setup.max_nodes;
  sigma.placeholders["users"] = {"root", "adm*"};
  if (setup.pipeline) {
    sigma.pipelines.push_back(
        {"p.yml",
         "name: p\npriority: 10\ntransformations:\n  - id: m\n    type: field_name_mapping\n"
         "    mapping:\n      f1: g1\n      f2: [h1, h2]\n"});
  }
  compiler->AddFrontend(SigmaFrontend(std::move(sigma)));
  compiler->AddFrontend(VedetteFrontend());
}

CompilerOptions OptionsOf(const CacheCase& setup) {
  CompilerOptions options;
  options.lint = setup.lint;
  options.emit_all = setup.emit_all;
  options.max_regex_bytes = 20000;  // some are refused
  return options;
}

std::string Id(uint32_t n) {
  std::string digits = std::to_string(100000000000 + n);
  return "00000000-0000-4000-8000-" + digits;
}

// Sources of every kind that refer to each other by a few ids and names, some of them to nothing.
class SourceMaker {
 public:
  explicit SourceMaker(uint32_t seed) : random_(seed) {}

  RuleSource Make() {
    const uint32_t n = random_.Below(24);
    std::string name = "f" + std::to_string(random_.Below(30));
    if (n == 0) return {name + ".yml", "title: broken\ndetection: [\n"};
    if (n == 1) return {name + ".yml", ""};
    if (n == 2) return {name + ".txt", "no rule"};
    if (n <= 4) return {name + ".vdt", Native()};
    if (n <= 6) return {name + ".yml", Filter()};
    if (n <= 9) return {name + ".yml", Correlation()};
    if (n <= 13) return {name + ".yml", Collection()};
    return {name + ".yml", Head() + Detection()};
  }

  uint32_t Below(uint32_t n) { return random_.Below(n); }

 private:
  std::string Head() {
    std::string out = "title: " + random_.Of(kWords) + std::to_string(random_.Below(50)) + "\n";
    if (random_.Below(4) != 0) out += "id: " + Id(random_.Below(25)) + "\n";
    if (random_.Below(4) == 0) out += "name: n" + std::to_string(random_.Below(20)) + "\n";
    if (random_.Below(9) == 0) out += "level: " + random_.Of(kWords) + "\n";
    return out + LogSource();
  }
  std::string LogSource() {
    return "logsource: {product: " + std::string(random_.Below(5) == 0 ? "nothing" : "windows") +
           (random_.Below(2) == 0 ? ", category: process_creation" : "") + "}\n";
  }
  std::string Value() {
    const uint32_t n = random_.Below(9);
    if (n == 0) return std::to_string(random_.Below(9));
    if (n == 1) return "'*" + random_.Of(kWords) + "?x'";
    if (n == 2) return "null";
    return "'" + random_.Of(kWords) + "'";
  }
  std::string Item() {
    static const std::vector<std::string> kModifiers = {
        "", "|contains", "|endswith", "|startswith", "|re", "|cased", "|expand", "|wrong", "|gt"};
    const std::string modifier = random_.Of(kModifiers);
    const std::string field = "    f" + std::to_string(random_.Below(6)) + modifier + ": ";
    if (modifier == "|re") {
      return field + (random_.Below(4) == 0 ? "'(a{30}){30}x'" : "'a+" + random_.Of(kWords) + "'") +
             "\n";
    }
    if (modifier == "|expand") return field + "'%users%'\n";
    if (modifier == "|gt") return field + std::to_string(random_.Below(4)) + "\n";
    if (random_.Below(3) != 0) return field + Value() + "\n";
    return field + "[" + Value() + ", " + Value() + "]\n";
  }
  std::string Detection() {
    static const std::vector<std::string> kConditions = {"a",     "a and not b", "1 of *", "a or b",
                                                         "not a", "all of them", "a and c"};
    return "detection:\n  a:\n" + Item() + "  b:\n" + Item() +
           "  condition: " + random_.Of(kConditions) + "\n";
  }
  std::string Reference() {
    return random_.Below(3) == 0 ? "n" + std::to_string(random_.Below(20)) : Id(random_.Below(25));
  }
  std::string Filter() {
    std::string out =
        "title: filter " + random_.Of(kWords) + "\n" + LogSource() + "filter:\n  rules: ";
    out += random_.Below(3) == 0 ? "any\n" : "[" + Reference() + ", " + Reference() + "]\n";
    return out + "  a:\n" + Item() + "  condition: not a\n";
  }
  std::string Correlation() {
    return "title: c " + random_.Of(kWords) + "\nname: n" + std::to_string(random_.Below(20)) +
           "\ncorrelation:\n  type: event_count\n  rules: [" + Reference() +
           "]\n  group-by: [f1]\n  timespan: 5m\n  condition: {gte: " +
           std::to_string(1 + random_.Below(5)) + "}\n";
  }
  std::string Collection() {
    std::string out = "action: global\n" + LogSource() + "status: test\n";
    for (uint32_t i = 1 + random_.Below(3); i > 0; --i) {
      const uint32_t n = random_.Below(5);
      if (n == 0) {
        out += "---\naction: repeat\ntitle: again " + random_.Of(kWords) + "\n";
      } else if (n == 1) {
        out += "---\n" + Correlation();
      } else if (n == 2) {
        out += "---\naction: reset\n";
      } else {
        out += "---\n" + Head() + Detection();
      }
    }
    return out;
  }
  std::string Native() {
    const std::string n = std::to_string(random_.Below(12));
    return "rule v" + n + " { when f1 == \"" + random_.Of(kWords) + "\" }\n";
  }

  static inline const std::vector<std::string> kWords = {"alpha", "beta", "gamma", "low", "high"};
  Lcg random_;
};

class CompileCacheTest : public ::testing::TestWithParam<CacheCase> {};

TEST_P(CompileCacheTest, EditsGiveWhatScratchGives) {
  const CacheCase& setup = GetParam();
  size_t reused = 0;
  size_t rules = 0;
  size_t correlations = 0;
  size_t errors = 0;
  for (uint32_t seed = 1; seed <= 25; ++seed) {
    const CompilerOptions options = OptionsOf(setup);
    Compiler compiler(options);
    AddLanguages(setup, &compiler);
    SourceMaker maker(seed);
    CompileCache cache;
    std::vector<RuleSource> sources;
    for (int i = 0; i < 15; ++i) sources.push_back(maker.Make());
    for (int edit = 0; edit < 12; ++edit) {
      RuleSet set;
      for (const RuleSource& source : sources) set.Add(source.name, source.text);
      const auto scratch = compiler.Compile(set);
      const auto again = compiler.Compile(set, &cache);
      ASSERT_TRUE(scratch.ok() && again.ok());
      ASSERT_EQ(Told(*again), Told(*scratch)) << setup.name << " " << seed << " " << edit;
      ASSERT_EQ(SaveProgram(*again->program), SaveProgram(*scratch->program))
          << setup.name << " " << seed << " " << edit;
      reused += cache.stats().rules_reused;
      rules += scratch->stats.rules_loaded;
      correlations += scratch->stats.correlations;
      errors += scratch->stats.rules_skipped;
      const size_t at = maker.Below(static_cast<uint32_t>(sources.size()));
      switch (maker.Below(5)) {
        case 0:
          sources.insert(sources.begin() + static_cast<std::ptrdiff_t>(at), maker.Make());
          break;
        case 1:
          if (sources.size() > 3) sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(at));
          break;
        case 2:
          sources[at] = maker.Make();
          break;
        case 3:
          std::rotate(sources.begin(), sources.begin() + static_cast<std::ptrdiff_t>(at),
                      sources.end());
          break;
        default:
          sources.push_back(sources[at]);  // the same twice
          break;
      }
    }
  }
  EXPECT_GT(reused, 500U);
  EXPECT_GT(rules, 1000U);
  EXPECT_GT(errors, 100U);
  EXPECT_GT(correlations, 20U);
}

INSTANTIATE_TEST_SUITE_P(Options, CompileCacheTest,
                         ::testing::Values(CacheCase{"plain"}, CacheCase{"lint", true},
                                           CacheCase{"pipeline", false, true},
                                           CacheCase{"emit_all", false, false, true},
                                           CacheCase{"small", false, false, false, 30}),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(CompileCache, OnlyWhatChangedIsWorkedOn) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  std::vector<RuleSource> sources;
  for (const char* x : {"a", "b", "c"}) {
    sources.push_back({std::string(x) + ".yml", "title: " + std::string(x) +
                                                    "\nlogsource: {product: windows}\n"
                                                    "detection: {s: {f: " +
                                                    x + "}, condition: s}\n"});
  }
  const auto compile = [&](CompileCache* cache) {
    RuleSet set;
    for (const RuleSource& source : sources) set.Add(source.name, source.text);
    ASSERT_TRUE(compiler.Compile(set, cache).ok());
  };
  CompileCache cache;
  compile(&cache);
  EXPECT_EQ(cache.stats().sources_read, 3U);
  EXPECT_EQ(cache.stats().rules_compiled, 3U);
  const size_t bytes = cache.memory_bytes();
  EXPECT_GT(bytes, 1000U);
  sources[1].text += "level: high\n";
  std::swap(sources[0], sources[2]);
  compile(&cache);
  EXPECT_EQ(cache.stats().sources_read, 1U);
  EXPECT_EQ(cache.stats().sources_reused, 2U);
  EXPECT_EQ(cache.stats().rules_compiled, 1U);
  EXPECT_EQ(cache.stats().rules_reused, 2U);
  // What is gone is forgotten.
  sources.resize(1);
  compile(&cache);
  EXPECT_LT(cache.memory_bytes(), bytes / 2);
}

TEST(CompileCache, BelongsToOneCompiler) {
  Compiler first;
  first.AddFrontend(SigmaFrontend());
  Compiler second;
  second.AddFrontend(SigmaFrontend());
  CompileCache cache;
  ASSERT_TRUE(first.Compile(RuleSet(), &cache).ok());
  EXPECT_EQ(second.Compile(RuleSet(), &cache).status().code(), absl::StatusCode::kInvalidArgument);
  first.AddFrontend(VedetteFrontend());
  EXPECT_EQ(first.Compile(RuleSet(), &cache).status().code(), absl::StatusCode::kInvalidArgument);
  cache.Clear();
  EXPECT_TRUE(second.Compile(RuleSet(), &cache).ok());
}

}  // namespace
}  // namespace vedette
