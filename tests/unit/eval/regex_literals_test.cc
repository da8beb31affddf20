#include "lib/eval/regex_literals.h"

#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "lib/base/casefold.h"

namespace vedette {
namespace {

using Strings = std::vector<std::string>;

Strings Of(const std::string& pattern) {
  const RE2 regex(pattern);
  EXPECT_TRUE(regex.ok()) << pattern;
  Strings out = RequiredLiterals(regex);
  std::sort(out.begin(), out.end());
  return out;
}

TEST(RegexLiterals, KeepsWhatSaysMost) {
  EXPECT_EQ(Of("abc.*longer"), (Strings{"longer"}));
  EXPECT_EQ(Of("(?i)PowerShell"), (Strings{"powershell"}));
  EXPECT_EQ(Of("(?:cmd|pwsh)\\.exe"), (Strings{"cmd.exe", "pwsh.exe"}));
  EXPECT_EQ(Of("\\w+`(?:\\w+|-|.)`[\\w+|\\s]"), (Strings{"`"}));
  EXPECT_EQ(Of("\\$\\{`?e`?n"), (Strings{"${"}));
}

TEST(RegexLiterals, KnowsWhenNothingIsNeeded) {
  EXPECT_TRUE(Of("a*").empty());
  EXPECT_TRUE(Of(".").empty());
  EXPECT_TRUE(Of("(?:needed)?").empty());
  EXPECT_TRUE(Of("ab").empty()) << "too short to be worth a search";
  EXPECT_TRUE(Of("\\\\").empty()) << "in too many texts";
  EXPECT_TRUE(Of("(?i)straße").empty()) << "RE2 and the frame may fold differently";
}

// Wherever the expression matches, one of its literals is in the folded text: also for letters
// that fold to ASCII ones, and for bytes that are no UTF-8.
TEST(RegexLiterals, AreInEveryTextThatMatches) {
  const Strings texts = {"Invoke-Expression",
                         "IEX(New-Object",
                         "\xE2\x84\xAA"
                         "ernel.dll",
                         "\xFF"
                         "KERNEL\xFE.DLL",
                         "mi\xC5\xBFtake",
                         "a\nb mistake",
                         "c:\\x\\rundll32.exe,#1",
                         "cmd /c 'whoami' > \\\\1",
                         "aaaa1111bbbb",
                         "i`e`x ${env:x}"};
  const Strings patterns = {
      "(?i)kernel",        "(?i)mistake",         "(?i)invoke-(?:expression|webrequest)",
      "(?s)a.b mis",       "rundll32.*,\\s*#\\d", "(?i)iex\\s*\\(",
      "[a-z]{4}\\d{4}bbb", "who(?:ami)+",         "(?i)K.RNEL",
      "\\w`(?:\\w|.)`",    "(?i)\\$\\{`?E"};
  size_t matches = 0;
  size_t with_literals = 0;
  for (const std::string& pattern : patterns) {
    const RE2 regex(pattern);
    const Strings literals = RequiredLiterals(regex);
    for (const std::string& text : texts) {
      if (!RE2::PartialMatch(text, regex)) continue;
      ++matches;
      if (literals.empty()) continue;
      ++with_literals;
      std::string folded;
      AppendFolded(text, &folded);
      EXPECT_TRUE(std::any_of(
          literals.begin(), literals.end(),
          [&folded](const std::string& l) { return folded.find(l) != std::string::npos; }))
          << pattern << " on " << text;
    }
  }
  EXPECT_GE(matches, 9U);
  EXPECT_GE(with_literals, 7U);
}

}  // namespace
}  // namespace vedette
