// A host of the response library for tests: records what is appended, answers commands by a rule,
// and remembers keys as a real one would.
#ifndef VEDETTE_TESTS_SUPPORT_RESPONSE_HOST_H_
#define VEDETTE_TESTS_SUPPORT_RESPONSE_HOST_H_

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vedette/response/executor.h"

namespace vedette::testing {

inline constexpr EventTime kOneSecond = 1'000'000'000;
inline constexpr EventTime kMinuteNs = 60 * kOneSecond;
inline constexpr EventTime kHourNs = 60 * kMinuteNs;
inline constexpr EventTime kBegin = 1'795'773'600 * kOneSecond;

inline std::string ReadText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class AuditList : public AuditSink {
 public:
  absl::Status Append(const AuditEntry& entry) override {
    if (fail_after == entries.size()) return absl::UnavailableError("no audit");
    entries.push_back(entry);
    return absl::OkStatus();
  }
  size_t Count(const std::string& name, bool allowed = true) const {
    size_t n = 0;
    for (const AuditEntry& e : entries) n += e.action.name == name && e.allowed == allowed ? 1 : 0;
    return n;
  }
  std::vector<AuditEntry> entries;
  size_t fail_after = SIZE_MAX;
};

inline std::shared_ptr<const Policy> PolicyOf(const std::string& text) {
  Policy::Loaded loaded = Policy::Load("policy", text);
  for (const Diagnostic& d : loaded.diagnostics) {
    if (d.severity == Severity::kError) ADD_FAILURE() << FormatDiagnostic(d);
  }
  return loaded.policy;
}

inline std::shared_ptr<const Playbook> PlaybookOf(const std::string& text,
                                                  const PlaybookOptions& options = {}) {
  Playbook::Loaded loaded = Playbook::Load("playbook", text, options);
  for (const Diagnostic& d : loaded.diagnostics) {
    if (d.severity == Severity::kError) ADD_FAILURE() << FormatDiagnostic(d);
  }
  return loaded.playbook;
}

// What the outside world did: each key once, however often it was asked for.
class World {
 public:
  using Rule = std::function<std::pair<int, std::string>(const CommandRequest&)>;
  explicit World(Rule rule) : rule_(std::move(rule)) {}

  std::pair<int, std::string> Do(const CommandRequest& request) {
    ++asked_;
    const auto known = done_.find(request.key);
    if (known != done_.end() && known->second.first == 200) return known->second;
    const std::pair<int, std::string> answer = rule_(request);
    if (answer.first == 200 && !request.dry_run) effects_.push_back(request.shown);
    return done_[request.key] = answer;
  }
  const std::vector<std::string>& effects() const { return effects_; }
  size_t asked() const { return asked_; }

 private:
  Rule rule_;
  std::map<std::string, std::pair<int, std::string>> done_;
  std::vector<std::string> effects_;
  size_t asked_ = 0;
};

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_RESPONSE_HOST_H_
