// Exports of exception lists together with the rules that refer to them.
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "lib/ir/ir.h"
#include "lib/ir/printer.h"
#include "vedette/frontends/elastic.h"

namespace vedette {
namespace {

// What a rule that refers to the list `l` becomes with an export of exceptions.
struct WithExport {
  explicit WithExport(std::string ndjson) {
    const RuleSource rule{"a.toml",
                          "[rule]\nname = \"n\"\nrule_id = \"i\"\ndescription = \"d\"\n"
                          "severity = \"low\"\nrisk_score = 21\ntype = \"eql\"\n"
                          "language = \"eql\"\nquery = 'any where a == 1'\n"
                          "exceptions_list = [{ list_id = \"l\" }]\n"};
    const RuleSource lists{"l.ndjson", std::move(ndjson)};
    const auto frontend = ElasticFrontend();
    EXPECT_TRUE(frontend->Accepts(lists));
    const RuleSource* const sources[] = {&rule, &lists};
    IrModule module;
    DiagnosticSink sink;
    frontend->Translate(sources, &module, &sink);
    for (const Diagnostic& d : sink.diagnostics()) {
      codes += (codes.empty() ? "" : " ") + d.code + "@" + std::to_string(d.span.line);
    }
    if (module.rules.size() == 1) condition = PrintFormula(module.rules[0].condition);
  }
  std::string codes;
  std::string condition;
};

TEST(ExceptionFile, BecomesPartOfTheRules) {
  const std::string list =
      R"({"list_id":"l","type":"detection","namespace_type":"single","name":"L"})"
      "\n";
  const auto item = [](const std::string& entries, const std::string& more = "") {
    return R"({"list_id":"l","item_id":"i","namespace_type":"single","name":"N","entries":[)" +
           entries + "]" + more + "}\n";
  };
  EXPECT_EQ(WithExport(list + R"({"exported_exception_list_count":1,"exported_count":1})").codes,
            "");
  const WithExport all(
      list +
      item(R"({"field":"f","type":"match","operator":"included","value":"x"},)"
           R"({"field":"g","type":"match_any","operator":"excluded","value":["y","z"]})") +
      item(R"({"field":"h","type":"list","operator":"included","list":{"id":"ips","type":"ip"}})",
           R"(,"os_types":["linux"])") +
      item(R"({"field":"o","type":"nested","entries":[{"field":"k","type":"exists"}]})"));
  EXPECT_EQ(all.codes, "");
  EXPECT_EQ(all.condition,
            R"(a == 1 and not (f == "x" and not g in ("y", "z") or )"
            R"(inSet(h, "ips") and host.os.type == "linux" or any item in o : (item.k like "*")))");
  const WithExport bad(
      list + item(R"({"field":"f","type":"match","value":"x"})", R"(,"expire_time":"2026-01-01")") +
      item(R"({"field":"f","type":"fuzzy"})") + item("") + item(R"({"field":"f","type":"list"})") +
      item(R"({"field":["f"],"type":"exists"})"));
  EXPECT_EQ(bad.codes, "ELA0031@2 ELA0031@3 ELA0031@4 ELA0031@5 ELA0005@6");
  EXPECT_EQ(bad.condition, "a == 1");
}

}  // namespace
}  // namespace vedette
