#include "lib/compiler/lint.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"

namespace vedette {
namespace {

struct Found {
  std::string codes;  // of the lints, in order
  std::vector<Diagnostic> diagnostics;
};

Found Lint(const std::vector<std::pair<std::string, std::string>>& files, bool lint = true) {
  CompilerOptions options;
  options.lint = lint;
  Compiler compiler(options);
  compiler.AddFrontend(SigmaFrontend());
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  for (const auto& [name, text] : files) rules.Add(name, text);
  const auto built = compiler.Compile(rules);
  Found found;
  for (const Diagnostic& d : built->diagnostics) {
    EXPECT_NE(d.severity, Severity::kError) << FormatDiagnostic(d);
    if (d.code < "VED0013" || d.code > "VED0020") continue;
    found.codes += (found.codes.empty() ? "" : " ") + d.code;
    found.diagnostics.push_back(d);
  }
  return found;
}

std::string OfCondition(const std::string& condition) {
  return Lint({{"a.vdt",
                "list none = []\nlist some = [1]\nrule a { meta { id = \"1\" severity = low "
                "} match any where " +
                    condition + "\n}\n"}})
      .codes;
}

TEST(Lint, ConstantConditions) {
  for (const char* condition : {"true",
                                "f in none",
                                "not (f in none)",
                                "1 == 2",
                                "f == 1 and g in none",
                                "(f == 1 or g in none) and h",
                                "f == 1 and not (f == 1)",
                                "f == 1 or h or not (f == 1)",
                                "f > 5 and f < 3",
                                "f > 5 and g and (h and f < 3)",
                                "f > 3 and f < 3",
                                "f >= 3 and f < 3",
                                "f == 4 and f < 3",
                                "f == 4 and f == 5",
                                "hour(f) > 22 and hour(f) < 6",
                                "length(f) > 5 and length(f) < 2",
                                "any x in f : (x.a > 5 and x.a < 2)",
                                "not (f > 5 and f < 3)",
                                "g or (f > 5 and f < 3)",
                                "g and (f > 5 and f < 3)",
                                "g or (h or (f or not f))"}) {
    EXPECT_EQ(OfCondition(condition), "VED0013") << condition;
  }
  for (const char* condition :
       {"f : \"*\"", "f in some", "f > 3 and f < 5", "f >= 3 and f <= 3", "f == 3 and f <= 3",
        "f > 5 or f < 3", "f > 5 and g < 3", "hour(f) > 22 or hour(f) < 6",
        "hour(f) > 22 and minute(f) < 6", "not (f > 5) and not (f < 3)", "f != 1 and f != 2",
        "f == 1 or not (f == 2)", "f == null or f == 1", "not f > 5 and f > 3",
        "f == \"a\" and f == \"b\""}) {
    EXPECT_EQ(OfCondition(condition), "") << condition;
  }
}

TEST(Lint, ShowsThePartThatIsConstant) {
  const Found found = Lint({{"a.vdt",
                             "list none = []\nrule a { meta { id = \"1\" severity = low }\n"
                             "match any where f == 1 or g in none\n}\n"}});
  ASSERT_EQ(found.codes, "VED0013");
  EXPECT_EQ(found.diagnostics[0].span.line, 3U);
  EXPECT_EQ(found.diagnostics[0].span.column, 27U);
}

TEST(Lint, RegularExpressions) {
  for (const char* regex : {".*", ".*?", "(.*)", "^.*$", "[\\\\s\\\\S]*"}) {
    EXPECT_EQ(OfCondition("f regex \"" + std::string(regex) + "\""), "VED0019") << regex;
  }
  for (const char* regex : {"", "^", "$", ".*", "^.*", ".*$", "(?s)^.*$"}) {
    EXPECT_EQ(OfCondition("f search \"" + std::string(regex) + "\""), "VED0019") << regex;
  }
  for (const char* test :
       {"search \".*foo\"", "search \".*?foo\"", "search \".*foo|bar\"", "search \".*(foo|bar)\"",
        "search \"(?s)^.*foo\"", "regex \".*foo\"", "regex \"^.*foo\""}) {
    EXPECT_EQ(OfCondition("f " + std::string(test)), "VED0018") << test;
  }
  // Without (?s) `^.*` looks at the first line only.
  for (const char* test : {"regex \"\"", "regex \"^\"", "search \"^.*$\"", "search \"^.*foo\"",
                           "search \".+foo\"", "search \"\\\\.*foo\"", "search \"(?s)^.*foo|bar\"",
                           "search \"foo\"", "search \"^foo\"", "regex \"foo.*\""}) {
    EXPECT_EQ(OfCondition("f " + std::string(test)), "") << test;
  }
}

std::string OfMatch(const std::string& match) {
  return Lint({{"a.vdt", "rule a { meta { id = \"1\" severity = low } match " + match + "\n}\n"}})
      .codes;
}

TEST(Lint, StateThatNeverGoesAway) {
  for (const char* match :
       {"new value of f in [any where g]", "new value of f in [any where g] by h",
        "child of [any where f] [any where g]", "sample by h [any where f] [any where g]",
        "window 1m by h s: [any where f] having count(s) > 2 rearm never",
        "absence of [any where f] by h for 1d rearm never"}) {
    EXPECT_EQ(OfMatch(match), "VED0020") << match;
  }
  for (const char* match :
       {"new value of f in [any where g] history 30d",
        "descendant of [any where f] [any where g] within 1d", "sample [any where f] [any where g]",
        "absence of [any where f] by h for 1d",
        "window 1m s: [any where f] having count(s) > 2 rearm never",
        "window 1m by h s: [any where f] having count(s) > 2 rearm after 1d",
        "sequence by h within 1m [any where f] [any where g]"}) {
    EXPECT_EQ(OfMatch(match), "") << match;
  }
}

TEST(Lint, ConditionsOfSources) {
  EXPECT_EQ(OfMatch("sequence within 1m [any where f > 5 and f < 3] [any where g]"), "VED0013");
  EXPECT_EQ(OfMatch("sequence within 1m [any where f] [any where g] until [any where 1 == 2]"),
            "VED0013");
  EXPECT_EQ(OfMatch("sequence within 1m [any where true] [any where g]"), "");
}

TEST(Lint, MetaData) {
  EXPECT_EQ(Lint({{"a.vdt", "rule a { match any where f }"}}).codes, "VED0015 VED0016");
  EXPECT_EQ(Lint({{"a.eql", "any where f"}}).codes, "");
  EXPECT_EQ(Lint({{"a.vdt",
                   "rule a { meta { id = \"1\" } match window 1m [any where f] having "
                   "count(_1) > 3 }"}})
                .codes,
            "VED0016");
  const std::string yaml =
      "title: T\nid: 6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b01\nlogsource: {product: windows}\n"
      "detection:\n  s:\n    f: 1\n  condition: s\n";
  EXPECT_EQ(Lint({{"a.yml", yaml}}).codes, "VED0016");
  EXPECT_EQ(Lint({{"a.yml", yaml}}, false).codes, "");
}

std::string Pair(const std::string& first, const std::string& second) {
  return Lint({{"a.vdt", "rule a { meta { id = \"1\" severity = low " + first +
                             "\n}\nrule b { meta { id = \"2\" severity = high " + second + "\n}"}})
      .codes;
}

TEST(Lint, Twins) {
  EXPECT_EQ(Pair("} match any where f and g", "} match any where f and g"), "VED0014");
  EXPECT_EQ(Pair("} match any where f and g", "} match any where (g and f) and g"), "VED0014");
  EXPECT_EQ(Pair("} match any where f or not (g and h)", "} match any where not (h and g) or f"),
            "VED0014");
  EXPECT_EQ(Pair("} match any where f and g", "} match any where f or g"), "");
  EXPECT_EQ(Pair("} match any where f and g", "} match any where f and not g"), "");
  EXPECT_EQ(Pair("logsource = { product: \"p\" } } match any where f", "} match any where f"), "");
  EXPECT_EQ(Pair("} match any where f outcome { x = 1 }", "} match any where f"), "");
  EXPECT_EQ(Pair("} match sequence within 1m [any where f] [any where g]",
                 "} match sequence within 60s [any where f] [any where g]"),
            "VED0014");
  EXPECT_EQ(Pair("} match sequence within 1m [any where f] [any where g]",
                 "} match sequence within 1m [any where g] [any where f]"),
            "");
}

TEST(Lint, NamesTheOtherRuleAndShowsThePlace) {
  const std::string yaml =
      "title: T\nid: 6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b01\nlevel: low\n"
      "logsource: {product: windows}\ndetection:\n  s:\n    f|re: '.*x'\n  condition: s\n";
  const Found found =
      Lint({{"a.yml", yaml},
            {"b.vdt",
             "rule b { meta { id = \"6b0b4b52-7d5c-4a53-9a0c-0e3d5f6a7b02\" severity = low\n"
             "logsource = { product: \"windows\" } } match any where f search \".*x\" }"}});
  ASSERT_EQ(found.codes, "VED0018 VED0018 VED0014");
  EXPECT_EQ(found.diagnostics[0].span.line, 7U);
  EXPECT_EQ(found.diagnostics[0].line_text, "    f|re: '.*x'");
  EXPECT_EQ(found.diagnostics[1].span.line, 2U);
  EXPECT_NE(found.diagnostics[2].message.find("\"T\" in a.yml"), std::string::npos);
}

}  // namespace
}  // namespace vedette
