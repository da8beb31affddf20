#include "lib/json/structurals.h"

#include <algorithm>

namespace vedette::inline v0 {
namespace {

constexpr size_t kLeastCapacity = 4096;

}  // namespace

simdjson::error_code Structurals::Find(std::span<const char> text) {
  if (pass_ == nullptr || text.size() > pass_->capacity()) {
    const size_t capacity = std::max({kLeastCapacity, text.size(), 2 * this->capacity()});
    pass_.reset();
    // Depth is for the second pass.
    const auto error =
        simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1, pass_);
    if (error != simdjson::SUCCESS) return error;
  }
  return pass_->stage1(reinterpret_cast<const uint8_t*>(text.data()), text.size(),
                       simdjson::stage1_mode::regular);
}

}  // namespace vedette::inline v0
