// Event log files made byte by byte, apart from the library.
#ifndef VEDETTE_TESTS_SUPPORT_EVTX_WRITER_H_
#define VEDETTE_TESTS_SUPPORT_EVTX_WRITER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::test {

// `text`, which is ASCII, in UTF-16 (little endian).
std::string Utf16(std::string_view text);
std::string Little(uint64_t value, size_t size);

class XmlWriter;

// A value of a template.
struct EvtxValue {
  uint8_t type;
  std::string bytes;
  // Of values that are XML: writes it in its place, in the stead of `bytes`.
  std::function<void(XmlWriter&)> write = nullptr;
  bool dependencies = false;
};

class EvtxChunk;

// Writes tokens of binary XML at the end of a chunk's records. Names stand where they come first.
class XmlWriter {
 public:
  // `dependencies`: elements have the number of what they depend on.
  XmlWriter(EvtxChunk* chunk, bool dependencies) : chunk_(chunk), dependencies_(dependencies) {}

  XmlWriter& Fragment();
  // <name; with attributes each Attribute() and its value follow, then Close or Empty.
  XmlWriter& Open(std::string_view name, bool attributes = false);
  XmlWriter& Attribute(std::string_view name);
  XmlWriter& Close();  // >
  XmlWriter& Empty();  // />
  XmlWriter& End();    // </name>
  XmlWriter& Text(std::string_view text);
  XmlWriter& Cdata(std::string_view text);
  XmlWriter& CharRef(uint16_t code);
  XmlWriter& Entity(std::string_view name);
  XmlWriter& Instruction(std::string_view target, std::string_view data);
  XmlWriter& Value(int index, uint8_t type, bool optional = false);
  XmlWriter& Eof();
  // An instance of the template `id`; `define` writes it where it comes first.
  XmlWriter& Template(uint32_t id, const std::function<void(XmlWriter&)>& define,
                      const std::vector<EvtxValue>& values);
  // <name>text</name>
  XmlWriter& Element(std::string_view name, std::string_view text) {
    return Open(name).Close().Text(text).End();
  }
  // <name>%index</name>
  XmlWriter& Field(std::string_view name, int index, uint8_t type) {
    return Open(name).Close().Value(index, type).End();
  }

 private:
  void Put(std::string_view bytes);
  void Name(std::string_view name);

  EvtxChunk* chunk_;
  bool dependencies_;
  std::vector<size_t> sizes_;       // of open elements: where their size stands
  std::vector<size_t> attributes_;  // the same of their attributes; 0: none
};

class EvtxChunk {
 public:
  explicit EvtxChunk(uint64_t first_record = 1) : first_(first_record), next_(first_record) {}

  using Write = std::function<void(XmlWriter&)>;
  // The next record, written at `filetime`. All of them must fit into the chunk.
  void Record(const Write& write, uint64_t filetime = 134000000000000000);
  // 65,536 bytes with checksums.
  std::string Bytes() const;

 private:
  friend class XmlWriter;
  std::string data_ = std::string(512, '\0');
  std::map<std::string, size_t, std::less<>> names_;
  std::map<uint32_t, size_t> templates_;
  uint64_t first_;
  uint64_t next_;
  size_t last_record_at_ = 512;
};

// A whole file. `flags`: 1 it was not closed.
std::string EvtxFile(const std::vector<std::string>& chunks, uint32_t flags = 0);

}  // namespace vedette::test

#endif  // VEDETTE_TESTS_SUPPORT_EVTX_WRITER_H_
