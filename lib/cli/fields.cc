// `vedette fields`: the three names of each event field.
#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/table.h"
#include "lib/cli/text.h"
#include "vedette/schema.h"

namespace vedette::inline v0::cli {
namespace {

constexpr std::array<std::string_view, 8> kTypes = {"string", "integer", "number", "boolean",
                                                    "bytes",  "time",    "ip",     "object"};

std::string Names(std::string_view joined) {
  std::string out;
  ForEachName(joined,
              [&out](std::string_view name) { out.append(out.empty() ? "" : ", ").append(name); });
  return out.empty() ? "-" : out;
}

std::string ClassName(const FieldSpec& spec) {
  if (spec.class_uid == 0) return "every class";
  const EventClass* c = Schema::Builtin().FindClass(spec.class_uid);
  return c == nullptr ? std::to_string(spec.class_uid) : std::string(c->name);
}

void AddRow(const FieldSpec& spec, ListTable* table) {
  std::string type(kTypes[static_cast<size_t>(spec.type)]);
  if (spec.repeated) type += " list";
  table->Add({ClassName(spec), std::string(spec.path), Names(spec.sigma_names),
              Names(spec.ecs_names), std::move(type)});
}

// Every spelling of the schema, for suggestions.
std::vector<std::string_view> AllNames() {
  std::set<std::string_view> names;
  for (const FieldSpec& spec : Schema::Builtin().fields()) {
    names.insert(spec.path);
    const auto add = [&names](std::string_view name) { names.insert(name); };
    ForEachName(spec.sigma_names, add);
    ForEachName(spec.ecs_names, add);
  }
  return {names.begin(), names.end()};
}

int Fields(const Options& options, Console* console) {
  const Schema& schema = Schema::Builtin();
  ListTable table({{"EVENT CLASS", 12}, {"OCSF", 16}, {"SIGMA", 12}, {"ECS", 12}, {"TYPE", 7}});
  int32_t class_uid = 0;
  if (options.Has("class")) {
    const EventClass* found = schema.FindClass(options.Value("class"));
    if (found == nullptr) {
      std::vector<std::string_view> names;
      for (const EventClass& c : schema.classes()) names.push_back(c.name);
      const std::string message = "unknown event class '" + Clean(options.Value("class")) + "'" +
                                  DidYouMean(options.Value("class"), names);
      return Fail(absl::InvalidArgumentError(message.c_str()), "fields", console);
    }
    class_uid = found->class_uid;
  }
  if (options.arguments().empty()) {
    for (const FieldSpec& spec : schema.fields()) {
      if (class_uid == 0 || spec.class_uid == class_uid) AddRow(spec, &table);
    }
  } else {
    const std::string& name = options.arguments()[0];
    schema.ForEachMeaning(name, class_uid, [&table](const FieldSpec& s) { AddRow(s, &table); });
    if (table.empty()) {
      console->Error("the schema has no field '" + Clean(name) + "'" +
                     DidYouMean(name, AllNames()) +
                     "; a rule may use it all the same, it is then looked up by that name alone");
      return kExitFailed;
    }
  }
  console->out->Write(table.Format(console->width, console->color_out));
  return kExitOk;
}

}  // namespace

Command FieldsCommand() {
  CommandSpec spec;
  spec.name = "fields";
  spec.arguments = "[NAME]";
  spec.summary = "Look up event fields: their OCSF, Sigma and ECS names.";
  spec.description =
      "A rule may call a field by any of its names, whatever name the event uses. NAME may be of "
      "any "
      "vocabulary; without it all fields are listed.";
  spec.examples =
      "vedette fields CommandLine\n"
      "vedette fields process.parent.name";
  spec.max_arguments = 1;
  spec.options = {
      {"class", 'c', OptionKind::kValue, "NAME", "Only fields of this event class."},
      kColorOption,
  };
  return {std::move(spec), Fields};
}

}  // namespace vedette::inline v0::cli
