#include "bindings/python/src/blocks.h"

#include <algorithm>
#include <cstring>

namespace vedette::python {

void ReadReport::Add(const ReadReport& other) {
  stats.events += other.stats.events;
  stats.bytes += other.stats.bytes;
  stats.broken += other.stats.broken;
  stats.oversized += other.stats.oversized;
  stats.blank += other.stats.blank;
  stats.incomplete += other.stats.incomplete;
  stats.damaged += other.stats.damaged;
  for (const auto& [line, reason] : other.reasons) AddReason(line, reason);
}

namespace {

JsonOptions OnlyFieldsOf(const Program* program) {
  JsonOptions options;
  options.only_fields_of = program;
  return options;
}

}  // namespace

BlockReaders::BlockReaders(std::shared_ptr<const Program> program)
    : program_(std::move(program)), json_(OnlyFieldsOf(program_.get())) {}

Event* FilledBlock::slot() {
  if (used_ == events_.size()) events_.push_back(std::make_unique<Event>());
  return events_[used_].get();
}

void FilledBlock::Read(BlockReaders*, ReadReport*, const VisitEvent& visit) {
  for (size_t i = 0; i < used_; ++i) visit(*events_[i]);
}

}  // namespace vedette::python
