// What it costs to compile rules: from scratch, again after one of them changed, and to load them
// as a saved program. By number of rule files of the folder VEDETTE_BENCH_RULES (the bundled rules
// if it is not set); 0 is all of them, more than there are get variants.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "bench/support/rule_files.h"
#include "benchmark/benchmark.h"
#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"
#include "vedette/saved_program.h"

namespace {

using namespace vedette;  // NOLINT: as the rest of the benchmarks

const std::vector<RuleSource>& Files(size_t count) {
  static std::map<size_t, std::vector<RuleSource>> by_count;
  std::vector<RuleSource>& files = by_count[count];
  if (files.empty()) {
    const char* const folder = std::getenv("VEDETTE_BENCH_RULES");
    files = bench::ReadRuleFolder(folder != nullptr ? folder : "rules");
    if (count > 0) files = bench::FirstRules(std::move(files), count, 1);
  }
  return files;
}

RuleSet SetOf(const std::vector<RuleSource>& files) {
  RuleSet set;
  for (const RuleSource& file : files) set.Add(file.name, file.text);
  return set;
}

std::unique_ptr<Compiler> NewCompiler() {
  auto compiler = std::make_unique<Compiler>();
  compiler->AddFrontend(SigmaFrontend());
  return compiler;
}

std::shared_ptr<const Program> Compiled(const RuleSet& set) {
  auto result = NewCompiler()->Compile(set);
  if (result.ok()) return result->program;
  std::fprintf(stderr, "%s\n", std::string(result.status().message()).c_str());
  std::exit(1);
}

void Counters(size_t rules, size_t bytes, benchmark::State* state) {
  state->counters["rules"] = static_cast<double>(rules);
  state->counters["bytes/rule"] = static_cast<double>(bytes) / static_cast<double>(rules);
}

void Scratch(benchmark::State& state) {
  const RuleSet set = SetOf(Files(static_cast<size_t>(state.range(0))));
  const auto compiler = NewCompiler();
  size_t bytes = 0;
  size_t rules = 1;
  for (auto _ : state) {
    const auto result = compiler->Compile(set);
    rules = result->program->rule_count();
    bytes = result->program->memory_bytes();
  }
  Counters(rules, bytes, &state);
}

// `changed` of the files are other ones each time.
void Again(benchmark::State& state, size_t changed) {
  std::vector<RuleSource> files = Files(static_cast<size_t>(state.range(0)));
  const auto compiler = NewCompiler();
  CompileCache cache;
  size_t rules = compiler->Compile(SetOf(files), &cache)->program->rule_count();
  size_t edits = 0;
  for (auto _ : state) {
    state.PauseTiming();
    for (size_t i = 0; i < changed; ++i) {
      files[(edits * 7919 + i) % files.size()].text += "# " + std::to_string(edits) + "\n";
    }
    ++edits;
    const RuleSet set = SetOf(files);
    state.ResumeTiming();
    const auto result = compiler->Compile(set, &cache);
    rules = result->program->rule_count();
  }
  Counters(rules, cache.memory_bytes(), &state);
}

void Load(benchmark::State& state) {
  const auto program = Compiled(SetOf(Files(static_cast<size_t>(state.range(0)))));
  const std::string bytes = SaveProgram(*program);
  for (auto _ : state) benchmark::DoNotOptimize(LoadProgram(bytes));
  Counters(program->rule_count(), bytes.size(), &state);
}

void Save(benchmark::State& state) {
  const auto program = Compiled(SetOf(Files(static_cast<size_t>(state.range(0)))));
  size_t bytes = 0;
  for (auto _ : state) bytes = SaveProgram(*program).size();
  Counters(program->rule_count(), bytes, &state);
}

void Sizes(benchmark::internal::Benchmark* bench) {
  bench->Arg(0)->Arg(30000)->Unit(benchmark::kMillisecond)->MinTime(1);
}
BENCHMARK(Scratch)->Apply(Sizes);
BENCHMARK_CAPTURE(Again, nothing_changed, 0)->Apply(Sizes);
BENCHMARK_CAPTURE(Again, one_changed, 1)->Apply(Sizes);
BENCHMARK_CAPTURE(Again, hundred_changed, 100)->Apply(Sizes);
BENCHMARK(Load)->Apply(Sizes);
BENCHMARK(Save)->Apply(Sizes);

}  // namespace
