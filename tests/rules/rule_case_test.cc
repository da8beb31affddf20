// Runs every case of tests/rules/sigma/*.case; each is a test of its own.
#include "tests/rules/rule_case.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace {

namespace fs = std::filesystem;
using vedette::testing::ParseRuleCases;
using vedette::testing::RuleCase;
using vedette::testing::RunRuleCase;

class CaseTest : public ::testing::Test {
 public:
  explicit CaseTest(RuleCase rule_case) : case_(std::move(rule_case)) {}
  void TestBody() override {
    const std::string difference = RunRuleCase(case_);
    EXPECT_TRUE(difference.empty()) << "case " << case_.name << "\n" << difference;
  }

 private:
  RuleCase case_;
};

std::string Identifier(const std::string& text) {
  std::string out;
  for (const char c : text) {
    out += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return out;
}

size_t RegisterCases(const fs::path& folder, std::vector<std::string>* problems) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".case") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  size_t count = 0;
  for (const fs::path& file : files) {
    std::stringstream text;
    text << std::ifstream(file).rdbuf();
    for (RuleCase& c : ParseRuleCases(file.string(), text.str(), problems)) {
      const std::string name = Identifier(c.name) + "_" + std::to_string(c.line);
      const int line = c.line;
      ::testing::RegisterTest(Identifier(file.stem().string()).c_str(), name.c_str(), nullptr,
                              nullptr, file.c_str(), line,
                              [c]() -> ::testing::Test* { return new CaseTest(c); });
      ++count;
    }
  }
  return count;
}

}  // namespace

int main(int argc, char** argv) {
  ::testing::InitGoogleTest(&argc, argv);
  std::vector<std::string> problems;
  const size_t count = RegisterCases("tests/rules/sigma", &problems);
  for (const std::string& problem : problems) std::cerr << problem << "\n";
  if (!problems.empty()) return 1;
  if (count < 250) {
    std::cerr << "only " << count << " cases found; run from the top of the tree\n";
    return 1;
  }
  return RUN_ALL_TESTS();
}
