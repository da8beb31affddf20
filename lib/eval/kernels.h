// The operators: what each predicate says of a field's state. tests/reference holds the slow
// definitions that these must agree with.
#ifndef VEDETTE_LIB_EVAL_KERNELS_H_
#define VEDETTE_LIB_EVAL_KERNELS_H_

#include "lib/eval/frame.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

// Whether one scalar satisfies a predicate that looks at scalars (not kExists, kIsNull,
// kFieldText).
bool ScalarMatches(const CompiledPredicate& predicate, Scalar* scalar, Frame* frame);

// Whether a computed value satisfies a predicate that has a subject.
bool ValueMatches(const CompiledPredicate& predicate, const Value& value, Frame* frame);

// The predicate on a field's state (`other` for kFieldText). kKeyword is MatchesKeyword's.
bool StateMatches(const CompiledPredicate& predicate, FieldState* state, FieldState* other,
                  Frame* frame);

// The predicate on the current event; `element` is the bound element of a relative predicate.
bool PredicateHolds(const CompiledPredicate& predicate, const Value* element, Frame* frame);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_EVAL_KERNELS_H_
