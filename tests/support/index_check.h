// An evaluator with an index beside one without: what they say must be the same.
#ifndef VEDETTE_TESTS_SUPPORT_INDEX_CHECK_H_
#define VEDETTE_TESTS_SUPPORT_INDEX_CHECK_H_

#include <algorithm>
#include <memory>
#include <vector>

#include "gtest/gtest.h"
#include "vedette/evaluator.h"

namespace vedette::testing {

class IndexCheck {
 public:
  explicit IndexCheck(const std::shared_ptr<const Program>& program, EvaluatorOptions options = {})
      : indexed_(program, With(options, true)), plain_(program, With(options, false)) {}

  // The rules that hold for the event, by both.
  std::vector<uint32_t> Matches(const EventView& event) {
    std::vector<uint32_t> want;
    std::vector<uint32_t> got;
    for (const Match& m : plain_.Evaluate(event)) want.push_back(m.rule);
    for (const Match& m : indexed_.Evaluate(event)) got.push_back(m.rule);
    if (got != want) {
      for (size_t rule = 0; rule < indexed_.program().rule_count(); ++rule) {
        const bool g = std::find(got.begin(), got.end(), rule) != got.end();
        const bool w = std::find(want.begin(), want.end(), rule) != want.end();
        if (g == w) continue;
        ADD_FAILURE() << "with the index " << g << ", without it " << w << "\n"
                      << FormatExplanation(plain_.Explain(event, rule));
      }
    }
    EXPECT_EQ(got, want);
    const auto records = plain_.Records(event);
    EXPECT_EQ(indexed_.Records(event).size(), records.size());
    return got;
  }

  // What the index spared.
  uint64_t faced() const { return indexed_.stats().rules_faced; }
  uint64_t evaluated() const { return indexed_.stats().rules_evaluated; }
  Evaluator& evaluator() { return indexed_; }

 private:
  // From the first event on, so that short tests see it.
  static EvaluatorOptions With(EvaluatorOptions options, bool use_index) {
    options.use_index = use_index;
    options.events_before_index = 0;
    return options;
  }

  Evaluator indexed_;
  Evaluator plain_;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_INDEX_CHECK_H_
