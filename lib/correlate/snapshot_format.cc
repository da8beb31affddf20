#include "lib/correlate/snapshot_format.h"

#include "absl/strings/str_cat.h"
#include "lib/base/xxh64.h"
#include "lib/program/byte_reader.h"
#include "lib/program/saved_format.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kMagic("\x89VSS\r\n\x1a\n", 8);
constexpr size_t kHeaderBytes = 28;

void Save(const SavedCorrelation& c, std::string* out) {
  AppendFixed(c.fingerprint, 8, out);
  AppendText(c.name, out);
  AppendVarint(c.degraded ? 1 : 0, out);
  AppendVarint(c.partition.whole_key ? 1 : 0, out);
  AppendVarint(c.partition.parts.size(), out);
  for (const uint32_t part : c.partition.parts) AppendVarint(part, out);
  AppendVarint(c.columns.size(), out);
  for (const uint32_t n : c.columns) AppendVarint(n, out);
  AppendVarint(c.keys.size(), out);
  for (const auto& [key, state] : c.keys) {
    AppendText(key, out);
    AppendText(state, out);
  }
  AppendVarint(c.emitted.size(), out);
  for (const auto& [key, time] : c.emitted) {
    AppendText(key, out);
    AppendZigzag(time, out);
  }
  AppendVarint(c.waiting.size(), out);
  for (const SavedRecord& record : c.waiting) {
    AppendText(record.key, out);
    AppendText(record.bytes, out);
  }
}

uint32_t Number(ByteReader* in) { return in->Index(UINT32_MAX, "a number"); }

SavedCorrelation Load(ByteReader* in) {
  SavedCorrelation c;
  c.fingerprint = in->Fixed(8);
  c.name = in->Text();
  c.degraded = in->Varint() != 0;
  c.partition.whole_key = in->Varint() != 0;
  for (size_t n = in->Count(1); n > 0 && in->ok(); --n) c.partition.parts.push_back(Number(in));
  for (size_t n = in->Count(1); n > 0 && in->ok(); --n) c.columns.push_back(Number(in));
  for (size_t n = in->Count(2); n > 0 && in->ok(); --n) {
    const std::string_view key = in->Text();
    if (!c.keys.empty() && c.keys.back().first >= key) in->Fail("keys are not in order");
    const std::string_view state = in->Text();
    c.keys.emplace_back(key, state);
  }
  for (size_t n = in->Count(2); n > 0 && in->ok(); --n) {
    const std::string_view key = in->Text();
    const EventTime time = in->Zigzag();
    if (!c.emitted.empty() && c.emitted.back().second > time) in->Fail("times are not in order");
    c.emitted.emplace_back(key, time);
  }
  for (size_t n = in->Count(2); n > 0 && in->ok(); --n) {
    const std::string_view key = in->Text();
    const std::string_view bytes = in->Text();
    c.waiting.push_back({std::string(key), std::string(bytes)});
  }
  return c;
}

}  // namespace

std::string WriteState(const SavedState& state) {
  std::string body;
  AppendZigzag(state.watermark, &body);
  AppendVarint(state.arrivals, &body);
  AppendVarint(state.decided.size(), &body);
  for (const EventTime t : state.decided) AppendZigzag(t, &body);
  AppendVarint(state.correlations.size(), &body);
  for (const SavedCorrelation& c : state.correlations) Save(c, &body);
  std::string out(kMagic);
  AppendFixed(kSnapshotMajor, 2, &out);
  AppendFixed(kSnapshotMinor, 2, &out);
  AppendFixed(body.size(), 8, &out);
  AppendFixed(Xxh64(body), 8, &out);
  return out + body;
}

absl::StatusOr<SavedState> ReadState(std::string_view bytes) {
  if (bytes.size() < kHeaderBytes || !bytes.starts_with(kMagic)) {
    return absl::DataLossError("this is no snapshot");
  }
  ByteReader header(bytes.substr(kMagic.size(), kHeaderBytes - kMagic.size()));
  const uint64_t major = header.Fixed(2);
  header.Fixed(2);
  if (major > kSnapshotMajor) {
    return absl::UnimplementedError(absl::StrCat("the snapshot has format ", major,
                                                 "; this version reads up to ", kSnapshotMajor));
  }
  const std::string_view body = bytes.substr(kHeaderBytes);
  const uint64_t size = header.Fixed(8);
  if (size != body.size() || header.Fixed(8) != Xxh64(body)) {
    return absl::DataLossError("the snapshot is damaged");
  }
  ByteReader in(body);
  SavedState state;
  state.watermark = in.Zigzag();
  state.arrivals = in.Varint();
  for (size_t n = in.Count(1); n > 0 && in.ok(); --n) state.decided.push_back(in.Zigzag());
  for (size_t n = in.Count(8); n > 0 && in.ok(); --n) state.correlations.push_back(Load(&in));
  if (in.ok() && in.left() > 0) in.Fail("it goes on after its end");
  if (!in.ok()) return absl::DataLossError(absl::StrCat("the snapshot is damaged: ", in.error()));
  return state;
}

}  // namespace vedette::inline v0
