#include "bench/support/rule_files.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"

namespace vedette::bench {
namespace {

constexpr char kYaml[] = R"(title: Original
id: 11111111-2222-3333-4444-555555555555
logsource:
    product: windows
    category: process_creation
detection:
    selection_img:
        - Image|endswith: '\certainly.exe'
        - OriginalFileName: "Certainly.exe"
    selection_cli:
        CommandLine|contains|all:
            - '*download*file'
            - plainwords # a comment
            - "with\\escape"
    numbers:
        EventID: 4688
        Address|cidr: 'fe80::/64'
    pattern:
        CommandLine|re: 'regular[0-9]+expression'
    condition: all of selection_* or numbers or pattern
falsepositives:
    - Certainly unchanged
level: high
)";

// Whether the two differ in letters only, of the same case.
bool SameButLetters(const std::string& a, const std::string& b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           const auto letter = [](char c) {
             return std::isalpha(static_cast<unsigned char>(c)) != 0;
           };
           return x == y || (letter(x) && letter(y) && std::isupper(x) == std::isupper(y));
         });
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines(1);
  for (const char c : text) {
    if (c == '\n') {
      lines.emplace_back();
    } else {
      lines.back().push_back(c);
    }
  }
  return lines;
}

TEST(RuleFiles, VariantsDifferInLiteralsOnly) {
  const std::vector<std::string> original = Lines(kYaml);
  std::set<size_t> ever;
  std::set<std::string> all;
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    const std::string variant = VariantOf(kYaml, seed);
    EXPECT_EQ(variant, VariantOf(kYaml, seed));
    all.insert(variant);
    const std::vector<std::string> lines = Lines(variant);
    ASSERT_EQ(lines.size(), original.size());
    size_t changed = 0;
    for (size_t i = 2; i < lines.size(); ++i) {
      if (lines[i] == original[i]) continue;
      EXPECT_TRUE(SameButLetters(original[i], lines[i])) << lines[i];
      ever.insert(i);
      ++changed;
    }
    EXPECT_GE(changed, 1U) << seed;
    EXPECT_NE(lines[1], original[1]);
  }
  EXPECT_EQ(all.size(), 50U);
  EXPECT_EQ(ever, (std::set<size_t>{7, 8, 11, 12}));  // not the pattern, nor the conditions
}

TEST(RuleFiles, VariantsCompileAndAreOtherRules) {
  std::vector<RuleSource> files = FirstRules({{"a.yml", kYaml}}, 20, 7);
  ASSERT_EQ(files.size(), 20U);
  EXPECT_EQ(files[0].text, kYaml);
  RuleSet rules;
  for (const RuleSource& f : files) rules.Add(f.name, f.text);
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  const auto built = compiler.Compile(rules);
  ASSERT_TRUE(built.ok());
  EXPECT_EQ(built->stats.rules_loaded, 20U);
  std::set<uint64_t> meanings;
  std::set<std::string> ids;
  for (size_t i = 0; i < 20; ++i) {
    meanings.insert(built->program->fingerprint(i));
    ids.insert(built->program->rule(i).id);
  }
  EXPECT_EQ(meanings.size(), 20U);
  EXPECT_EQ(ids.size(), 20U);
}

TEST(RuleFiles, ShufflesTheSameWayEverywhere) {
  const auto names = [](uint64_t seed) {
    std::vector<RuleSource> files;
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) files.push_back({name, ""});
    Shuffle(seed, &files);
    std::string out;
    for (const RuleSource& f : files) out += f.name;
    return out;
  };
  EXPECT_EQ(names(1), "abdcef");
  EXPECT_EQ(names(2), "cfadbe");
}

TEST(RuleFiles, PutsRulesOfTheEventsFirst) {
  const auto rule = [](const std::string& logsource) {
    return "title: t\nlogsource: {" + logsource + "}\ndetection:\n  s:\n    a: b\n  condition: s\n";
  };
  std::vector<RuleSource> files = {{"linux", rule("product: linux")},
                                   {"any", rule("category: process_creation")},
                                   {"other", rule("product: windows, service: security")},
                                   {"windows", rule("product: windows")}};
  const std::vector<LogSource> sources = {{"windows", "process_creation", "sysmon"}};
  PutFacedFirst(sources, &files);
  std::string order;
  for (const RuleSource& f : files) order += f.name + " ";
  EXPECT_EQ(order, "any windows linux other ");
}

TEST(RuleFiles, TakesWhatThereIs) {
  EXPECT_TRUE(FirstRules({}, 5, 1).empty());
  EXPECT_EQ(FirstRules({{"a", "x"}, {"b", "y"}}, 1, 1).size(), 1U);
  EXPECT_TRUE(ReadRuleFolder("no such folder").empty());
}

}  // namespace
}  // namespace vedette::bench
