#include "tests/support/correlation_fixture.h"

#include <algorithm>

namespace vedette {

CompiledExpr TestExpr::Compile() const {
  CompiledExpr out;
  out.texts = texts;
  size_t text = 0;
  for (CompiledExpr::Node node : nodes) {
    if (node.kind == CompiledExpr::Node::Kind::kField) {
      const auto it = std::find(out.fields.begin(), out.fields.end(), node.index);
      const auto at = static_cast<uint32_t>(it - out.fields.begin());
      if (it == out.fields.end()) out.fields.push_back(node.index);
      node.index = at;
    } else if (node.kind == CompiledExpr::Node::Kind::kConstant && node.constant.is_string()) {
      node.constant = Value::String(out.texts[text++]);
    }
    out.nodes.push_back(node);
  }
  return out;
}

uint32_t CorrelationBuilder::Source(std::string alias, std::vector<std::string> columns) {
  CorrelationInput input;
  input.alias = std::move(alias);
  input.columns = std::move(columns);
  spec_.sources.push_back(std::move(input));
  return static_cast<uint32_t>(spec_.sources.size() - 1);
}

TestExpr CorrelationBuilder::Slot(CorrelationSlot slot) {
  const auto it = std::find_if(spec_.slots.begin(), spec_.slots.end(), [&](const auto& s) {
    return s.kind == slot.kind && s.source == slot.source && s.index == slot.index;
  });
  TestExpr expr;
  CompiledExpr::Node node;
  node.kind = CompiledExpr::Node::Kind::kField;
  node.index = static_cast<uint32_t>(it - spec_.slots.begin());
  expr.nodes.push_back(node);
  if (it == spec_.slots.end()) spec_.slots.push_back(slot);
  return expr;
}

TestExpr CorrelationBuilder::Aggregate(Function function, uint32_t source,
                                       std::vector<uint32_t> columns, double percent) {
  CorrelationAggregate aggregate;
  aggregate.function = function;
  aggregate.source = source;
  aggregate.columns = std::move(columns);
  aggregate.percent = percent;
  aggregate.text = std::string(SpecOf(function).name) + "(" + spec_.sources[source].alias;
  for (const uint32_t c : aggregate.columns) {
    aggregate.text += "." + spec_.sources[source].columns[c];
  }
  aggregate.text += ")";
  const auto number = static_cast<uint32_t>(spec_.aggregates.size());
  spec_.aggregates.push_back(std::move(aggregate));
  return Slot({CorrelationSlot::Kind::kAggregate, source, number});
}

TestExpr CorrelationBuilder::Column(uint32_t source, uint32_t column) {
  return Slot({CorrelationSlot::Kind::kColumn, source, column});
}

TestExpr CorrelationBuilder::Key(uint32_t part) {
  return Slot({CorrelationSlot::Kind::kKey, 0, part});
}

TestExpr CorrelationBuilder::Constant(const Value& value) {
  TestExpr expr;
  CompiledExpr::Node node;
  node.constant = value;
  expr.nodes.push_back(node);
  if (value.is_string()) expr.texts.emplace_back(value.string());
  return expr;
}

TestExpr CorrelationBuilder::Call(Function function, std::vector<TestExpr> args) {
  TestExpr expr;
  CompiledExpr::Node node;
  node.kind = CompiledExpr::Node::Kind::kCall;
  node.function = function;
  node.args = static_cast<uint32_t>(args.size());
  for (TestExpr& arg : args) {
    expr.nodes.insert(expr.nodes.end(), arg.nodes.begin(), arg.nodes.end());
    expr.texts.insert(expr.texts.end(), arg.texts.begin(), arg.texts.end());
  }
  expr.nodes.push_back(node);
  return expr;
}

CorrelationHarness::CorrelationHarness(const ProgramCorrelation* spec, Factory factory,
                                       size_t max_evidence)
    : spec_(spec),
      factory_(std::move(factory)),
      max_evidence_(max_evidence),
      pool_(1),
      runner_(*spec, nullptr) {
  Start();
}

CorrelationHarness::~CorrelationHarness() = default;

void CorrelationHarness::Start() {
  op_.reset();
  timers_ = std::make_unique<Timers>(
      [this](uint32_t /*correlation*/, uint32_t slot) { return op_->KeyOfSlot(slot); });
  op_ = factory_({spec_, 0, timers_.get(), this, &pool_});
}

void CorrelationHarness::Advance(EventTime bound) {
  for (Timer timer; timers_->Pop(bound, &timer);) {
    op_->OnTimer(timer.deadline, timer.slot, timer.generation);
  }
}

void CorrelationHarness::Add(const TestRecord& record) {
  Advance(record.time);
  std::vector<Value> values = record.values;
  values.resize(spec_->sources[record.source].columns.size(), Value::Null());
  std::string key;
  AppendKeyPart(Value::String(record.key), &key);
  MatchRecord r;
  r.source = record.source;
  r.time = record.time;
  r.tiebreak = record.tiebreak == UINT64_MAX ? arrivals_ : record.tiebreak;
  r.key = key;
  r.values = values;
  op_->OnRecord(pool_.Make(r, arrivals_++, SIZE_MAX));
}

std::string CorrelationHarness::Save() const {
  std::vector<std::pair<std::string_view, uint32_t>> keys;
  op_->ListKeys(&keys);
  std::sort(keys.begin(), keys.end());
  std::string out;
  SnapshotWriter writer(pool_, &out);
  writer.Unsigned(keys.size());
  for (const auto& [key, slot] : keys) {
    writer.BeginKey();
    writer.Bytes(key);
    op_->SaveKey(slot, &writer);
  }
  return out;
}

absl::Status CorrelationHarness::Load(const std::string& state) {
  Start();
  std::vector<uint32_t> columns;
  for (const CorrelationInput& s : spec_->sources) {
    columns.push_back(static_cast<uint32_t>(s.columns.size()));
  }
  SnapshotReader reader(state, &pool_, 0, &columns);
  for (size_t left = reader.Count(); left > 0; --left) {
    reader.BeginKey();
    const std::string key(reader.Bytes());
    if (absl::Status status = op_->LoadKey(key, &reader); !status.ok()) return status;
  }
  return reader.ok() && reader.at_end() ? absl::OkStatus() : absl::DataLossError("bytes are left");
}

void CorrelationHarness::Fire(const Firing& firing) {
  firings_.push_back(FiringText(*spec_, firing, &runner_));
}

std::string FiringText(const ProgramCorrelation& spec, const Firing& firing,
                       MatchExprRunner* runner) {
  std::string_view rest = firing.key;
  Value key = Value::Null();
  TakeKeyPart(&rest, &key);
  std::string text;
  key.AppendText(&text);
  text += "@" + std::to_string(firing.time);
  constexpr const char* kCauses[] = {" record", " close", " timer"};
  text += kCauses[static_cast<int>(firing.cause)];
  text += " [" + std::to_string(firing.window_start) + ", " + std::to_string(firing.window_end) +
          "] " + std::to_string(firing.first) + ".." + std::to_string(firing.last) + " " +
          std::to_string(firing.total_records) + " {";
  for (size_t i = 0; i < firing.records.size(); ++i) {
    const StoredRecord& record = *firing.records[i];
    text += (i > 0 ? " " : "") + spec.sources[record.source()].alias + "@" +
            std::to_string(record.time());
  }
  text += "}";
  runner->Begin(firing.time);
  for (uint32_t i = 0; i < spec.aggregates.size(); ++i) {
    text += " " + spec.aggregates[i].text + "=" +
            firing.bindings->Aggregate(i, runner->arena()).ToJson();
  }
  for (const auto& [name, expr] : spec.outcomes) {
    text += " " + name + "=" + runner->First(expr, firing.key, firing.bindings).ToJson();
  }
  if (firing.degraded) text += " degraded";
  return text;
}

}  // namespace vedette
