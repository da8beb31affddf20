#include "lib/lang/elastic/exception_file.h"

#include <optional>
#include <utility>

#include "lib/lang/elastic/exceptions.h"

namespace vedette::inline v0::elastic {
namespace {

using Entry = ElasticExceptionEntry;

// What is wrong with an item goes to `why`, which is empty if nothing is.
void ReadEntries(MapReader& in, int depth, std::vector<Entry>* out, std::string* why) {
  in.Maps("entries", [&](MapReader& item) {
    Entry& entry = out->emplace_back();
    std::string type;
    std::string op;
    item.String("field", &entry.field);
    item.String("type", &type);
    item.String("operator", &op);
    entry.excluded = op == "excluded";
    if (!op.empty() && op != "included" && op != "excluded") {
      *why = "no such operator: " + Quoted(op);
    }
    std::string value;
    if (type == "match" || type == "wildcard") {
      item.Scalar("value", &value);
      entry.op = type == "match" ? Entry::Operator::kIs : Entry::Operator::kMatches;
      entry.values.push_back(std::move(value));
    } else if (type == "match_any") {
      item.Strings("value", &entry.values);
    } else if (type == "exists") {
      entry.op = Entry::Operator::kExists;
    } else if (type == "list") {
      entry.op = Entry::Operator::kInList;
      item.Map("list", [&](MapReader& list) { list.String("id", &value); });
      if (value.empty()) *why = "the value list has no id";
      entry.values.push_back(std::move(value));
    } else if (type == "nested") {
      entry.op = Entry::Operator::kElements;
      if (depth < kMaxExceptionNesting) ReadEntries(item, depth + 1, &entry.entries, why);
    } else {
      *why = "no such type of entry: " + Quoted(type);
    }
  });
}

}  // namespace

void ReadException(const DocNode& object, RuleReporter* reporter, ExceptionLists* out) {
  ElasticRule places;  // where the parts stand; no rule
  MapReader in(object, "", StringSyntax::kJson, reporter, &places);
  std::string list_id;
  in.String("list_id", &list_id);
  if (list_id.empty()) return;
  std::vector<ElasticException>& list = (*out)[list_id];
  if (object.Find("entries") == nullptr) return;  // the list itself
  ElasticException exception;
  std::string why;
  const size_t errors = reporter->errors();
  in.String("name", &exception.name);
  ReadEntries(in, 1, &exception.entries, &why);
  if (in.Has("expire_time")) why = "it expires, and no clock is read here";
  std::vector<std::string> systems;
  in.Strings("os_types", &systems);
  if (!systems.empty()) {
    exception.entries.push_back({"host.os.type", Entry::Operator::kIs, systems, false, {}});
  }
  if (why.empty() && exception.entries.empty()) why = "it has no entries";
  if (why.empty() && reporter->errors() == errors) LowerException(exception, &why);
  if (why.empty() && reporter->errors() == errors) {
    list.push_back(std::move(exception));
    return;
  }
  if (why.empty()) return;  // reported
  reporter->Warning("ELA0031", in.Span(),
                    "the exception " + Quoted(exception.name) + " of " + Quoted(list_id) +
                        " is not applied: " + why);
}

}  // namespace vedette::inline v0::elastic
