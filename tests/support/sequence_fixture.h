// Runs a sequence operator by hand: records in, firings out as text.
#ifndef VEDETTE_TESTS_SUPPORT_SEQUENCE_FIXTURE_H_
#define VEDETTE_TESTS_SUPPORT_SEQUENCE_FIXTURE_H_

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "lib/correlate/operator.h"

namespace vedette {

inline constexpr int64_t kSecond = 1'000'000'000;

// A sequence rule whose sources have one integer column each; slot i is the column of source i.
struct SequenceRule {
  ProgramCorrelation spec;

  explicit SequenceRule(int64_t span_ns = 0) {
    spec.shape = ProgramCorrelation::Shape::kSequence;
    spec.rearm = ProgramCorrelation::Rearm::kImmediately;
    spec.span_ns = span_ns;
    spec.key_names = {"k"};
  }
  CorrelationInput& Add(const std::string& alias,
                        CorrelationInput::Role role = CorrelationInput::Role::kStage) {
    CorrelationInput input;
    input.role = role;
    input.alias = alias;
    input.columns = {"v"};
    input.distinct_column = 0;
    spec.sources.push_back(std::move(input));
    const auto source = static_cast<uint32_t>(spec.sources.size() - 1);
    spec.slots.push_back({CorrelationSlot::Kind::kColumn, source, 0});
    return spec.sources.back();
  }
  CorrelationInput& Not(const std::string& alias) {
    return Add(alias, CorrelationInput::Role::kNegated);
  }
  void Until(const std::string& alias) { Add(alias, CorrelationInput::Role::kUntil); }
  // The source's value must be that of an earlier source.
  void Join(uint32_t source, uint32_t earlier) {
    CorrelationInput& input = spec.sources[source];
    input.has_join = true;
    input.join = Binary(Function::kEqual, source, earlier);
  }
  void Having(CompiledExpr expr) {
    spec.has_having = true;
    spec.having = std::move(expr);
  }
  uint32_t Aggregate(Function function, uint32_t source) {
    CorrelationAggregate aggregate;
    aggregate.function = function;
    aggregate.source = source;
    aggregate.columns = {0};
    spec.aggregates.push_back(std::move(aggregate));
    const auto index = static_cast<uint32_t>(spec.aggregates.size() - 1);
    spec.slots.push_back({CorrelationSlot::Kind::kAggregate, source, index});
    return static_cast<uint32_t>(spec.slots.size() - 1);
  }
  static CompiledExpr Binary(Function function, uint32_t slot, uint32_t other) {
    CompiledExpr expr;
    expr.fields = {slot, other};
    Push(&expr, CompiledExpr::Node::Kind::kField, 0);
    Push(&expr, CompiledExpr::Node::Kind::kField, 1);
    Call(&expr, function);
    return expr;
  }
  static CompiledExpr Compare(Function function, uint32_t slot, int64_t constant) {
    CompiledExpr expr;
    expr.fields = {slot};
    Push(&expr, CompiledExpr::Node::Kind::kField, 0);
    Push(&expr, CompiledExpr::Node::Kind::kConstant, 0);
    expr.nodes.back().constant = Value::Int(constant);
    Call(&expr, function);
    return expr;
  }

 private:
  static void Push(CompiledExpr* expr, CompiledExpr::Node::Kind kind, uint32_t index) {
    CompiledExpr::Node node;
    node.kind = kind;
    node.index = index;
    expr->nodes.push_back(node);
  }
  static void Call(CompiledExpr* expr, Function function) {
    CompiledExpr::Node node;
    node.kind = CompiledExpr::Node::Kind::kCall;
    node.function = function;
    node.args = 2;
    expr->nodes.push_back(node);
  }
};

struct SequenceRecord {
  EventTime time = 0;
  uint32_t source = 0;
  uint64_t tiebreak = 0;
  int64_t value = 0;
  std::string key = "k";
  uint64_t line = 0;  // names the record in firings
};

class SequenceHarness : public OperatorHost {
 public:
  explicit SequenceHarness(const SequenceRule& rule) : spec_(rule.spec) {
    columns_.assign(spec_.sources.size(), 1);
    Renew();
  }

  void Fire(const Firing& firing) override {
    std::string text = std::to_string(firing.time) + " ";
    if (firing.cause == DetectionCause::kTimer) text += "timer ";
    text += std::string(firing.key) + " (";
    for (const RecordPtr& record : firing.records) {
      text += (text.back() == '(' ? "" : ",") + std::to_string(record->line());
    }
    fired.push_back(text + ")");
    EXPECT_EQ(firing.total_records, firing.records.size());
    EXPECT_EQ(firing.first, firing.records.front()->time());
    EXPECT_EQ(firing.last, firing.records.back()->time());
    EXPECT_EQ(firing.window_end, firing.time);
    degraded = firing.degraded;
  }
  bool MayAddKey() override { return may_add; }
  void CountOverflow(uint64_t n) override { overflows += n; }
  size_t max_evidence() const override { return 16; }

  void Add(const SequenceRecord& r) {
    RunTimers(r.time);
    MatchRecord record;
    record.source = r.source;
    record.time = r.time;
    record.tiebreak = r.tiebreak;
    record.key = r.key;
    const Value value = Value::Int(r.value);
    record.values = {&value, 1};
    record.ref.line = r.line;
    op->OnRecord(pool_.Make(record, arrivals_++, 1024));
  }
  void RunTimers(EventTime bound) {
    for (Timer timer; timers_->Pop(bound, &timer);) {
      op->OnTimer(timer.deadline, timer.slot, timer.generation);
    }
  }
  void End() { RunTimers(INT64_MAX); }

  // Goes on with a copy that is loaded from what is saved.
  void SaveAndLoad() {
    const std::vector<std::pair<std::string, std::string>> saved = Save();
    Renew();
    for (const auto& [key, bytes] : saved) EXPECT_TRUE(Load(key, bytes).ok());
    EXPECT_EQ(Save(), saved);
  }
  std::vector<std::pair<std::string, std::string>> Save() const {
    std::vector<std::pair<std::string_view, uint32_t>> slots;
    op->ListKeys(&slots);
    std::sort(slots.begin(), slots.end());
    std::vector<std::pair<std::string, std::string>> saved;
    for (const auto& [key, slot] : slots) {
      std::string bytes;
      SnapshotWriter writer(pool_, &bytes);
      op->SaveKey(slot, &writer);
      saved.emplace_back(key, std::move(bytes));
    }
    return saved;
  }
  absl::Status Load(std::string_view key, std::string_view bytes) {
    SnapshotReader reader(bytes, &pool_, 0, &columns_);
    const absl::Status status = op->LoadKey(key, &reader);
    if (status.ok() && !reader.at_end()) return absl::DataLossError("bytes are left");
    return status;
  }
  // An operator without any state.
  void Renew() {
    op.reset();
    timers_ =
        std::make_unique<Timers>([this](uint32_t, uint32_t slot) { return op->KeyOfSlot(slot); });
    op = NewSequenceOperator({&spec_, 0, timers_.get(), this, &pool_});
  }
  size_t record_bytes() const { return pool_.bytes(); }
  size_t timers() const { return timers_->size(); }

  std::vector<std::string> fired;
  uint64_t overflows = 0;
  bool degraded = false;
  bool may_add = true;

 private:
  const ProgramCorrelation& spec_;
  std::vector<uint32_t> columns_;
  RecordPool pool_{1};
  std::unique_ptr<Timers> timers_;
  uint64_t arrivals_ = 0;

 public:
  std::unique_ptr<Operator> op;  // goes before the pool
};

// "A1 B2 C2.1 A3=7": alias, seconds, tiebreak (the number of the record if not given), value.
// Records are named by their number, from 1.
inline std::vector<SequenceRecord> Stream(const SequenceRule& rule, const std::string& text) {
  std::vector<SequenceRecord> records;
  size_t at = 0;
  while (at < text.size()) {
    size_t end = text.find(' ', at);
    if (end == std::string::npos) end = text.size();
    const std::string word = text.substr(at, end - at);
    at = end + 1;
    if (word.empty()) continue;
    SequenceRecord r;
    const size_t digits = word.find_first_of("0123456789");
    const auto is_named = [&](const CorrelationInput& input) {
      return input.alias == word.substr(0, digits);
    };
    const auto& sources = rule.spec.sources;
    r.source = static_cast<uint32_t>(std::find_if(sources.begin(), sources.end(), is_named) -
                                     sources.begin());
    r.line = records.size() + 1;
    r.tiebreak = r.line;
    r.time = std::stoll(word.substr(digits)) * kSecond;
    if (const size_t dot = word.find('.'); dot != std::string::npos) {
      r.tiebreak = std::stoull(word.substr(dot + 1));
    }
    if (const size_t eq = word.find('='); eq != std::string::npos) {
      r.value = std::stoll(word.substr(eq + 1));
    }
    records.push_back(r);
  }
  return records;
}

// What fires for a stream, times in seconds: "2 (1,2); 5 timer (3,4)".
inline std::string Run(const SequenceRule& rule, const std::string& text, bool saves = false) {
  SequenceHarness harness(rule);
  for (const SequenceRecord& record : Stream(rule, text)) {
    harness.Add(record);
    if (saves) harness.SaveAndLoad();
  }
  harness.End();
  std::string out;
  for (const std::string& fired : harness.fired) {
    const size_t blank = fired.find(' ');
    std::string rest = fired.substr(blank);
    rest.erase(rest.find("k "), 2);
    out += (out.empty() ? "" : "; ") + std::to_string(std::stoll(fired) / kSecond) + rest;
  }
  return out;
}

}  // namespace vedette

#endif  // VEDETTE_TESTS_SUPPORT_SEQUENCE_FIXTURE_H_
