// A value expression ready to run: postfix, constants resolved, fields numbered.
#ifndef VEDETTE_LIB_PROGRAM_COMPILED_EXPR_H_
#define VEDETTE_LIB_PROGRAM_COMPILED_EXPR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "lib/event/function_table.h"
#include "lib/program/indicator_lookup.h"
#include "vedette/function.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

struct CompiledExpr {
  struct Node {
    enum class Kind : uint8_t { kConstant, kField, kCall };
    Kind kind = Kind::kConstant;
    Function function = Function::kAdd;  // kCall
    bool ignore_case = false;            // kCall
    uint32_t index = 0;                  // kField: into `fields`; kCall of kHost: into `hosts`
    uint32_t args = 0;                   // kCall: so many values of the stack
    Value constant;                      // its text is in `texts`
  };

  std::vector<Node> nodes;       // postfix
  std::vector<uint32_t> fields;  // of the program, distinct
  std::vector<std::string> texts;
  std::vector<std::shared_ptr<const HostFunction>> hosts;

  CompiledExpr() = default;
  CompiledExpr(CompiledExpr&&) = default;  // elements of `texts` stay where they are
  CompiledExpr& operator=(CompiledExpr&&) = default;
};

// The value for one choice of the fields' values (parallel to `fields`; null for a missing one).
// `stack` is scratch. Null if a host function gives what is no scalar. `sets` answers kInSet;
// without them it gives null.
Value RunExpr(const CompiledExpr& expr, std::span<const Value> fields, std::vector<Value>* stack,
              ValueArena* arena, IndicatorLookup* sets = nullptr);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_COMPILED_EXPR_H_
