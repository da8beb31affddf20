// The binary XML of an event record into a value tree.
#ifndef VEDETTE_LIB_IO_EVTX_BINXML_H_
#define VEDETTE_LIB_IO_EVTX_BINXML_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "lib/io/evtx/binxml_value.h"
#include "vedette/event.h"

namespace vedette::inline v0 {

// Names, templates and values stand anywhere in the chunk and are found by their offsets in it;
// every offset and size is checked, depth, values and text are bounded. Keeps its memory between
// records. Thread-compatible.
class BinXmlReader {
 public:
  struct Limits {
    size_t values;  // tokens and substitutions of one record
    size_t bytes;   // of what is made of one record
  };
  explicit BinXmlReader(Limits limits) : limits_(limits) {}

  // `bytes` is a chunk, which outlives the reading of its records.
  void SetChunk(std::string_view bytes);
  // The record whose binary XML stands at [begin, end) of the chunk. False: `reason()` says why.
  bool Read(size_t begin, size_t end, ValueArena* arena, Value* out);
  const char* reason() const { return reason_; }
  // Whether a limit was the reason.
  bool oversized() const { return oversized_; }
  // Whether the record read last refers to values that it does not have.
  bool incomplete() const { return incomplete_; }

 private:
  struct Cursor {
    size_t at;
    size_t end;
  };
  struct Substitution {
    uint8_t type;
    size_t begin;
    size_t size;
  };
  // What the tokens around refer to.
  struct Context {
    bool dependencies = true;  // elements have a dependency number
    size_t first = 0;          // of substitutions_
    size_t count = 0;
    int depth = 0;
  };

  bool Fail(const char* reason) {
    reason_ = reason;
    return false;
  }
  bool Spend(size_t bytes);
  bool Has(const Cursor& c, size_t bytes) const { return c.end - c.at >= bytes; }
  uint8_t Byte(const Cursor& c) const { return static_cast<uint8_t>(chunk_[c.at]); }
  template <typename T>
  bool Take(Cursor* c, T* out) {
    if (!Has(*c, sizeof(T))) return Fail("the record is cut off");
    *out = ReadLittle<T>(chunk_.substr(c->at));
    c->at += sizeof(T);
    return true;
  }

  // Each takes its tokens from `c`.
  bool Fragment(Cursor* c, const Context& context);
  bool TemplateInstance(Cursor* c, const Context& context);
  bool Element(Cursor* c, const Context& context);
  bool ElementStart(Cursor* c, const Context& context, std::string_view* name);
  bool Attributes(Cursor* c, const Context& context);
  bool Content(Cursor* c, const Context& context);
  // One token of text; `*found` if there was one.
  bool Text(Cursor* c, const Context& context, bool in_element, bool* found);
  bool Substitute(Cursor* c, const Context& context, bool optional, bool in_element);
  bool Name(Cursor* c, std::string_view* name);
  bool LooksLikeElement(const Cursor& c, size_t skipped) const;
  bool Units(Cursor* c, std::string_view* bytes);
  Value TakeTexts(size_t first);
  bool Close(std::string_view name, size_t attributes, size_t children, size_t texts);
  // The members from `first` on; equal names become one list.
  Value TakeMembers(size_t first);

  const Limits limits_;
  std::string_view chunk_;
  ValueArena* arena_ = nullptr;
  const char* reason_ = "";
  bool oversized_ = false;
  bool incomplete_ = false;
  size_t values_ = 0;
  size_t bytes_ = 0;
  size_t chunk_bytes_ = 0;  // of all records of the chunk, as the next
  size_t chunk_values_ = 0;
  std::vector<Substitution> substitutions_;
  std::vector<Member> attributes_;
  std::vector<Member> children_;
  std::vector<Value> texts_;
  std::vector<std::string_view> open_;  // names of the elements around
  std::vector<size_t> order_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_IO_EVTX_BINXML_H_
