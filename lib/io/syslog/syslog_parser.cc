#include "lib/io/syslog/syslog_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "lib/io/cef/cef_parser.h"
#include "lib/io/common/text_time.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, 24> kFacilities = {
    "kern",   "user",   "mail",     "daemon", "auth",   "syslog", "lpr",    "news",
    "uucp",   "cron",   "authpriv", "ftp",    "ntp",    "audit",  "alert",  "clock",
    "local0", "local1", "local2",   "local3", "local4", "local5", "local6", "local7"};
constexpr std::array<std::string_view, 8> kSeverities = {"emerg",   "alert",  "crit", "err",
                                                         "warning", "notice", "info", "debug"};

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool TakePriority(std::string_view* rest, int* priority) {
  if (!rest->starts_with('<')) return false;
  const size_t end = rest->substr(0, 5).find('>');
  if (end == std::string_view::npos || end < 2) return false;
  int value = 0;
  for (const char c : rest->substr(1, end - 1)) {
    if (!IsDigit(c)) return false;
    value = value * 10 + (c - '0');
  }
  if (value > 191) return false;
  rest->remove_prefix(end + 1);
  *priority = value;
  return true;
}

// Up to the next blank, which is taken, too.
std::string_view TakeWord(std::string_view* rest) {
  const std::string_view word = rest->substr(0, rest->find(' '));
  rest->remove_prefix(std::min(rest->size(), word.size() + 1));
  return word;
}

bool Is5424(std::string_view rest) {
  return rest.size() > 2 && rest[0] >= '1' && rest[0] <= '9' &&
         (rest[1] == ' ' || (IsDigit(rest[1]) && rest[2] == ' ')) &&
         (rest.substr(rest.find(' ') + 1).starts_with("- ") ||
          (rest.size() > 8 && rest.substr(rest.find(' ') + 1).find('-') == 4));
}

// A program's name and number, `sshd[812]:` or `sshd:`, at the front.
struct Tag {
  std::string_view program;
  std::string_view pid;
  size_t size = 0;  // with the colon and a blank
};

// The mark of a message that is JSON (CEE, as lumberjack and rsyslog write it).
constexpr std::string_view kCookie = "@cee:";

bool StartsJson(std::string_view text) {
  return text.starts_with('{') || text.starts_with(kCookie);
}

std::optional<Tag> FindTag(std::string_view rest) {
  constexpr size_t kLongest = 128;
  if (StartsJson(rest)) return std::nullopt;
  size_t at = 0;
  while (at < rest.size() && at < kLongest && rest[at] != ' ' && rest[at] != ':' &&
         rest[at] != '[') {
    ++at;
  }
  if (at == 0 || at == rest.size() || rest[at] == ' ' || at == kLongest) return std::nullopt;
  Tag tag;
  tag.program = rest.substr(0, at);
  if (rest[at] == '[') {
    const size_t end = rest.find(']', at);
    if (end == std::string_view::npos || end - at > kLongest) return std::nullopt;
    tag.pid = rest.substr(at + 1, end - at - 1);
    at = end + 1;
    if (at < rest.size() && rest[at] == ':') ++at;
  } else {
    ++at;
    // `http://..` and `::1` are no tags.
    if (at < rest.size() && rest[at] != ' ') return std::nullopt;
  }
  if (at < rest.size() && rest[at] == ' ') ++at;
  tag.size = at;
  return tag;
}

JsonOptions JsonOptionsOf(const TextOptions& options) {
  JsonOptions out;
  out.max_bytes = options.max_bytes;
  out.max_values = options.max_fields;
  return out;
}

}  // namespace

bool LooksLikeSyslog(std::string_view line) {
  int priority = 0;
  if (TakePriority(&line, &priority)) return true;
  EventTime time = kNoEventTime;
  const TextOptions options;
  if (!TakeMonthTime(options, &line, &time) && !TakeIsoTime(options, &line, &time)) return false;
  // Times stand before other lines, too; a host and a program are needed.
  if (!line.starts_with(' ')) return false;
  line.remove_prefix(1);
  if (FindTag(line).has_value()) return true;
  TakeWord(&line);
  return FindTag(line).has_value() || StartsCef(line) || StartsJson(line);
}

SyslogParser::SyslogParser(TextOptions options)
    : options_(std::move(options)), json_(JsonOptionsOf(options_)) {}

bool SyslogParser::Priority(std::string_view* rest) {
  int priority = 0;
  if (!TakePriority(rest, &priority)) return false;
  fields_.Add("facility", Value::String(kFacilities[static_cast<size_t>(priority / 8)]));
  fields_.Add("severity", Value::String(kSeverities[static_cast<size_t>(priority % 8)]));
  fields_.Add("priority", Value::Int(priority));
  return true;
}

bool SyslogParser::HeaderOf5424(std::string_view* rest) {
  fields_.Add("version", NumberOrText(TakeWord(rest)));
  std::string_view time = TakeWord(rest);
  const std::string_view written = time;
  if (written != "-") {
    fields_.Add("timestamp", Value::String(written));
    TakeIsoTime(options_, &time, &time_);
  }
  for (const std::string_view name : {"hostname", "program", "pid", "msgid"}) {
    if (rest->empty()) return false;
    const std::string_view word = TakeWord(rest);
    if (word != "-") fields_.Add(name, NumberOrText(word));
  }
  return StructuredData(rest);
}

bool SyslogParser::StructuredData(std::string_view* rest) {
  if (rest->starts_with('-')) {
    rest->remove_prefix(1);
  } else {
    const size_t first = fields_.size();
    bool whole = rest->starts_with('[');
    while (whole && rest->starts_with('[')) whole = Element(rest);
    if (fields_.size() > first) {
      const Value data = fields_.TakeObject(first, arena_);
      fields_.Add("structured_data", data);
    }
    if (!whole) return false;
  }
  if (rest->starts_with(' ')) rest->remove_prefix(1);
  if (rest->starts_with("\xEF\xBB\xBF")) rest->remove_prefix(3);
  return true;
}

// [id name="value" ..]; nothing is taken of one that is cut off.
bool SyslogParser::Element(std::string_view* rest) {
  std::string_view s = rest->substr(1);
  const size_t id_end = s.find_first_of(" ]");
  if (id_end == std::string_view::npos || id_end == 0) return false;
  const std::string_view id = s.substr(0, id_end);
  s.remove_prefix(id_end);
  const size_t first = fields_.size();
  while (true) {
    while (s.starts_with(' ')) s.remove_prefix(1);
    if (s.starts_with(']')) break;
    const size_t equals = s.find("=\"");
    if (equals == std::string_view::npos || equals == 0 || fields_.size() >= options_.max_fields) {
      fields_.TakeObject(first, arena_);
      return false;
    }
    const std::string_view name = s.substr(0, equals);
    s.remove_prefix(equals + 2);
    char* const value = At(s);
    size_t out = 0;
    size_t at = 0;
    for (; at < s.size() && s[at] != '"'; ++at) {
      const bool escape = s[at] == '\\' && at + 1 < s.size() &&
                          (s[at + 1] == '"' || s[at + 1] == '\\' || s[at + 1] == ']');
      if (escape) ++at;
      value[out++] = s[at];
    }
    if (at == s.size()) {
      fields_.TakeObject(first, arena_);
      return false;
    }
    fields_.Add(name, NumberOrText({value, out}));
    s.remove_prefix(at + 1);
  }
  const Value element = fields_.TakeObject(first, arena_);
  fields_.Add(id, element);
  *rest = s.substr(1);
  return true;
}

// The time and the host; false if there is no time.
bool SyslogParser::HeaderOf3164(std::string_view* rest) {
  std::string_view s = *rest;
  // Cisco: a number of the message, and `*` or `.` before a clock that is not set.
  size_t digits = 0;
  while (digits < s.size() && digits < 12 && IsDigit(s[digits])) ++digits;
  if (digits > 0 && s.substr(digits).starts_with(": ")) s.remove_prefix(digits + 2);
  if (s.starts_with('*') || s.starts_with('.')) s.remove_prefix(1);
  const char* const begin = s.data();
  if (!TakeMonthTime(options_, &s, &time_) && !TakeIsoTime(options_, &s, &time_)) return false;
  const std::string_view written(begin, static_cast<size_t>(s.data() - begin));
  fields_.Add(
      "timestamp",
      Value::String(time_ == kNoEventTime ? written : arena_->CopyString(FormatEventTime(time_))));
  if (s.starts_with(':')) {
    // Cisco again: no host follows.
    s.remove_prefix(s.starts_with(": ") ? 2 : 1);
    *rest = s;
    return true;
  }
  if (s.starts_with(' ')) s.remove_prefix(1);
  // Local messages have no host: what stands there is the program.
  if (!FindTag(s).has_value() && !StartsCef(s) && !StartsJson(s) && !s.empty()) {
    const std::string_view host = TakeWord(&s);
    if (!host.empty()) fields_.Add("hostname", NumberOrText(host));
  }
  *rest = s;
  return true;
}

void SyslogParser::Program(std::string_view* rest) {
  const auto tag = FindTag(*rest);
  if (!tag.has_value()) return;
  fields_.Add("program", Value::String(tag->program));
  if (!tag->pid.empty()) fields_.Add("pid", NumberOrText(tag->pid));
  rest->remove_prefix(tag->size);
}

ParseOutcome SyslogParser::Body(std::string_view text, ParseOutcome outcome, Event* event) {
  EventTime own_time = kNoEventTime;
  if (StartsCef(text)) {
    const Value envelope = fields_.TakeObject(0, arena_);
    const ParseOutcome inner = ParseCef(text, options_, arena_, &fields_, &own_time);
    if (inner.kind == ParseOutcome::Kind::kOversized) return inner;
    if (inner.kind == ParseOutcome::Kind::kBroken) {
      // The message is what there is.
      fields_.Clear();
      for (const Member& member : envelope.members()) fields_.Add(member.name, member.value);
      fields_.Add("message", Value::String(text));
      outcome = {ParseOutcome::Kind::kIncomplete, "the CEF or LEEF header is cut off"};
      own_time = kNoEventTime;
    } else {
      if (!envelope.members().empty()) fields_.Add("syslog", envelope);
      if (inner.kind == ParseOutcome::Kind::kIncomplete) outcome = inner;
    }
  } else {
    fields_.Add("message", Value::String(text));
  }
  FinishEvent(options_, fields_.TakeObject(0, arena_), event);
  event->set_time(own_time != kNoEventTime ? own_time : time_);
  return outcome;
}

ParseOutcome SyslogParser::Header(std::string_view* rest) {
  if (StartsCef(*rest)) return {};
  const bool has_priority = Priority(rest);
  if (has_priority && Is5424(*rest)) {
    if (HeaderOf5424(rest)) return {};
    return {ParseOutcome::Kind::kIncomplete, "a header (RFC 5424) that is damaged"};
  }
  if (!HeaderOf3164(rest) && !has_priority) {
    return {ParseOutcome::Kind::kBroken, "no syslog message: neither a priority nor a time"};
  }
  if (!StartsCef(*rest)) Program(rest);
  return {};
}

bool SyslogParser::JsonBody(std::string_view message, std::string_view text, Event* event,
                            const char** reason) {
  const bool promised = text.starts_with(kCookie);
  if (promised) text.remove_prefix(kCookie.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  // The header may have changed its own part of the copy, and goes with the event's old contents.
  text = message.substr(static_cast<size_t>(text.data() - base_));
  if (!json_.Parse(text, event).ok()) {
    if (promised) *reason = "no JSON behind @cee:";
    return false;
  }
  const Value body = event->root();
  std::string_view rest = Begin(message, event);
  Header(&rest);
  const Value envelope = fields_.TakeObject(0, arena_);
  for (const Member& member : body.members()) fields_.Add(member.name, member.value);
  fields_.Add("syslog", envelope);
  FinishEvent(options_, fields_.TakeObject(0, arena_), event);
  if (event->time() == kNoEventTime) event->set_time(time_);
  event->set_raw({});  // it is not the whole record
  return true;
}

std::string_view SyslogParser::Begin(std::string_view message, Event* event) {
  fields_.Clear();
  arena_ = &event->arena();
  base_ = MutableCopy(message, arena_);
  time_ = kNoEventTime;
  return {base_, message.size()};
}

ParseOutcome SyslogParser::Parse(std::string_view message, Event* event) {
  std::string_view rest = Begin(message, event);
  ParseOutcome outcome = Header(&rest);
  if (outcome.kind == ParseOutcome::Kind::kBroken) return outcome;
  if (StartsJson(rest) && outcome.kind == ParseOutcome::Kind::kEvent) {
    const size_t body = static_cast<size_t>(rest.data() - base_);
    const char* reason = nullptr;
    if (JsonBody(message, rest, event, &reason)) return outcome;
    rest = Begin(message, event);
    Header(&rest);
    rest = std::string_view(base_, message.size()).substr(body);
    if (reason != nullptr) outcome = {ParseOutcome::Kind::kIncomplete, reason};
  }
  return Body(rest, outcome, event);
}

}  // namespace vedette::inline v0
