#include "lib/program/routing.h"

#include <algorithm>
#include <iterator>

#include "lib/base/casefold.h"

namespace vedette::inline v0 {
namespace {

bool IsPrefix(std::string_view value) { return value.size() > 1 && value.ends_with('*'); }
bool IsExclusion(std::string_view value) { return value.size() > 1 && value.starts_with('!'); }

}  // namespace

Routing::Routing(const LogSourceTable& table) {
  absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> index;
  std::vector<uint16_t> next;
  // First every literal and prefix gets its number, then rows say which numbers they accept.
  for (const LogSourceTable::Row& row : table.rows()) {
    for (const LogSourceTable::Condition& condition : row.when) {
      const auto [it, is_new] =
          index.try_emplace(condition.field, static_cast<uint32_t>(names_.size()));
      if (is_new) {
        names_.push_back(condition.field);
        fields_.emplace_back();
        next.push_back(kOther + 1);
      }
      Field& field = fields_[it->second];
      for (const std::string& written : condition.values) {
        if (written == "*" || written == "!") continue;
        const std::string value = IsExclusion(written) ? written.substr(1) : written;
        if (IsPrefix(value)) {
          const std::string prefix = value.substr(0, value.size() - 1);
          const bool known = std::any_of(field.prefixes.begin(), field.prefixes.end(),
                                         [&prefix](const auto& p) { return p.first == prefix; });
          if (!known) field.prefixes.emplace_back(prefix, next[it->second]++);
        } else if (field.exact.try_emplace(value, next[it->second]).second) {
          ++next[it->second];
        }
      }
    }
  }
  for (Field& field : fields_) {
    std::sort(field.prefixes.begin(), field.prefixes.end(),
              [](const auto& a, const auto& b) { return a.first.size() > b.first.size(); });
  }
  for (const LogSourceTable::Row& row : table.rows()) {
    std::vector<Condition>& conditions = rows_.emplace_back();
    for (const LogSourceTable::Condition& condition : row.when) {
      Condition& out = conditions.emplace_back();
      out.field = index.find(condition.field)->second;
      for (const std::string& value : condition.values) {
        if (value == "*") {
          out.any_present = true;
        } else if (value == "!") {
          out.absent = true;
        } else if (IsExclusion(value)) {
          out.any_present = true;
          AddNumbers(fields_[out.field], value.substr(1), &out.rejected);
        } else {
          AddNumbers(fields_[out.field], value, &out.accepted);
        }
      }
    }
    auto& assumed = assumed_.emplace_back();
    for (const auto& [name, value] : row.assumes) {
      // A field that no condition reads is for rules only.
      const auto it = index.find(name);
      if (it == index.end()) continue;
      std::string folded;
      AppendFolded(value, &folded);
      assumed.emplace_back(it->second, Classify(it->second, folded));
    }
  }
}

void Routing::AddNumbers(const Field& field, const std::string& value,
                         std::vector<uint16_t>* numbers) {
  if (!IsPrefix(value)) {
    numbers->push_back(field.exact.find(value)->second);
    return;
  }
  const std::string_view prefix(value.data(), value.size() - 1);
  for (const auto& [text, number] : field.exact) {
    if (text.starts_with(prefix)) numbers->push_back(number);
  }
  for (const auto& [text, number] : field.prefixes) {
    if (std::string_view(text).starts_with(prefix)) numbers->push_back(number);
  }
}

uint16_t Routing::Classify(size_t field, std::string_view folded_text) const {
  const Field& f = fields_[field];
  if (const auto it = f.exact.find(folded_text); it != f.exact.end()) return it->second;
  for (const auto& [prefix, number] : f.prefixes) {
    if (folded_text.starts_with(prefix)) return number;
  }
  return kOther;
}

bool Routing::Holds(const Condition& c, const Numbers& numbers) {
  if (numbers.empty()) return c.absent;
  const auto is_one_of = [](const Numbers& some) {
    return [&some](uint16_t n) { return std::find(some.begin(), some.end(), n) != some.end(); };
  };
  if (std::any_of(numbers.begin(), numbers.end(), is_one_of(c.accepted))) return true;
  return c.any_present && std::none_of(numbers.begin(), numbers.end(), is_one_of(c.rejected));
}

std::vector<uint16_t> Routing::MatchOnce(std::span<const Numbers> numbers) const {
  std::vector<uint16_t> matched;
  for (size_t row = 0; row < rows_.size(); ++row) {
    const bool holds =
        std::all_of(rows_[row].begin(), rows_[row].end(),
                    [numbers](const Condition& c) { return Holds(c, numbers[c.field]); });
    if (holds) matched.push_back(static_cast<uint16_t>(row));
  }
  return matched;
}

std::vector<uint16_t> Routing::Match(std::span<const Numbers> numbers) const {
  std::vector<uint16_t> matched = MatchOnce(numbers);
  std::vector<Numbers> more(numbers.begin(), numbers.end());
  bool assumed = false;
  for (const uint16_t row : matched) {
    for (const auto& [field, number] : assumed_[row]) {
      assumed = true;
      more[field].push_back(number);
    }
  }
  if (!assumed) return matched;
  // Once is enough: what the rows found now assume does not count, so that no table goes in
  // circles.
  const std::vector<uint16_t> by_assumption = MatchOnce(more);
  std::vector<uint16_t> all;
  std::set_union(matched.begin(), matched.end(), by_assumption.begin(), by_assumption.end(),
                 std::back_inserter(all));
  return all;
}

}  // namespace vedette::inline v0
