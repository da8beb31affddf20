// What stands behind the handles of the C interface, and the one way in and out of it.
#ifndef VEDETTE_LIB_CAPI_HANDLES_H_
#define VEDETTE_LIB_CAPI_HANDLES_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "vedette/c/vedette.h"
#include "vedette/compiler.h"
#include "vedette/detection.h"
#include "vedette/engine.h"
#include "vedette/indicator_set.h"
#include "vedette/program.h"
#include "vedette/rule.h"

struct vedette_error {
  vedette_status code = VEDETTE_INTERNAL;
  std::string message;
  std::string file;
  uint64_t line = 0;
};

struct vedette_bytes {
  std::string text;
};

struct vedette_indicators {
  std::shared_ptr<vedette::IndicatorSets> sets;
};

struct vedette_report {
  std::vector<vedette::Diagnostic> diagnostics;
  vedette::CompileStats stats;
};

struct vedette_program {
  std::shared_ptr<const vedette::Program> program;
};

struct vedette_engine {
  std::shared_ptr<vedette::Engine> engine;
};

struct vedette_detection {
  const vedette::Detection* detection = nullptr;
  std::unique_ptr<const vedette::Detection> owned;  // of a copy; `detection` points to it
};

namespace vedette::inline v0::capi {

// What a call comes to. `file` and `line` are where in the host's texts it went wrong.
struct Outcome {
  Outcome() = default;
  Outcome(vedette_status c, std::string m) : code(c), message(std::move(m)) {}
  Outcome(const absl::Status& status);  // NOLINT: statuses of the library pass through
  bool ok() const { return code == VEDETTE_OK; }

  vedette_status code = VEDETTE_OK;
  std::string message;
  std::string file;
  uint64_t line = 0;
};

// `what` names the parameters, one of which is NULL.
Outcome NullPointer(const char* what);
// Gives the caller what went wrong; never throws. Without memory `*error` is NULL.
vedette_status Deliver(Outcome outcome, vedette_error** error) noexcept;

// Every function with a status is run by this: nothing is thrown past it.
template <typename Function>
vedette_status Guard(vedette_error** error, Function function) noexcept {
  if (error != nullptr) *error = nullptr;
  try {
    Outcome outcome = function();
    return outcome.ok() ? VEDETTE_OK : Deliver(std::move(outcome), error);
  } catch (const std::bad_alloc&) {
    return Deliver({VEDETTE_NO_MEMORY, {}}, error);
  } catch (...) {
    return Deliver({VEDETTE_INTERNAL, {}}, error);
  }
}

inline bool IsText(const char* data, size_t size) { return data != nullptr || size == 0; }
inline bool IsText(const vedette_string& s) { return IsText(s.data, s.size); }
// A list of texts, each of which may be NULL if it is empty.
inline bool IsTextList(const vedette_string* texts, size_t count) {
  if (texts == nullptr) return count == 0;
  return std::all_of(texts, texts + count, [](const vedette_string& s) { return IsText(s); });
}
inline std::string_view Text(const char* data, size_t size) {
  return size == 0 ? std::string_view() : std::string_view(data, size);
}
inline std::string_view Text(const vedette_string& s) { return Text(s.data, s.size); }
// `s` must be followed by a 0 byte: a std::string, a literal.
inline vedette_string Out(std::string_view s) {
  return {s.data() != nullptr ? s.data() : "", s.size()};
}
inline vedette_pair Out(const std::pair<std::string, std::string>& p) {
  return {Out(p.first), Out(p.second)};
}
inline std::vector<std::string> TextsOf(const vedette_string* texts, size_t count) {
  std::vector<std::string> out;
  for (size_t i = 0; i < count; ++i) out.emplace_back(Text(texts[i]));
  return out;
}
inline vedette_pair PairAt(const std::vector<std::pair<std::string, std::string>>& pairs,
                           size_t i) {
  return i < pairs.size() ? Out(pairs[i]) : vedette_pair{Out(""), Out("")};
}
inline const RuleMeta& Meta(const vedette_rule* rule) {
  return *reinterpret_cast<const RuleMeta*>(rule);
}
inline const vedette_rule* Out(const RuleMeta& meta) {
  return reinterpret_cast<const vedette_rule*>(&meta);
}
void SetBytes(std::string text, vedette_bytes** out);

// Size of a struct in the first version that had it: less is none of ours. Grown structs keep it.
template <typename Struct>
inline constexpr size_t kFirstSize = sizeof(Struct);
template <>
inline constexpr size_t kFirstSize<vedette_event_info> = offsetof(vedette_event_info, tenant);

// The caller's options over our defaults in `*options`.
template <typename Struct>
Outcome ReadStruct(const Struct* given, Struct* options) {
  if (given == nullptr) return {};
  const size_t size = given->struct_size;
  if (size < kFirstSize<Struct>) {
    return {VEDETTE_INVALID_ARGUMENT, "struct_size is too small; use the struct's _init function"};
  }
  const char* const bytes = reinterpret_cast<const char*>(given);
  if (size > sizeof(Struct) &&
      std::any_of(bytes + sizeof(Struct), bytes + size, [](char c) { return c != 0; })) {
    return {VEDETTE_UNSUPPORTED, "an option is set that this version of the library does not know"};
  }
  std::memcpy(options, given, std::min(size, sizeof(Struct)));
  options->struct_size = sizeof(Struct);
  return {};
}

// Defaults into the caller's struct of `size` bytes, 0 into what we do not know.
template <typename Struct>
void InitStruct(Struct defaults, Struct* out, size_t size) {
  if (out == nullptr || size < sizeof(uint32_t)) return;
  std::memset(static_cast<void*>(out), 0, size);
  defaults.struct_size = static_cast<uint32_t>(std::min<size_t>(size, UINT32_MAX));
  std::memcpy(static_cast<void*>(out), &defaults, std::min(size, sizeof(Struct)));
}

// Something that has a flag `busy`, for the time of one call, unless another call has it.
template <typename Object>
class Claim {
 public:
  explicit Claim(Object* object) : object_(object) {
    if (object_->busy.exchange(true, std::memory_order_acquire)) object_ = nullptr;
  }
  ~Claim() {
    if (object_ != nullptr) object_->busy.store(false, std::memory_order_release);
  }
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;
  bool ok() const { return object_ != nullptr; }

 private:
  Object* object_;
};

// Fills the caller's struct, as far as it goes.
template <typename Struct>
Outcome FillStruct(Struct result, Struct* out) {
  if (out == nullptr) return NullPointer("the struct to fill");
  const uint32_t size = out->struct_size;
  if (size < kFirstSize<Struct>) {
    return {VEDETTE_INVALID_ARGUMENT, "struct_size is too small; set it to sizeof"};
  }
  InitStruct(result, out, size);
  return {};
}

}  // namespace vedette::inline v0::capi

#endif  // VEDETTE_LIB_CAPI_HANDLES_H_
