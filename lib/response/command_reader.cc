#include "lib/response/command_reader.h"

#include <algorithm>
#include <array>
#include <utility>

#include "lib/base/json_text.h"
#include "lib/base/strings.h"
#include "lib/response/openc2_words.h"
#include "vedette/response/privacy.h"

namespace vedette::inline v0 {
namespace {

using Kind = DocNode::Kind;

constexpr std::array<std::string_view, 12> kCommandTypes = {
    "bash",   "caldera-cmd", "elastic",    "http-api", "jupyter", "kestrel",
    "manual", "openc2-http", "powershell", "sigma",    "ssh",     "yara"};

// Writes a template as JSON, values in place of references.
class Filler {
 public:
  Filler(const ValueOf& value_of, std::vector<std::string>* names)
      : value_of_(value_of), names_(names) {}

  absl::Status Write(const DocNode& node, std::string* json, std::string* shown) {
    const auto both = [json, shown](std::string_view text) {
      json->append(text);
      shown->append(text);
    };
    switch (node.kind) {
      case Kind::kMap:
        both("{");
        for (size_t i = 0; i < node.entries.size(); ++i) {
          std::string key = i > 0 ? "," : "";
          AppendJsonString(node.entries[i].key, &key);
          both(key + ":");
          if (absl::Status s = Write(node.entries[i].value, json, shown); !s.ok()) return s;
        }
        both("}");
        return absl::OkStatus();
      case Kind::kList:
        both("[");
        for (size_t i = 0; i < node.items.size(); ++i) {
          if (i > 0) both(",");
          if (absl::Status s = Write(node.items[i], json, shown); !s.ok()) return s;
        }
        both("]");
        return absl::OkStatus();
      case Kind::kString:
        if (const auto name = VariableReference(node.text)) {
          const TypedValue* const value = value_of_(*name);
          if (value == nullptr) {
            return absl::FailedPreconditionError(ToAbsl(*name + " has no value"));
          }
          return WriteValue(*value, json, shown);
        }
        Name(node.text);
        return WriteValue({VariableType::kString, node.text}, json, shown);
      case Kind::kBool:
        both(node.boolean ? "true" : "false");
        return absl::OkStatus();
      case Kind::kInt:
        Name(std::to_string(node.integer));
        both(std::to_string(node.integer));
        return absl::OkStatus();
      default:
        both("null");
        return absl::OkStatus();
    }
  }

 private:
  absl::Status WriteValue(const TypedValue& value, std::string* json, std::string* shown) {
    const std::string text = ValueToJson(value);
    json->append(text);
    if (value.type == VariableType::kSecret) {
      // What a policy looks at is shown when it refuses.
      if (names_ != nullptr) return absl::InvalidArgumentError("a secret cannot name a target");
      AppendJsonString(kMasked, shown);
      return absl::OkStatus();
    }
    shown->append(text);
    if (value.type != VariableType::kDictionary) {
      Name(value.text);
      return absl::OkStatus();
    }
    // Every name within counts, for a policy must not be passed by in the dress of a dictionary.
    const RuleSource source = {"value", value.text};
    const SourceText places(source);
    DocError error;
    const std::optional<DocNode> doc = ParseJsonTree(places, 0, value.text.size(), &error);
    if (!doc.has_value()) return absl::InternalError("a dictionary is not JSON");
    Names(*doc);
    return absl::OkStatus();
  }

  void Name(std::string_view text) {
    if (names_ != nullptr && std::ranges::find(*names_, text) == names_->end()) {
      names_->emplace_back(text);
    }
  }

  void Names(const DocNode& node) {
    if (node.kind == Kind::kString) Name(node.text);
    if (node.kind == Kind::kInt) Name(std::to_string(node.integer));
    for (const DocNode& item : node.items) Names(item);
    for (const DocEntry& entry : node.entries) Names(entry.value);
  }

  const ValueOf& value_of_;
  std::vector<std::string>* names_;
};

}  // namespace

bool IsCredentialName(std::string_view name) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "password",      "passwd",       "passphrase", "secret",      "client_secret",
      "token",         "access_token", "api_key",    "apikey",      "private_key",
      "authorization", "cookie",       "kms_key",    "oauth_header"};
  return IsOneOf(LowerAscii(name), kNames);
}

absl::StatusOr<FilledCommand> FillCommand(const CommandTemplate& ask, const ValueOf& value_of) {
  FilledCommand out;
  out.target.type = ask.target_type;
  out.json = "{";
  AppendJsonField("action", ask.action, &out.json);
  std::string type;
  AppendJsonString(ask.target_type, &type);
  out.json.append(",\"target\":{").append(type).append(":");
  out.shown = out.json;
  Filler target(value_of, &out.target.names);
  if (absl::Status s = target.Write(ask.target, &out.json, &out.shown); !s.ok()) return s;
  out.json.append("}");
  out.shown.append("}");
  if (ask.args.kind == Kind::kMap) {
    out.json.append(",\"args\":");
    out.shown.append(",\"args\":");
    Filler args(value_of, nullptr);
    if (absl::Status s = args.Write(ask.args, &out.json, &out.shown); !s.ok()) return s;
    const DocNode* const duration = ask.args.Find("duration");
    int64_t ms = duration != nullptr && duration->kind == Kind::kInt ? duration->integer : 0;
    if (duration != nullptr && duration->kind == Kind::kString) {
      const auto name = VariableReference(duration->text);
      const TypedValue* const value = name.has_value() ? value_of(*name) : nullptr;
      if (value != nullptr && value->text.size() < 16) ms = std::atoll(value->text.c_str());
    }
    constexpr int64_t kMaxMs = int64_t{366} * 86'400'000;
    if (ms < 0 || ms > kMaxMs) return absl::InvalidArgumentError("the duration is out of range");
    out.duration_ns = ms * 1'000'000;
  }
  out.json.append("}");
  out.shown.append("}");
  return out;
}

std::optional<PlaybookCommand> CommandReader::Read(const DocNode& node, const TypeOf& type_of) {
  type_of_ = &type_of;
  const size_t errors = reporter_->errors();
  MapReader in(node, "a command", reporter_);
  const DocNode* const type = in.Required("type", Kind::kString);
  if (type == nullptr) return std::nullopt;
  PlaybookCommand out;
  out.type = type->text;
  in.Any("description");
  const bool host = std::ranges::find(*host_types_, out.type) != host_types_->end();
  if (out.type == "openc2-http" || out.type == "x-host-action") {
    if (const DocNode* headers = in.Any("headers")) {
      NoCredentials(*headers);
      reporter_->Error("0021", *headers, "'headers' of a command are not supported",
                       "how a command is sent is the host's");
    }
    if (const DocNode* coded = in.Any("content_b64")) {
      reporter_->Error("0021", *coded, "'content_b64' is not supported", "write 'content'");
    } else {
      Content(&in, out.type == "x-host-action", &out);
    }
  } else if (out.type == "manual" || host) {
    out.text = Literal(&in, "command");
    const bool manual = out.type == "manual";
    out.ask.action = std::string(manual ? kManualAction : "command:" + out.type);
    out.ask.target_type = std::string(manual ? kManualTarget : kCommandTarget);
    out.ask.target.kind = Kind::kString;
    out.ask.target.text = out.type;
  } else {
    const bool known = IsOneOf(out.type, kCommandTypes);
    reporter_->Error(
        "0015", *type,
        known ? "commands of type '" + out.type + "' are refused: the host has no handler of them"
              : "no type of command is called '" + out.type + "'" +
                    DidYouMean(out.type, kCommandTypes),
        "openc2-http, manual, x-host-action, or PlaybookOptions::host_command_types");
    return std::nullopt;
  }
  if (const DocNode* undo = in.Of("x_undo", Kind::kMap)) {
    MapReader inner(*undo, "'x_undo'", reporter_);
    out.undo_at_duration = inner.Bool("at_duration", false);
    CommandTemplate ask;
    const DocNode* const content = inner.Required("content", Kind::kMap);
    if (content != nullptr) Template(*content, out.type == "x-host-action", &ask);
    inner.Done();
    out.undo = std::move(ask);
    if (out.undo_at_duration && out.ask.args.Find("duration") == nullptr) {
      reporter_->Error("0023", *undo, "'at_duration' needs a 'duration' in the command's args");
    }
  }
  in.Done();
  if (reporter_->errors() > errors) return std::nullopt;
  return out;
}

// A text that goes to the host as it stands.
std::string CommandReader::Literal(MapReader* in, std::string_view name) {
  const DocNode* const node = in->Required(name, Kind::kString);
  if (node == nullptr) return "";
  if (HoldsReference(node->text)) {
    reporter_->Error("0018", *node, "a variable within a text: values are never put into texts",
                     "name it in in_args; the host gets it as data beside the text");
  }
  if (MaskSecrets(node->text) != node->text) {
    reporter_->Error("0016", *node, "the text holds a credential", "the host knows it by a name");
  }
  return node->text;
}

void CommandReader::Content(MapReader* in, bool extension, PlaybookCommand* out) {
  const DocNode* const content = in->Any("content");
  if (content == nullptr) {
    in->Required("content", Kind::kMap);
    return;
  }
  if (content->kind == Kind::kMap) {
    Template(*content, extension, &out->ask);
    return;
  }
  if (content->kind != Kind::kString) {
    reporter_->Error(kWrongType, *content, "'content' is no object and no text of one");
    return;
  }
  // JSON within a string: its places are those of the string.
  const RuleSource source = {"content", content->text};
  const SourceText text(source);
  DocError error;
  std::optional<DocNode> doc = ParseJsonTree(text, 0, content->text.size(), &error);
  if (!doc.has_value()) {
    reporter_->Error("0023", *content, "the content is not JSON: " + error.message);
    return;
  }
  const auto place = [content](auto&& self, DocNode* node) -> void {
    node->offset = content->offset;
    node->length = content->length;
    for (DocNode& item : node->items) self(self, &item);
    for (DocEntry& entry : node->entries) {
      entry.offset = content->offset;
      entry.length = content->length;
      self(self, &entry.value);
    }
  };
  place(place, &*doc);
  Template(*doc, extension, &out->ask);
}

void CommandReader::Template(const DocNode& node, bool extension, CommandTemplate* out) {
  MapReader in(node, "an OpenC2 command", reporter_);
  if (const DocNode* action = in.Required("action", Kind::kString)) {
    out->action = action->text;
    const bool good = extension ? IsExtension(out->action) : IsOneOf(out->action, kOpenC2Actions);
    if (!good) {
      reporter_->Error("0023", *action,
                       extension ? "an action of the host begins with x-"
                                 : "OpenC2 has no action '" + out->action + "'" +
                                       DidYouMean(out->action, kOpenC2Actions));
    }
  }
  const DocNode* const target = in.Required("target", Kind::kMap);
  if (target != nullptr && target->entries.size() != 1) {
    reporter_->Error("0023", *target, "a command has exactly one target");
  } else if (target != nullptr) {
    const DocEntry& entry = target->entries[0];
    out->target_type = entry.key;
    if (!IsOneOf(entry.key, kOpenC2Targets) && !IsExtension(entry.key)) {
      reporter_->Report(
          Severity::kError, "0023", entry.offset, entry.length,
          "OpenC2 has no target '" + entry.key + "'" + DidYouMean(entry.key, kOpenC2Targets));
    }
    out->target = entry.value;
    References(entry.value);
    NoCredentials(entry.value);
  }
  if (const DocNode* args = in.Of("args", Kind::kMap)) {
    Args(*args);
    References(*args);
    NoCredentials(*args);
    out->args = *args;
  }
  for (const char* const name : {"actuator", "command_id", "profile"}) {
    if (const DocNode* other = in.Any(name)) {
      reporter_->Error("0021", *other, "'" + std::string(name) + "' of a command is not supported",
                       "the host chooses who carries the command out");
    }
  }
  in.Done();
}

void CommandReader::Args(const DocNode& node) {
  static constexpr std::array<std::string_view, 4> kResponses = {"none", "ack", "status",
                                                                 "complete"};
  size_t times = 0;
  for (const DocEntry& entry : node.entries) {
    const bool time =
        entry.key == "start_time" || entry.key == "stop_time" || entry.key == "duration";
    if (time) ++times;
    const bool reference =
        entry.value.kind == Kind::kString && VariableReference(entry.value.text).has_value();
    if (time && !reference && (entry.value.kind != Kind::kInt || entry.value.integer < 0)) {
      reporter_->Error("0023", entry.value, "'" + entry.key + "' is a number of milliseconds");
    }
    if (entry.key == "response_requested" &&
        (entry.value.kind != Kind::kString || !IsOneOf(entry.value.text, kResponses))) {
      reporter_->Error("0023", entry.value,
                       "'response_requested' is none of none, ack, status, complete");
    }
  }
  if (times > 2) {
    reporter_->Error("0023", node, "at most two of start_time, stop_time and duration may stand");
  }
}

void CommandReader::References(const DocNode& node) {
  if (node.kind == Kind::kString) {
    if (const auto name = VariableReference(node.text)) {
      if (!(*type_of_)(*name).has_value()) {
        reporter_->Error("0017", node, "no variable is called " + *name);
      }
    } else if (HoldsReference(node.text)) {
      reporter_->Error("0018", node, "a variable within a text: values are never put into texts",
                       "let the whole string be the variable");
    }
  }
  if (node.kind == Kind::kReal) {
    reporter_->Error(kBadValue, node, "numbers must be whole");
  }
  for (const DocNode& item : node.items) References(item);
  for (const DocEntry& entry : node.entries) {
    if (HoldsReference(entry.key)) {
      reporter_->Report(Severity::kError, "0018", entry.offset, entry.length,
                        "a variable as the name of a member");
    }
    References(entry.value);
  }
}

void CommandReader::NoCredentials(const DocNode& node) {
  if (node.kind == Kind::kString && MaskSecrets(node.text) != node.text) {
    reporter_->Error("0016", node, "the text holds a credential", "the host knows it by a name");
  }
  for (const DocNode& item : node.items) NoCredentials(item);
  for (const DocEntry& entry : node.entries) {
    const bool literal =
        entry.value.kind != Kind::kString || !VariableReference(entry.value.text).has_value();
    if (IsCredentialName(entry.key) && literal) {
      reporter_->Report(Severity::kError, "0016", entry.offset, entry.length,
                        "'" + entry.key + "' would be a credential in the file",
                        "the host knows it by a name");
    }
    NoCredentials(entry.value);
  }
}

}  // namespace vedette::inline v0
