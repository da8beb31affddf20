// That rules mean the same after they were converted to the Vedette language.
#ifndef VEDETTE_TESTS_SUPPORT_CONVERSION_H_
#define VEDETTE_TESTS_SUPPORT_CONVERSION_H_

#include <cstddef>
#include <string>

#include "vedette/compiler.h"

namespace vedette::testing {

struct Conversion {
  size_t rules = 0;  // that were compared, rules over several events among them
  // What differs between the rules that compile and what they are converted to, for people; empty
  // if their fingerprints are equal and formatting what was printed twice is as formatting it once.
  std::string differs;
};

// Sigma rules and Vedette rules.
Conversion ConvertAndCompare(const RuleSet& rules);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_CONVERSION_H_
