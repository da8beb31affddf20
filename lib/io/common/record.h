// Flat records into events.
#ifndef VEDETTE_LIB_IO_COMMON_RECORD_H_
#define VEDETTE_LIB_IO_COMMON_RECORD_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "vedette/event.h"
#include "vedette/io/text.h"

namespace vedette::inline v0 {

// A text as a value: an integer if it is written as integers are printed ("443", not "0443"), so
// that rules may compare it and its text stays what it was; else a string. `text` is not copied.
Value NumberOrText(std::string_view text);

// Gathers the fields of an event. Keeps its memory between events. Thread-compatible.
class RecordFields {
 public:
  void Clear() { members_.clear(); }
  // Names and values live as long as the event: in its arena, or for ever.
  void Add(std::string_view name, Value value) { members_.push_back({name, value}); }
  size_t size() const { return members_.size(); }
  const Member& at(size_t i) const { return members_[i]; }
  bool Has(std::string_view name) const { return Find(name) != nullptr; }
  Member* Find(std::string_view name);
  const Member* Find(std::string_view name) const;
  // The fields from `first` on as an object, and these are removed.
  Value TakeObject(size_t first, ValueArena* arena);

 private:
  std::vector<Member> members_;
};

// Names that all events of a table have. An event may outlive the reader, so it gets a copy, of all
// at once.
class ColumnNames {
 public:
  void Clear() {
    all_.clear();
    ends_.clear();
  }
  void Add(std::string_view name) {
    all_.append(name);
    ends_.push_back(all_.size());
  }
  size_t size() const { return ends_.size(); }
  // What Name() needs for one event.
  const char* CopyTo(ValueArena* arena) const { return arena->CopyString(all_).data(); }
  std::string_view Name(size_t i, const char* copy) const {
    const size_t begin = i == 0 ? 0 : ends_[i - 1];
    return {copy + begin, ends_[i] - begin};
  }

 private:
  std::string all_;
  std::vector<size_t> ends_;
};

// Sets the event's tree, with the shape and the zone of the options.
void FinishEvent(const TextOptions& options, Value root, Event* event);

// A changeable copy of `text` in the arena: escapes are replaced in place.
char* MutableCopy(std::string_view text, ValueArena* arena);

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_COMMON_RECORD_H_
