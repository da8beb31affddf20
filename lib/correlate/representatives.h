// `all`: whether there are different events, one for each source, among the records of a key.
#ifndef VEDETTE_LIB_CORRELATE_REPRESENTATIVES_H_
#define VEDETTE_LIB_CORRELATE_REPRESENTATIVES_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "lib/correlate/record.h"
#include "lib/correlate/ring.h"

namespace vedette::inline v0 {

// Works on a queue of candidates that it keeps short: of n sources, the last n events of each can
// matter at most, and of an event of one source only those after it. Scratch only;
// thread-compatible.
class Representatives {
 public:
  explicit Representatives(size_t sources) : sources_(sources), of_source_(sources) {}

  // Appends a record, the last in order, and drops what cannot matter any more.
  void Add(const RecordPtr& record, Ring<RecordPtr>* candidates);
  bool Exist(const Ring<RecordPtr>& candidates);
  // After Exist gave true: for each source in turn the latest event that leaves one for all others;
  // places in those candidates, by source.
  const std::vector<uint32_t>& Choose();

 private:
  struct Candidate {
    uint32_t place = 0;
    uint32_t event = 0;
  };
  // Finds an event for `source` by moving others; those of `fixed_` sources stay.
  bool Assign(uint32_t source);
  const Candidate* CandidateOf(uint32_t source, uint32_t event) const;

  size_t sources_;
  std::vector<std::vector<Candidate>> of_source_;  // latest first
  bool shared_ = false;                            // an event is a candidate of several sources
  size_t events_ = 0;
  std::vector<uint32_t> event_of_;  // source -> event
  std::vector<uint32_t> owner_of_;  // event -> source
  std::vector<char> fixed_;         // sources
  std::vector<uint32_t> reached_from_;
  std::vector<uint32_t> queue_;
  std::vector<uint32_t> chosen_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_CORRELATE_REPRESENTATIVES_H_
