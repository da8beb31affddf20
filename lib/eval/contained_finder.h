// Finds which of many literals stand in a text, by the fastest way that the library was built with.
#ifndef VEDETTE_LIB_EVAL_CONTAINED_FINDER_H_
#define VEDETTE_LIB_EVAL_CONTAINED_FINDER_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "lib/eval/literal_finder.h"

namespace vedette::inline v0 {

// Vectorscan's automaton of the same literals. There is none where the library was built without it
// (VEDETTE_VECTORSCAN), where this processor is none that it knows, or where it refuses the
// literals. Belongs to one thread at a time (thread-compatible).
class VectorscanFinder {
 public:
  // Null if there is none.
  static std::unique_ptr<VectorscanFinder> Make(LiteralFinder::Literals literals);
  ~VectorscanFinder();
  VectorscanFinder(const VectorscanFinder&) = delete;
  VectorscanFinder& operator=(const VectorscanFinder&) = delete;

  static constexpr bool Built() {
#ifdef VEDETTE_VECTORSCAN
    return true;
#else
    return false;
#endif
  }
  // The numbers of literals in `text`, once each, in no order. False: it could not tell, and what
  // it has added may be incomplete.
  bool Find(std::string_view text, std::vector<uint32_t>* found) const;

 private:
  VectorscanFinder() = default;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// LiteralFinder, and for many literals in long texts VectorscanFinder, which is made once a number
// of these have come: it takes longer to make, and wins only there. Belongs to one thread at a
// time, for Find, too. The bytes of the literals must outlive it.
class ContainedFinder {
 public:
  using Literals = LiteralFinder::Literals;

  // Shorter texts and fewer literals gain nothing, or lose (docs/benchmarks.md).
  static constexpr size_t kLongText = 64;
  static constexpr size_t kManyLiterals = 256;
  static constexpr uint32_t kTextsBefore = 256;

  ContainedFinder() = default;
  explicit ContainedFinder(Literals literals) : finder_(literals) {
    if (!VectorscanFinder::Built() || literals.size() < kManyLiterals) return;
    long_ = std::make_unique<LongTexts>();
    long_->literals.assign(literals.begin(), literals.end());
  }

  bool empty() const { return finder_.empty(); }

  // Calls `report(number)` for each literal in `text`, at least once.
  template <typename Report>
  void Find(std::string_view text, Report report) const {
    if (VectorscanFinder::Built() && text.size() >= kLongText && FindLong(text)) {
      for (const uint32_t number : long_->found) report(number);
      return;
    }
    finder_.Find(text, report);
  }

 private:
  struct LongTexts {
    std::vector<std::pair<std::string_view, uint32_t>> literals;  // until `vectorscan` is made
    uint32_t seen = 0;
    std::unique_ptr<VectorscanFinder> vectorscan;
    std::vector<uint32_t> found;  // in the last one
  };
  // Fills long_->found; false if the text is to be looked at by finder_.
  bool FindLong(std::string_view text) const;

  LiteralFinder finder_;
  std::unique_ptr<LongTexts> long_;  // with Vectorscan
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_CONTAINED_FINDER_H_
