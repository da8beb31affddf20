#include "lib/eval/regex_literals.h"

#include <algorithm>
#include <numeric>

#include "lib/base/casefold.h"
#include "re2/filtered_re2.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMinLiteral = 3;
// Shorter ones are worth a search if they hold a character that few texts of events have.
constexpr std::string_view kRare = "`~^$%&@#!?|<>{}[]*+";
// With more alternatives than this the literals let too much through to be worth their search.
constexpr size_t kMaxLiterals = 64;

// Whether the expression can match a text that holds all literals but `without`.
bool CanMatchWithout(const re2::FilteredRE2& filter, size_t literals,
                     const std::vector<bool>& without) {
  std::vector<int> present;
  for (size_t i = 0; i < literals; ++i) {
    if (!without[i]) present.push_back(static_cast<int>(i));
  }
  std::vector<int> potential;
  filter.AllPotentials(present, &potential);
  return !potential.empty();
}

// As RequiredLiterals, of literals with at least `min_size` bytes.
std::vector<std::string> LiteralsOf(const RE2& regex, int min_size) {
  re2::FilteredRE2 filter(min_size);
  int id = 0;
  if (filter.Add(regex.pattern(), regex.options(), &id) != RE2::NoError) return {};
  std::vector<std::string> literals;
  filter.Compile(&literals);
  const size_t n = literals.size();
  // RE2 lowers letters, the frame folds them: the same for ASCII only.
  const bool ascii = std::all_of(literals.begin(), literals.end(),
                                 [](const std::string& s) { return IsAscii(s); });
  if (n == 0 || n > kMaxLiterals || !ascii) return {};
  std::vector<bool> needed(n, true);
  if (CanMatchWithout(filter, n, needed)) return {};
  // Leave out what is not needed, short ones first: of `a.*bcd` only `bcd` remains.
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&literals](size_t a, size_t b) {
    return literals[a].size() < literals[b].size();
  });
  for (const size_t i : order) {
    needed[i] = false;
    if (CanMatchWithout(filter, n, needed)) needed[i] = true;
  }
  std::vector<std::string> out;
  for (size_t i = 0; i < n; ++i) {
    if (needed[i]) out.push_back(std::move(literals[i]));
  }
  return out;
}

}  // namespace

std::vector<std::string> RequiredLiterals(const RE2& regex) {
  for (int size = static_cast<int>(kMinLiteral); size > 0; --size) {
    std::vector<std::string> literals = LiteralsOf(regex, size);
    if (literals.empty()) continue;
    const bool rare = std::all_of(literals.begin(), literals.end(), [](const std::string& s) {
      return s.size() >= kMinLiteral || s.find_first_of(kRare) != std::string::npos;
    });
    if (rare) return literals;
  }
  return {};
}

}  // namespace vedette::inline v0
