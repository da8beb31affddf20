#include "tests/support/aggregate_model.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "lib/event/decimal.h"

namespace vedette {
namespace {

__extension__ typedef __int128 Wide;

std::vector<Value> Elements(const Value& v) {
  std::vector<Value> out;
  if (v.is_scalar()) out.push_back(v);
  if (v.is_list()) {
    for (const Value& item : v.list()) {
      if (item.is_scalar()) out.push_back(item);
    }
  }
  return out;
}

std::string KeyOf(const Value& v) {
  std::string key;
  AppendKeyPart(v, &key);
  return key;
}

Value Finite(double d) { return std::isfinite(d) ? Value::Double(d) : Value::Null(); }

Value Total(const std::vector<Value>& numbers) {
  Wide whole = 0;
  bool all_whole = true;
  std::vector<double> parts;
  for (const Value& v : numbers) {
    if (v.kind() == ValueKind::kDouble) {
      all_whole = false;
      parts.push_back(v.number());
      continue;
    }
    const bool is_uint = v.kind() == ValueKind::kUint;
    whole += is_uint ? Wide{v.unsigned_integer()} : Wide{v.integer()};
    // Two halves that are doubles exactly.
    const uint64_t bits = is_uint ? v.unsigned_integer() : static_cast<uint64_t>(v.integer());
    const double high =
        is_uint ? static_cast<double>(bits >> 32) : static_cast<double>(v.integer() >> 32);
    parts.push_back(high * 4294967296.0);
    parts.push_back(static_cast<double>(bits & 0xFFFFFFFF));
  }
  if (!all_whole) return Value::Double(ModelSum(parts));
  if (whole >= INT64_MIN && whole <= INT64_MAX) return Value::Int(static_cast<int64_t>(whole));
  if (whole > 0 && whole <= UINT64_MAX) return Value::Uint(static_cast<uint64_t>(whole));
  return Value::Double(static_cast<double>(whole));
}

double Deviation(const std::vector<Value>& numbers) {
  long double sum = 0;
  for (const Value& v : numbers) sum += v.AsDouble();
  const long double mean = sum / static_cast<long double>(numbers.size());
  long double squares = 0;
  long double rest = 0;
  for (const Value& v : numbers) {
    const long double d = v.AsDouble() - mean;
    squares += d * d;
    rest += d;
  }
  const auto n = static_cast<long double>(numbers.size());
  return static_cast<double>(sqrtl((squares - rest * rest / n) / (n - 1)));
}

Value Percentile(const std::vector<Value>& numbers, double percent) {
  std::vector<double> sorted;
  for (const Value& v : numbers) sorted.push_back(v.AsDouble() + 0.0);
  std::sort(sorted.begin(), sorted.end());
  const double rank = percent / 100 * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(rank);
  if (below + 1 >= sorted.size()) return Value::Double(sorted.back());
  const double part = rank - static_cast<double>(below);
  if (part == 0) return Value::Double(sorted[below]);
  const double between = sorted[below] + (sorted[below + 1] - sorted[below]) * part;
  return Value::Double(between);
}

Value OfNumbers(const CorrelationAggregate& aggregate, const std::vector<Value>& numbers,
                bool has_records) {
  if (numbers.empty()) {
    return aggregate.function == Function::kSum && has_records ? Value::Int(0) : Value::Null();
  }
  switch (aggregate.function) {
    case Function::kSum: {
      const Value total = Total(numbers);
      return total.kind() == ValueKind::kDouble ? Finite(total.number()) : total;
    }
    case Function::kAvg:
      return Finite(Total(numbers).AsDouble() / static_cast<double>(numbers.size()));
    case Function::kStddev:
      return numbers.size() < 2 ? Value::Null() : Finite(Deviation(numbers));
    case Function::kPercentile:
      return Percentile(numbers, aggregate.percent);
    default: {
      Value best = numbers[0];
      const int wanted = aggregate.function == Function::kMin ? -1 : 1;
      for (const Value& v : numbers) {
        const int order = CompareNumbers(v, best);
        if (order == wanted || order == 0) best = v;
      }
      return best;
    }
  }
}

void Combine(const StoredRecord& record, std::span<const uint32_t> columns,
             const std::string& prefix, std::set<std::string>* out) {
  if (columns.empty()) {
    out->insert(prefix);
    return;
  }
  for (const Value& v : Elements(record.values()[columns[0]])) {
    Combine(record, columns.subspan(1), prefix + KeyOf(v), out);
  }
}

// A fresh state that is given everything.
void FeedState(const StoredRecord& record, const CorrelationAggregate& aggregate,
               std::vector<Value>* begun, ValueArena* arena, AggregateState* state) {
  if (begun->size() == aggregate.columns.size()) return state->Add(*begun);
  const ValueType type = aggregate.host->arguments[begun->size()];
  for (const Value& v : Elements(record.values()[aggregate.columns[begun->size()]])) {
    Value typed = v;
    if (type == ValueType::kString) typed = CallFunction(Function::kString, false, {&v, 1}, arena);
    if (type == ValueType::kNumber) {
      const auto number = NumberOf(v);
      if (!number.has_value() || !std::isfinite(number->AsDouble())) continue;
      typed = *number;
    }
    begun->push_back(typed);
    FeedState(record, aggregate, begun, arena, state);
    begun->pop_back();
  }
}

Value OfHost(const CorrelationAggregate& aggregate, std::span<const RecordPtr> records,
             ValueArena* arena) {
  const std::unique_ptr<AggregateState> state = aggregate.host->make();
  std::vector<Value> begun;
  for (const RecordPtr& record : records) {
    if (record->source() != aggregate.source) continue;
    FeedState(*record, aggregate, &begun, arena, state.get());
  }
  return arena->DeepCopy(state->Result(arena));
}

Value Different(const std::vector<Value>& values, ValueArena* arena) {
  std::set<std::string> seen;
  std::vector<Value> list;
  for (const Value& v : values) {
    if (list.size() < 100 && seen.insert(KeyOf(v)).second) list.push_back(v);
  }
  return list.empty() ? Value::Null() : arena->DeepCopy(Value::List(list));
}

}  // namespace

// Shewchuk's sum in full precision; what is left is rounded once, ties to even.
double ModelSum(const std::vector<double>& numbers) {
  std::vector<double> parts;
  for (double x : numbers) {
    std::vector<double> next;
    for (double y : parts) {
      if (std::fabs(x) < std::fabs(y)) std::swap(x, y);
      const double high = x + y;
      const double low = y - (high - x);
      if (low != 0) next.push_back(low);
      x = high;
    }
    next.push_back(x);
    parts = std::move(next);
  }
  if (parts.empty()) return 0;
  size_t n = parts.size() - 1;
  double high = parts[n];
  double low = 0;
  while (n > 0 && low == 0) {
    const double x = high;
    const double y = parts[--n];
    high = x + y;
    low = y - (high - x);
  }
  if (n > 0 && ((low < 0 && parts[n - 1] < 0) || (low > 0 && parts[n - 1] > 0))) {
    const double y = low * 2;
    const double x = high + y;
    if (y == x - high) high = x;
  }
  return high + 0.0;
}

Value ModelAggregate(const ProgramCorrelation& spec, const CorrelationAggregate& aggregate,
                     std::span<const RecordPtr> records, ValueArena* arena) {
  int64_t count = 0;
  std::set<std::string> different;
  std::vector<Value> values;
  std::vector<Value> numbers;
  for (const RecordPtr& record : records) {
    if (record->source() != aggregate.source) continue;
    ++count;
    Combine(*record, aggregate.columns, "", &different);
    if (aggregate.columns.empty()) continue;
    for (const Value& v : Elements(record->values()[aggregate.columns[0]])) {
      values.push_back(v);
      const auto number = NumberOf(v);
      if (number.has_value() && std::isfinite(number->AsDouble())) numbers.push_back(*number);
    }
  }
  switch (aggregate.function) {
    case Function::kCount:
      return Value::Int(count);
    case Function::kSeen:
      return Value::Bool(count > 0);
    case Function::kRate:
      return Value::Double(static_cast<double>(count) / (static_cast<double>(spec.span_ns) / 1e9));
    case Function::kDistinct:
      return Value::Int(static_cast<int64_t>(different.size()));
    case Function::kFirst:
      return values.empty() ? Value::Null() : values.front();
    case Function::kLast:
      return values.empty() ? Value::Null() : values.back();
    case Function::kValues:
      return Different(values, arena);
    case Function::kHostAggregate:
      return OfHost(aggregate, records, arena);
    default:
      return OfNumbers(aggregate, numbers, count > 0);
  }
}

const StoredRecord* ModelBindings::LastOf(uint32_t source) {
  for (size_t i = records_.size(); i-- > 0;) {
    if (records_[i]->source() == source) return records_[i].get();
  }
  return nullptr;
}

}  // namespace vedette
