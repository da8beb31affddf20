#include "lib/eval/plan_memo.h"

#include <utility>

namespace vedette::inline v0 {
namespace {

// Names of log sources are short; a field that has long texts has ever new ones.
constexpr size_t kMaxText = 64;

void AppendBytes(const void* data, size_t size, std::string* out) {
  out->append(static_cast<const char*>(data), size);
}

}  // namespace

void PlanMemo::SetFields(uint64_t kind, std::vector<uint32_t> fields) {
  if (fields_.size() >= kMaxKinds) fields_.clear();
  fields_.insert_or_assign(kind, std::move(fields));
}

void PlanMemo::BeginKey(uint64_t kind) {
  key_.clear();
  AppendBytes(&kind, sizeof kind, &key_);
}

bool PlanMemo::AppendToKey(const Value& value) {
  const auto kind = static_cast<char>(value.kind());
  switch (value.kind()) {
    case ValueKind::kString: {
      const std::string_view text = value.string();
      if (text.size() > kMaxText) return false;
      key_.push_back(kind);
      key_.push_back(static_cast<char>(text.size()));
      key_.append(text);
      return true;
    }
    case ValueKind::kInt: {
      const int64_t number = value.integer();
      key_.push_back(kind);
      AppendBytes(&number, sizeof number, &key_);
      return true;
    }
    case ValueKind::kBool:
      key_.push_back(kind);
      key_.push_back(value.boolean() ? '1' : '0');
      return true;
    case ValueKind::kAbsent:
    case ValueKind::kNull:
      key_.push_back(kind);
      return true;
    default:
      return false;
  }
}

void PlanMemo::AppendToKey(std::span<const uint16_t> numbers) {
  key_.push_back(static_cast<char>(ValueKind::kList));
  key_.push_back(static_cast<char>(numbers.size()));
  for (const uint16_t number : numbers) AppendBytes(&number, sizeof number, &key_);
}

void PlanMemo::AppendToKey(std::string_view text) {
  const size_t size = text.size();
  AppendBytes(&size, sizeof size, &key_);
  key_.append(text);
}

void PlanMemo::Keep(Plan* plan) {
  if (plans_.size() >= kMaxPlans) plans_.clear();
  plans_.insert_or_assign(key_, plan);
}

void PlanMemo::Clear() {
  fields_.clear();
  plans_.clear();
}

}  // namespace vedette::inline v0
