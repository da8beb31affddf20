#include <algorithm>
#include <array>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "lib/io/auditd/audit_record.h"
#include "lib/io/common/decoded_source.h"
#include "vedette/io/auditd.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kMaxOpen = 64;
// Records of one event come together; none is waited for longer than this, in event time.
constexpr EventTime kLongest = EventTime{2} * 1000000000;

struct Record {
  size_t type_end;  // in Group::text; the type begins where the last record ended
  size_t end;
};

// The records so far of one event.
struct Group {
  std::string node;
  uint64_t serial = 0;
  EventTime time = kNoEventTime;
  uint64_t line = 0;
  std::string text;
  std::vector<Record> records;
  bool oversized = false;
};

class AuditdReader final : public EventReader {
 public:
  AuditdReader(std::string name, ByteSource bytes, TextOptions options)
      : name_(std::move(name)),
        max_bytes_(options.max_bytes),
        max_records_(options.max_fields),
        buffer_(DecodedSource(std::move(bytes))),
        counter_(options.on_broken),
        builder_(std::move(options)) {}

  absl::StatusOr<bool> Next(Event* event) override {
    while (true) {
      while (!ready_.empty()) {
        const Group group = std::move(ready_.front());
        ready_.pop_front();
        if (!counter_.Count(Build(group, event), group.line)) continue;
        event->set_ref(name_, group.line);
        return true;
      }
      const TextBuffer::Line line = buffer_.NextLine(max_bytes_);
      counter_.stats.bytes = buffer_.bytes();
      counter_.stats.blank = buffer_.blank_lines();
      if (line.kind == TextBuffer::Kind::kEnd) {
        if (buffer_.waiting()) return buffer_.status();
        if (!open_.empty()) {
          while (!open_.empty()) Complete(0);
          continue;
        }
        if (!buffer_.status().ok()) return buffer_.status();
        return false;
      }
      if (line.kind == TextBuffer::Kind::kOversized) {
        counter_.Count({ParseOutcome::Kind::kOversized, "larger than the limit"}, line.line);
        continue;
      }
      AuditHead head;
      if (!ParseAuditHead(line.text, &head)) {
        counter_.Count({ParseOutcome::Kind::kBroken, "no audit record"}, line.line);
        continue;
      }
      Take(head, line.line);
    }
  }

  const ReadStats& stats() const override { return counter_.stats; }

 private:
  void Take(const AuditHead& head, uint64_t line) {
    CompleteOld(head.time);
    size_t at = 0;
    while (at < open_.size() && (open_[at].serial != head.serial || open_[at].node != head.node)) {
      ++at;
    }
    if (head.type == "EOE") {
      // Of an event that ended with PROCTITLE there is nothing open any more.
      if (at < open_.size()) Complete(at);
      return;
    }
    if (at == open_.size()) {
      if (open_.size() == kMaxOpen) {
        Complete(0);
        --at;
      }
      Group group;
      group.node = head.node;
      group.serial = head.serial;
      group.time = head.time;
      group.line = line;
      open_.push_back(std::move(group));
    }
    Append(head, &open_[at]);
    if (head.type == "PROCTITLE" || IsLoneAuditType(head.type)) return Complete(at);
    // All open events together stay below the limit of one.
    while (open_bytes_ > max_bytes_ && !open_.empty()) Complete(0);
  }

  void Append(const AuditHead& head, Group* group) {
    const size_t size = head.type.size() + head.fields.size();
    if (group->text.size() + size > max_bytes_ || group->records.size() >= max_records_) {
      group->oversized = true;
      return;
    }
    group->text.append(head.type);
    const size_t type_end = group->text.size();
    group->text.append(head.fields);
    group->records.push_back({type_end, group->text.size()});
    open_bytes_ += size;
  }

  void Complete(size_t at) {
    open_bytes_ -= open_[at].text.size();
    ready_.push_back(std::move(open_[at]));
    open_.erase(open_.begin() + static_cast<ptrdiff_t>(at));
  }

  void CompleteOld(EventTime now) {
    if (now == kNoEventTime) return;
    for (size_t i = 0; i < open_.size();) {
      const EventTime time = open_[i].time;
      if (time != kNoEventTime && now > time && now - time > kLongest) {
        Complete(i);
      } else {
        ++i;
      }
    }
  }

  ParseOutcome Build(const Group& group, Event* event) {
    if (group.oversized) return {ParseOutcome::Kind::kOversized, "larger than the limit"};
    event->Clear();
    AuditHead head;
    head.node = group.node;
    head.time = group.time;
    head.serial = group.serial;
    builder_.Start(head, &event->arena());
    const std::string_view text = group.text;
    size_t begin = 0;
    for (const Record& record : group.records) {
      builder_.Add(text.substr(begin, record.type_end - begin),
                   text.substr(record.type_end, record.end - record.type_end));
      begin = record.end;
    }
    return builder_.Finish(event);
  }

  std::string name_;
  size_t max_bytes_;
  size_t max_records_;
  TextBuffer buffer_;
  OutcomeCounter counter_;
  AuditEventBuilder builder_;
  std::vector<Group> open_;  // the oldest first
  std::deque<Group> ready_;
  size_t open_bytes_ = 0;
};

}  // namespace

std::unique_ptr<EventReader> NewAuditdReader(std::string name, ByteSource bytes,
                                             TextOptions options) {
  return std::make_unique<AuditdReader>(std::move(name), std::move(bytes), std::move(options));
}

}  // namespace vedette::inline v0
