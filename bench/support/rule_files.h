// Rule files of any number: a folder's, a seeded choice of them, and variants of them.
#ifndef VEDETTE_BENCH_SUPPORT_RULE_FILES_H_
#define VEDETTE_BENCH_SUPPORT_RULE_FILES_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/logsource.h"
#include "vedette/rule.h"

namespace vedette::bench {

// The *.yml files of a folder at any depth, in the order of their paths.
std::vector<RuleSource> ReadRuleFolder(const std::string& folder);

// The same order for the same seed, on every machine.
void Shuffle(uint64_t seed, std::vector<RuleSource>* files);

// Moves the files with a rule that events of `sources` face to the front; both parts keep their
// order.
void PutFacedFirst(std::span<const LogSource> sources, std::vector<RuleSource>* files);

// A rule like `yaml`, with other literals. About half of the texts that its detections look for get
// three letters of their longest word replaced by others, at least one of them if there is any;
// keys, numbers, wildcards, conditions, lengths and the values of `re`, `cidr`, `fieldref`,
// `expand` and `exists` stay. It has an id and a title of its own.
std::string VariantOf(std::string_view yaml, uint64_t seed);

// The first `limit` files; if there are fewer, variants of them in turn until there are so many.
std::vector<RuleSource> FirstRules(std::vector<RuleSource> files, size_t limit, uint64_t seed);

}  // namespace vedette::bench

#endif  // VEDETTE_BENCH_SUPPORT_RULE_FILES_H_
