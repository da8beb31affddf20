// The corpora of real rules and events that some tests use when they are at hand. They are not part
// of this repository.
#ifndef VEDETTE_TESTS_SUPPORT_CORPUS_H_
#define VEDETTE_TESTS_SUPPORT_CORPUS_H_

#include <string>
#include <vector>

#include "vedette/rule.h"

namespace vedette::testing {

// The folder named by the environment variable VEDETTE_DATA, else ../shared/data, if it is there;
// else "". A test without it must skip and say so: VEDETTE_SKIP_WITHOUT_DATA does.
std::string DataFolder();

#define VEDETTE_SKIP_WITHOUT_DATA()                                                       \
  if (::vedette::testing::DataFolder().empty()) {                                         \
    GTEST_SKIP() << "SKIPPED: no corpus; set VEDETTE_DATA to a folder with sigma/, evtx/" \
                    " and otrf/ to run this test";                                        \
  }                                                                                       \
  static_assert(true, "")

// The rule files under the folders of active rules, sorted by path.
std::vector<RuleSource> SigmaHqRules();
// Every event file below the data folder, sorted.
std::vector<std::string> EventFiles();
// The whole text of a file; unpacked if its name ends in .zst. Fails the test if it cannot.
std::string ReadFile(const std::string& path);
// `text` by lines, without empty ones.
std::vector<std::string> Lines(const std::string& text);

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_CORPUS_H_
