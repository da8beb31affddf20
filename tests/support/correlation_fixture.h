// Tries operators of the correlator by hand: builds a correlation, feeds records and timers in
// order, and gives what fired as text.
#ifndef VEDETTE_TESTS_SUPPORT_CORRELATION_FIXTURE_H_
#define VEDETTE_TESTS_SUPPORT_CORRELATION_FIXTURE_H_

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "lib/correlate/match_expr.h"
#include "lib/correlate/operator.h"

namespace vedette {

// An expression over a match, in postfix; fields are numbers of slots.
struct TestExpr {
  std::vector<CompiledExpr::Node> nodes;
  std::vector<std::string> texts;  // of constants, in order

  CompiledExpr Compile() const;
};

// Builds one ProgramCorrelation:
//
//   CorrelationBuilder b(ProgramCorrelation::Shape::kWindow);
//   const uint32_t fails = b.Source("fails", {"user"});
//   b.Span(10).Having(b.Call(Function::kGreaterEqual, {b.Count(fails),
//   b.Constant(Value::Int(3))}));
class CorrelationBuilder {
 public:
  using Shape = ProgramCorrelation::Shape;

  explicit CorrelationBuilder(Shape shape) {
    spec_.shape = shape;
    spec_.key_names = {"k"};
  }

  uint32_t Source(std::string alias, std::vector<std::string> columns = {});
  CorrelationBuilder& Span(int64_t ns) {
    spec_.span_ns = ns;
    return *this;
  }
  CorrelationBuilder& Having(const TestExpr& expr) {
    spec_.has_having = true;
    spec_.having = expr.Compile();
    return *this;
  }
  CorrelationBuilder& Outcome(const std::string& name, const TestExpr& expr) {
    spec_.outcomes.emplace_back(name, expr.Compile());
    return *this;
  }

  TestExpr Aggregate(Function function, uint32_t source, std::vector<uint32_t> columns = {},
                     double percent = 0);
  TestExpr Count(uint32_t source) { return Aggregate(Function::kCount, source); }
  TestExpr Column(uint32_t source, uint32_t column);
  TestExpr Key(uint32_t part);
  TestExpr Constant(const Value& value);
  TestExpr Call(Function function, std::vector<TestExpr> args);

  // For what has no method: rearm, window, gap, ..
  ProgramCorrelation& spec() { return spec_; }

 private:
  TestExpr Slot(CorrelationSlot slot);

  ProgramCorrelation spec_;
};

struct TestRecord {
  EventTime time = 0;
  uint32_t source = 0;
  std::vector<Value> values = {};  // those of the source; missing ones are null
  std::string key = "k";           // the text of its one part
  uint64_t tiebreak = UINT64_MAX;  // UINT64_MAX: its number
};

// One operator on its own. Feed records in order.
class CorrelationHarness : public OperatorHost {
 public:
  using Factory = std::function<std::unique_ptr<Operator>(const OperatorContext&)>;

  CorrelationHarness(const ProgramCorrelation* spec, Factory factory, size_t max_evidence = 16);
  ~CorrelationHarness() override;

  // Fires the timers that come before the record, then hands it over.
  void Add(const TestRecord& record);
  // Fires the timers with a deadline before `bound`.
  void Advance(EventTime bound);
  void Finish() { Advance(INT64_MAX); }

  // The state of all keys, in order of their bytes.
  std::string Save() const;
  // Replaces the operator by a new one with that state.
  absl::Status Load(const std::string& state);

  // What fired since the last call, one line each.
  std::vector<std::string> TakeFirings() { return std::exchange(firings_, {}); }
  Operator& op() { return *op_; }
  Timers& timers() { return *timers_; }
  const RecordPool& pool() const { return pool_; }
  uint64_t overflows() const { return overflows_; }
  void set_may_add_key(bool may) { may_add_key_ = may; }

  void Fire(const Firing& firing) override;
  bool MayAddKey() override { return may_add_key_; }
  void CountOverflow(uint64_t n) override { overflows_ += n; }
  size_t max_evidence() const override { return max_evidence_; }

 private:
  void Start();

  const ProgramCorrelation* spec_;
  Factory factory_;
  size_t max_evidence_;
  RecordPool pool_;
  std::unique_ptr<Timers> timers_;
  std::unique_ptr<Operator> op_;
  MatchExprRunner runner_;
  std::vector<std::string> firings_;
  uint64_t arrivals_ = 0;
  uint64_t overflows_ = 0;
  bool may_add_key_ = true;
};

// "key@time cause [start, end] first..last total {source@time ..} aggregate=value .. name=value .."
std::string FiringText(const ProgramCorrelation& spec, const Firing& firing,
                       MatchExprRunner* runner);

}  // namespace vedette

#endif  // VEDETTE_TESTS_SUPPORT_CORRELATION_FIXTURE_H_
