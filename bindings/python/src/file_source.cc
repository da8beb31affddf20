// Files as blocks.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bindings/python/src/blocks.h"

namespace vedette::python {
namespace {

constexpr size_t kChunk = size_t{1} << 20;
constexpr size_t kMaxKept = size_t{72} << 20;  // more than the largest event

absl::Status ErrorOf(int error, const std::string& path) {
  const std::string message = path + ": " + std::strerror(error);
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::UnavailableError(message);
}

// A file that closes itself.
class File {
 public:
  explicit File(std::string path) : path_(std::move(path)) {}
  ~File() {
    if (fd_ >= 0) close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  absl::Status Open() {
    fd_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    return fd_ < 0 ? ErrorOf(errno, path_) : absl::OkStatus();
  }
  // Appends what there is, up to `size` bytes; false at the end. Cancelled when a signal came.
  absl::StatusOr<bool> Append(size_t size, std::string* out) {
    const size_t before = out->size();
    out->resize(before + size);
    const ssize_t n = read(fd_, out->data() + before, size);
    const int error = errno;
    out->resize(before + static_cast<size_t>(std::max<ssize_t>(n, 0)));
    if (n >= 0) return n > 0;
    if (error == EINTR) return absl::CancelledError("interrupted");
    return ErrorOf(error, path_);
  }
  const std::string& path() const { return path_; }

 private:
  const std::string path_;
  int fd_ = -1;
};

// Lines, cut where a record begins.
class FileLinesSource final : public BlockSource {
 public:
  FileLinesSource(std::unique_ptr<File> file, std::string begin)
      : file_(std::move(file)), kept_(std::move(begin)) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    size_t end = std::string::npos;
    while (!ended_ && end == std::string::npos) {
      const absl::StatusOr<bool> more = file_->Append(kChunk, &kept_);
      if (!more.ok()) return more.status();
      ended_ = !*more;
      end = kept_.size() < kChunk ? std::string::npos : kept_.rfind("\n{");
      if (kept_.size() > kMaxKept) break;
    }
    if (kept_.empty()) return nullptr;
    std::string text = std::move(kept_);
    kept_.clear();
    if (!ended_ && end != std::string::npos) {
      kept_ = text.substr(end + 1);
      text.resize(end + 1);
    }
    const auto lines = static_cast<uint64_t>(std::ranges::count(text, '\n'));
    auto block =
        std::make_unique<LinesBlock>(std::string_view(), std::move(text), file_->path(), line_);
    line_ += lines;
    return block;
  }

 private:
  const std::unique_ptr<File> file_;
  std::string kept_;
  bool ended_ = false;
  uint64_t line_ = 1;
};

// Bytes that were read already, then the rest of the file.
ByteSource SourceOf(std::shared_ptr<File> file, std::string begin) {
  return [file, begin = std::move(begin)](char* buffer,
                                          size_t size) mutable -> absl::StatusOr<size_t> {
    if (begin.empty()) {
      const absl::StatusOr<bool> more = file->Append(size, &begin);
      if (!more.ok()) return more.status();
    }
    const size_t n = std::min(size, begin.size());
    if (n > 0) std::memcpy(buffer, begin.data(), n);
    begin.erase(0, n);
    return n;
  };
}

// Several readers, the earliest event first.
class MergedReader final : public EventReader {
 public:
  explicit MergedReader(std::vector<std::unique_ptr<EventReader>> readers) {
    streams_.resize(readers.size());
    for (size_t i = 0; i < readers.size(); ++i) streams_[i].reader = std::move(readers[i]);
  }

  absl::StatusOr<bool> Next(Event* event) override {
    Stream* first = nullptr;
    for (Stream& stream : streams_) {
      if (!stream.has_event && !stream.ended) {
        const absl::StatusOr<bool> more = stream.reader->Next(&stream.event);
        if (!more.ok()) return more.status();
        stream.ended = !*more;
        stream.has_event = *more;
      }
      if (!stream.has_event) continue;
      if (first == nullptr || stream.event.time() < first->event.time()) first = &stream;
    }
    if (first == nullptr) return false;
    std::swap(*event, first->event);
    // The reader's own text is of its next event soon.
    event->set_raw({});
    first->has_event = false;
    return true;
  }

  const ReadStats& stats() const override {
    ReadReport all;
    for (const Stream& stream : streams_) all.Add({stream.reader->stats(), {}});
    stats_ = all.stats;
    return stats_;
  }

 private:
  struct Stream {
    std::unique_ptr<EventReader> reader;
    Event event;
    bool has_event = false;
    bool ended = false;
  };
  std::vector<Stream> streams_;
  mutable ReadStats stats_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BlockSource>> NewFileSource(const std::string& path,
                                                           const ReadOptions& options) {
  auto file = std::make_unique<File>(path);
  if (absl::Status s = file->Open(); !s.ok()) return s;
  std::string begin;
  // A pipe may give less: that tells the form, or it is read as a stream.
  if (const absl::StatusOr<bool> more = file->Append(4096, &begin); !more.ok()) {
    return more.status();
  }
  if (options.format.value_or(EventFormat::kJson) == EventFormat::kJson && LooksLikeLines(begin)) {
    return std::make_unique<FileLinesSource>(std::move(file), std::move(begin));
  }
  const std::shared_ptr<File> shared = std::move(file);
  return NewReaderSource(
      [&](ReadReport* report) {
        return NewEventReader(path, SourceOf(shared, std::move(begin)),
                              ReaderOptions(options, report));
      },
      "");
}

absl::StatusOr<std::unique_ptr<BlockSource>> NewMergedSource(const std::vector<std::string>& paths,
                                                             const ReadOptions& options) {
  std::vector<std::unique_ptr<File>> files;
  for (const std::string& path : paths) {
    files.push_back(std::make_unique<File>(path));
    if (absl::Status s = files.back()->Open(); !s.ok()) return s;
  }
  return NewReaderSource(
      [&](ReadReport* report) -> std::unique_ptr<EventReader> {
        std::vector<std::unique_ptr<EventReader>> readers;
        for (std::unique_ptr<File>& file : files) {
          const std::string name = file->path();
          readers.push_back(
              NewEventReader(name, SourceOf(std::move(file), ""), ReaderOptions(options, report)));
        }
        return std::make_unique<MergedReader>(std::move(readers));
      },
      "");
}

}  // namespace vedette::python
