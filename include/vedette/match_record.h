// What goes from evaluators to correlators: one event (or detection) as a source of a correlation.
#ifndef VEDETTE_MATCH_RECORD_H_
#define VEDETTE_MATCH_RECORD_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "vedette/event.h"
#include "vedette/program.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

// A record of a correlation (docs/correlator.md, section 1). Borrowed from whoever made it, until
// its next call. Small: it holds the group key and the values that the rule looks at.
struct MatchRecord {
  uint32_t correlation = 0;  // index in the program
  uint32_t source = 0;       // of the correlation
  uint32_t depth = 0;        // 0: an event; else the depth of the correlation that made it
  EventTime time = kNoEventTime;
  uint64_t tiebreak = 0;          // orders records of one time; equal ones are concurrent
  std::string_view origin;        // of a detection: orders concurrent ones, opaque
  std::string_view key;           // canonical bytes of the group key, see AppendKeyPart
  std::span<const Value> values;  // as many as the source has columns
  EventRef ref;
};

// Appends one value of a group key: equal bytes if and only if the values are equal (1 and 1.0
// are; 1 and "1" are not). Null stands for a missing value of an optional key.
void AppendKeyPart(const Value& value, std::string* key);
// Takes the next part off `key`; its text stays in the bytes. False at the end or for bytes that
// are no key.
bool TakeKeyPart(std::string_view* key, Value* value);

// The partition of a record among `partitions` (at least 1), the same in every version and on
// every machine: a hash of its correlation's fingerprint and its key, or, if the rule suppresses,
// of those parts of the key by which it does (of none, if it suppresses by something else).
uint32_t PartitionOf(const Program& program, const MatchRecord& record, uint32_t partitions);

// Appends the record in protobuf's wire form (vedette/proto/match_record.proto), for another
// process that has the same rules. `record` must be of `program`.
void EncodeMatchRecord(const Program& program, const MatchRecord& record, std::string* out);
// Reads it back; texts stay in `bytes`, lists are in `arena`. DataLoss for bytes that are no
// record, NotFound if the program has no rule of that meaning. Whether the record fits its rule is
// for Correlator::Add to say.
absl::Status DecodeMatchRecord(const Program& program, std::string_view bytes, ValueArena* arena,
                               MatchRecord* record);

}  // namespace vedette::inline v0

#endif  // VEDETTE_MATCH_RECORD_H_
