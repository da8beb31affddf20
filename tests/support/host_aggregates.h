// Functions and aggregates that tests register as a host would. The oracle has them by the
// definitions here.
#ifndef VEDETTE_TESTS_SUPPORT_HOST_AGGREGATES_H_
#define VEDETTE_TESTS_SUPPORT_HOST_AGGREGATES_H_

#include "vedette/function.h"

namespace vedette::testing {

// entropy(f)   Shannon's, in bits, of the texts; null of none. Takes values out. Rising.
// peak(f)      the largest number, of equal ones the last; null of none. Takes out all but that
//              one. Rising.
// changes(f)   how often a value differs from the one before it. Takes nothing out. Rising.
// trail(f, g)  "f:g f:g ", text and number, of at most 60 bytes. Takes nothing out.
const FunctionRegistry& TestFunctions();

}  // namespace vedette::testing

#endif  // VEDETTE_TESTS_SUPPORT_HOST_AGGREGATES_H_
