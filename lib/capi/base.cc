// Status codes, errors, bytes, versions.
#include "vedette/c/base.h"

#include "lib/capi/handles.h"
#include "vedette/version.h"

namespace vedette::inline v0::capi {
namespace {

vedette_status CodeOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return VEDETTE_OK;
    case absl::StatusCode::kCancelled:  // no part of the library but our callbacks cancels
      return VEDETTE_STOPPED;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return VEDETTE_INVALID_ARGUMENT;
    case absl::StatusCode::kNotFound:
      return VEDETTE_NOT_FOUND;
    case absl::StatusCode::kFailedPrecondition:
      return VEDETTE_FAILED_PRECONDITION;
    case absl::StatusCode::kResourceExhausted:
      return VEDETTE_LIMIT;
    case absl::StatusCode::kUnimplemented:
      return VEDETTE_UNSUPPORTED;
    case absl::StatusCode::kDataLoss:
      return VEDETTE_DATA_LOSS;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
      return VEDETTE_CONFLICT;
    default:
      return VEDETTE_INTERNAL;
  }
}

}  // namespace

Outcome::Outcome(const absl::Status& status)
    : code(CodeOf(status.code())), message(std::string(status.message())) {}

Outcome NullPointer(const char* what) {
  return {VEDETTE_INVALID_ARGUMENT, std::string("NULL is not allowed for ") + what};
}

vedette_status Deliver(Outcome outcome, vedette_error** error) noexcept {
  const vedette_status code = outcome.code;
  if (error == nullptr) return code;
  *error = new (std::nothrow) vedette_error;
  if (*error == nullptr) return code;
  (*error)->code = code;
  (*error)->message = std::move(outcome.message);
  (*error)->file = std::move(outcome.file);
  (*error)->line = outcome.line;
  if (!(*error)->message.empty()) return code;
  try {
    (*error)->message = code == VEDETTE_NO_MEMORY ? "out of memory" : "an exception was thrown";
  } catch (...) {  // it goes without a message
  }
  return code;
}

void SetBytes(std::string text, vedette_bytes** out) { *out = new vedette_bytes{std::move(text)}; }

}  // namespace vedette::inline v0::capi

using vedette::capi::Out;

const char* vedette_status_name(vedette_status status) {
  static constexpr const char* kNames[] = {"OK",           "INVALID_ARGUMENT",
                                           "NOT_FOUND",    "FAILED_PRECONDITION",
                                           "UNSUPPORTED",  "DATA_LOSS",
                                           "LIMIT",        "NO_MEMORY",
                                           "STOPPED",      "BUSY",
                                           "BROKEN_EVENT", "INTERNAL",
                                           "CONFLICT"};
  if (status < 0 || status >= static_cast<vedette_status>(std::size(kNames))) return "UNKNOWN";
  return kNames[status];
}

vedette_status vedette_error_code(const vedette_error* error) {
  return error != nullptr ? error->code : VEDETTE_OK;
}
vedette_string vedette_error_message(const vedette_error* error) {
  return Out(error != nullptr ? std::string_view(error->message) : "");
}
vedette_string vedette_error_file(const vedette_error* error) {
  return Out(error != nullptr ? std::string_view(error->file) : "");
}
uint64_t vedette_error_line(const vedette_error* error) {
  return error != nullptr ? error->line : 0;
}
void vedette_error_free(vedette_error* error) { delete error; }

const char* vedette_bytes_data(const vedette_bytes* bytes) {
  return bytes != nullptr ? bytes->text.c_str() : "";
}
size_t vedette_bytes_size(const vedette_bytes* bytes) {
  return bytes != nullptr ? bytes->text.size() : 0;
}
void vedette_bytes_free(vedette_bytes* bytes) { delete bytes; }

const char* vedette_version(void) { return vedette::kVersion.data(); }
uint32_t vedette_abi_version(void) { return VEDETTE_ABI_VERSION; }
