// `vedette hunt`: rules over stored events.
#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "lib/cli/commands.h"
#include "lib/cli/correlation.h"
#include "lib/cli/hunt_options.h"
#include "lib/cli/hunt_results.h"
#include "lib/cli/load.h"
#include "lib/cli/report.h"
#include "lib/cli/save_file.h"
#include "lib/cli/text.h"
#include "vedette/hunt/log.h"

namespace vedette::inline v0::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t kBlocksPerPoll = 8;
constexpr size_t kMaxKept = 100'000;  // hits of which more is made than a line

// Evaluates blocks on several threads, for a job that takes them in order.
class Readahead {
 public:
  Readahead(HuntJob* job, uint64_t threads) : job_(job) {
    for (uint64_t i = 0; threads > 1 && i < threads; ++i) workers_.push_back(job->NewWorker());
  }

  void Run() {
    if (workers_.empty()) return;
    constexpr size_t kTasksEach = 4;
    std::vector<HuntTask> tasks = job_->TakeTasks(workers_.size() * kTasksEach);
    std::vector<std::thread> threads;
    for (size_t w = 0; w < workers_.size() && w < tasks.size(); ++w) {
      threads.emplace_back([this, &tasks, w] {
        for (size_t i = w; i < tasks.size(); i += workers_.size()) tasks[i].Run(&workers_[w]);
      });
    }
    for (std::thread& t : threads) t.join();
    for (HuntTask& task : tasks) job_->GiveBack(std::move(task));
  }
  size_t blocks_per_poll() const {
    return workers_.empty() ? kBlocksPerPoll : workers_.size() * kBlocksPerPoll;
  }

 private:
  HuntJob* job_;
  std::vector<HuntWorker> workers_;
};

// One run.
class HuntRun : public HuntSink {
 public:
  HuntRun(const Options& options, HuntSettings settings, Console* console)
      : options_(options),
        settings_(std::move(settings)),
        console_(console),
        progress_line_(options.Has("progress") || (!options.Has("quiet") && IsTerminal(*console))),
        started_(absl::ToUnixNanos(absl::Now())) {}

  int Run() {
    std::vector<const SegmentReader*> segments;
    for (const auto& s : settings_.segments) segments.push_back(s.get());
    auto job = StartJob(segments);
    if (!job.ok()) return Fail(job.status(), "hunt", console_);
    const absl::Status led = Lead(job->get());
    ClearProgress();
    const HuntProgress& progress = (*job)->progress();
    if (!led.ok()) console_->Error(Clean(MessageOf(led)));
    bool saved = KeepToken(**job);
    saved = KeepLog(segments, progress) && saved;
    if (!options_.Has("quiet")) PrintSummary(segments, progress);
    if (led.ok() && !Interrupted() && WantsResults(options_)) {
      saved = Told(MakeResults(options_, settings_, true, kept_, places_, console_)) && saved;
    }
    if (Interrupted()) return kExitInterrupted;
    return led.ok() && saved && progress.blocks_lost == 0 ? kExitOk : kExitFailed;
  }

  absl::Status OnHit(const HuntHit& hit) override {
    if (hit.detection != nullptr && !settings_.rules->IsSelected(*hit.detection)) {
      return absl::OkStatus();
    }
    ++hits_;
    ++by_rule_[std::string(hit.detection != nullptr ? hit.detection->meta().display_name()
                                                    : hit.observable)];
    if (WantsResults(options_)) {
      if (hits_ > kMaxKept) {
        return absl::ResourceExhaustedError("more than 100,000 hits: narrow the hunt");
      }
      if (hit.place.has_value()) places_.push_back(*hit.place);
      if (hit.detection != nullptr) kept_.push_back({*hit.detection, hit.place});
    } else if (settings_.output == "ndjson") {
      ClearProgress();
      console_->out->WriteLine(HuntHitToJson(hit));
    }
    return console_->out->closed() ? absl::CancelledError("nobody reads the output")
                                   : absl::OkStatus();
  }

 private:
  static bool IsTerminal(const Console& console) { return console.err->is_terminal(); }

  absl::StatusOr<std::unique_ptr<HuntJob>> StartJob(
      const std::vector<const SegmentReader*>& segments) {
    if (!options_.Has("resume")) return HuntJob::Start(settings_.hunt, segments, this);
    const std::string path(options_.Value("resume"));
    const absl::StatusOr<std::string> token = ReadTextFile(path);
    if (!token.ok()) {
      // The first of several runs with the same options.
      const bool first = absl::IsNotFound(token.status()) && options_.Value("token") == path;
      if (!first) return token.status();
      return HuntJob::Start(settings_.hunt, segments, this);
    }
    auto job = HuntJob::Resume(settings_.hunt, segments, this, *token);
    if (!job.ok()) {
      const std::string message = path + ": " + MessageOf(job.status());
      return absl::FailedPreconditionError(message.c_str());
    }
    return job;
  }

  absl::Status Lead(HuntJob* job) {
    Readahead readahead(job, settings_.threads);
    while (!Interrupted()) {
      const Clock::time_point before = Clock::now();
      readahead.Run();
      const absl::StatusOr<HuntProgress> p = job->Poll(readahead.blocks_per_poll());
      if (!p.ok()) return p.status();
      job->AddCost(static_cast<uint64_t>(
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - before).count()));
      if (p->state != HuntState::kRunning) return absl::OkStatus();
      ShowProgress(*p);
    }
    job->Cancel();
    return absl::OkStatus();
  }

  void ShowProgress(const HuntProgress& p) {
    if (!progress_line_) return;
    const uint64_t done = p.blocks_read + p.blocks_skipped + p.blocks_lost;
    const uint64_t percent = p.blocks_total == 0 ? 100 : done * 100 / p.blocks_total;
    // On a terminal a line that is written over; else one each ten percent.
    const bool terminal = IsTerminal(*console_);
    if (!terminal && shown_ != UINT64_MAX && percent / 10 == shown_ / 10) return;
    shown_ = percent;
    const std::string line = std::to_string(percent) + "% of " + Count(p.blocks_total, "block") +
                             ", " + Count(p.events_scanned, "event") + " looked at, " +
                             WithCommas(p.blocks_skipped) + " skipped, " + Count(hits_, "hit");
    console_->err->Write(terminal ? "\r\x1b[K" + line : line + "\n");
    console_->err->Flush();
    line_open_ = terminal;
  }

  void ClearProgress() {
    if (!line_open_) return;
    console_->err->Write("\r\x1b[K");
    console_->err->Flush();
    line_open_ = false;
  }

  bool Told(const absl::Status& status) {
    if (!status.ok()) console_->Error(Clean(MessageOf(status)));
    return status.ok();
  }

  // A hunt that is over needs none.
  bool KeepToken(const HuntJob& job) {
    if (!options_.Has("token") || job.progress().state == HuntState::kDone) return true;
    const absl::StatusOr<std::string> token = job.Token();
    return Told(token.ok() ? SaveFile(std::string(options_.Value("token")), *token)
                           : token.status());
  }

  bool KeepLog(const std::vector<const SegmentReader*>& segments, const HuntProgress& progress) {
    if (!options_.Has("log")) return true;
    HuntRecord record;
    record.name = options_.Value("name");
    record.hypothesis = options_.Value("hypothesis");
    record.query = settings_.query;
    record.started = started_;
    record.ended = absl::ToUnixNanos(absl::Now());
    record.from = settings_.hunt.from;
    record.to = settings_.hunt.to;
    record.data = DataSpans(segments, record.from, record.to, settings_.min_gap_ns);
    record.progress = progress;
    record.progress.hits = hits_;
    record.hits_by_rule = ByRule();
    const std::string path(options_.Value("log"));
    return Told(SaveFile(path, path.ends_with(".md") ? HuntRecordToMarkdown(record)
                                                     : HuntRecordToJson(record) + "\n"));
  }

  std::vector<std::pair<std::string, uint64_t>> ByRule() const {
    std::vector<std::pair<std::string, uint64_t>> out(by_rule_.begin(), by_rule_.end());
    std::stable_sort(out.begin(), out.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return out;
  }

  void PrintSummary(const std::vector<const SegmentReader*>& segments, const HuntProgress& p) {
    std::string out = "Hunt " + std::string(HuntStateName(p.state)) + "\n";
    out += "  hits    " + WithCommas(hits_) + "\n";
    for (const auto& [rule, hits] : ByRule())
      out += "    " + WithCommas(hits) + "  " + Clean(rule) + "\n";
    out += "  events  " + WithCommas(p.events_scanned) + " looked at, of " +
           WithCommas(p.events_total) + "\n";
    out += "  blocks  " + WithCommas(p.blocks_read) + " read, " + WithCommas(p.blocks_skipped) +
           " skipped, " + WithCommas(p.blocks_lost) + " lost, of " + WithCommas(p.blocks_total) +
           "\n";
    for (const SourceData& s :
         DataSpans(segments, settings_.hunt.from, settings_.hunt.to, settings_.min_gap_ns)) {
      for (const DataGap& gap : s.gaps) {
        out += "  gap     " + Clean(s.source) + ": nothing from " + FormatEventTime(gap.from) +
               " to " + FormatEventTime(gap.to) + "\n";
      }
    }
    for (const HuntLoss& loss : p.losses) {
      out += "  lost    " + Clean(segments[loss.segment]->info().name + ": " + loss.reason) + "\n";
    }
    if (p.state == HuntState::kOutOfBudget || p.state == HuntState::kCancelled) {
      out += options_.Has("token") ? "  --resume goes on from here\n"
                                   : "  with --token FILE it could be resumed\n";
    }
    console_->out->Flush();
    const bool in_result = settings_.output == "summary" && !WantsResults(options_);
    (in_result ? console_->out : console_->err)->Write(out);
    console_->err->Flush();
  }

  const Options& options_;
  const HuntSettings settings_;
  Console* const console_;
  const bool progress_line_;
  const EventTime started_;
  uint64_t hits_ = 0;
  std::vector<KeptHit> kept_;
  std::vector<HuntPlace> places_;
  std::map<std::string, uint64_t> by_rule_;
  uint64_t shown_ = UINT64_MAX;
  bool line_open_ = false;
};

int Hunt(const Options& options, Console* console) {
  absl::StatusOr<HuntSettings> settings = HuntSettingsOf(options, console);
  if (!settings.ok()) return Fail(settings.status(), "hunt", console);
  if (settings->rules == nullptr && settings->hunt.observables.empty()) {
    const absl::Status made = MakeResults(options, *settings, false, {}, {}, console);
    if (!made.ok()) return Fail(made, "hunt", console);
    return Interrupted() ? kExitInterrupted : kExitOk;
  }
  HuntRun run(options, *std::move(settings), console);
  return run.Run();
}

}  // namespace

Command HuntCommand() {
  CommandSpec spec;
  spec.name = "hunt";
  spec.summary = "Run rules over stored events, or look for values in them.";
  spec.description =
      "Reads segments that `vedette store` wrote. The detections are those that the rules would "
      "have "
      "given when the events came. Blocks that cannot change them are skipped. A hunt can be "
      "stopped "
      "(Ctrl-C, --max-events, --max-seconds) and resumed.";
  spec.examples =
      "vedette hunt --rules rules --segments day.vseg --from 2026-11-17T09:00:00Z\n"
      "vedette hunt --segments day.vseg --stack Image --rare\n"
      "vedette hunt --segments day.vseg --observable 203.0.113.66 -o summary\n"
      "vedette hunt -r rules --segments old/ --token hunt.token --resume hunt.token";
  spec.options = HuntOptionSpecs();
  return {std::move(spec), Hunt};
}

}  // namespace vedette::inline v0::cli
