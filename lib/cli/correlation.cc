#include "lib/cli/correlation.h"

#include <utility>

#include "lib/cli/load.h"
#include "lib/cli/save_file.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

std::string Names(const std::vector<std::string>& names) {
  constexpr size_t kMost = 3;
  std::string out;
  for (size_t i = 0; i < names.size() && i < kMost; ++i) {
    out += (i > 0 ? ", " : "") + std::string("'") + Clean(names[i]) + "'";
  }
  if (names.size() > kMost) out += " and " + WithCommas(names.size() - kMost) + " more";
  return out;
}

}  // namespace

std::vector<OptionSpec> CorrelationOptions() {
  return {
      {"lateness", 0, OptionKind::kValue, "DURATION",
       "How far out of order events may come (30s, 5m, 1h) and still count where they belong; "
       "later "
       "ones take no part in rules over several events. Default: 0."},
      {"idle-timeout", 0, OptionKind::kValue, "DURATION",
       "An input without events while others advance so far no longer holds them up."},
      {"max-state", 0, OptionKind::kValue, "SIZE",
       "Memory for the state of rules over several events (64M, 2G). Default: 256M."},
      {"evidence", 0, OptionKind::kValue, "N",
       "Events shown of those that a rule over several events is about. Default: 16."},
      {"snapshot", 0, OptionKind::kValue, "FILE",
       "Keep the state of rules over several events here at the end, for --resume. What is still "
       "open is not decided then."},
      {"resume", 0, OptionKind::kValue, "FILE", "Go on with the state of an earlier run."},
      {"state", 0, OptionKind::kFlag, "",
       "Report the state of rules over several events at the end, on standard error."},
  };
}

absl::StatusOr<ProcessorOptions> ProcessorOptionsOf(const Options& options) {
  ProcessorOptions out;
  const absl::StatusOr<int64_t> lateness = options.Duration("lateness", 0);
  if (!lateness.ok()) return lateness.status();
  const absl::StatusOr<int64_t> idle = options.Duration("idle-timeout", 0);
  if (!idle.ok()) return idle.status();
  const absl::StatusOr<uint64_t> bytes =
      options.Bytes("max-state", out.correlation.max_state_bytes);
  if (!bytes.ok()) return bytes.status();
  const absl::StatusOr<uint64_t> evidence =
      options.Number("evidence", out.correlation.max_evidence_events);
  if (!evidence.ok()) return evidence.status();
  out.allowed_lateness_ns = *lateness;
  out.idle_timeout_ns = *idle;
  out.correlation.max_state_bytes = *bytes;
  out.correlation.max_evidence_events = *evidence;
  return out;
}

absl::Status ResumeState(const Options& options, Processor* processor, Console* console) {
  if (!options.Has("resume")) return absl::OkStatus();
  const std::string path(options.Value("resume"));
  const absl::StatusOr<std::string> bytes = ReadTextFile(path);
  if (!bytes.ok()) {
    const bool first_run = absl::IsNotFound(bytes.status()) && options.Value("snapshot") == path;
    return first_run ? absl::OkStatus() : bytes.status();
  }
  const absl::StatusOr<RestoreReport> report = processor->Restore(*bytes);
  if (!report.ok()) {
    const std::string message = Clean(path) + ": " + Clean(MessageOf(report.status()));
    return absl::FailedPreconditionError(message.c_str());
  }
  if (options.Has("quiet")) return absl::OkStatus();
  if (!report->dropped.empty()) {
    console->Error("note: state not taken over, the rules changed: " + Names(report->dropped));
  }
  return absl::OkStatus();
}

absl::Status SaveState(const Options& options, const Processor& processor) {
  if (!options.Has("snapshot")) return absl::OkStatus();
  const std::string path(options.Value("snapshot"));
  return SaveFile(path, processor.Snapshot());
}

std::string StateReport(const Processor& processor, Correlator* correlator, size_t width,
                        bool color) {
  const CorrelatorStats all = processor.stats().correlation;
  const Program& program = correlator->program();
  ListTable table({{"RULE", 16},
                   {"KEYS", 4, Keep::kBegin, true},
                   {"BYTES", 5, Keep::kBegin, true},
                   {"RECORDS", 7, Keep::kBegin, true},
                   {"FOUND", 5, Keep::kBegin, true},
                   {"SUPPRESSED", 10, Keep::kBegin, true},
                   {"EVICTED", 7, Keep::kBegin, true}});
  for (size_t i = 0; i < program.correlation_count(); ++i) {
    const CorrelationStats s = correlator->stats(i);
    if (s.records == 0 && s.keys == 0) continue;
    table.Add({Clean(program.correlation(i).display_name()), WithCommas(s.keys),
               WithCommas(s.bytes), WithCommas(s.records), WithCommas(s.detections),
               WithCommas(s.suppressed), WithCommas(s.evicted_keys)});
  }
  std::string out = table.empty() ? "" : table.Format(width, color);
  for (size_t i = 0; i < program.correlation_count(); ++i) {
    const std::vector<std::string> open = correlator->DescribeState(i, 5);
    if (open.empty()) continue;
    out += "\n" + Clean(program.correlation(i).display_name()) + "\n";
    for (const std::string& line : open) out += "  " + Clean(line) + "\n";
  }
  out += "\nstate " + WithCommas(all.bytes) + " bytes, watermark " +
         (all.watermark == kNoEventTime ? "none" : FormatEventTime(all.watermark)) + ", " +
         Count(all.records, "record") + ", " + WithCommas(all.late_records) + " late, " +
         WithCommas(all.pending_records) + " waiting\n";
  return out;
}

}  // namespace vedette::inline v0::cli
