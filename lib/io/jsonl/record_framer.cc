#include "lib/io/jsonl/record_framer.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

constexpr size_t kChunk = size_t{64} << 10;

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view s) {
  while (!s.empty() && IsBlank(s.front())) s.remove_prefix(1);
  while (!s.empty() && IsBlank(s.back())) s.remove_suffix(1);
  return s;
}

}  // namespace

// Reads another chunk behind what is there; false at the end of the stream, or for now (waiting_).
bool RecordFramer::Fill() {
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

void RecordFramer::Consume(size_t count) {
  const auto first = buffer_.begin() + static_cast<ptrdiff_t>(begin_);
  line_ += static_cast<uint64_t>(std::count(first, first + static_cast<ptrdiff_t>(count), '\n'));
  begin_ += count;
  consumed_ += count;
  searched_ = 0;
}

void RecordFramer::SkipBlanks() {
  do {
    size_t n = 0;
    const std::string_view rest = Rest();
    while (n < rest.size() && IsBlank(rest[n])) ++n;
    Consume(n);
  } while (Rest().empty() && Fill());
}

// Whether the stream begins with `{ "Records" : [`; consumes that if so.
bool RecordFramer::StartsRecords() {
  size_t at = 0;
  for (const std::string_view token : {"{", "\"Records\"", ":", "["}) {
    // Byte by byte: a short first event must not wait for more than what rules it out.
    for (size_t matched = 0; matched < token.size();) {
      if (at == Rest().size() && (at >= kChunk || !Fill())) return false;
      const char c = Rest()[at];
      if (matched == 0 && IsBlank(c)) {
        ++at;
        continue;
      }
      if (c != token[matched]) return false;
      ++at;
      ++matched;
    }
  }
  Consume(at);
  return true;
}

RecordFramer::Record RecordFramer::Next() {
  waiting_ = false;
  if (skip_ != Skip::kNothing) return GoOn();
  if (in_object_) return Object();
  if (ends_array_ && !EndArray()) return {};
  if (!started_) {
    SkipBlanks();
    if (Rest().starts_with('[')) {
      Consume(1);
      in_array_ = true;
    } else {
      in_array_ = StartsRecords();
    }
    if (waiting_ && !in_array_) return {};
    started_ = true;
  }
  return in_array_ ? Element() : Line();
}

RecordFramer::Record RecordFramer::Line() {
  while (true) {
    const size_t end = Rest().find('\n', searched_);
    if (end == std::string_view::npos) {
      searched_ = Rest().size();
      if (searched_ > max_bytes_ && !Rest().starts_with('{')) return SkipFrom(Skip::kLine, line_);
      if (searched_ <= max_bytes_ && Fill()) continue;
      if (searched_ == 0 || waiting_) return {};
    }
    const std::string_view text = Trim(Rest().substr(0, end));
    if (text.empty()) {
      ++blank_;
      Consume(std::min(Rest().size(), end == std::string_view::npos ? end : end + 1));
      continue;
    }
    // An object that does not end with its line goes on.
    const bool whole = text.ends_with('}') && text.size() <= max_bytes_;
    if (text.front() == '{' && !whole) return Object();
    Record record{Kind::kRecord, text, line_, ""};
    if (text.size() > max_bytes_) record = {Kind::kOversized, {}, line_, "larger than the limit"};
    Consume(std::min(Rest().size(), end == std::string_view::npos ? end : end + 1));
    return record;
  }
}

void RecordFramer::ScanObject(Scan* scan) const {
  const std::string_view rest = Rest();
  for (; scan->at < rest.size() && !scan->done; ++scan->at) {
    const char c = rest[scan->at];
    if (scan->in_string) {
      if (c == '\n') {
        scan->newline_in_string = true;
        return;
      }
      if (scan->escaped) {
        scan->escaped = false;
      } else if (c == '\\') {
        scan->escaped = true;
      } else if (c == '"') {
        scan->in_string = false;
      }
      continue;
    }
    const bool line_start = scan->at > 0 && rest[scan->at - 1] == '\n';
    if (c == '{' && scan->depth > 0 && line_start && !in_array_) {
      scan->new_record = true;
      return;
    }
    if (c == '"') {
      scan->in_string = true;
    } else if (c == '{' || c == '[') {
      ++scan->depth;
    } else if (c == '}' || c == ']') {
      scan->done = --scan->depth <= 0;
    }
  }
}

// The object at Rest(), over as many lines as it takes.
RecordFramer::Record RecordFramer::Object() {
  if (!in_object_) {
    SkipBlanks();
    object_line_ = line_;
    scan_ = {};
    in_object_ = true;
  }
  const uint64_t line = object_line_;
  while (true) {
    ScanObject(&scan_);
    in_object_ = false;
    if (scan_.done) {
      const Record record = scan_.at > max_bytes_
                                ? Record{Kind::kOversized, {}, line, "larger than the limit"}
                                : Record{Kind::kRecord, Rest().substr(0, scan_.at), line, ""};
      Consume(scan_.at);
      return record;
    }
    if (scan_.newline_in_string || scan_.new_record) {
      Consume(scan_.at);
      return {
          Kind::kBroken,
          {},
          line,
          scan_.newline_in_string ? "a string does not end on its line" : "the object is cut off"};
    }
    if (Rest().size() > max_bytes_) return SkipFrom(Skip::kObject, line);
    if (Fill()) continue;
    if (waiting_) {
      in_object_ = true;
      return {};
    }
    Consume(Rest().size());
    return {Kind::kBroken, {}, line, "the stream ends within an object"};
  }
}

bool RecordFramer::EndArray() {
  in_array_ = false;
  SkipBlanks();
  ends_array_ = waiting_ && Rest().empty();
  // The brace that closes {"Records":[..]}.
  if (Rest().starts_with('}')) Consume(1);
  return !ends_array_;
}

RecordFramer::Record RecordFramer::Element() {
  while (true) {
    SkipBlanks();
    if (Rest().empty()) {
      return {};
    }
    const char c = Rest().front();
    if (c == ',') {
      Consume(1);
    } else if (c == ']') {
      Consume(1);
      return EndArray() ? Line() : Record{};
    } else if (c == '{') {
      return Object();
    } else {
      return SkipFrom(Skip::kElement, line_);
    }
  }
}

RecordFramer::Record RecordFramer::SkipFrom(Skip what, uint64_t line) {
  skip_ = what;
  skip_line_ = line;
  element_ = {};
  return GoOn();
}

RecordFramer::Record RecordFramer::GoOn() {
  const Record record = skip_ == Skip::kLine     ? SkipOversizedLine()
                        : skip_ == Skip::kObject ? SkipOversizedObject()
                                                 : SkipElement();
  if (record.kind != Kind::kEnd) skip_ = Skip::kNothing;
  return record;
}

// An element that is no object, up to the comma or bracket behind it. A nested array is one element
// with all that it holds; outside of one, a line end or an object ends the element too, so that a
// forgotten comma costs no event.
RecordFramer::Record RecordFramer::SkipElement() {
  constexpr const char* kReason = "an element of the array is no object";
  auto& [depth, in_string, escaped] = element_;
  do {
    const std::string_view rest = Rest();
    for (size_t i = 0; i < rest.size(); ++i) {
      const char c = rest[i];
      const bool ends = c == '\n' || (!in_string && (c == ',' || c == ']' || c == '{'));
      if (depth == 0 && ends) {
        Consume(i);
        return {Kind::kBroken, {}, skip_line_, kReason};
      }
      if (in_string) {
        // No string goes beyond its line.
        in_string = c != '\n' && (c != '"' || escaped);
        escaped = c == '\\' && !escaped;
        continue;
      }
      escaped = false;
      if (c == '"') in_string = true;
      if (c == '[' || c == '{') ++depth;
      if ((c == ']' || c == '}') && depth > 0) --depth;
    }
    Consume(rest.size());
  } while (Fill());
  if (waiting_) return {};
  return {Kind::kBroken, {}, skip_line_, kReason};
}

RecordFramer::Record RecordFramer::SkipOversizedLine() {
  while (true) {
    const size_t end = Rest().find('\n');
    Consume(end == std::string_view::npos ? Rest().size() : end + 1);
    if (end != std::string_view::npos || !Fill()) break;
  }
  if (waiting_) return {};
  return {Kind::kOversized, {}, skip_line_, "larger than the limit"};
}

RecordFramer::Record RecordFramer::SkipOversizedObject() {
  Scan& scan = scan_;
  while (true) {
    // Keep the last byte: it tells whether the next one begins a line.
    const size_t kept = scan.at > 0 && !scan.done ? 1 : 0;
    Consume(scan.at - kept);
    scan.at = kept;
    if (scan.done || scan.newline_in_string || scan.new_record) break;
    if (!Fill()) {
      if (waiting_) return {};
      Consume(Rest().size());
      break;
    }
    ScanObject(&scan);
  }
  return {Kind::kOversized, {}, skip_line_, "larger than the limit"};
}

}  // namespace vedette::inline v0
