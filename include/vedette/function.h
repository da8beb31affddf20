// Functions and aggregates of the host that rules may call, type-checked like the built-in ones.
#ifndef VEDETTE_FUNCTION_H_
#define VEDETTE_FUNCTION_H_

#include <cstddef>
#include <cstdint>
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

// What an aggregate of the host knows of the values of one window, or one match. Belongs to one
// thread at a time; must not throw, and give the same for the same calls.
class AggregateState {
 public:
  virtual ~AggregateState() = default;
  // One value of each argument, of the argument's type. Texts may be gone after the call.
  virtual void Add(std::span<const Value> values) = 0;
  // Takes out the values that were added first of those that are left: everything is then as if
  // they had never been added. False if that cannot be done; the state is not used any more then,
  // and a new one is given all values that are left.
  virtual bool Remove(std::span<const Value> /*values*/) { return false; }
  // Null if the values have no result. A text that it makes must be in the arena, or in the state
  // until that changes. What is no scalar of the aggregate's type counts as null.
  virtual Value Result(ValueArena* arena) const = 0;
  // With its own size: counted as state of the rule.
  virtual size_t bytes() const = 0;
};

// One aggregate: `entropy(fails.user.name)` of the values that the events of a window have.
//
// A field that is missing or null, or has a value of another type, does not count; one with several
// values counts with each, several arguments with each combination (the last changes fastest; at
// most 4,096 of one event). A number is also a text that is one, a boolean, too; a text is also
// what a number or a boolean is as text.
struct HostAggregate {
  std::string name;                  // an identifier; found without regard to case
  std::vector<ValueType> arguments;  // at least one: fields of one source
  ValueType result = ValueType::kAny;
  // A state of no values. Thread-safe; must not throw.
  std::function<std::unique_ptr<AggregateState>()> make;
  // A condition that it is above a constant is judged at each event, as of `sum` and `max`; else
  // when the window closes.
  bool rising = false;
};

// The functions and aggregates of one host. Fill it from one thread; reading is thread-safe.
// Programs keep those that their rules call alive.
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
  // As Add(); InvalidArgument also for an aggregate without arguments.
  absl::Status AddAggregate(HostAggregate aggregate);
  // Null if there is none.
  std::shared_ptr<const HostFunction> Find(std::string_view name) const;
  std::shared_ptr<const HostAggregate> FindAggregate(std::string_view name) const;
  std::span<const std::shared_ptr<const HostFunction>> functions() const { return functions_; }
  std::span<const std::shared_ptr<const HostAggregate>> aggregates() const { return aggregates_; }

 private:
  absl::Status CheckName(std::string_view name) const;

  std::vector<std::shared_ptr<const HostFunction>> functions_;
  std::vector<std::shared_ptr<const HostAggregate>> aggregates_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_FUNCTION_H_
