// Streams of events cut into blocks, so that several threads can read them.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_BLOCKS_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_BLOCKS_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "bindings/python/src/arrow_columns.h"
#include "vedette/event.h"
#include "vedette/io/events.h"
#include "vedette/json.h"
#include "vedette/program.h"
#include "vedette/sink.h"

namespace vedette::python {

// What could not be read as events, and the first reasons.
struct ReadReport {
  static constexpr size_t kMaxReasons = 10;

  ReadStats stats;
  std::vector<std::pair<uint64_t, std::string>> reasons;  // line or number, from 1

  void AddBroken(uint64_t line, std::string_view reason) {
    ++stats.broken;
    AddReason(line, reason);
  }
  void AddReason(uint64_t line, std::string_view reason) {
    if (reasons.size() < kMaxReasons) reasons.emplace_back(line, reason);
  }
  void Add(const ReadReport& other);
};

// What a thread keeps between blocks: readers that know the names of the events before.
class BlockReaders {
 public:
  // For the program that the events are for; null: any.
  explicit BlockReaders(std::shared_ptr<const Program> program);

  JsonParser& json() { return json_; }
  ArrowRowReader& arrow() { return arrow_; }
  Event& event() { return event_; }
  const std::shared_ptr<const Program>& program() const { return program_; }

 private:
  std::shared_ptr<const Program> program_;
  JsonParser json_;
  ArrowRowReader arrow_;
  Event event_;
};

// How bytes are read.
struct ReadOptions {
  std::shared_ptr<const Program> program;  // that the events are for
  std::optional<EventFormat> format;       // seen by itself, if not said
};

using VisitEvent = std::function<void(const Event&)>;

// Some events one after the other. Read once, on any thread, without the interpreter's lock.
class Block {
 public:
  virtual ~Block() = default;
  virtual void Read(BlockReaders* readers, ReadReport* report, const VisitEvent& visit) = 0;
};

// Yields blocks on the thread that runs the engine, which does not hold the interpreter's lock.
class BlockSource {
 public:
  virtual ~BlockSource() = default;
  // Null at the end. Throws what Python threw. What it gives lives on when the source is gone.
  virtual absl::StatusOr<std::unique_ptr<Block>> Next() = 0;
  // Also what Next itself could not read; complete at the end.
  const ReadReport& report() const { return report_; }

 protected:
  ReadReport report_;
};

// Events that were read before.
class FilledBlock final : public Block {
 public:
  static constexpr size_t kEvents = 256;
  static constexpr size_t kBytes = size_t{1} << 20;

  // Where the next one goes.
  Event* slot();
  // Takes what is in the slot.
  void Keep() { ++used_; }
  size_t size() const { return used_; }
  void Read(BlockReaders* readers, ReadReport* report, const VisitEvent& visit) override;

 private:
  std::vector<std::unique_ptr<Event>> events_;
  size_t used_ = 0;
};

// Lines of one JSON object each; what is none goes through the library's reader of streams.
class LinesBlock final : public Block {
 public:
  // `text`, or where it is empty `owned`, whose first line is number `line`. The rest outlives it.
  LinesBlock(std::string_view text, std::string owned, std::string_view name, uint64_t line);
  void Read(BlockReaders* readers, ReadReport* report, const VisitEvent& visit) override;

 private:
  // Reads on to where a record begins again.
  void ReadStrange(ReadReport* report, const VisitEvent& visit);

  const std::string owned_;
  std::string_view text_;
  const std::string_view name_;
  uint64_t line_;
};

// Whether the bytes are one object a line, as far as the beginning of them tells.
bool LooksLikeLines(std::string_view bytes);
// Events of any reader, in blocks. `name` must outlive them; empty: the reader's.
std::unique_ptr<BlockSource> NewReaderSource(
    std::function<std::unique_ptr<EventReader>(ReadReport*)> open, std::string_view name);

// The library's reader for any format; it keeps the program.
EventReaderOptions ReaderOptions(const ReadOptions& options, ReadReport* report);

// Bytes that do not change and outlive the source's blocks: lines of JSON are parsed by those who
// read the blocks, other forms (arrays, packed bytes, other formats) by Next. `name` must outlive
// the blocks, too.
std::unique_ptr<BlockSource> NewBytesSource(std::string_view bytes, std::string_view name,
                                            const ReadOptions& options);
// The events of a file. NotFound or PermissionDenied if it cannot be opened.
absl::StatusOr<std::unique_ptr<BlockSource>> NewFileSource(const std::string& path,
                                                           const ReadOptions& options);
// Those of several files in the order of their times; each file must be in order itself. Events
// without a time come at once.
absl::StatusOr<std::unique_ptr<BlockSource>> NewMergedSource(const std::vector<std::string>& paths,
                                                             const ReadOptions& options);

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_BLOCKS_H_
