// Bytes of state: written in one order, read with every length checked.
#ifndef VEDETTE_LIB_CORRELATE_SNAPSHOT_IO_H_
#define VEDETTE_LIB_CORRELATE_SNAPSHOT_IO_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/correlate/record.h"
#include "lib/program/byte_reader.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// Appends to a string. A record that occurs again within one key is written as its number.
class SnapshotWriter {
 public:
  SnapshotWriter(const RecordPool& pool, std::string* out) : pool_(pool), out_(out) {}

  void Unsigned(uint64_t n);  // variable length
  void Signed(int64_t n);
  void Bool(bool b) { Unsigned(b ? 1 : 0); }
  void Double(double d);
  void Bytes(std::string_view bytes);
  void Record(const RecordPtr& record);  // may be null
  // Forgets the records so far: what follows stands on its own.
  void BeginKey() { numbers_.clear(); }

 private:
  const RecordPool& pool_;
  std::string* out_;
  absl::flat_hash_map<const StoredRecord*, uint64_t> numbers_;
};

// Reads what the writer wrote. After a failure everything reads as zero and ok() is false.
class SnapshotReader {
 public:
  // Records are made for `correlation`, whose sources have so many columns each; what does not fit
  // is a failure. `key` is that of the records.
  SnapshotReader(std::string_view bytes, RecordPool* pool, uint32_t correlation,
                 const std::vector<uint32_t>* columns)
      : reader_(bytes), pool_(pool), correlation_(correlation), columns_(columns) {}

  uint64_t Unsigned() { return reader_.Varint(); }
  int64_t Signed() { return reader_.Zigzag(); }
  bool Bool();
  double Double();
  std::string_view Bytes() { return reader_.Text(); }
  RecordPtr Record();
  // A count of things of at least one byte each: never more than there are bytes left.
  size_t Count() { return reader_.Count(1); }
  bool ok() const { return reader_.ok(); }
  void Fail(std::string_view why = "the state makes no sense") { reader_.Fail(why); }
  const std::string& error() const { return reader_.error(); }
  bool at_end() const { return reader_.left() == 0; }
  void BeginKey() { records_.clear(); }

 private:
  Value ReadValue(bool in_list, ValueArena* arena);

  ByteReader reader_;
  RecordPool* pool_;
  uint32_t correlation_;
  const std::vector<uint32_t>* columns_;
  ValueArena arena_;
  std::vector<RecordPtr> records_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_SNAPSHOT_IO_H_
