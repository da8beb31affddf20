// What a Batch holds; shared by batch.cc and engine.cc.
#ifndef VEDETTE_LIB_ENGINE_BATCH_IMPL_H_
#define VEDETTE_LIB_ENGINE_BATCH_IMPL_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "vedette/batch.h"
#include "vedette/detection.h"
#include "vedette/match_record.h"

namespace vedette::inline v0 {

struct Batch::Impl {
  struct Found {
    Detection detection;
    bool suppressible = false;    // the rule suppresses, and the event has all parts of the key
    std::string suppression_key;  // then
  };
  struct One {
    EventTime time = kNoEventTime;
    std::optional<uint64_t> tiebreak;
    EventRef ref;
    bool has_log_source = true;
    size_t found_end = 0;  // its detections end here; they begin where those before it end
    size_t records_end = 0;
  };

  std::shared_ptr<const Program> program;
  ValueArena arena;  // of the records
  std::vector<One> events;
  std::vector<Found> found;
  std::vector<MatchRecord> records;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_ENGINE_BATCH_IMPL_H_
