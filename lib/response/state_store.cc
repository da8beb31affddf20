#include "vedette/response/state_store.h"

#include <utility>

#include "lib/base/xxh64.h"

namespace vedette::inline v0 {
namespace {

constexpr std::string_view kMagic = "\x89VRS\r\n\x1a\n";
constexpr char kVersion = 1;
constexpr size_t kHeaderBytes = 9;
constexpr size_t kFrameBytes = 1 + 8 + 8;  // kind, length, checksum
constexpr uint64_t kMaxRecord = uint64_t{1} << 30;

void AppendNumber(uint64_t value, std::string* out) {
  for (int i = 0; i < 8; ++i) out->push_back(static_cast<char>(value >> (8 * i)));
}

uint64_t NumberAt(std::string_view bytes) {
  uint64_t out = 0;
  for (size_t i = 0; i < 8; ++i) {
    out |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
  }
  return out;
}

}  // namespace

absl::Status MemoryStateStore::Append(std::string_view record) {
  state_.records.emplace_back(record);
  return absl::OkStatus();
}

absl::Status MemoryStateStore::Snapshot(std::string_view snapshot) {
  state_ = {std::string(snapshot), {}};
  return absl::OkStatus();
}

absl::StatusOr<StoredState> MemoryStateStore::Load() { return state_; }

std::string FrameHeader() { return std::string(kMagic) + kVersion; }

std::string Frame(char kind, std::string_view bytes) {
  std::string out(1, kind);
  AppendNumber(bytes.size(), &out);
  // The checksum covers kind and length, too: a flipped length must not swallow what follows.
  std::string checked = out;
  AppendNumber(Xxh64(bytes, Xxh64(checked)), &out);
  return out.append(bytes);
}

absl::StatusOr<StoredState> ParseFrames(std::string_view file, RecoveryReport* report) {
  *report = {};
  StoredState out;
  if (file.size() < kHeaderBytes) {
    // A crash while the very first bytes were written.
    if (!FrameHeader().starts_with(file)) return absl::DataLossError("this is no file of states");
    report->lost_bytes = file.size();
    return out;
  }
  if (!file.starts_with(kMagic)) return absl::DataLossError("this is no file of states");
  if (file[kMagic.size()] != kVersion) {
    return absl::DataLossError("the file of states is of another version");
  }
  report->good_bytes = kHeaderBytes;
  bool first = true;
  for (std::string_view rest = file.substr(kHeaderBytes); !rest.empty(); first = false) {
    const bool is_snapshot = first && rest[0] == 'S';
    const uint64_t size = rest.size() < kFrameBytes ? kMaxRecord + 1 : NumberAt(rest.substr(1));
    const bool whole = size <= kMaxRecord && size <= rest.size() - kFrameBytes;
    const bool good =
        whole && (rest[0] == 'R' || is_snapshot) &&
        NumberAt(rest.substr(9)) == Xxh64(rest.substr(kFrameBytes, size), Xxh64(rest.substr(0, 9)));
    if (!good) {
      // A snapshot is written as a whole: that it is damaged is no crash, and everything stood in
      // it.
      if (is_snapshot) return absl::DataLossError("the snapshot of the file of states is damaged");
      break;
    }
    std::string bytes(rest.substr(kFrameBytes, size));
    if (is_snapshot) {
      out.snapshot = std::move(bytes);
      report->snapshot = true;
    } else {
      out.records.push_back(std::move(bytes));
      ++report->records;
    }
    report->good_bytes += kFrameBytes + size;
    rest.remove_prefix(kFrameBytes + size);
  }
  report->lost_bytes = file.size() - report->good_bytes;
  return out;
}

absl::StatusOr<StoredState> FramedStateStore::Load() {
  absl::StatusOr<std::string> file = file_->Read();
  if (!file.ok()) return file.status();
  absl::StatusOr<StoredState> state = ParseFrames(*file, &recovery_);
  loaded_ = state.ok();
  failed_ = false;
  return state;
}

absl::Status FramedStateStore::Append(std::string_view record) {
  if (!loaded_) return absl::FailedPreconditionError("load the store before writing to it");
  if (failed_) return absl::FailedPreconditionError("the store has failed; load it again");
  if (record.size() > kMaxRecord) return absl::InvalidArgumentError("the record is too large");
  std::string bytes;
  absl::Status status;
  if (recovery_.lost_bytes > 0) status = file_->Truncate(recovery_.good_bytes);
  if (recovery_.good_bytes == 0) bytes = FrameHeader();
  bytes += Frame('R', record);
  if (status.ok()) status = file_->Append(bytes);
  failed_ = !status.ok();
  if (status.ok()) {
    recovery_.lost_bytes = 0;
    recovery_.good_bytes += bytes.size();
  }
  return status;
}

absl::Status FramedStateStore::Snapshot(std::string_view snapshot) {
  if (!loaded_) return absl::FailedPreconditionError("load the store before writing to it");
  if (snapshot.size() > kMaxRecord) return absl::InvalidArgumentError("the snapshot is too large");
  const std::string bytes = FrameHeader() + Frame('S', snapshot);
  absl::Status status = file_->Replace(bytes);
  failed_ = !status.ok();
  if (status.ok()) {
    recovery_.lost_bytes = 0;
    recovery_.good_bytes = bytes.size();
  }
  return status;
}

}  // namespace vedette::inline v0
