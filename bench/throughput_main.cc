// Events per second of one thread over real rules and events:
//   throughput RULES_FOLDER EVENTS_FILE [SECONDS]
// Prints parsing alone, parsing and evaluation, and evaluation alone, from one run over the same
// events held in memory, with the ratios between them.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/sigma.h"
#include "vedette/io/jsonl.h"
#include "vedette/json.h"

namespace {

using namespace vedette;
using Clock = std::chrono::steady_clock;

double Seconds(Clock::time_point since) {
  return std::chrono::duration<double>(Clock::now() - since).count();
}

std::shared_ptr<const Program> CompileFolder(const char* folder) {
  RuleSet rules;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.path().extension() != ".yml") continue;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    rules.Add(entry.path().string(), text.str());
  }
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  const auto start = Clock::now();
  auto built = compiler.Compile(rules);
  if (!built.ok()) return nullptr;
  std::printf("%zu rules compiled in %.3f s, %zu skipped, %zu predicates, %.1f MiB\n",
              built->stats.rules_loaded, Seconds(start), built->stats.rules_skipped,
              built->stats.predicates,
              static_cast<double>(built->program->memory_bytes()) / (1 << 20));
  return built->program;
}

// Repeats `pass` until `seconds` are over; events per second of the fastest pass.
double Best(double seconds, size_t events, const std::function<void()>& pass) {
  double best = 0;
  const auto start = Clock::now();
  do {
    const auto begin = Clock::now();
    pass();
    best = std::max(best, static_cast<double>(events) / Seconds(begin));
  } while (Seconds(start) < seconds);
  return best;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s RULES_FOLDER EVENTS_FILE [SECONDS]\n", argv[0]);
    return 2;
  }
  const double seconds = argc > 3 ? std::atof(argv[3]) : 3;
  const auto program = CompileFolder(argv[1]);
  auto reader = OpenJsonlFile(argv[2]);
  if (program == nullptr || !reader.ok()) return 1;
  std::vector<std::string> texts;
  std::vector<Event> events;
  size_t bytes = 0;
  JsonParser parser;
  for (Event event; texts.size() < 50000;) {
    const auto more = (*reader)->Next(&event);
    if (!more.ok() || !*more) break;
    texts.push_back(event.root().ToJson());
    bytes += texts.back().size();
    Event& kept = events.emplace_back();
    kept.set_root(kept.arena().DeepCopy(event.root()));
  }
  if (texts.empty()) return 1;
  Evaluator evaluator(program);
  uint64_t matches = 0;
  Event event;
  const double parse = Best(seconds, texts.size(), [&] {
    for (const std::string& text : texts) {
      if (!parser.Parse(text, &event).ok()) std::abort();
    }
  });
  const double both = Best(seconds, texts.size(), [&] {
    for (const std::string& text : texts) {
      if (!parser.Parse(text, &event).ok()) std::abort();
      evaluator.Evaluate(event.view());
    }
  });
  const double evaluate = Best(seconds, texts.size(), [&] {
    matches = 0;
    for (const Event& e : events) matches += evaluator.Evaluate(e.view()).size();
  });
  std::printf("%zu events, %zu bytes each, %.2f matches per event\n", texts.size(),
              bytes / texts.size(),
              static_cast<double>(matches) / static_cast<double>(texts.size()));
  std::printf("parse                %10.0f events/s\n", parse);
  std::printf("parse and evaluate   %10.0f events/s  (%.2f of parsing)\n", both, both / parse);
  std::printf("evaluate             %10.0f events/s  (%.0f ns each)\n", evaluate, 1e9 / evaluate);
  return 0;
}
