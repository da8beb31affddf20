#include "lib/correlate/partition.h"

#include "lib/base/xxh64.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

PartitionRule PartitionRule::Of(const ProgramCorrelation& spec) {
  PartitionRule rule;
  if (spec.suppress_ns == 0) return rule;
  rule.whole_key = false;
  for (const CompiledKey& by : spec.suppress_by) {
    const bool is_slot = by.expr.nodes.size() == 1 && by.expr.fields.size() == 1;
    if (!is_slot || spec.slots[by.expr.fields[0]].kind != CorrelationSlot::Kind::kKey) {
      rule.parts.clear();
      break;
    }
    rule.parts.push_back(spec.slots[by.expr.fields[0]].index);
  }
  return rule;
}

std::string PartitionRule::Deciding(std::string_view key) const {
  if (whole_key) return std::string(key);
  std::vector<std::string_view> all;
  for (Value value; !key.empty();) {
    const std::string_view before = key;
    if (!TakeKeyPart(&key, &value)) break;
    all.push_back(before.substr(0, before.size() - key.size()));
  }
  std::string deciding;
  for (const uint32_t part : parts) {
    if (part < all.size()) deciding += all[part];
  }
  return deciding;
}

uint32_t PartitionRule::Partition(uint64_t fingerprint, std::string_view key,
                                  uint32_t partitions) const {
  const uint64_t hash = whole_key ? Xxh64(key, fingerprint) : Xxh64(Deciding(key), fingerprint);
  return static_cast<uint32_t>(hash % partitions);
}

uint32_t PartitionOf(const Program& program, const MatchRecord& record, uint32_t partitions) {
  const auto& correlations = program.layout().correlations;
  if (partitions < 2 || record.correlation >= correlations.size()) return 0;
  const ProgramCorrelation& spec = correlations[record.correlation];
  return PartitionRule::Of(spec).Partition(spec.fingerprint, record.key, partitions);
}

}  // namespace vedette::inline v0
