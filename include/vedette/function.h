// Functions of the host that rules may call, type-checked like the built-in ones.
#ifndef VEDETTE_FUNCTION_H_
#define VEDETTE_FUNCTION_H_

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "vedette/value.h"

namespace vedette::inline v0 {

enum class ValueType : uint8_t { kAny, kBoolean, kNumber, kString };

// One function. `call` must be thread-safe, give the same for the same arguments, and not throw;
// a text that it makes must be in the arena or outlive the program. What is no scalar counts as
// null. Arguments are scalars, and null only if `takes_null` is set (else null gives null).
struct HostFunction {
  std::string name;  // an identifier; found without regard to case
  std::vector<ValueType> arguments;
  ValueType result = ValueType::kAny;
  std::function<Value(std::span<const Value> arguments, ValueArena* arena)> call;
  bool takes_null = false;
};

// The functions of one host. Fill it from one thread; reading is thread-safe. Programs keep the
// functions that their rules call alive.
//
//   vedette::FunctionRegistry functions;
//   functions.Add({"entropy", {vedette::ValueType::kString}, vedette::ValueType::kNumber,
//                  [](std::span<const vedette::Value> args, vedette::ValueArena*) {
//                    return vedette::Value::Double(Entropy(args[0].string()));
//                  }});
class FunctionRegistry {
 public:
  // InvalidArgument if the name is no identifier or nothing is to be called; AlreadyExists if a
  // built-in or an earlier function has that name.
  absl::Status Add(HostFunction function);
  // Null if there is none.
  std::shared_ptr<const HostFunction> Find(std::string_view name) const;
  std::span<const std::shared_ptr<const HostFunction>> functions() const { return functions_; }

 private:
  std::vector<std::shared_ptr<const HostFunction>> functions_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_FUNCTION_H_
