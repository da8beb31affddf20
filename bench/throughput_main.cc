// Events per second of one thread over real rules and events:
//   throughput RULES_FOLDER EVENTS_FILE [SECONDS [evaluate]]
// Prints parsing alone, parsing and evaluation, and evaluation alone with and without the index,
// from one run over the same events held in memory, with the ratios between them. With `evaluate`
// only that is measured, for profilers.
#include <time.h>

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

// The thread's own time: what else the machine does counts less.
double Now() {
  timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
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
  const double start = Now();
  auto built = compiler.Compile(rules);
  if (!built.ok()) return nullptr;
  std::printf("%zu rules compiled in %.3f s, %zu skipped, %zu predicates, %.1f MiB\n",
              built->stats.rules_loaded, Now() - start, built->stats.rules_skipped,
              built->stats.predicates,
              static_cast<double>(built->program->memory_bytes()) / (1 << 20));
  return built->program;
}

// Repeats `pass` until `seconds` are over; events per second of the fastest pass.
double Best(double seconds, size_t events, const std::function<void()>& pass) {
  double best = 0;
  const double start = Now();
  do {
    const double begin = Now();
    pass();
    best = std::max(best, static_cast<double>(events) / (Now() - begin));
  } while (Now() - start < seconds);
  return best;
}

struct Evaluation {
  double rate = 0;
  uint64_t matches = 0;
  EvaluatorStats stats;  // of one pass
};

Evaluation Evaluate(const std::shared_ptr<const Program>& program, const std::vector<Event>& events,
                    double seconds, const EvaluatorOptions& options) {
  Evaluator evaluator(program, options);
  Evaluation out;
  EvaluatorStats before;
  out.rate = Best(seconds, events.size(), [&] {
    before = evaluator.stats();
    for (const Event& e : events) evaluator.Evaluate(e.view());
  });
  out.stats = evaluator.stats();
  out.matches = out.stats.matches - before.matches;
  out.stats.rules_faced -= before.rules_faced;
  out.stats.rules_evaluated -= before.rules_evaluated;
  return out;
}

void Measure(const std::shared_ptr<const Program>& program, const std::vector<std::string>& texts,
             const std::vector<Event>& events, size_t bytes, double seconds, bool only_evaluate) {
  const Evaluation indexed = Evaluate(program, events, seconds, {});
  const auto n = static_cast<double>(texts.size());
  std::printf("%zu events, %zu bytes each, %.2f matches, %.1f rules faced, %.2f evaluated\n",
              texts.size(), bytes / texts.size(), static_cast<double>(indexed.matches) / n,
              static_cast<double>(indexed.stats.rules_faced) / n,
              static_cast<double>(indexed.stats.rules_evaluated) / n);
  std::printf("evaluate             %10.0f events/s  (%.0f ns each)\n", indexed.rate,
              1e9 / indexed.rate);
  if (only_evaluate) return;
  const Evaluation forgetful = Evaluate(program, events, seconds, {.memo_bytes = 0});
  std::printf("  remembering nothing%10.0f events/s  (the memo is %.2f times as fast)\n",
              forgetful.rate, indexed.rate / forgetful.rate);
  const Evaluation plain = Evaluate(program, events, seconds, {.use_index = false});
  std::printf("  without the index  %10.0f events/s  (the index is %.1f times as fast)\n",
              plain.rate, indexed.rate / plain.rate);
  if (plain.matches != indexed.matches) std::printf("DIFFERENT MATCHES\n");
  JsonOptions options;
  options.only_fields_of = program.get();
  JsonParser parser(options);
  Event event;
  const double parse = Best(seconds, texts.size(), [&] {
    for (const std::string& text : texts) {
      if (!parser.Parse(text, &event).ok()) std::abort();
    }
  });
  Evaluator evaluator(program);
  const double both = Best(seconds, texts.size(), [&] {
    for (const std::string& text : texts) {
      if (!parser.Parse(text, &event).ok()) std::abort();
      evaluator.Evaluate(event.view());
    }
  });
  std::printf("parse                %10.0f events/s\n", parse);
  std::printf("parse and evaluate   %10.0f events/s  (%.2f of parsing)\n", both, both / parse);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: %s RULES_FOLDER EVENTS_FILE [SECONDS [evaluate]]\n", argv[0]);
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
  Measure(program, texts, events, bytes, seconds, argc > 4 && argv[4] == std::string("evaluate"));
  return 0;
}
