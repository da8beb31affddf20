// Numbers in values and in texts, and their order.
#ifndef VEDETTE_LIB_EVENT_DECIMAL_H_
#define VEDETTE_LIB_EVENT_DECIMAL_H_

#include <optional>
#include <string_view>

#include "vedette/value.h"

namespace vedette::inline v0 {

// Whether `text` is digits with an optional sign, fraction and exponent, at most 400 bytes.
bool IsDecimal(std::string_view text);
// A number as such, or a string that is wholly a decimal number.
std::optional<Value> NumberOf(const Value& v);
// -1, 0, 1 for two numbers, exactly. NaN compares as neither (2).
int CompareNumbers(const Value& a, const Value& b);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVENT_DECIMAL_H_
