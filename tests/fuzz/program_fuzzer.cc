// Hostile saved programs. What loads can be run, dumped and saved again as it was. Each input is
// also tried with a header that fits, or nothing would get past the checksum.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/program/program_layout.h"
#include "lib/program/saved_format.h"
#include "vedette/evaluator.h"
#include "vedette/json.h"
#include "vedette/saved_program.h"

namespace {

using namespace vedette;

constexpr size_t kMaxRules = 8;

const FunctionRegistry& Functions() {
  static const FunctionRegistry* const functions = [] {
    auto* f = new FunctionRegistry();
    const absl::Status status = f->Add({"twice",
                                        {ValueType::kNumber},
                                        ValueType::kNumber,
                                        [](std::span<const Value> args, ValueArena*) {
                                          return args[0].is_number()
                                                     ? Value::Double(2 * args[0].AsDouble())
                                                     : Value::Null();
                                        }});
    if (!status.ok()) __builtin_trap();
    return f;
  }();
  return *functions;
}

void Run(const std::shared_ptr<const Program>& program) {
  static const std::vector<std::string> texts = {
      R"({"kind":"a","a":3,"b":"B","list":[{"x":"1","y":1},[2]],"f":"word","h":["x","y"],"n":1,"k":"w","net":"10.0.0.1"})",
      R"({"EventID":1,"Channel":"Security","t":"2026-01-01T07:00:00Z","equal":"a-b"})",
  };
  Evaluator evaluator(program);
  JsonParser parser;
  for (const std::string& text : texts) {
    Event event;
    if (!parser.Parse(text, &event).ok()) __builtin_trap();
    const auto found = evaluator.Evaluate(event.view());
    for (const MatchRecord& record : evaluator.Records(event.view())) {
      const auto& sources = program->layout().correlations.at(record.correlation).sources;
      if (record.values.size() != sources.at(record.source).columns.size()) __builtin_trap();
    }
    for (const Match& match : std::vector<Match>(found.begin(), found.end())) {
      if (match.rule >= program->rule_count()) __builtin_trap();
      if (match.rule < kMaxRules) evaluator.Describe(event.view(), match);
    }
    for (size_t i = 0; i < program->rule_count() && i < kMaxRules; ++i) {
      evaluator.Explain(event.view(), i);
    }
  }
  for (size_t i = 0; i < program->rule_count() && i < kMaxRules; ++i) program->DumpRule(i);
  if (program->memory_bytes() == 0) __builtin_trap();
}

void Try(std::string_view bytes) {
  const auto loaded = LoadProgram(bytes, &Functions());
  if (!loaded.ok()) {
    if (loaded.status().message().empty()) __builtin_trap();
    return;
  }
  const std::string saved = SaveProgram(**loaded);
  // A later minor form may have sections that are lost; the rest is one to one.
  const bool same_form = bytes[10] == saved[10] && bytes[11] == saved[11];
  if (same_form && bytes.substr(kSavedHeaderBytes) != saved.substr(kSavedHeaderBytes)) {
    __builtin_trap();
  }
  const auto again = LoadProgram(saved, &Functions());
  if (!again.ok() || SaveProgram(**again) != saved) __builtin_trap();
  Run(*again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  Try(bytes);
  if (size < kSavedHeaderBytes) return 0;
  std::string header(kSavedMagic);
  AppendFixed(kSavedProgramMajor, 2, &header);
  bytes.replace(0, header.size(), header);
  std::string fixed;
  AppendFixed(size - kSavedHeaderBytes, 8, &fixed);
  bytes.replace(kSavedChecksumAt - fixed.size(), fixed.size(), fixed);
  fixed.clear();
  AppendFixed(SavedChecksum(bytes), 8, &fixed);
  bytes.replace(kSavedChecksumAt, fixed.size(), fixed);
  Try(bytes);
  return 0;
}
