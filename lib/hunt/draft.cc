// A rule to begin with, from events that it should and should not find.
#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/vedette.h"
#include "vedette/hunt/promote.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxPositives = 10'000;
constexpr size_t kMaxFields = 2'000;        // that are looked at
constexpr size_t kMaxTextBytes = 256;       // of a value that may be asked for
constexpr size_t kMaxBenignKept = 200'000;  // events of which all tests are remembered
constexpr int kMaxDepth = 16;

using Texts = std::map<std::string, std::vector<std::string>>;  // by field

std::string LowerOf(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool IsWord(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// Times, numbers of records and processes, and the like: other events never have them.
bool IsUnique(std::string_view field) {
  static constexpr std::array<std::string_view, 14> kParts = {
      "guid", "time",     "date", "record", "processid", "pid",  "logonid",
      "port", "threadid", "uuid", "offset", "sequence",  "_uid", "eventrecord"};
  const std::string name = LowerOf(field);
  return std::any_of(kParts.begin(), kParts.end(), [&name](std::string_view part) {
    return name.find(part) != std::string::npos;
  });
}

// The texts of all fields whose names a rule can write. Where a shape wraps its fields, their own
// names do, and find them in other shapes, too.
void Flatten(const Value& v, const std::string& path, int depth, Texts* out) {
  if (depth > kMaxDepth || out->size() > kMaxFields) return;
  if (v.is_object()) {
    for (const Member& m : v.members()) {
      if (!IsWord(m.name)) continue;
      const bool wrapper =
          path == "Event.EventData" || path == "Event.System" || path == "winlog.event_data";
      Flatten(
          m.value,
          path.empty() || wrapper ? std::string(m.name) : absl::StrCat(path, ".", ToAbsl(m.name)),
          depth + 1, out);
    }
  } else if (v.is_list()) {
    for (const Value& item : v.list()) Flatten(item, path, depth + 1, out);
  } else if (v.is_scalar() && !path.empty() && !IsUnique(path)) {
    std::string text;
    v.AppendText(&text);
    if (!text.empty() && text.size() <= kMaxTextBytes) (*out)[path].push_back(std::move(text));
  }
}

Texts TextsOf(const Event& event) {
  Texts out;
  Flatten(event.root(), "", 0, &out);
  return out;
}

// "\evil.exe" of a path; nothing of other texts.
std::string PathEnd(std::string_view text) {
  const size_t slash = text.find_last_of("\\/");
  if (slash == std::string_view::npos || slash + 4 > text.size()) return {};
  const std::string end = LowerOf(text.substr(slash));
  return end.find(' ') == std::string::npos ? end : std::string();
}

struct Candidate {
  std::string field;
  bool ends = false;  // with one of the values, whatever the case; else is one of them
  std::vector<std::string> values;
  uint64_t benign = 0;

  bool Holds(const Texts& texts) const {
    const auto it = texts.find(field);
    if (it == texts.end()) return false;
    return std::any_of(it->second.begin(), it->second.end(), [this](const std::string& t) {
      const std::string text = ends ? PathEnd(t) : t;
      return std::find(values.begin(), values.end(), text) != values.end();
    });
  }
  // The least likely to be an accident first: rare, then neither too short nor longer than needed.
  auto Rank() const {
    size_t length = 0;
    bool weak = true;
    for (const std::string& v : values) {
      length += v.size();
      weak = weak && (v.size() < 6 || v.find_first_not_of("0123456789") == std::string::npos);
    }
    return std::tuple(benign, weak, values.size(), length, !ends, std::string_view(field));
  }
  std::string Text() const;
};

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n' || c == '\r' || c == '\t') {
      out += c == '\n' ? "\\n" : c == '\r' ? "\\r" : "\\t";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppend(&out, "\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
    } else {
      out.push_back(c);
    }
  }
  return out + "\"";
}

std::string Candidate::Text() const {
  std::string list;
  for (const std::string& v : values) absl::StrAppend(&list, list.empty() ? "" : ", ", Quoted(v));
  // In backticks, as a name may be a word of the language.
  const std::string name = absl::StrCat("`", field, "`");
  if (ends) return absl::StrCat(name, " endswith~ (", list, ")");
  return values.size() == 1 ? absl::StrCat(name, " == ", list)
                            : absl::StrCat(name, " in (", list, ")");
}

// What all positives have in common.
class Common {
 public:
  explicit Common(size_t max_values) : max_values_(max_values) {}

  void Add(const Event& event) {
    if (++events_ > kMaxPositives) return;
    Texts texts = TextsOf(event);
    if (events_ == 1) {
      for (auto& [field, values] : texts) fields_[field];
    }
    for (auto it = fields_.begin(); it != fields_.end();) {
      const auto found = texts.find(it->first);
      it = found != texts.end() && Take(found->second, &it->second) ? std::next(it)
                                                                    : fields_.erase(it);
    }
  }

  std::vector<Candidate> Candidates() const {
    std::vector<Candidate> out;
    for (const auto& [field, both] : fields_) {
      if (both.exact) out.push_back({field, false, {both.values.begin(), both.values.end()}});
      if (both.by_end) out.push_back({field, true, {both.ends.begin(), both.ends.end()}});
    }
    return out;
  }
  uint64_t events() const { return events_; }

 private:
  struct Both {
    bool exact = true;
    bool by_end = true;
    std::set<std::string> values;
    std::set<std::string> ends;
  };

  // Whether the field still is of use.
  bool Take(const std::vector<std::string>& texts, Both* both) const {
    if (both->exact) {
      both->values.insert(texts.begin(), texts.end());
      both->exact = both->values.size() <= max_values_;
    }
    for (const std::string& t : texts) {
      if (!both->by_end) break;
      const std::string end = PathEnd(t);
      both->by_end = !end.empty();
      if (both->by_end) both->ends.insert(end);
    }
    both->by_end = both->by_end && both->ends.size() <= max_values_;
    return both->exact || both->by_end;
  }

  size_t max_values_;
  uint64_t events_ = 0;
  std::map<std::string, Both> fields_;
};

// The tests that leave fewest benign events, one after the other.
absl::StatusOr<std::vector<Candidate>> Choose(std::vector<Candidate> all, const EventSupply& benign,
                                              size_t max_tests) {
  absl::Status status = benign([&all](const Event& event) {
    const Texts texts = TextsOf(event);
    for (Candidate& c : all) c.benign += c.Holds(texts);
  });
  if (!status.ok()) return status;
  std::sort(all.begin(), all.end(),
            [](const Candidate& a, const Candidate& b) { return a.Rank() < b.Rank(); });
  std::vector<std::vector<bool>>
      left;  // of benign events for which the first holds: what else does
  status = benign([&](const Event& event) {
    if (left.size() >= kMaxBenignKept) return;
    const Texts texts = TextsOf(event);
    if (!all[0].Holds(texts)) return;
    std::vector<bool>& holds = left.emplace_back();
    for (const Candidate& c : all) holds.push_back(c.Holds(texts));
  });
  if (!status.ok()) return status;
  std::vector<Candidate> chosen = {all[0]};
  while (chosen.size() < max_tests && !left.empty()) {
    size_t best = 0;
    size_t best_left = left.size();
    for (size_t c = 1; c < all.size(); ++c) {
      const auto n = static_cast<size_t>(
          std::count_if(left.begin(), left.end(), [c](const auto& holds) { return holds[c]; }));
      if (n < best_left) {
        best = c;
        best_left = n;
      }
    }
    if (best == 0) break;
    std::erase_if(left, [best](const auto& holds) { return !holds[best]; });
    chosen.push_back(all[best]);
  }
  return chosen;
}

std::string RuleText(const std::vector<Candidate>& tests, const DraftOptions& options,
                     uint64_t positives) {
  std::string out = absl::StrCat("rule ", options.name, " {\n  meta {\n    title = ",
                                 Quoted(options.title.empty() ? options.name : options.title),
                                 "\n    status = \"experimental\"\n    severity = medium\n"
                                 "    description = \"Drafted from ",
                                 positives,
                                 " events: look at each condition.\"\n  }\n"
                                 "  match any where\n      ");
  for (size_t i = 0; i < tests.size(); ++i) {
    absl::StrAppend(&out, i > 0 ? " and\n      " : "", tests[i].Text());
  }
  return out + "\n}\n";
}

// How often the compiled rule holds.
absl::StatusOr<std::pair<uint64_t, uint64_t>> Measure(
    const EventSupply& events, const std::shared_ptr<const Program>& program) {
  Evaluator evaluator(program);
  std::pair<uint64_t, uint64_t> counts;  // events, and those for which it holds
  absl::Status status = events([&](const Event& event) {
    ++counts.first;
    counts.second += !evaluator.Evaluate(event.view()).empty();
  });
  if (!status.ok()) return status;
  return counts;
}

}  // namespace

absl::StatusOr<RuleDraft> DraftRule(const EventSupply& positives, const EventSupply& benign,
                                    const DraftOptions& options) {
  if (!IsWord(options.name) || options.max_tests == 0 || options.max_values == 0) {
    return absl::InvalidArgumentError(
        "a draft needs a name of letters, digits and underscores, and room for a test");
  }
  Common common(options.max_values);
  absl::Status status = positives([&common](const Event& event) { common.Add(event); });
  if (!status.ok()) return status;
  if (common.events() == 0) return absl::InvalidArgumentError("there is no event to draft from");
  if (common.events() > kMaxPositives) {
    return absl::InvalidArgumentError("a rule is drafted from at most 10,000 events");
  }
  std::vector<Candidate> candidates = common.Candidates();
  if (candidates.empty()) return absl::NotFoundError("the events have nothing in common");
  auto chosen = Choose(std::move(candidates), benign, options.max_tests);
  if (!chosen.ok()) return chosen.status();

  RuleDraft draft;
  draft.text = FormatVedette(RuleText(*chosen, options, common.events()));
  for (const Candidate& c : *chosen) draft.tests.push_back(c.Text());
  Compiler compiler;
  compiler.AddFrontend(VedetteFrontend());
  RuleSet rules;
  rules.Add(options.name + ".vdt", draft.text);
  const absl::StatusOr<CompileResult> compiled = compiler.Compile(rules);
  if (!compiled.ok()) return compiled.status();
  if (compiled->stats.rules_loaded != 1) {
    return absl::InternalError(absl::StrCat("the drafted rule does not compile: ", draft.text));
  }
  const auto found = Measure(positives, compiled->program);
  if (!found.ok()) return found.status();
  std::tie(draft.positives, draft.found) = *found;
  const auto wrong = Measure(benign, compiled->program);
  if (!wrong.ok()) return wrong.status();
  std::tie(draft.benign, draft.false_positives) = *wrong;
  return draft;
}

}  // namespace vedette::inline v0
