#include "vedette/observable.h"

#include "lib/base/xxh64.h"

namespace vedette::inline v0 {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

std::string_view Trim(std::string_view s) {
  while (!s.empty() && IsBlank(s.front())) s.remove_prefix(1);
  while (!s.empty() && IsBlank(s.back())) s.remove_suffix(1);
  return s;
}

void LowerInto(std::string_view s, std::string* out) {
  out->assign(s);
  for (char& c : *out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
}

bool Digit(char c) { return c >= '0' && c <= '9'; }

// "2026-11-25 10:00:00" and the like: there are as many as there are events.
bool LooksLikeTime(std::string_view s) {
  return s.size() >= 16 && Digit(s[0]) && Digit(s[1]) && Digit(s[2]) && Digit(s[3]) &&
         s[4] == '-' && Digit(s[5]) && s[7] == '-' && Digit(s[8]) && (s[10] == 'T' || s[10] == ' ');
}

// Offers parts of one text. Keeps its memory.
class Parts {
 public:
  explicit Parts(const std::function<void(std::string_view)>& visit) : visit_(visit) {}

  void Text(std::string_view text) {
    text = Trim(text);
    if (text.size() < kMinObservableBytes || text.size() > kMaxObservableBytes) return;
    if (LooksLikeTime(text)) return;
    LowerInto(text, &lower_);
    const std::string_view whole = lower_;
    visit_(whole);
    const size_t scheme = whole.find("://");
    if (scheme != std::string_view::npos) {
      const std::string_view rest = whole.substr(scheme + 3);
      Part(rest.substr(0, rest.find_first_of(":/?#")));
    }
    const size_t slash = whole.find_last_of("\\/");
    if (slash != std::string_view::npos) Part(whole.substr(slash + 1));
    if (whole.find('=') != std::string_view::npos) Assignments(whole);
  }

 private:
  void Part(std::string_view part) {
    part = Trim(part);
    if (part.size() >= kMinObservableBytes) visit_(part);
  }
  void Assignments(std::string_view whole) {
    while (!whole.empty()) {
      const size_t comma = whole.find(',');
      const std::string_view one = whole.substr(0, comma);
      const size_t equals = one.find('=');
      if (equals != std::string_view::npos) Part(one.substr(equals + 1));
      whole.remove_prefix(comma == std::string_view::npos ? whole.size() : comma + 1);
    }
  }

  const std::function<void(std::string_view)>& visit_;
  std::string lower_;
};

}  // namespace

void ForEachObservable(const EventView& event, ValueArena* arena,
                       const std::function<void(std::string_view)>& visit) {
  Parts parts(visit);
  event.adapter().VisitScalars(event.object(), arena, [&parts](const Value& v) {
    if (v.is_string()) parts.Text(v.string());
  });
}

absl::StatusOr<std::string> NormalizeObservable(std::string_view text) {
  text = Trim(text);
  if (text.size() < kMinObservableBytes || text.size() > kMaxObservableBytes) {
    return absl::InvalidArgumentError("an observable has 3 to 256 bytes");
  }
  std::string out;
  LowerInto(text, &out);
  return out;
}

uint64_t HashObservable(std::string_view normalized) { return Xxh64(normalized); }

}  // namespace vedette::inline v0
