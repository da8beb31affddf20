// `vedette store`: events into segment files, for hunts.
#include <utility>

#include "lib/cli/commands.h"
#include "lib/cli/events.h"
#include "lib/cli/load.h"
#include "lib/cli/merge.h"
#include "lib/cli/read_as_one.h"
#include "lib/cli/save_file.h"
#include "lib/cli/text.h"
#include "vedette/io/segment.h"

namespace vedette::inline v0::cli {
namespace {

// Reads all files as one stream, by time, into the writer. Whether all could be read.
absl::StatusOr<bool> StoreAll(const std::vector<std::string>& files, const EventOptions& options,
                              SegmentWriter* writer, Console* console) {
  bool all_read = true;
  ReadTold told;
  told.skipped = [console](const std::string& message) { console->Error(message); };
  told.unreadable = [&](const std::string& message) {
    all_read = false;
    console->Error(message);
  };
  const absl::Status status = ReadAsOne(files, options, told, [&](Event* event) {
    if (options.log_source.has_value()) event->set_log_source(*options.log_source);
    return writer->Add(*event);
  });
  if (!status.ok()) return status;
  return all_read;
}

int Store(const Options& options, Console* console) {
  if (options.Values("events").empty()) {
    return Fail(absl::InvalidArgumentError("no events given; use --events PATH, or - for stdin"),
                "store", console);
  }
  if (!options.Has("segment")) {
    return Fail(absl::InvalidArgumentError("where to? Use --segment FILE"), "store", console);
  }
  const absl::StatusOr<EventOptions> events = EventOptionsOf(options);
  if (!events.ok()) return Fail(events.status(), "store", console);
  SegmentWriterOptions writing;
  const absl::StatusOr<uint64_t> block = options.Bytes("block", writing.block_bytes);
  if (!block.ok()) return Fail(block.status(), "store", console);
  writing.block_bytes = static_cast<size_t>(*block);
  const absl::StatusOr<std::vector<std::string>> files = FindEventFiles(options.Values("events"));
  if (!files.ok()) return Fail(files.status(), "store", console);
  if (files->empty()) {
    console->Error("no event file found");
    return kExitFailed;
  }
  if (files->size() > kMaxMerged) {
    return Fail(absl::InvalidArgumentError("more than 512 event files, which are read together"),
                "store", console);
  }
  const std::string path(options.Value("segment"));
  bool all_read = true;
  uint64_t stored = 0;
  uint64_t bytes = 0;
  const absl::Status status = SaveFile(path, [&](const FileWriter& write) {
    SegmentWriter writer(write, writing);
    const absl::StatusOr<bool> read = StoreAll(*files, *events, &writer, console);
    if (!read.ok()) return read.status();
    all_read = *read;
    absl::Status finished = writer.Finish();
    stored = writer.events();
    bytes = writer.bytes();
    return Interrupted() ? absl::CancelledError("interrupted: nothing was stored") : finished;
  });
  if (!status.ok()) {
    console->Error(Clean(MessageOf(status)));
    return Interrupted() ? kExitInterrupted : kExitFailed;
  }
  if (!options.Has("quiet")) {
    console->out->WriteLine(Clean(path) + ": " + Count(stored, "event") + ", " + WithCommas(bytes) +
                            " bytes");
  }
  return all_read ? kExitOk : kExitFailed;
}

}  // namespace

Command StoreCommand() {
  CommandSpec spec;
  spec.name = "store";
  spec.summary = "Store events in a segment file, for `vedette hunt`.";
  spec.description =
      "Reads event files as `vedette detect` does, all of them as one stream by time, and writes "
      "them packed, with an index of times, sources and values. Rules find in the segment what "
      "they "
      "find in the files. Any zstd unpacks the file to one JSON object a line.";
  spec.examples =
      "vedette store --events examples/data/attack.ndjson.gz --segment day.vseg\n"
      "vedette store -e logs/ -s logs.vseg";
  spec.options = EventReadOptions();
  const std::vector<OptionSpec> own = {
      {"segment", 's', OptionKind::kValue, "FILE",
       "The segment file to write. It is there when it is whole."},
      {"block", 0, OptionKind::kValue, "SIZE",
       "Text of a block, which is read as a whole (64K, 4M). Default: 1M."},
      {"quiet", 'q', OptionKind::kFlag, "", "Say nothing but errors."},
  };
  spec.options.insert(spec.options.end(), own.begin(), own.end());
  return {std::move(spec), Store};
}

}  // namespace vedette::inline v0::cli
