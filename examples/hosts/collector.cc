// A collector with threads of its own: events are evaluated on some of them, rules over several
// events run in partitions on others, rules are reloaded while it runs, and a shutdown keeps the
// state in a file from which it goes on, even with another number of partitions.
//
// It works in rounds: a batch of events is evaluated in parallel, then every partition takes the
// records that are for it. Between rounds nothing is under way: there rules change and snapshots
// are made.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "vedette/compiler.h"
#include "vedette/correlator.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/json.h"

// Runs `work(i)` for 0 .. count-1, each on a thread; the first error of any.
template <typename Work>
absl::Status InParallel(size_t count, Work work) {
  std::vector<absl::Status> statuses(count);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < count; ++i) {
    threads.emplace_back([&statuses, &work, i] { statuses[i] = work(i); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const absl::Status& status : statuses) {
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

// Where detections of all threads go.
class Output : public vedette::DetectionSink {
 public:
  absl::Status OnDetection(const vedette::Detection& d) override {
    std::string line = vedette::DetectionToJson(d);
    const std::scoped_lock lock(mutex_);
    lines_.insert(std::move(line));
    return absl::OkStatus();
  }
  const std::multiset<std::string>& lines() const { return lines_; }

 private:
  std::mutex mutex_;
  std::multiset<std::string> lines_;
};

class Collector {
 public:
  Collector(std::shared_ptr<const vedette::Program> program, size_t evaluators, uint32_t partitions,
            Output* output)
      : output_(output), workers_(evaluators), partitions_(partitions) {
    for (uint32_t i = 0; i < partitions; ++i) {
      partitions_[i].outbox.collector = this;
      vedette::CorrelatorOptions options;
      options.partition = i;
      options.partitions = partitions;
      options.records = &partitions_[i].outbox;
      partitions_[i].correlator = std::make_unique<vedette::Correlator>(program, output, options);
    }
    SetProgram(std::move(program));
  }

  // Rules that did not change keep their state, in every partition.
  void SetProgram(std::shared_ptr<const vedette::Program> program) {
    program_ = std::move(program);
    for (Worker& worker : workers_) {
      worker.evaluator = std::make_unique<vedette::Evaluator>(program_);
    }
    for (Partition& partition : partitions_) partition.correlator->SetProgram(program_);
  }

  // One round. Lines that are no events are counted and left out.
  absl::Status Process(std::span<const std::string> lines) {
    const uint64_t first = next_line_;
    next_line_ += lines.size();
    absl::Status status = InParallel(workers_.size(), [&](size_t w) {
      for (size_t i = w; i < lines.size(); i += workers_.size()) {
        absl::Status evaluated = Evaluate(lines[i], first + i, &workers_[w]);
        if (!evaluated.ok()) return evaluated;
      }
      return absl::OkStatus();
    });
    for (const Worker& worker : workers_) newest_ = std::max(newest_, worker.newest);
    return status.ok() ? Correlate(newest_) : status;
  }

  // No more events come: everything that waits is decided.
  absl::Status Finish() { return Correlate(vedette::kEndOfTime); }

  // The state of all partitions in one; for a collector with any number of them.
  absl::StatusOr<std::string> Snapshot() const {
    std::vector<std::string> parts;
    for (const Partition& partition : partitions_) {
      parts.push_back(partition.correlator->Snapshot());
    }
    return vedette::MergeSnapshots(parts);
  }
  absl::Status Restore(std::string_view snapshot, uint64_t next_line) {
    const auto parts = vedette::SplitSnapshot(snapshot, static_cast<uint32_t>(partitions_.size()));
    if (!parts.ok()) return parts.status();
    for (size_t i = 0; i < partitions_.size(); ++i) {
      const auto report = partitions_[i].correlator->Restore((*parts)[i]);
      if (!report.ok()) return report.status();
    }
    next_line_ = next_line;
    return absl::OkStatus();
  }

  uint64_t next_line() const { return next_line_; }
  uint64_t broken() const {
    uint64_t sum = 0;
    for (const Worker& worker : workers_) sum += worker.broken;
    return sum;
  }

 private:
  // What a thread that evaluates has for itself.
  struct Worker {
    std::unique_ptr<vedette::Evaluator> evaluator;
    vedette::JsonParser parser;
    vedette::Event event;
    vedette::EventTime newest = vedette::kNoEventTime;
    uint64_t broken = 0;
  };
  // Detections of one partition that rules of another look at.
  struct Outbox : vedette::RecordSink {
    absl::Status OnForeignRecord(const vedette::MatchRecord& record) override {
      collector->Send(record);
      return absl::OkStatus();
    }
    Collector* collector = nullptr;
  };
  struct Partition {
    Outbox outbox;
    std::unique_ptr<vedette::Correlator> correlator;
    std::mutex mutex;
    std::vector<std::string> arrived;  // records, encoded: what they borrow is gone by then
  };

  absl::Status Evaluate(const std::string& line, uint64_t number, Worker* worker) {
    if (!worker->parser.Parse(line, &worker->event).ok()) {
      ++worker->broken;
      return absl::OkStatus();
    }
    worker->event.set_ref("sign-ins", number);
    const vedette::EventView view = worker->event.view();
    for (const vedette::Match& match : worker->evaluator->Evaluate(view)) {
      absl::Status status = output_->OnDetection(worker->evaluator->Describe(view, match));
      if (!status.ok()) return status;
    }
    if (view.time() == vedette::kNoEventTime) return absl::OkStatus();
    worker->newest = std::max(worker->newest, view.time());
    for (vedette::MatchRecord record : worker->evaluator->Records(view)) {
      record.tiebreak = number;  // the same whatever thread had the event
      Send(record);
    }
    return absl::OkStatus();
  }

  void Send(const vedette::MatchRecord& record) {
    std::string bytes;
    vedette::EncodeMatchRecord(*program_, record, &bytes);
    const auto count = static_cast<uint32_t>(partitions_.size());
    Partition& to = partitions_[vedette::PartitionOf(*program_, record, count)];
    const std::scoped_lock lock(to.mutex);
    to.arrived.push_back(std::move(bytes));
  }

  // Every partition decides a depth before any decides the next: rules stand on rules.
  absl::Status Correlate(vedette::EventTime watermark) {
    for (uint32_t depth = 1; depth <= program_->correlation_depth(); ++depth) {
      const absl::Status taken =
          InParallel(partitions_.size(), [this](size_t i) { return TakeArrived(&partitions_[i]); });
      if (!taken.ok()) return taken;
      const absl::Status decided = InParallel(partitions_.size(), [&](size_t i) {
        return partitions_[i].correlator->AdvanceDepth(depth, watermark);
      });
      if (!decided.ok()) return decided;
    }
    return absl::OkStatus();
  }

  absl::Status TakeArrived(Partition* partition) {
    for (const std::string& bytes : std::exchange(partition->arrived, {})) {
      vedette::ValueArena arena;
      vedette::MatchRecord record;
      absl::Status status = vedette::DecodeMatchRecord(*program_, bytes, &arena, &record);
      if (status.ok()) status = partition->correlator->Add(record);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  Output* output_;
  std::shared_ptr<const vedette::Program> program_;
  std::vector<Worker> workers_;
  std::vector<Partition> partitions_;
  vedette::EventTime newest_ = vedette::kNoEventTime;
  uint64_t next_line_ = 1;
};

constexpr char kRules[] = R"(
rule root_signs_in { match any where event.action == "sign-in" and user.name == "root" }

rule guessing {
  meta { severity = medium }
  match window 10m by source.ip
    fails: [any where event.action == "sign-in" and event.outcome == "failure"]
  having count(fails) >= 4
  suppress by source.ip for 1h
}

rule guessed {
  meta { severity = high }
  match sequence by source.ip within 30m
    burst: [guessing]
    entry: [any where event.action == "sign-in" and event.outcome == "success"]
}
)";
// What the rule writers add while the collector runs.
constexpr char kMoreRules[] = R"(
rule admin_signs_in { match any where event.action == "sign-in" and user.name == "admin" }
)";

std::shared_ptr<const vedette::Program> Compile(const std::string& text) {
  vedette::Compiler compiler;
  compiler.AddFrontend(vedette::VedetteFrontend());
  vedette::RuleSet rules;
  rules.Add("rules.vdt", text);
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return nullptr;
  for (const vedette::Diagnostic& d : built->diagnostics) {
    std::fputs(vedette::FormatDiagnostic(d).c_str(), stderr);
  }
  return built->stats.rules_skipped == 0 ? built->program : nullptr;
}

// A day of sign-ins: forty addresses, some of which guess, and some of those get in.
std::vector<std::string> SignIns(size_t count) {
  std::vector<std::string> lines;
  for (size_t i = 0; i < count; ++i) {
    const size_t address = i * 7 % 40;
    const bool guesses = address % 5 == 0;
    const bool success = !guesses || (i / 40) % 9 == 8;
    char line[320];
    std::snprintf(line, sizeof line,
                  R"({"@timestamp":"2026-11-25T%02zu:%02zu:%02zuZ","event":{"action":"sign-in",)"
                  R"("outcome":"%s"},"source":{"ip":"192.0.2.%zu"},"user":{"name":"%s"}})",
                  i / 3600, i / 60 % 60, i % 60, success ? "success" : "failure", address,
                  i % 211 == 0  ? "root"
                  : i % 97 == 0 ? "admin"
                                : "ann");
    lines.emplace_back(line);
  }
  lines[17] = "this line is no event";
  return lines;
}

int main() {
  const auto rules = Compile(kRules);
  const auto more_rules = Compile(std::string(kRules) + kMoreRules);
  if (rules == nullptr || more_rules == nullptr) return 1;
  const std::vector<std::string> lines = SignIns(6000);
  const std::span<const std::string> all(lines);
  constexpr size_t kReload = 2000;
  constexpr size_t kShutdown = 4000;
  constexpr size_t kRound = 250;
  const auto feed = [&](Collector* to, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i += kRound) {
      const absl::Status status = to->Process(all.subspan(i, kRound));
      if (!status.ok()) return false;
    }
    return true;
  };

  // Two threads evaluate, three partitions correlate; rules are added on the way; then it stops.
  Output output;
  std::string snapshot;
  uint64_t next_line = 0;
  {
    Collector collector(rules, 2, 3, &output);
    if (!feed(&collector, 0, kReload)) return 1;
    collector.SetProgram(more_rules);
    if (!feed(&collector, kReload, kShutdown)) return 1;
    auto saved = collector.Snapshot();  // a host would write this to a file
    if (!saved.ok()) return 1;
    snapshot = *std::move(saved);
    next_line = collector.next_line();
    if (collector.broken() != 1) return 1;
  }
  // It comes back on a larger machine: three threads, five partitions.
  Collector resumed(more_rules, 3, 5, &output);
  if (!resumed.Restore(snapshot, next_line).ok()) return 1;
  if (!feed(&resumed, kShutdown, lines.size()) || !resumed.Finish().ok()) return 1;

  // The same as one thread and one partition in one go, with the rules added at the same place.
  Output expected;
  Collector plain(rules, 1, 1, &expected);
  if (!feed(&plain, 0, kReload)) return 1;
  plain.SetProgram(more_rules);
  if (!feed(&plain, kReload, lines.size()) || !plain.Finish().ok()) return 1;

  size_t guessed = 0;
  size_t admins = 0;
  for (const std::string& line : output.lines()) {
    guessed += line.find("\"title\":\"guessed\"") != std::string::npos ? 1 : 0;
    admins += line.find("\"title\":\"admin_signs_in\"") != std::string::npos ? 1 : 0;
  }
  std::printf("%zu detections, %zu guessed passwords, %zu by the added rule, snapshot %zu bytes\n",
              output.lines().size(), guessed, admins, snapshot.size());
  if (output.lines() != expected.lines()) {
    std::fprintf(stderr, "a straight run gives %zu detections, or others\n",
                 expected.lines().size());
    return 1;
  }
  return guessed > 0 && admins > 0 ? 0 : 1;
}
