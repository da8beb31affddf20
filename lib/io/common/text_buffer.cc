#include "lib/io/common/text_buffer.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

constexpr size_t kChunk = size_t{64} << 10;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r\v\f") == std::string_view::npos;
}

}  // namespace

bool TextBuffer::Fill() {
  if (eof_) return false;
  waiting_ = false;
  status_ = absl::OkStatus();
  if (begin_ > 0) {
    buffer_.erase(0, begin_);
    begin_ = 0;
  }
  const size_t old = buffer_.size();
  buffer_.resize(old + kChunk);
  const auto n = bytes_(buffer_.data() + old, kChunk);
  buffer_.resize(old + (n.ok() ? *n : 0));
  if (n.ok() && *n > 0) return true;
  if (!n.ok()) status_ = n.status();
  waiting_ = absl::IsUnavailable(status_);
  eof_ = !waiting_;
  return false;
}

bool TextBuffer::Has(size_t count) {
  waiting_ = false;  // of an earlier call
  while (Rest().size() < count) {
    if (!Fill()) return false;
  }
  return true;
}

void TextBuffer::Consume(size_t count) {
  const auto first = buffer_.begin() + static_cast<ptrdiff_t>(begin_);
  line_ += static_cast<uint64_t>(std::count(first, first + static_cast<ptrdiff_t>(count), '\n'));
  begin_ += count;
  consumed_ += count;
  searched_ = 0;
}

bool TextBuffer::SkipLine() {
  searched_ = 0;
  skipping_ = true;
  while (true) {
    const size_t end = Rest().find('\n');
    Consume(end == std::string_view::npos ? Rest().size() : end + 1);
    if (end != std::string_view::npos || !Fill()) break;
  }
  skipping_ = waiting_;
  return !waiting_;
}

TextBuffer::Line TextBuffer::NextLine(size_t max_bytes) {
  if (!Resume()) return {};
  while (true) {
    const size_t end = Rest().find('\n', searched_);
    if (end == std::string_view::npos) {
      searched_ = Rest().size();
      if (searched_ <= max_bytes + 1 && Fill()) continue;
      if (searched_ == 0 || (waiting_ && searched_ <= max_bytes + 1)) return {};
    }
    std::string_view text = Rest().substr(0, end);
    const uint64_t line = line_;
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.size() > max_bytes) {
      SkipLine();
      return {Kind::kOversized, {}, line};
    }
    const size_t size = end == std::string_view::npos ? Rest().size() : end + 1;
    begin_ += size;
    consumed_ += size;
    line_ += end == std::string_view::npos ? 0 : 1;
    searched_ = 0;
    if (!IsBlank(text)) return {Kind::kLine, text, line};
    ++blank_;
  }
}

}  // namespace vedette::inline v0
