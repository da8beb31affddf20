// Records of the audit daemon: their heads, and the events that are made of their fields.
#ifndef VEDETTE_LIB_IO_AUDITD_AUDIT_RECORD_H_
#define VEDETTE_LIB_IO_AUDITD_AUDIT_RECORD_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "lib/io/common/line_reader.h"
#include "lib/io/common/record.h"

namespace vedette::inline v0 {

// `node=web-01 type=SYSCALL msg=audit(1789000000.123:42): `, and what follows.
struct AuditHead {
  std::string_view node;
  std::string_view type;
  EventTime time = kNoEventTime;
  uint64_t serial = 0;
  std::string_view fields;
};
bool ParseAuditHead(std::string_view line, AuditHead* head);

// Whether records of this type come alone, or in a group that ends with PROCTITLE or EOE.
bool IsLoneAuditType(std::string_view type);

// Makes one event of the records with one number. Keeps its memory between events.
// Thread-compatible.
class AuditEventBuilder {
 public:
  explicit AuditEventBuilder(TextOptions options) : options_(std::move(options)) {}

  void Start(const AuditHead& first, ValueArena* arena);
  // `fields` is copied.
  void Add(std::string_view type, std::string_view fields);
  ParseOutcome Finish(Event* event);

 private:
  struct Field {
    std::string_view name;
    Value value;
    size_t order = 0;
  };

  void Fields(std::string_view type, std::string_view text, int depth);
  void AddField(std::string_view type, std::string_view name, std::string_view value, bool quoted);
  void Push(std::string_view name, Value value);
  void Argument(std::string_view name, std::string_view value);
  void FlushArgument();
  void AddToCommand(std::string_view argument);
  void Address(std::string_view hex);
  void NameSyscall();
  const Value* Find(std::string_view name) const;
  Value Merged(size_t begin, size_t end);

  TextOptions options_;
  ValueArena* arena_ = nullptr;
  EventTime time_ = kNoEventTime;
  std::vector<Field> fields_;
  std::vector<Value> values_;
  RecordFields members_;
  std::string argument_name_;  // of EXECVE, whose parts are being gathered
  std::string argument_;
  std::string command_;  // all arguments of EXECVE
  bool has_command_ = false;
  bool overflow_ = false;
  bool has_syscall_ = false;
  bool needs_syscall_ = false;
  int64_t items_ = -1;
  int64_t paths_ = 0;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_AUDITD_AUDIT_RECORD_H_
