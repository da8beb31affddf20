// What the readers of behaviour cases share; the formats are described in tests/rules/README.md.
#ifndef VEDETTE_TESTS_RULES_CASE_TEXT_H_
#define VEDETTE_TESTS_RULES_CASE_TEXT_H_

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace vedette::testing {

inline std::string_view Trim(std::string_view s) {
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.front())) != 0) s.remove_prefix(1);
  while (!s.empty() && std::isspace(static_cast<unsigned char>(s.back())) != 0) s.remove_suffix(1);
  return s;
}

// Whether `line` begins with `key`; `*rest` is then what stands behind it.
inline bool TakeKey(std::string_view line, std::string_view key, std::string_view* rest) {
  if (!line.starts_with(key)) return false;
  *rest = Trim(line.substr(key.size()));
  return true;
}

// `JSON => EXPECTED`; false without an arrow.
inline bool SplitEvent(std::string_view text, std::string* json, std::string* expected) {
  const size_t arrow = text.rfind("=>");
  if (arrow == std::string_view::npos) return false;
  *json = Trim(text.substr(0, arrow));
  *expected = Trim(text.substr(arrow + 2));
  return true;
}

// Calls `line` for each line of `text`, without its end.
template <typename F>
void ForEachLine(std::string_view text, F line) {
  while (!text.empty()) {
    const size_t end = text.find('\n');
    std::string_view one = text.substr(0, end);
    if (one.ends_with('\r')) one.remove_suffix(1);
    line(one);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
}

inline std::string TestIdentifier(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return out;
}

// A test that runs one case; `kCheck` says what differs, nothing if all is as expected.
template <typename Case, std::string (*kCheck)(const Case&)>
class CaseTest : public ::testing::Test {
 public:
  explicit CaseTest(Case c) : case_(std::move(c)) {}
  void TestBody() override {
    const std::string difference = kCheck(case_);
    EXPECT_TRUE(difference.empty()) << "case " << case_.name << "\n" << difference;
  }

 private:
  Case case_;
};

// The main of a test of all *.case files of `folder`, each case a test of its own. Fewer cases than
// `at_least` mean that the files were not found.
template <typename Case, std::string (*kCheck)(const Case&), typename Parse>
int RunCaseFiles(int argc, char** argv, const std::string& folder, size_t at_least, Parse parse) {
  ::testing::InitGoogleTest(&argc, argv);
  std::vector<std::filesystem::path> files;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::vector<std::string> problems;
  size_t count = 0;
  for (const std::filesystem::path& file : files) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    for (const Case& c : parse(file.string(), text.str(), &problems)) {
      const std::string name = TestIdentifier(c.name) + "_" + std::to_string(c.line);
      ::testing::RegisterTest(TestIdentifier(file.stem().string()).c_str(), name.c_str(), nullptr,
                              nullptr, file.c_str(), c.line,
                              [c]() -> ::testing::Test* { return new CaseTest<Case, kCheck>(c); });
      ++count;
    }
  }
  for (const std::string& problem : problems) std::cerr << problem << "\n";
  if (!problems.empty()) return 1;
  if (count < at_least) {
    std::cerr << "only " << count << " cases found; run from the top of the tree\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_RULES_CASE_TEXT_H_
