#include "lib/io/auditd/audit_record.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "lib/base/utf8.h"
#include "lib/io/auditd/syscalls.h"

namespace vedette::inline v0 {
namespace {

constexpr int64_t kNanosPerSecond = 1000000000;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeWord(std::string_view* rest) {
  const std::string_view word = rest->substr(0, rest->find(' '));
  rest->remove_prefix(std::min(rest->size(), word.size() + 1));
  return word;
}

template <typename Number>
bool TakeNumber(std::string_view* rest, Number* out) {
  const auto parsed = std::from_chars(rest->data(), rest->data() + rest->size(), *out);
  if (parsed.ec != std::errc()) return false;
  rest->remove_prefix(static_cast<size_t>(parsed.ptr - rest->data()));
  return true;
}

// a0, a12, a3[1], but not the a0_len of an argument in parts.
bool IsArgument(std::string_view name) {
  if (name.size() < 2 || name[0] != 'a' || !IsDigit(name[1])) return false;
  const size_t end = name.find_first_not_of("0123456789", 1);
  return end == std::string_view::npos || name[end] == '[';
}

// Fields that come as hexadecimal digits if they hold blanks, quotes or bytes beyond ASCII.
bool MayBeHex(std::string_view type, std::string_view name) {
  static constexpr std::array<std::string_view, 19> kNames = {
      "name", "exe",  "comm",  "cwd", "proctitle", "acct", "cmd", "data",  "path", "key",
      "dir",  "file", "watch", "vm",  "old",       "new",  "tty", "ocomm", "sw"};
  if (type == "EXECVE" && IsArgument(name)) return true;
  return std::ranges::find(kNames, name) != kNames.end();
}

// The bytes that upper-case hexadecimal digits stand for; false if `text` is no such thing.
bool Unhex(std::string_view text, ValueArena* arena, std::string_view* out) {
  if (text.empty() || text.size() % 2 != 0) return false;
  const auto is_hex = [](char c) { return IsDigit(c) || (c >= 'A' && c <= 'F'); };
  if (!std::ranges::all_of(text, is_hex)) return false;
  char* const bytes = static_cast<char*>(arena->Allocate(text.size() / 2, 1));
  for (size_t i = 0; i < text.size(); i += 2) {
    bytes[i / 2] = static_cast<char>(*HexDigits(text.substr(i), 2));
  }
  *out = {bytes, text.size() / 2};
  return true;
}

bool SameValue(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  if (a.is_string()) return a.string() == b.string();
  return a.is_null() || a.integer() == b.integer();
}

}  // namespace

bool ParseAuditHead(std::string_view line, AuditHead* head) {
  *head = AuditHead();
  if (line.starts_with("node=")) head->node = TakeWord(&line).substr(5);
  if (!line.starts_with("type=")) return false;
  head->type = TakeWord(&line).substr(5);
  constexpr std::string_view kStart = "msg=audit(";
  if (head->type.empty() || !line.starts_with(kStart)) return false;
  line.remove_prefix(kStart.size());
  int64_t seconds = 0;
  if (!TakeNumber(&line, &seconds)) return false;
  int64_t nanos = 0;
  if (line.starts_with('.')) {
    line.remove_prefix(1);
    for (int64_t scale = kNanosPerSecond / 10; !line.empty() && IsDigit(line[0]); scale /= 10) {
      nanos += scale * (line[0] - '0');
      line.remove_prefix(1);
    }
  }
  if (!line.starts_with(':')) return false;
  line.remove_prefix(1);
  if (!TakeNumber(&line, &head->serial) || !line.starts_with("):")) return false;
  line.remove_prefix(2);
  constexpr int64_t kMost = 9000000000;
  if (seconds >= 0 && seconds < kMost) head->time = seconds * kNanosPerSecond + nanos;
  head->fields = line;
  return true;
}

bool IsLoneAuditType(std::string_view type) {
  // What programs and the daemon itself report; the kernel's records come in groups.
  static constexpr std::array<std::string_view, 17> kFamilies = {
      "USER_", "USER",   "CRED_",  "DAEMON_", "SERVICE_",   "SYSTEM_",
      "ADD_",  "DEL_",   "GRP_",   "ACCT_",   "CRYPTO_",    "ROLE_",
      "VIRT_", "LABEL_", "CHGRP_", "CHUSER_", "TRUSTED_APP"};
  return std::ranges::any_of(kFamilies, [type](auto f) { return type.starts_with(f); });
}

void AuditEventBuilder::Start(const AuditHead& first, ValueArena* arena) {
  arena_ = arena;
  fields_.clear();
  argument_name_.clear();
  argument_.clear();
  command_.clear();
  has_command_ = false;
  overflow_ = has_syscall_ = needs_syscall_ = false;
  items_ = -1;
  paths_ = 0;
  time_ = first.time;
  if (time_ != kNoEventTime) {
    Push("timestamp", Value::String(arena->CopyString(FormatEventTime(time_))));
  }
  Push("serial", Value::Uint(first.serial));
  if (!first.node.empty()) Push("node", Value::String(arena->CopyString(first.node)));
}

void AuditEventBuilder::Push(std::string_view name, Value value) {
  if (fields_.size() >= options_.max_fields) {
    overflow_ = true;
    return;
  }
  fields_.push_back({name, value, fields_.size()});
}

void AuditEventBuilder::Add(std::string_view type, std::string_view fields) {
  Push("type", Value::String(arena_->CopyString(type)));
  if (type == "SYSCALL") has_syscall_ = true;
  if (type == "PATH") ++paths_;
  if (type == "EXECVE" || type == "PATH" || type == "CWD" || type == "PROCTITLE") {
    needs_syscall_ = true;
  }
  Fields(type, arena_->CopyString(fields), 0);
  FlushArgument();
}

// `key=value key="value" key='key=value ..' key={ key=value .. }`.
void AuditEventBuilder::Fields(std::string_view type, std::string_view text, int depth) {
  size_t at = 0;
  while (at < text.size()) {
    // Enriched records have their interpreted fields behind a group separator.
    if (text[at] == ' ' || text[at] == '\x1d' || text[at] == ',') {
      ++at;
      continue;
    }
    const size_t begin = at;
    while (at < text.size() && text[at] != '=' && text[at] != ' ' && text[at] != '\x1d') ++at;
    if (at == text.size() || text[at] != '=') continue;  // a word of prose
    const std::string_view name = text.substr(begin, at - begin);
    ++at;
    const char open = at < text.size() ? text[at] : ' ';
    const char close = open == '{' ? '}' : open;
    if (open == '"' || open == '\'' || open == '{') {
      size_t end = text.find(close, at + 1);
      if (end == std::string_view::npos) end = text.size();
      const std::string_view value = text.substr(at + 1, end - at - 1);
      at = std::min(text.size(), end + 1);
      if (open == '"') {
        AddField(type, name, value, true);
      } else {
        if (open == '\'') Push(name, Value::String(value));
        if (depth == 0) Fields(type, value, depth + 1);
      }
    } else {
      const size_t value = at;
      while (at < text.size() && text[at] != ' ' && text[at] != '\x1d') ++at;
      AddField(type, name, text.substr(value, at - value), false);
    }
  }
}

void AuditEventBuilder::AddField(std::string_view type, std::string_view name,
                                 std::string_view value, bool quoted) {
  if (!quoted && value == "(null)") return Push(name, Value::Null());
  std::string_view decoded;
  const bool hex = !quoted && MayBeHex(type, name) && Unhex(value, arena_, &decoded);
  if (hex) value = decoded;
  if (type == "EXECVE" && IsArgument(name)) return Argument(name, value);
  if (hex && name == "proctitle") {
    // Arguments end with NUL.
    char* const text = MutableCopy(value, arena_);
    std::replace(text, text + value.size(), '\0', ' ');
    return Push(name, Value::String({text, value.size()}));
  }
  if (hex && name == "key") {
    while (true) {  // several keys
      const size_t end = value.find('\x01');
      Push(name, Value::String(value.substr(0, end)));
      if (end == std::string_view::npos) return;
      value.remove_prefix(end + 1);
    }
  }
  if (type == "SOCKADDR" && name == "saddr") Address(value);
  const bool text = quoted || hex || IsArgument(name);
  Push(name, text ? Value::String(value) : NumberOrText(value));
  if (type == "SYSCALL" && name == "items" && fields_.back().value.kind() == ValueKind::kInt) {
    items_ = fields_.back().value.integer();
  }
}

// Long arguments come in parts: a2[0]=.. a2[1]=..
void AuditEventBuilder::Argument(std::string_view name, std::string_view value) {
  const size_t bracket = name.find('[');
  const std::string_view whole = name.substr(0, bracket);
  if (whole != argument_name_) FlushArgument();
  if (bracket == std::string_view::npos) {
    AddToCommand(value);
    return Push(name, Value::String(value));
  }
  argument_name_ = whole;
  argument_ += value;
}

void AuditEventBuilder::AddToCommand(std::string_view argument) {
  if (has_command_) command_ += ' ';
  has_command_ = true;
  command_ += argument;
}

void AuditEventBuilder::FlushArgument() {
  if (argument_name_.empty()) return;
  AddToCommand(argument_);
  Push(arena_->CopyString(argument_name_), Value::String(arena_->CopyString(argument_)));
  argument_name_.clear();
  argument_.clear();
}

// A socket address as the kernel holds it, of a little-endian machine: family, port, address.
void AuditEventBuilder::Address(std::string_view hex) {
  std::string_view bytes;
  if (!Unhex(hex, arena_, &bytes) || bytes.size() < 2 || bytes[1] != '\0') return;
  const auto at = [bytes](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  constexpr unsigned char kUnix = 1;
  constexpr unsigned char kInet = 2;
  constexpr unsigned char kInet6 = 10;
  std::string address;
  if (at(0) == kUnix) {
    Push("saddr_fam", Value::String("local"));
    std::string_view path = bytes.substr(2);
    while (path.starts_with('\0')) path.remove_prefix(1);  // abstract names
    path = path.substr(0, path.find('\0'));
    if (!path.empty()) Push("path", Value::String(path));
    return;
  }
  if (at(0) == kInet && bytes.size() >= 8) {
    Push("saddr_fam", Value::String("inet"));
    for (size_t i = 4; i < 8; ++i) address += (i > 4 ? "." : "") + std::to_string(at(i));
  } else if (at(0) == kInet6 && bytes.size() >= 24) {
    Push("saddr_fam", Value::String("inet6"));
    char group[8];
    for (size_t i = 8; i < 24; i += 2) {
      const auto end = std::to_chars(group, group + sizeof group, at(i) << 8 | at(i + 1), 16).ptr;
      address += i > 8 ? ":" : "";
      address.append(group, end);
    }
  } else {
    return;
  }
  Push("laddr", Value::String(arena_->CopyString(address)));
  Push("lport", Value::Int(at(2) << 8 | at(3)));
}

const Value* AuditEventBuilder::Find(std::string_view name) const {
  const auto it = std::ranges::find(fields_, name, &Field::name);
  return it == fields_.end() ? nullptr : &it->value;
}

// `syscall` has the number and the name, whatever the record has; the name is SYSCALL, too.
void AuditEventBuilder::NameSyscall() {
  if (!has_syscall_) return;
  const Value* const number = Find("syscall");
  const Value* const enriched = Find("SYSCALL");
  if (number == nullptr) return;
  if (enriched != nullptr) return Push("syscall", *enriched);
  const Value* const arch = Find("arch");
  if (arch == nullptr || number->kind() != ValueKind::kInt) return;
  std::string text;
  arch->AppendText(&text);
  const std::string_view name = SyscallName(text, number->integer());
  if (name.empty()) return;
  Push("syscall", Value::String(name));
  Push("SYSCALL", Value::String(name));
}

// The values of one name, sorted by order: alone, or as a list without what came before.
Value AuditEventBuilder::Merged(size_t begin, size_t end) {
  constexpr size_t kCompared = 32;
  values_.clear();
  for (size_t i = begin; i < end; ++i) {
    const Value& value = fields_[i].value;
    const auto last = values_.begin() + static_cast<ptrdiff_t>(std::min(kCompared, values_.size()));
    const auto same = [&value](const Value& v) { return SameValue(v, value); };
    if (std::none_of(values_.begin(), last, same)) values_.push_back(value);
  }
  if (values_.size() == 1) return values_[0];
  const std::span<Value> list = arena_->NewValues(values_.size());
  std::ranges::copy(values_, list.begin());
  return Value::List(list);
}

ParseOutcome AuditEventBuilder::Finish(Event* event) {
  NameSyscall();
  // The kernel cuts proctitle off after 128 bytes.
  if (has_command_) Push("command_line", Value::String(arena_->CopyString(command_)));
  if (overflow_) return kTooManyFields;
  std::ranges::sort(fields_, [](const Field& a, const Field& b) {
    return a.name != b.name ? a.name < b.name : a.order < b.order;
  });
  // One field of each name, at the place of the first.
  size_t out = 0;
  for (size_t begin = 0; begin < fields_.size();) {
    size_t end = begin + 1;
    while (end < fields_.size() && fields_[end].name == fields_[begin].name) ++end;
    const Value value = end == begin + 1 ? fields_[begin].value : Merged(begin, end);
    fields_[out++] = {fields_[begin].name, value, fields_[begin].order};
    begin = end;
  }
  fields_.resize(out);
  std::ranges::sort(fields_, {}, &Field::order);
  members_.Clear();
  for (const Field& field : fields_) members_.Add(field.name, field.value);
  FinishEvent(options_, members_.TakeObject(0, arena_), event);
  event->set_time(time_);
  if (needs_syscall_ && !has_syscall_) {
    return {ParseOutcome::Kind::kIncomplete, "the SYSCALL record of the event is missing"};
  }
  if (paths_ < items_) {
    return {ParseOutcome::Kind::kIncomplete, "PATH records of the event are missing"};
  }
  return {};
}

}  // namespace vedette::inline v0
