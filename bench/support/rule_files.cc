#include "bench/support/rule_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <utility>

#include "vedette/compiler.h"
#include "vedette/frontends/sigma.h"

namespace vedette::bench {
namespace {

// SplitMix64: the same numbers everywhere, which std::shuffle does not promise.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    return z ^ (z >> 31);
  }
  size_t Below(size_t n) { return static_cast<size_t>(Next() % n); }

 private:
  uint64_t state_;
};

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

struct Span {
  size_t begin = 0;
  size_t end = 0;
  size_t size() const { return end - begin; }
};

// The longest run of letters that stand in text[begin, end).
Span LongestWord(std::string_view text, Span within) {
  Span best;
  for (size_t i = within.begin; i < within.end; ++i) {
    const size_t start = i;
    while (i < within.end && IsLetter(text[i])) ++i;
    if (i - start > best.size()) best = {start, i};
  }
  return best;
}

// Whether the values of this key are texts to look for.
bool HasLiterals(std::string_view key) {
  for (const std::string_view no : {"|re", "|cidr", "|fieldref", "|expand", "|exists"}) {
    if (key.find(no) != std::string_view::npos) return false;
  }
  return true;
}

// The words of the literals of the detections, line by line: only plain and quoted scalars that
// stand on the line of their key or of their list's dash.
std::vector<Span> WordsOfLiterals(std::string_view yaml) {
  std::vector<Span> words;
  bool inside = false;
  bool literals = true;
  for (size_t begin = 0; begin < yaml.size();) {
    const size_t newline = std::min(yaml.find('\n', begin), yaml.size());
    const std::string_view line = yaml.substr(begin, newline - begin);
    const size_t line_begin = std::exchange(begin, newline + 1);
    size_t at = line.find_first_not_of(' ');
    if (at == std::string_view::npos || line[at] == '#') continue;
    if (at == 0) {
      inside = line.starts_with("detection:");
      continue;
    }
    if (!inside) continue;
    while (line.substr(at).starts_with("- ")) at = line.find_first_not_of(' ', at + 2);
    if (at == std::string_view::npos) continue;
    const bool quoted = line[at] == '\'' || line[at] == '"';
    // A key ends at its colon; a value that is quoted has none.
    const size_t colon = quoted ? std::string_view::npos : line.find(':', at);
    if (colon != std::string_view::npos && (colon + 1 == line.size() || line[colon + 1] == ' ')) {
      const std::string_view key = line.substr(at, colon - at);
      literals = HasLiterals(key) && key != "condition" && key != "timeframe";
      at = line.find_first_not_of(' ', colon + 1);
    }
    if (!literals || at == std::string_view::npos) continue;
    const bool escapes = line[at] == '"' && line.find('\\', at) != std::string_view::npos;
    if (escapes || std::string_view("[{|>&*!#").find(line[at]) != std::string_view::npos) continue;
    const size_t comment = line.find(" #", at);
    const Span value = {line_begin + at, line_begin + std::min(comment, line.size())};
    const Span word = LongestWord(yaml, value);
    if (word.size() > 4) words.push_back(word);
  }
  return words;
}

void ReplaceLetters(Span word, Random* random, std::string* text) {
  const size_t first = word.begin + random->Below(word.size() - 2);
  for (size_t i = first; i < first + 3; ++i) {
    char& c = (*text)[i];
    const int base = c >= 'a' ? 'a' : 'A';
    const int step = 1 + static_cast<int>(random->Below(25));
    c = static_cast<char>(base + (c - base + step) % 26);
  }
}

std::string NewId(Random* random) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string id = "xxxxxxxx-xxxx-4xxx-axxx-xxxxxxxxxxxx";
  for (char& c : id) {
    if (c == 'x') c = kHex[random->Below(16)];
  }
  return id;
}

}  // namespace

std::vector<RuleSource> ReadRuleFolder(const std::string& folder) {
  std::vector<RuleSource> files;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() != ".yml") continue;
    std::stringstream text;
    text << std::ifstream(it->path()).rdbuf();
    files.push_back({it->path().string(), text.str()});
  }
  std::sort(files.begin(), files.end(),
            [](const RuleSource& a, const RuleSource& b) { return a.name < b.name; });
  return files;
}

void Shuffle(uint64_t seed, std::vector<RuleSource>* files) {
  Random random(seed);
  for (size_t i = files->size(); i > 1; --i) {
    std::swap((*files)[i - 1], (*files)[random.Below(i)]);
  }
}

void PutFacedFirst(std::span<const LogSource> sources, std::vector<RuleSource>* files) {
  Compiler compiler;
  compiler.AddFrontend(SigmaFrontend());
  RuleSet rules;
  for (const RuleSource& file : *files) rules.Add(file.name, file.text);
  const auto built = compiler.Compile(rules);
  if (!built.ok()) return;
  std::set<std::string> faced;
  for (size_t i = 0; i < built->program->rule_count(); ++i) {
    const RuleMeta& rule = built->program->rule(i);
    if (std::any_of(sources.begin(), sources.end(),
                    [&rule](const LogSource& s) { return s.Satisfies(rule.log_source); })) {
      faced.insert(rule.source);
    }
  }
  std::stable_partition(files->begin(), files->end(),
                        [&faced](const RuleSource& f) { return faced.contains(f.name); });
}

std::string VariantOf(std::string_view yaml, uint64_t seed) {
  Random random(seed);
  std::string text(yaml);
  const std::vector<Span> words = WordsOfLiterals(yaml);
  const size_t always = words.empty() ? 0 : random.Below(words.size());
  for (size_t i = 0; i < words.size(); ++i) {
    if (i == always || random.Below(2) == 0) ReplaceLetters(words[i], &random, &text);
  }
  std::string out;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    begin = end + 1;
    if (line.starts_with("id:")) {
      out.append("id: ").append(NewId(&random));
    } else if (line.starts_with("title:")) {
      out.append("title: Variant ").append(std::to_string(seed));
    } else {
      out.append(line);
    }
    out.push_back('\n');
  }
  return out;
}

std::vector<RuleSource> FirstRules(std::vector<RuleSource> files, size_t limit, uint64_t seed) {
  const size_t have = files.size();
  if (have == 0) return files;
  if (limit < have) files.resize(limit);
  files.reserve(std::max(limit, have));
  for (size_t i = have; i < limit; ++i) {
    const std::string& original = files[i % have].text;
    files.push_back({"variant-" + std::to_string(i) + ".yml",
                     VariantOf(original, seed * 1000003 + static_cast<uint64_t>(i))});
  }
  return files;
}

}  // namespace vedette::bench
