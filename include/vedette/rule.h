// Rules as sources and as metadata.
#ifndef VEDETTE_RULE_H_
#define VEDETTE_RULE_H_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "vedette/diagnostic.h"
#include "vedette/logsource.h"

namespace vedette::inline v0 {

// One text with rules, in memory; the library opens no files.
struct RuleSource {
  std::string name;  // file name, for diagnostics
  std::string text;
};

// The texts to compile together: references and filters work across them. Thread-compatible.
class RuleSet {
 public:
  void Add(std::string name, std::string text) {
    sources_.push_back({std::move(name), std::move(text)});
  }
  std::span<const RuleSource> sources() const { return sources_; }

 private:
  std::vector<RuleSource> sources_;
};

enum class Level : uint8_t { kUnset, kInformational, kLow, kMedium, kHigh, kCritical };
std::string_view LevelName(Level level);  // "" for kUnset
std::optional<Level> LevelByName(std::string_view name);

// A test that the author wrote into a rule: events, and how many detections of the rule they give
// together. Value type.
struct RuleTest {
  std::string rule;  // RuleMeta::name
  std::string name;
  std::vector<std::string> events;  // JSON objects
  std::vector<int64_t> times_ns;    // of each, after an arbitrary beginning
  uint32_t expected = 0;
  std::string source;  // file name
  SourceSpan span;
};

// What a rule says about itself. Value type.
struct RuleMeta {
  std::string id;
  std::string name;
  std::string title;
  std::string description;
  std::string status;  // stable, test, experimental, deprecated, unsupported, or empty
  Level level = Level::kUnset;
  std::string author;
  std::string date;
  std::string modified;
  std::string license;
  std::vector<std::string> tags;
  std::vector<std::string> references;
  std::vector<std::string> false_positives;
  std::vector<std::string> fields;
  std::vector<std::pair<std::string, std::string>> related;  // id, type
  std::vector<std::pair<std::string, std::string>> custom;   // other top-level keys, as text
  LogSource log_source;
  std::string source;  // file name
  uint32_t line = 1;   // where the rule's document starts

  // What people call the rule: title, else name, else id, else file.
  std::string_view display_name() const {
    return !title.empty() ? title : !name.empty() ? name : !id.empty() ? id : source;
  }
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_RULE_H_
