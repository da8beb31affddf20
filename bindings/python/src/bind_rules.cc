// Rules: compiled, loaded, saved, described, explained.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/python/src/errors.h"
#include "bindings/python/src/functions.h"
#include "bindings/python/src/python_event.h"
#include "bindings/python/src/rules.h"
#include "vedette/compiler.h"
#include "vedette/evaluator.h"
#include "vedette/frontends/elastic.h"
#include "vedette/frontends/sigma.h"
#include "vedette/frontends/vedette.h"
#include "vedette/indicator_file.h"
#include "vedette/saved_program.h"

namespace py = pybind11;

namespace vedette::python {
namespace {

using Source = std::pair<std::string, py::bytes>;  // name, text
// name; types of the arguments, then of the result; takes null; what is called
using FunctionSpec = std::tuple<std::string, std::vector<std::string>, bool, py::function>;

py::dict OfDiagnostic(const Diagnostic& d) {
  py::dict out;
  out["severity"] = Text(SeverityName(d.severity));
  out["code"] = Text(d.code);
  out["message"] = Text(d.message);
  out["file"] = Text(d.source);
  out["line"] = d.span.line;
  out["column"] = d.span.column;
  out["length"] = d.span.length;
  out["rule"] = Text(d.rule);
  out["hint"] = Text(d.hint);
  py::list notes;
  for (const std::string& note : d.notes) notes.append(Text(note));
  out["notes"] = py::tuple(notes);
  out["text"] = Text(FormatDiagnostic(d));
  return out;
}

py::list OfDiagnostics(const std::vector<Diagnostic>& diagnostics) {
  py::list out;
  for (const Diagnostic& d : diagnostics) out.append(OfDiagnostic(d));
  return out;
}

py::tuple OfTexts(const std::vector<std::string>& texts) {
  py::tuple out(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) out[i] = Text(texts[i]);
  return out;
}

py::dict OfMeta(const RuleMeta& meta, const char* kind, uint64_t fingerprint) {
  py::dict out;
  out["id"] = Text(meta.id);
  out["name"] = Text(meta.name);
  out["title"] = Text(meta.display_name());
  out["kind"] = kind;
  out["description"] = Text(meta.description);
  out["status"] = Text(meta.status);
  out["level"] = Text(LevelName(meta.level));
  out["author"] = Text(meta.author);
  out["tags"] = OfTexts(meta.tags);
  out["references"] = OfTexts(meta.references);
  out["false_positives"] = OfTexts(meta.false_positives);
  out["log_source"] = Text(meta.log_source.ToString());
  out["file"] = Text(meta.source);
  out["line"] = meta.line;
  out["fingerprint"] = fingerprint;
  return out;
}

RuleSource ToSource(const Source& source) { return {source.first, std::string(source.second)}; }

FunctionRegistry ToRegistry(const std::vector<FunctionSpec>& specs) {
  FunctionRegistry functions;
  for (const auto& [name, types, takes_null, call] : specs) {
    Check(AddFunction(name, types, takes_null, call, &functions));
  }
  return functions;
}

struct CompileRequest {
  std::vector<RuleSource> sources;
  FunctionRegistry functions;
  SigmaOptions sigma;
  CompilerOptions compiler;
};

absl::StatusOr<CompileResult> CompileRules(CompileRequest request) {
  request.compiler.functions = &request.functions;
  Compiler compiler(request.compiler);
  compiler.AddFrontend(SigmaFrontend(std::move(request.sigma)));
  ElasticOptions elastic;
  elastic.functions = &request.functions;
  compiler.AddFrontend(ElasticFrontend(std::move(elastic)));
  compiler.AddFrontend(VedetteFrontend({.functions = &request.functions}));
  RuleSet rules;
  for (RuleSource& source : request.sources) {
    rules.Add(std::move(source.name), std::move(source.text));
  }
  return compiler.Compile(rules);
}

py::tuple Compile(const std::vector<Source>& sources, const std::vector<FunctionSpec>& functions,
                  const PyIndicatorSets* indicators, const std::vector<Source>& pipelines,
                  const std::map<std::string, std::vector<std::string>>& placeholders,
                  const std::vector<Source>& log_sources, bool lint, bool emit_all) {
  CompileRequest request;
  for (const Source& source : sources) request.sources.push_back(ToSource(source));
  request.functions = ToRegistry(functions);
  for (const Source& source : pipelines) request.sigma.pipelines.push_back(ToSource(source));
  request.sigma.placeholders = placeholders;
  request.sigma.lint = lint;
  request.compiler.lint = lint;
  request.compiler.emit_all = emit_all;
  if (indicators != nullptr) request.compiler.indicator_sets = indicators->sets.get();
  LogSourceTable table = LogSourceTable::Builtin();
  for (const Source& source : log_sources) {
    table.Merge(Check(LogSourceTable::Parse(std::string(source.second))));
  }
  request.compiler.log_sources = &table;
  absl::StatusOr<CompileResult> result = absl::UnknownError("");
  {
    const py::gil_scoped_release unlocked;
    result = CompileRules(std::move(request));
  }
  const CompileResult built = Check(std::move(result));
  return py::make_tuple(PyProgram{built.program}, OfDiagnostics(built.diagnostics));
}

PyProgram Load(const py::bytes& bytes, const std::vector<FunctionSpec>& specs) {
  const std::string text = bytes;
  const FunctionRegistry functions = ToRegistry(specs);
  absl::StatusOr<std::shared_ptr<const Program>> program = absl::UnknownError("");
  {
    const py::gil_scoped_release unlocked;
    program = LoadProgram(text, &functions);
  }
  return {Check(std::move(program))};
}

py::list RulesOf(const PyProgram& self) {
  py::list out;
  const Program& program = *self.program;
  for (size_t i = 0; i < program.rule_count(); ++i) {
    out.append(OfMeta(program.rule(i), "event", program.fingerprint(i)));
  }
  for (size_t i = 0; i < program.correlation_count(); ++i) {
    out.append(OfMeta(program.correlation(i), "correlation", program.correlation_fingerprint(i)));
  }
  return out;
}

py::tuple OfExplanation(const Explanation& e) {
  py::tuple children(e.children.size());
  for (size_t i = 0; i < e.children.size(); ++i) children[i] = OfExplanation(e.children[i]);
  return py::make_tuple(Text(e.text), e.result, Text(e.detail), children);
}

// The tree of one rule of single events, its text, and whether the rule's log source is the
// event's.
py::tuple Explain(const PyProgram& self, const py::object& event, size_t rule,
                  const std::optional<std::string>& log_source, const PyIndicatorSets* indicators) {
  if (rule >= self.program->rule_count()) throw py::index_error("no such rule of single events");
  PythonEventMaker maker;
  Event made;
  std::string reason;
  if (!maker.Make(event.ptr(), &made, &reason)) {
    throw py::value_error(reason);
  }
  EvaluatorOptions options{.max_value_bytes = 160};
  if (indicators != nullptr) options.indicator_sets = indicators->sets.get();
  Evaluator evaluator(self.program, options);
  LogSource given;
  EventView view = made.view();
  if (log_source) {
    given = Check(LogSource::Parse(*log_source));
    view.set_log_source(&given);
  }
  FunctionErrors errors;
  const FunctionErrorScope scope(&errors);
  const Explanation explanation = evaluator.Explain(view, rule);
  py::list sources;
  for (const LogSource& source : evaluator.LogSourcesOf(view)) {
    sources.append(Text(source.ToString()));
  }
  return py::make_tuple(OfExplanation(explanation), Text(FormatExplanation(explanation)), sources);
}

void SetIndicators(const PyIndicatorSets& self, const std::string& name,
                   const std::vector<std::string>& values) {
  IndicatorSet::Builder builder;
  for (const std::string& value : values) Check(builder.Add(value));
  self.sets->Set(name, builder.Build());
}

py::list ReadIndicatorFile(const PyIndicatorSets& self, const std::string& name,
                           const Source& file) {
  IndicatorSet::Builder builder;
  DiagnosticSink sink;
  ReadIndicators(ToSource(file), {}, &builder, &sink);
  self.sets->Set(name, builder.Build());
  return OfDiagnostics(sink.diagnostics());
}

py::dict SizesOf(const PyIndicatorSets& self) {
  py::dict out;
  const std::shared_ptr<const IndicatorSets::Map> sets = self.sets->snapshot();
  for (const auto& [name, set] : *sets) out[Text(name)] = set->size();
  return out;
}

}  // namespace

void BindRules(py::module_* m) {
  py::class_<PyIndicatorSets>(*m, "IndicatorSets")
      .def(py::init<>())
      .def("set", &SetIndicators, py::arg("name"), py::arg("values"))
      .def("read", &ReadIndicatorFile, py::arg("name"), py::arg("file"))
      .def(
          "remove",
          [](const PyIndicatorSets& self, const std::string& name) {
            self.sets->Set(name, nullptr);
          },
          py::arg("name"))
      .def("sizes", &SizesOf);
  py::class_<PyProgram>(*m, "Program")
      .def("rules", &RulesOf)
      .def("save", [](const PyProgram& self) { return py::bytes(SaveProgram(*self.program)); })
      .def(
          "dump",
          [](const PyProgram& self, size_t i) {
            const size_t rules = self.program->rule_count();
            if (i >= rules + self.program->correlation_count()) throw py::index_error("no rule");
            return Text(i < rules ? self.program->DumpRule(i)
                                  : self.program->DumpCorrelation(i - rules));
          },
          py::arg("index"))
      .def("explain", &Explain, py::arg("event"), py::arg("rule"), py::arg("log_source"),
           py::arg("indicators"))
      .def_property_readonly("fingerprint",
                             [](const PyProgram& self) { return self.program->fingerprint(); })
      .def_property_readonly("required_fields", [](const PyProgram& self) {
        py::list out;
        for (const std::string& field : self.program->required_fields()) out.append(Text(field));
        return out;
      });
  m->def("compile", &Compile, py::arg("sources"), py::arg("functions"), py::arg("indicators"),
         py::arg("pipelines"), py::arg("placeholders"), py::arg("log_sources"), py::arg("lint"),
         py::arg("emit_all"));
  m->def("load", &Load, py::arg("data"), py::arg("functions"));
}

}  // namespace vedette::python
