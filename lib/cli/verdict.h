// Explanations in plain words.
#ifndef VEDETTE_LIB_CLI_VERDICT_H_
#define VEDETTE_LIB_CLI_VERDICT_H_

#include <string>

#include "vedette/evaluator.h"

namespace vedette::inline v0::cli {

// One sentence: whether the rule (the root of `Evaluator::Explain`) matches, and what decided it.
std::string Verdict(const Explanation& root);

// Makes every text of the tree fit for a terminal, see Clean().
void CleanExplanation(Explanation* explanation);

}  // namespace vedette::inline v0::cli

#endif  // VEDETTE_LIB_CLI_VERDICT_H_
