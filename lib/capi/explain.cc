// Why a rule holds for an event or not.
#include "lib/capi/adapter.h"
#include "lib/capi/handles.h"
#include "vedette/evaluator.h"
#include "vedette/json.h"

using vedette::capi::Guard;
using vedette::capi::IsText;
using vedette::capi::NullPointer;
using vedette::capi::Outcome;
using vedette::capi::Text;

namespace vedette::inline v0::capi {
namespace {

void AppendString(std::string_view name, std::string_view text, std::string* out) {
  out->append("\"").append(name).append("\":").append(Value::String(text).ToJson());
}

// As deep as a condition may be.
void AppendJson(const Explanation& e, std::string* out) {
  out->push_back('{');
  AppendString("text", e.text, out);
  out->append(e.result ? ",\"result\":true," : ",\"result\":false,");
  AppendString("detail", e.detail, out);
  out->append(",\"children\":[");
  for (const Explanation& child : e.children) {
    if (out->back() != '[') out->push_back(',');
    AppendJson(child, out);
  }
  out->append("]}");
}

struct Wanted {
  int rule = -1;
  vedette_explain_options options;
  vedette_event_info info;
};

Outcome Read(const vedette_program* program, const char* rule, size_t rule_size,
             const vedette_explain_options* given, vedette_bytes** text, Wanted* wanted) {
  if (text != nullptr) *text = nullptr;
  if (program == nullptr || text == nullptr) return NullPointer("program or text");
  if (!IsText(rule, rule_size)) return NullPointer("rule");
  vedette_explain_options_init(&wanted->options, sizeof wanted->options);
  Outcome outcome = ReadStruct(given, &wanted->options);
  if (outcome.ok()) outcome = ReadInfo(wanted->options.info, &wanted->info);
  if (!outcome.ok()) return outcome;
  const int32_t format = wanted->options.format;
  if (format != VEDETTE_EXPLAIN_TEXT && format != VEDETTE_EXPLAIN_JSON) {
    return {VEDETTE_UNSUPPORTED, "no such format: " + std::to_string(format)};
  }
  wanted->rule = program->program->FindRule(Text(rule, rule_size));
  if (wanted->rule < 0) return {VEDETTE_NOT_FOUND, "no rule over single events has that name"};
  return {};
}

Outcome Explain(const vedette_program& program, EventView view, const Wanted& wanted,
                vedette_bytes** text) {
  LogSource source;
  Apply(wanted.info, &source, &view);
  EvaluatorOptions options;
  if (wanted.options.indicators != nullptr) {
    options.indicator_sets = wanted.options.indicators->sets.get();
  }
  Evaluator evaluator(program.program, options);
  const Explanation explanation = evaluator.Explain(view, static_cast<size_t>(wanted.rule));
  std::string out;
  if (wanted.options.format == VEDETTE_EXPLAIN_JSON) {
    AppendJson(explanation, &out);
  } else {
    out = FormatExplanation(explanation);
  }
  SetBytes(std::move(out), text);
  return {};
}

}  // namespace
}  // namespace vedette::inline v0::capi

void vedette_explain_options_init(vedette_explain_options* options, size_t size) {
  vedette::capi::InitStruct(vedette_explain_options{}, options, size);
}

vedette_status vedette_explain_json(const vedette_program* program, const char* rule,
                                    size_t rule_size, const char* json, size_t json_size,
                                    const vedette_explain_options* options, vedette_bytes** text,
                                    vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    vedette::capi::Wanted wanted;
    Outcome outcome = vedette::capi::Read(program, rule, rule_size, options, text, &wanted);
    if (!outcome.ok()) return outcome;
    if (!IsText(json, json_size)) return NullPointer("json");
    vedette::JsonParser parser;
    vedette::Event event;
    const absl::Status parsed = parser.Parse(Text(json, json_size), &event);
    if (!parsed.ok()) {
      outcome = parsed;
      if (outcome.code != VEDETTE_LIMIT) outcome.code = VEDETTE_BROKEN_EVENT;
      return vedette::capi::At(wanted.info, outcome);
    }
    return vedette::capi::Explain(*program, event.view(), wanted, text);
  });
}

vedette_status vedette_explain_event(const vedette_program* program, const char* rule,
                                     size_t rule_size, const vedette_adapter* adapter,
                                     const void* event, const vedette_explain_options* options,
                                     vedette_bytes** text, vedette_error** error) {
  return Guard(error, [&]() -> Outcome {
    vedette::capi::Wanted wanted;
    Outcome outcome = vedette::capi::Read(program, rule, rule_size, options, text, &wanted);
    if (!outcome.ok()) return outcome;
    if (adapter == nullptr) return NullPointer("adapter");
    return vedette::capi::Explain(*program, vedette::EventView(*adapter->adapter, event), wanted,
                                  text);
  });
}
