#include <array>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/alert/names.h"
#include "lib/base/casefold.h"
#include "lib/base/strings.h"
#include "lib/event/address.h"
#include "vedette/alert/entity.h"

namespace vedette::inline v0 {
namespace {

constexpr std::array<std::string_view, kEntityTypeCount> kTypeNames = {
    "device",      "user",        "process", "session", "file_hash",
    "internal_ip", "external_ip", "domain",  "email"};
constexpr std::array<std::string_view, 4> kCriticalityNames = {"low", "normal", "high", "critical"};
constexpr std::array<std::string_view, 4> kStrengthNames = {"none", "weak", "medium", "strong"};
constexpr std::array<std::string_view, 8> kPrivateBlocks = {
    "10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8",
    "169.254.0.0/16", "fc00::/7",      "fe80::/10",      "::1/128"};

}  // namespace

std::string_view EntityTypeName(EntityType type) { return NameOf(kTypeNames, type); }
std::optional<EntityType> EntityTypeByName(std::string_view name) {
  return ByName<EntityType>(kTypeNames, name);
}
std::string_view CriticalityName(Criticality c) { return NameOf(kCriticalityNames, c); }
std::optional<Criticality> CriticalityByName(std::string_view name) {
  return ByName<Criticality>(kCriticalityNames, name);
}
std::string_view JoinStrengthName(JoinStrength strength) {
  return NameOf(kStrengthNames, strength);
}

std::string NormalizeEntity(std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  std::string out;
  AppendFolded(value, &out);
  return out;
}

struct EntityTable::Impl {
  std::array<absl::flat_hash_map<std::string, EntityRow, StringHash, StringEq>, kEntityTypeCount>
      rows;
  std::vector<Cidr> internal;
  size_t size = 0;
};

EntityTable::EntityTable() : impl_(std::make_unique<Impl>()) {}
EntityTable::~EntityTable() = default;

absl::StatusOr<std::shared_ptr<const EntityTable>> EntityTable::Build(
    std::vector<EntityRow> rows, const std::vector<std::string>& internal) {
  std::shared_ptr<EntityTable> table(new EntityTable());
  Impl& impl = *table->impl_;
  for (EntityRow& row : rows) {
    row.entity.value = NormalizeEntity(row.entity.value);
    row.canonical = NormalizeEntity(row.canonical);
    if (row.canonical == row.entity.value) row.canonical.clear();
    const std::string name =
        absl::StrCat(ToAbsl(EntityTypeName(row.entity.type)), " \"", row.entity.value, "\"");
    if (row.entity.value.empty()) {
      return absl::InvalidArgumentError("a row of the entity table has no value");
    }
    auto& of_type = impl.rows[static_cast<size_t>(row.entity.type)];
    std::string key = row.entity.value;
    if (!of_type.emplace(std::move(key), std::move(row)).second) {
      return absl::InvalidArgumentError(absl::StrCat("two rows of the entity table are of ", name));
    }
    ++impl.size;
  }
  for (const auto& of_type : impl.rows) {
    for (const auto& [value, row] : of_type) {
      const auto it = of_type.find(row.canonical);
      if (row.canonical.empty() || it == of_type.end() || it->second.canonical.empty()) continue;
      return absl::InvalidArgumentError(absl::StrCat("\"", value, "\" stands for \"", row.canonical,
                                                     "\", which stands for something else"));
    }
  }
  const auto add = [&impl](std::string_view text) -> absl::Status {
    std::string error;
    const std::optional<Cidr> block = ParseCidr(text, &error);
    if (!block.has_value()) {
      return absl::InvalidArgumentError(absl::StrCat("internal addresses: ", error));
    }
    impl.internal.push_back(*block);
    return absl::OkStatus();
  };
  for (const std::string& text : internal) {
    if (const absl::Status s = add(text); !s.ok()) return s;
  }
  if (internal.empty()) {
    for (const std::string_view text : kPrivateBlocks) {
      if (const absl::Status s = add(text); !s.ok()) return s;
    }
  }
  return std::shared_ptr<const EntityTable>(std::move(table));
}

const EntityRow* EntityTable::Find(EntityType type, std::string_view value) const {
  const auto& rows = impl_->rows[static_cast<size_t>(type)];
  if (rows.empty()) return nullptr;
  const auto it = rows.find(value);
  return it == rows.end() ? nullptr : &it->second;
}

bool EntityTable::IsInternal(std::string_view address) const {
  bool v6 = false;
  std::array<uint8_t, 16> bytes{};
  if (!ParseAddress(address, &v6, &bytes)) return false;
  for (const Cidr& block : impl_->internal) {
    if (Contains(block, v6, bytes)) return true;
  }
  return false;
}

size_t EntityTable::size() const { return impl_->size; }

}  // namespace vedette::inline v0
