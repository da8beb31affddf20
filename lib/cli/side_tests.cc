#include "lib/cli/side_tests.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>

#include "lib/cli/filter.h"
#include "lib/cli/text.h"
#include "vedette/json.h"

namespace vedette::inline v0::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kEnding = ".test.jsonl";

// "dir/x" of "./dir/x.yml" and of "dir/x.test.jsonl".
std::string Stem(const std::string& path, size_t ending) {
  return fs::path(path.substr(0, path.size() - ending)).lexically_normal().string();
}

// What was loaded from the rule files of one stem.
struct Beside {
  std::vector<TestedRule> rules;
  bool refused = false;
};

std::map<std::string, Beside> ByStem(const LoadedRules& rules) {
  std::map<std::string, Beside> out;
  const auto at = [&out](const std::string& source) -> Beside& {
    return out[Stem(source, fs::path(source).extension().string().size())];
  };
  const Program& program = *rules.program;
  for (size_t i = 0; i < program.rule_count(); ++i) {
    at(program.rule(i).source).rules.push_back({i, false});
  }
  for (size_t i = 0; i < program.correlation_count(); ++i) {
    at(program.correlation(i).source).rules.push_back({i, true});
  }
  for (const Diagnostic& d : rules.diagnostics) {
    if (d.severity == Severity::kError) at(d.source).refused = true;
  }
  return out;
}

// The rule that the record is about; else a problem.
void FindItsRule(const Beside& beside, const Value& wanted, const Program& program,
                 SideTest* test) {
  std::vector<TestedRule> found = beside.rules;
  if (wanted.is_string()) {
    std::erase_if(found, [&](const TestedRule& rule) {
      const RuleMeta& meta =
          rule.is_correlation ? program.correlation(rule.index) : program.rule(rule.index);
      return !RuleIsCalled(meta, wanted.string());
    });
  }
  if (found.size() == 1) {
    test->rule = found[0];
  } else if (beside.refused) {
    test->problem = "the rule beside it has errors";
  } else {
    test->problem = found.empty() ? "no rule beside it has this id, name or title"
                                  : "several rules stand beside it; name one: \"rule\": \"..\"";
  }
}

bool ReadExpectation(const Value& expect, SideTest* test) {
  if (expect.kind() == ValueKind::kBool) {
    test->least = expect.boolean() ? 1 : 0;
    test->most = expect.boolean() ? UINT32_MAX : 0;
    return true;
  }
  const bool is_count =
      expect.kind() == ValueKind::kInt && expect.integer() >= 0 && expect.integer() <= UINT32_MAX;
  if (is_count) test->least = test->most = static_cast<uint32_t>(expect.integer());
  return is_count;
}

bool IsObject(const Value& v) { return v.kind() == ValueKind::kObject; }

void Read(SideTest* test, const Beside& beside, const Program& program, JsonParser* parser) {
  Event record;
  const absl::Status parsed = parser->Parse(test->record, &record);
  if (!parsed.ok()) {
    test->problem = MessageOf(parsed);
    return;
  }
  const Value root = record.root();
  if (const Value why = root.Find("why"); why.is_string()) test->why = std::string(why.string());
  if (!ReadExpectation(root.Find("expect"), test)) {
    test->problem = "\"expect\" is missing; it is true, false or a number of detections";
    return;
  }
  const Value events = root.Find("events");
  const bool several = events.kind() == ValueKind::kList && !events.list().empty() &&
                       std::all_of(events.list().begin(), events.list().end(), IsObject);
  if (IsObject(root.Find("event")) == several) {
    test->problem = several ? "give either \"event\" or \"events\""
                            : "\"event\" is missing; it is the record as its source writes it";
    return;
  }
  FindItsRule(beside, root.Find("rule"), program, test);
}

// Those in folders, and those beside files that are named.
absl::StatusOr<std::set<std::string>> Files(const std::vector<std::string>& paths) {
  std::set<std::string> files;
  for (const std::string& path : paths) {
    std::error_code error;
    if (fs::is_directory(path, error)) {
      const absl::StatusOr<std::vector<std::string>> found = FindTestFiles({path});
      if (!found.ok()) return found.status();
      files.insert(found->begin(), found->end());
      continue;
    }
    const std::string beside = fs::path(path).replace_extension(kEnding).string();
    if (path != "-" && fs::exists(beside, error)) files.insert(beside);
  }
  return files;
}

}  // namespace

absl::StatusOr<std::vector<SideTest>> FindSideTests(const std::vector<std::string>& paths,
                                                    const LoadedRules& rules) {
  const absl::StatusOr<std::set<std::string>> files = Files(paths);
  if (!files.ok()) return files.status();
  const std::map<std::string, Beside> by_stem = ByStem(rules);
  std::set<std::string> seen;  // a folder and a file in it may both be named
  std::vector<SideTest> tests;
  JsonParser parser;
  for (const std::string& file : *files) {
    const std::string stem = Stem(file, kEnding.size());
    if (!seen.insert(stem).second) continue;
    const auto beside = by_stem.find(stem);
    if (beside == by_stem.end()) {
      SideTest lonely;
      lonely.file = file;
      lonely.line = 1;
      lonely.problem = "no rule stands beside it";
      tests.push_back(std::move(lonely));
      continue;
    }
    const absl::StatusOr<std::string> text = ReadTextFile(file);
    if (!text.ok()) return text.status();
    std::string_view rest = *text;
    for (uint32_t line = 1; !rest.empty(); ++line) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      SideTest test;
      test.file = file;
      test.line = line;
      test.record = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (test.record.find_first_not_of(" \t\r") == std::string::npos) continue;
      Read(&test, beside->second, *rules.program, &parser);
      tests.push_back(std::move(test));
    }
  }
  return tests;
}

}  // namespace vedette::inline v0::cli
