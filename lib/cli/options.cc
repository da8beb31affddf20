#include "lib/cli/options.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "lib/cli/text.h"

namespace vedette::inline v0::cli {
namespace {

constexpr OptionSpec kHelp = {"help", 'h', OptionKind::kFlag, "", "Print this page.", ""};

absl::Status Usage(const std::string& message) {
  return absl::InvalidArgumentError(message.c_str());
}

// Edits (insert, delete, replace, swap of neighbours) that turn `a` into `b`.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before(b.size() + 1);
  std::vector<size_t> above(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) above[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1,
                         above[j - 1] + (a[i - 1] == b[j - 1] ? size_t{0} : size_t{1})});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
    }
    std::swap(before, above);
    std::swap(above, row);
  }
  return above[b.size()];
}

std::vector<std::string_view> Choices(const OptionSpec& spec) {
  std::vector<std::string_view> out;
  std::string_view rest = spec.choices;
  while (!rest.empty()) {
    const size_t bar = rest.find('|');
    out.push_back(rest.substr(0, bar));
    rest.remove_prefix(bar == std::string_view::npos ? rest.size() : bar + 1);
  }
  return out;
}

}  // namespace

std::string ClosestName(std::string_view word, std::span<const std::string_view> names) {
  std::string_view best;
  size_t best_distance = std::max<size_t>(1, word.size() / 3) + 1;
  for (const std::string_view name : names) {
    // What was typed may also be the beginning of a longer name.
    const bool begins = word.size() >= 3 && name.starts_with(word);
    const size_t distance = begins ? 1 : EditDistance(word, name);
    if (distance < best_distance) {
      best = name;
      best_distance = distance;
    }
  }
  return std::string(best);
}

std::string DidYouMean(std::string_view word, std::span<const std::string_view> names) {
  const std::string near = ClosestName(word, names);
  return near.empty() ? "" : " (did you mean '" + near + "'?)";
}

std::string_view Options::Value(std::string_view name, std::string_view fallback) const {
  const auto it = values_.find(name);
  return it == values_.end() || it->second.empty() ? fallback : it->second.back();
}

const std::vector<std::string>& Options::Values(std::string_view name) const {
  static const std::vector<std::string> kNone;
  const auto it = values_.find(name);
  return it == values_.end() ? kNone : it->second;
}

std::vector<std::string> Options::SplitValues(std::string_view name) const {
  std::vector<std::string> out;
  for (const std::string& value : Values(name)) SplitCommas(value, &out);
  return out;
}

absl::StatusOr<uint64_t> Options::Number(std::string_view name, uint64_t fallback) const {
  if (!Has(name)) return fallback;
  const std::string_view text = Value(name);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) {
    return Usage("--" + std::string(name) + " takes a whole number, not '" + Clean(text) + "'");
  }
  return number;
}

absl::StatusOr<int64_t> Options::Duration(std::string_view name, int64_t fallback) const {
  if (!Has(name)) return fallback;
  const std::string_view text = Value(name);
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  static constexpr std::pair<std::string_view, int64_t> kUnits[] = {{"ns", 1},
                                                                    {"us", 1'000},
                                                                    {"ms", 1'000'000},
                                                                    {"s", 1'000'000'000},
                                                                    {"m", 60'000'000'000},
                                                                    {"h", 3'600'000'000'000},
                                                                    {"d", 86'400'000'000'000},
                                                                    {"w", 604'800'000'000'000}};
  for (const auto& [suffix, ns] : kUnits) {
    const bool fits = error == std::errc() && number >= 0 && number <= INT64_MAX / 4 / ns;
    if (unit == suffix && fits) return number * ns;
  }
  if (error == std::errc() && number == 0 && unit.empty()) return 0;
  return Usage("--" + std::string(name) + " takes a duration like 30s, 5m or 1h, not '" +
               Clean(text) + "'");
}

absl::StatusOr<uint64_t> Options::Bytes(std::string_view name, uint64_t fallback) const {
  if (!Has(name)) return fallback;
  const std::string_view text = Value(name);
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  static constexpr std::string_view kUnits[] = {"", "K", "M", "G"};
  for (size_t i = 0; i < std::size(kUnits); ++i) {
    const bool fits = error == std::errc() && number <= UINT64_MAX >> (10 * i);
    if (unit == kUnits[i] && fits) return number << (10 * i);
  }
  return Usage("--" + std::string(name) + " takes a size like 64M or 2G, not '" + Clean(text) +
               "'");
}

class OptionParser {
 public:
  OptionParser(const CommandSpec& command, std::span<const std::string> words)
      : command_(command), words_(words) {}

  absl::StatusOr<Options> Run() {
    while (next_ < words_.size()) {
      const std::string& word = words_[next_++];
      absl::Status status;
      if (word == "--") {
        while (next_ < words_.size()) options_.arguments_.push_back(words_[next_++]);
      } else if (word.starts_with("--")) {
        status = Long(std::string_view(word).substr(2));
      } else if (LooksLikeOption(word)) {
        status = Short(std::string_view(word).substr(1));
      } else {
        options_.arguments_.push_back(word);
      }
      if (!status.ok()) return status;
    }
    if (options_.arguments_.size() > command_.max_arguments && !options_.Has("help")) {
      return Usage("unexpected argument '" + Clean(options_.arguments_[command_.max_arguments]) +
                   "'");
    }
    return std::move(options_);
  }

 private:
  // A lone dash stands for standard input.
  static bool LooksLikeOption(std::string_view word) {
    return word.size() > 1 && word.front() == '-';
  }

  template <typename Test>
  const OptionSpec* Find(Test test) const {
    for (const OptionSpec& spec : command_.options) {
      if (test(spec)) return &spec;
    }
    return test(kHelp) ? &kHelp : nullptr;
  }

  absl::Status Long(std::string_view word) {
    const size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const OptionSpec* spec = Find([name](const OptionSpec& s) { return s.name == name; });
    if (spec == nullptr) {
      std::vector<std::string_view> names = {kHelp.name};
      for (const OptionSpec& s : command_.options) names.push_back(s.name);
      const std::string near = ClosestName(name, names);
      return Usage("unknown option --" + Clean(name) +
                   (near.empty() ? "" : " (did you mean '--" + near + "'?)"));
    }
    if (equals == std::string_view::npos) return Take(*spec, nullptr);
    const std::string value(word.substr(equals + 1));
    return Take(*spec, &value);
  }

  absl::Status Short(std::string_view word) {
    const char letter = word.front();
    const OptionSpec* spec = Find([letter](const OptionSpec& s) { return s.letter == letter; });
    if (spec == nullptr) return Usage("unknown option -" + Clean(word.substr(0, 1)));
    if (word.size() == 1) return Take(*spec, nullptr);
    if (spec->kind == OptionKind::kFlag) {
      const absl::Status status = Take(*spec, nullptr);
      return status.ok() ? Short(word.substr(1)) : status;
    }
    const std::string value(word.substr(word[1] == '=' ? 2 : 1));
    return Take(*spec, &value);
  }

  absl::Status Take(const OptionSpec& spec, const std::string* attached) {
    std::vector<std::string>& values = options_.values_[std::string(spec.name)];
    const std::string name = "--" + std::string(spec.name);
    if (spec.kind == OptionKind::kFlag) {
      return attached == nullptr ? absl::OkStatus() : Usage(name + " takes no value");
    }
    const size_t before = values.size();
    if (attached != nullptr) {
      values.push_back(*attached);
    } else {
      while (next_ < words_.size() && !LooksLikeOption(words_[next_])) {
        values.push_back(words_[next_++]);
        if (spec.kind != OptionKind::kWords) break;
      }
    }
    if (values.size() == before) {
      return Usage(name + " needs a value (" + std::string(spec.value_name) + "); write " + name +
                   "=VALUE for one that begins with a dash");
    }
    const std::vector<std::string_view> choices = Choices(spec);
    for (size_t i = before; !choices.empty() && i < values.size(); ++i) {
      if (std::ranges::find(choices, values[i]) != choices.end()) continue;
      std::string list;
      for (const std::string_view c : choices) {
        list.append(list.empty() ? "" : ", ").append(c);
      }
      return Usage(name + " is one of " + list + ", not '" + Clean(values[i]) + "'" +
                   DidYouMean(values[i], choices));
    }
    return absl::OkStatus();
  }

  const CommandSpec& command_;
  std::span<const std::string> words_;
  size_t next_ = 0;
  Options options_;
};

absl::StatusOr<Options> ParseOptions(const CommandSpec& command,
                                     std::span<const std::string> words) {
  return OptionParser(command, words).Run();
}

namespace {

std::string OptionColumn(const OptionSpec& spec) {
  std::string out = spec.letter == 0 ? "    " : std::string("-") + spec.letter + ", ";
  out.append("--").append(spec.name);
  if (spec.kind != OptionKind::kFlag) out.append(" ").append(spec.value_name);
  if (spec.kind == OptionKind::kWords) out.append("...");
  return out;
}

}  // namespace

std::string HelpText(const CommandSpec& command, size_t width) {
  constexpr size_t kColumn = 32;
  width = std::clamp<size_t>(width, 60, 100);
  std::string out = "usage: vedette ";
  out.append(command.name);
  if (!command.arguments.empty()) out.append(" ").append(command.arguments);
  if (!command.options.empty()) out.append(" [OPTIONS]");
  out.append("\n\n");
  AppendWrapped(command.summary, 0, width, &out);
  if (!command.description.empty()) {
    out.append("\n");
    AppendWrapped(command.description, 0, width, &out);
  }
  out.append("\nOptions:\n");
  const auto row = [&](const OptionSpec& spec) {
    std::string left = "  " + OptionColumn(spec);
    if (left.size() + 2 > kColumn) {
      out.append(left).append("\n").append(kColumn, ' ');
    } else {
      left.resize(kColumn, ' ');
      out.append(left);
    }
    AppendWrapped(spec.help, kColumn, width, &out);
  };
  for (const OptionSpec& spec : command.options) row(spec);
  row(kHelp);
  if (!command.examples.empty()) {
    out.append("\nExamples:\n");
    std::string_view rest = command.examples;
    while (!rest.empty()) {
      const size_t end = rest.find('\n');
      out.append("  ").append(rest.substr(0, end)).append("\n");
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  return out;
}

}  // namespace vedette::inline v0::cli
