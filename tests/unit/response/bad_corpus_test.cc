// Bad policies and playbooks, one a file: the first line says which finding it must give and where,
// `expect PBK0020 12:7 error`; the rest is the file, whose lines count from 1.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include "vedette/response/playbook.h"
#include "vedette/response/policy.h"

namespace vedette {
namespace {

struct BadCase {
  std::string path;
  std::string code;
  std::string place;
  std::string severity;
  std::string text;
};

std::vector<BadCase> CasesIn(const std::string& folder) {
  std::vector<BadCase> out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".case") continue;
    std::ifstream file(entry.path());
    BadCase c;
    c.path = entry.path().string();
    std::string head;
    std::getline(file, head);
    std::string expect;
    std::istringstream(head) >> expect >> c.code >> c.place >> c.severity;
    EXPECT_EQ(expect, "expect") << c.path;
    c.text = std::string{std::istreambuf_iterator<char>(file), {}};
    out.push_back(std::move(c));
  }
  std::ranges::sort(out, {}, &BadCase::path);
  return out;
}

void Check(const BadCase& c, const std::vector<Diagnostic>& diagnostics, bool loaded) {
  bool found = false;
  std::string all;
  for (const Diagnostic& d : diagnostics) {
    const std::string place = std::to_string(d.span.line) + ":" + std::to_string(d.span.column);
    all += FormatDiagnostic(d);
    found =
        found || (d.code == c.code && place == c.place && SeverityName(d.severity) == c.severity);
    // A file that is bad in one way is not said to be bad in others.
    EXPECT_TRUE(d.severity != Severity::kError || d.code == c.code) << c.path << "\n" << all;
  }
  EXPECT_TRUE(found) << c.path << " should give " << c.code << " at " << c.place << ", but:\n"
                     << all;
  EXPECT_EQ(loaded, c.severity != "error") << c.path;
}

TEST(BadCorpusTest, PoliciesAreRefusedWithLineAndCode) {
  const std::vector<BadCase> cases = CasesIn("tests/rules/response/policy");
  EXPECT_GE(cases.size(), 12u);
  for (const BadCase& c : cases) {
    const Policy::Loaded loaded = Policy::Load(c.path, c.text);
    Check(c, loaded.diagnostics, loaded.policy != nullptr);
  }
}

TEST(BadCorpusTest, PlaybooksAreRefusedWithLineAndCode) {
  const std::vector<BadCase> cases = CasesIn("tests/rules/response/playbook");
  EXPECT_GE(cases.size(), 60u);
  for (const BadCase& c : cases) {
    const Playbook::Loaded loaded = Playbook::Load(c.path, c.text);
    Check(c, loaded.diagnostics, loaded.playbook != nullptr);
  }
}

}  // namespace
}  // namespace vedette
