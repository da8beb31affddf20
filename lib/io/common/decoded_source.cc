#include "lib/io/common/decoded_source.h"

#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "lib/base/utf8.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kChunk = size_t{64} << 10;

// A source whose first bytes can be looked at.
class PeekedSource {
 public:
  explicit PeekedSource(ByteSource bytes) : bytes_(std::move(bytes)) {}

  // Enough of the stream's beginning to tell whether it is one of `marks`, and no more: a live
  // stream may not go on for a long time.
  absl::StatusOr<std::string_view> Peek(std::initializer_list<std::string_view> marks) {
    const auto undecided = [this](std::string_view mark) {
      return mark.size() > head_.size() && mark.starts_with(head_);
    };
    while (std::ranges::any_of(marks, undecided)) {
      char c = 0;
      const auto n = bytes_(&c, 1);
      if (!n.ok()) return n.status();
      if (*n == 0) break;
      head_.push_back(c);
    }
    return std::string_view(head_);
  }
  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    if (head_.empty()) return bytes_(buffer, size);
    const size_t n = std::min(size, head_.size());
    std::memcpy(buffer, head_.data(), n);
    head_.erase(0, n);
    return n;
  }

 private:
  ByteSource bytes_;
  std::string head_;
};

absl::Status Damaged(const char* what) {
  return absl::DataLossError(std::string("damaged ") + what + " stream");
}

class GzipReader {
 public:
  explicit GzipReader(std::shared_ptr<PeekedSource> source)
      : source_(std::move(source)), input_(kChunk) {
    // 15 bits of window, 16: expect a gzip header.
    ready_ = inflateInit2(&stream_, 15 + 16) == Z_OK;
  }
  ~GzipReader() {
    if (ready_) inflateEnd(&stream_);
  }
  GzipReader(const GzipReader&) = delete;
  GzipReader& operator=(const GzipReader&) = delete;

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    if (!ready_) return absl::ResourceExhaustedError("zlib has no memory");
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(std::min(size, kChunk));
    const uInt wanted = stream_.avail_out;
    while (stream_.avail_out == wanted) {
      if (stream_.avail_in == 0) {
        const auto n = source_->Read(input_.data(), input_.size());
        if (!n.ok()) return n.status();
        if (*n == 0) {
          if (between_members_) return size_t{0};
          return Damaged("gzip");
        }
        stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
        stream_.avail_in = static_cast<uInt>(*n);
      }
      between_members_ = false;
      const int status = inflate(&stream_, Z_NO_FLUSH);
      if (status == Z_STREAM_END) {
        between_members_ = true;
        if (inflateReset(&stream_) != Z_OK) return Damaged("gzip");
        continue;
      }
      if (status != Z_OK && status != Z_BUF_ERROR) {
        // Hand over what came out before the damage first.
        if (stream_.avail_out < wanted) break;
        return Damaged("gzip");
      }
    }
    return wanted - stream_.avail_out;
  }

 private:
  std::shared_ptr<PeekedSource> source_;
  std::vector<char> input_;
  z_stream stream_{};
  bool ready_ = false;
  bool between_members_ = false;
};

class ZstdReader {
 public:
  explicit ZstdReader(std::shared_ptr<PeekedSource> source)
      : source_(std::move(source)), input_(kChunk), stream_(ZSTD_createDStream()) {
    if (stream_ == nullptr) return;
    // 128 MiB of window: what `zstd` itself accepts without being asked.
    ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax, 27);
  }
  ~ZstdReader() { ZSTD_freeDStream(stream_); }
  ZstdReader(const ZstdReader&) = delete;
  ZstdReader& operator=(const ZstdReader&) = delete;

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    if (stream_ == nullptr) return absl::ResourceExhaustedError("zstd has no memory");
    ZSTD_outBuffer out{buffer, size, 0};
    while (out.pos == 0) {
      if (in_.pos == in_.size && !more_to_flush_) {
        const auto n = source_->Read(input_.data(), input_.size());
        if (!n.ok()) return n.status();
        if (*n == 0) {
          if (between_frames_) return size_t{0};
          return Damaged("zstd");
        }
        in_ = {input_.data(), *n, 0};
      }
      const size_t status = ZSTD_decompressStream(stream_, &out, &in_);
      if (ZSTD_isError(status) != 0) return Damaged("zstd");
      between_frames_ = status == 0;
      more_to_flush_ = out.pos == out.size && status != 0;
    }
    return out.pos;
  }

 private:
  std::shared_ptr<PeekedSource> source_;
  std::vector<char> input_;
  ZSTD_DStream* stream_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool between_frames_ = false;
  bool more_to_flush_ = false;
};

class Utf16Reader {
 public:
  Utf16Reader(std::shared_ptr<PeekedSource> source, bool big_endian)
      : source_(std::move(source)), big_endian_(big_endian) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    while (ready_.empty()) {
      char chunk[4096];
      const auto n = source_->Read(chunk, sizeof chunk);
      if (!n.ok()) return n.status();
      if (*n == 0) return size_t{0};
      for (size_t i = 0; i < *n; ++i) Byte(static_cast<unsigned char>(chunk[i]));
    }
    const size_t n = std::min(size, ready_.size());
    std::memcpy(buffer, ready_.data(), n);
    ready_.erase(0, n);
    return n;
  }

 private:
  void Byte(unsigned char byte) {
    half_.push_back(static_cast<char>(byte));
    if (half_.size() < 2) return;
    const char32_t first = static_cast<unsigned char>(half_[0]);
    const char32_t second = static_cast<unsigned char>(half_[1]);
    half_.clear();
    const char32_t unit = big_endian_ ? (first << 8) | second : (second << 8) | first;
    if (unit >= 0xD800 && unit < 0xDC00) {
      high_ = unit;
    } else if (unit >= 0xDC00 && unit < 0xE000) {
      AppendUtf8(high_ == 0 ? 0xFFFD : 0x10000 + ((high_ - 0xD800) << 10) + (unit - 0xDC00),
                 &ready_);
      high_ = 0;
    } else {
      AppendUtf8(unit, &ready_);
      high_ = 0;
    }
  }

  std::shared_ptr<PeekedSource> source_;
  bool big_endian_;
  char32_t high_ = 0;
  std::string half_;
  std::string ready_;
};

template <typename Reader>
ByteSource SourceOf(std::shared_ptr<Reader> reader) {
  return [reader](char* buffer, size_t size) { return reader->Read(buffer, size); };
}

// Chooses the reader when the first byte is asked for.
class Decoder {
 public:
  explicit Decoder(ByteSource bytes) : packed_(std::make_shared<PeekedSource>(std::move(bytes))) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) {
    if (!chosen_) {
      if (absl::Status s = Choose(); !s.ok()) return s;
    }
    return source_(buffer, size);
  }

 private:
  absl::Status Choose() {
    constexpr std::string_view kGzip = "\x1f\x8b";
    constexpr std::string_view kZstd = "\x28\xb5\x2f\xfd";
    if (text_ == nullptr) {
      const auto magic = packed_->Peek({kGzip, kZstd});
      if (!magic.ok()) return magic.status();
      text_ = packed_;
      if (magic->starts_with(kGzip)) {
        text_ = std::make_shared<PeekedSource>(SourceOf(std::make_shared<GzipReader>(packed_)));
      } else if (magic->starts_with(kZstd)) {
        text_ = std::make_shared<PeekedSource>(SourceOf(std::make_shared<ZstdReader>(packed_)));
      }
    }
    const auto& text = text_;
    constexpr std::string_view kUtf8 = "\xEF\xBB\xBF";
    constexpr std::string_view kLittle = "\xFF\xFE";
    constexpr std::string_view kBig = "\xFE\xFF";
    const auto mark = text->Peek({kUtf8, kLittle, kBig});
    if (!mark.ok()) return mark.status();
    chosen_ = true;
    char skipped[3];
    if (mark->starts_with(kUtf8)) {
      for (size_t left = 3; left > 0;) {
        const auto n = text->Read(skipped, left);
        if (!n.ok()) return n.status();
        left -= *n;
      }
    } else if (mark->starts_with(kLittle) || mark->starts_with(kBig)) {
      const bool big_endian = (*mark)[0] == '\xFE';
      const auto n = text->Read(skipped, 2);
      if (!n.ok()) return n.status();
      source_ = SourceOf(std::make_shared<Utf16Reader>(text, big_endian));
      return absl::OkStatus();
    }
    source_ = SourceOf(text);
    return absl::OkStatus();
  }

  std::shared_ptr<PeekedSource> packed_;
  std::shared_ptr<PeekedSource> text_;  // the same, unpacked; null: not known yet
  bool chosen_ = false;
  ByteSource source_;
};

}  // namespace

ByteSource DecodedSource(ByteSource bytes) {
  return SourceOf(std::make_shared<Decoder>(std::move(bytes)));
}

}  // namespace vedette::inline v0
