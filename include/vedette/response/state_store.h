// Where a host keeps state that must survive: records that are appended, and a snapshot that takes
// the place of all before it.
#ifndef VEDETTE_RESPONSE_STATE_STORE_H_
#define VEDETTE_RESPONSE_STATE_STORE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace vedette::inline v0 {

// What a store gives back after a start.
struct StoredState {
  std::string snapshot;              // "" if there never was one
  std::vector<std::string> records;  // appended since, in order
};

// Thread-compatible.
class StateStore {
 public:
  virtual ~StateStore() = default;
  // Durable, as a whole, when it returns ok. After a crash a record is there whole or not at all,
  // and none is missing before one that is there.
  virtual absl::Status Append(std::string_view record) = 0;
  // Takes the place of the snapshot and of all records so far, as one change.
  virtual absl::Status Snapshot(std::string_view snapshot) = 0;
  virtual absl::StatusOr<StoredState> Load() = 0;
};

// In memory, for tests and dry runs. Thread-compatible.
class MemoryStateStore : public StateStore {
 public:
  absl::Status Append(std::string_view record) override;
  absl::Status Snapshot(std::string_view snapshot) override;
  absl::StatusOr<StoredState> Load() override;
  size_t records() const { return state_.records.size(); }

 private:
  StoredState state_;
};

// A store in one file of the host: bytes that only grow, until a snapshot replaces the file. The
// host implements the file; frames, checksums and what a crash leaves are dealt with here.
// Thread-compatible.
class StateFile {
 public:
  virtual ~StateFile() = default;
  virtual absl::StatusOr<std::string> Read() = 0;            // "" if there is no file
  virtual absl::Status Append(std::string_view bytes) = 0;   // durable when it returns ok
  virtual absl::Status Truncate(uint64_t size) = 0;          // durable likewise
  virtual absl::Status Replace(std::string_view bytes) = 0;  // all or nothing (write, rename)
};

// How much of a file was good.
struct RecoveryReport {
  uint64_t good_bytes = 0;
  uint64_t lost_bytes = 0;  // after them: a torn or damaged end
  uint64_t records = 0;
  bool snapshot = false;
};

// The frames of a state file: a header, then length, checksum (XXH64) and bytes of each record.
// Load stops at the first frame that is not whole or whose checksum differs: what comes after is
// cut off with the next Append, since order matters. A damaged header or snapshot is DataLoss, and
// so is a file of a later format: the state is never thrown away silently. The file must outlive
// the store. Thread-compatible.
class FramedStateStore : public StateStore {
 public:
  explicit FramedStateStore(StateFile* file) : file_(file) {}
  absl::Status Append(std::string_view record) override;
  absl::Status Snapshot(std::string_view snapshot) override;
  absl::StatusOr<StoredState> Load() override;
  const RecoveryReport& recovery() const { return recovery_; }

 private:
  StateFile* file_;
  bool loaded_ = false;
  bool failed_ = false;
  RecoveryReport recovery_;
};

// The frames alone, for hosts with files of other kinds.
std::string FrameHeader();
std::string Frame(char kind, std::string_view bytes);  // 'S' a snapshot, 'R' a record
// The state in a file's bytes.
absl::StatusOr<StoredState> ParseFrames(std::string_view file, RecoveryReport* report);

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_STATE_STORE_H_
