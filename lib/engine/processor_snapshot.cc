// The state of a processor: that of its correlator, and what it keeps itself.
//
// Magic, XXH64 of the rest, then: the correlator's snapshot (text), the number of events, the
// watermark tracker, and for each single-event rule that suppresses its fingerprint and entries.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/base/xxh64.h"
#include "lib/engine/processor_impl.h"
#include "lib/program/byte_reader.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kMagic("\x89VPS\x01\r\n\x1a", 8);
constexpr size_t kHeaderBytes = 16;

struct SavedSuppression {
  uint64_t fingerprint = 0;
  std::vector<std::pair<std::string, EventTime>> entries;
};

void Save(const SuppressionTable& table, uint64_t fingerprint, std::string* out) {
  const std::vector<std::pair<std::string, EventTime>> entries = table.Entries();
  AppendFixed(fingerprint, 8, out);
  AppendVarint(entries.size(), out);
  for (const auto& [key, time] : entries) {
    AppendText(key, out);
    AppendZigzag(time, out);
  }
}

std::vector<SavedSuppression> LoadSuppressions(ByteReader* in) {
  std::vector<SavedSuppression> all;
  for (size_t n = in->Count(9); n > 0 && in->ok(); --n) {
    SavedSuppression one;
    one.fingerprint = in->Fixed(8);
    for (size_t m = in->Count(2); m > 0 && in->ok(); --m) {
      const std::string_view key = in->Text();
      const EventTime time = in->Zigzag();
      one.entries.emplace_back(key, time);
    }
    all.push_back(std::move(one));
  }
  return all;
}

}  // namespace

std::string Processor::Snapshot() const {
  const Impl& impl = *impl_;
  std::string body;
  AppendText(impl.correlator->Snapshot(), &body);
  AppendVarint(impl.events, &body);
  std::string watermarks;
  const RecordPool no_records(0);
  SnapshotWriter writer(no_records, &watermarks);
  impl.watermarks.Save(&writer);
  AppendText(watermarks, &body);
  const auto has_table = [](const auto& table) { return table != nullptr; };
  const auto tables = std::count_if(impl.suppressions.begin(), impl.suppressions.end(), has_table);
  AppendVarint(static_cast<uint64_t>(tables), &body);
  for (size_t i = 0; i < impl.suppressions.size(); ++i) {
    if (impl.suppressions[i] == nullptr) continue;
    Save(*impl.suppressions[i], impl.evaluator->program().fingerprint(i), &body);
  }
  std::string out(kMagic);
  AppendFixed(Xxh64(body), 8, &out);
  return out + body;
}

absl::StatusOr<RestoreReport> Processor::Restore(std::string_view snapshot) {
  Impl& impl = *impl_;
  impl.TakeProgram();
  if (snapshot.size() < kHeaderBytes || !snapshot.starts_with(kMagic)) {
    return absl::DataLossError("this is no snapshot of a processor, or one of another version");
  }
  ByteReader header(snapshot.substr(kMagic.size(), 8));
  const std::string_view body = snapshot.substr(kHeaderBytes);
  if (header.Fixed(8) != Xxh64(body)) return absl::DataLossError("the snapshot is damaged");
  ByteReader in(body);
  const std::string_view correlator = in.Text();
  const uint64_t events = in.Varint();
  RecordPool no_records(0);
  const std::vector<uint32_t> no_columns;
  SnapshotReader reader(in.Text(), &no_records, 0, &no_columns);
  WatermarkTracker watermarks({impl.options.allowed_lateness_ns, impl.options.idle_timeout_ns,
                               impl.options.max_future_skew_ns});
  watermarks.Load(&reader);
  const std::vector<SavedSuppression> suppressions = LoadSuppressions(&in);
  if (!in.ok() || in.left() > 0 || !reader.ok() || !reader.at_end()) {
    return absl::DataLossError(absl::StrCat("the snapshot is damaged: ", in.error()));
  }
  absl::StatusOr<RestoreReport> report = impl.correlator->Restore(correlator);
  if (!report.ok()) return report;
  impl.events = events;
  impl.watermarks = std::move(watermarks);
  const Program& program = impl.evaluator->program();
  for (size_t i = 0; i < impl.suppressions.size(); ++i) {
    if (impl.suppressions[i] == nullptr) continue;
    impl.suppressions[i] = std::make_unique<SuppressionTable>(program.layout().rules[i].suppress_ns,
                                                              impl.options.allowed_lateness_ns);
    for (const SavedSuppression& saved : suppressions) {
      if (saved.fingerprint != program.fingerprint(i)) continue;
      impl.suppressions[i]->Load(saved.entries);
    }
  }
  return report;
}

}  // namespace vedette::inline v0
