// Applies the modifiers of one detection item to its values.
#ifndef VEDETTE_TESTS_REFERENCE_SIGMA_MODIFIERS_H_
#define VEDETTE_TESTS_REFERENCE_SIGMA_MODIFIERS_H_

#include <string>
#include <vector>

#include "tests/reference/sigma_tree.h"
#include "tests/reference/sigma_yaml.h"

namespace vedette::reference {

// Fills `item`'s values and its `all` and `negated`. `item->keyword` is set by the caller. False
// with a reason when the specification refuses the item.
bool BuildValues(const std::vector<Yaml>& written, const std::vector<std::string>& modifiers,
                 const Placeholders& placeholders, Item* item, std::string* why);

}  // namespace vedette::reference

#endif  // VEDETTE_TESTS_REFERENCE_SIGMA_MODIFIERS_H_
