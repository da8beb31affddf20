#include "vedette/indicator_set.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/base/casefold.h"
#include "lib/base/strings.h"
#include "lib/event/address.h"

namespace vedette::inline v0 {
namespace {

constexpr uint32_t kNone = UINT32_MAX;
constexpr std::string_view kTypeNames[] = {"text", "nocase", "hash", "ip", "domain", "subdomains"};

// How a text is looked up; types that compare alike share a way.
enum class Way : uint32_t { kExact, kFolded, kBlock, kDomain, kTree };

Way WayOf(IndicatorType type) {
  switch (type) {
    case IndicatorType::kText:
      return Way::kExact;
    case IndicatorType::kTextAnyCase:
    case IndicatorType::kHash:
      return Way::kFolded;
    case IndicatorType::kAddress:
      return Way::kBlock;
    case IndicatorType::kDomain:
      return Way::kDomain;
    case IndicatorType::kDomainTree:
      return Way::kTree;
  }
  return Way::kExact;
}

struct Key {
  uint32_t field;
  Way way;
  std::string_view text;

  friend bool operator==(const Key&, const Key&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Key& k) {
    return H::combine(std::move(h), k.field, static_cast<uint32_t>(k.way), ToAbsl(k.text));
  }
};

bool IsHex(std::string_view s) {
  return std::all_of(s.begin(), s.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  });
}

// A block's key: family, length, and the address with everything beyond the length cleared.
using BlockKey = std::array<char, 18>;

BlockKey KeyOfBlock(bool v6, unsigned bits, const std::array<uint8_t, 16>& address) {
  BlockKey key{};
  key[0] = v6 ? 6 : 4;
  key[1] = static_cast<char>(bits);
  std::memcpy(key.data() + 2, address.data(), bits / 8);
  if (bits % 8 != 0) {
    const auto mask = static_cast<uint8_t>(0xFF00U >> (bits % 8));
    key[2 + bits / 8] = static_cast<char>(address[bits / 8] & mask);
  }
  return key;
}

std::string_view TextOf(const BlockKey& key) { return {key.data(), key.size()}; }

std::string_view WithoutDot(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  return name;
}

bool IsWithin(std::string_view name, std::string_view tree) {
  return name.ends_with(tree) &&
         (name.size() == tree.size() || name[name.size() - tree.size() - 1] == '.');
}

// What is asked of one field, made ready.
struct Asked {
  uint32_t field = kNone;
  std::string_view text;
  std::string_view folded;  // in the caller's scratch
};

}  // namespace

struct IndicatorSet::Builder::Index {
  struct StoredKey {
    uint32_t field = 0;
    Way way = Way::kExact;
    std::string text;
  };
  // One indicator under one key; those of a key are chained, the first indicator first.
  struct Link {
    uint32_t indicator;
    uint32_t next;
  };
  struct Prefix {
    bool v6;
    uint8_t bits;
    friend bool operator==(const Prefix&, const Prefix&) = default;
  };
  struct Field {
    std::string name;
    std::vector<Prefix> prefixes;  // lengths of the blocks that there are
    bool has_tree = false;
  };

  std::vector<Indicator> indicators;
  std::vector<std::vector<StoredKey>> keys;  // of each, parallel to its values
  std::vector<Field> fields;
  std::vector<Link> links;
  absl::flat_hash_map<Key, uint32_t> heads;  // views into `keys`

  uint32_t FieldNamed(std::string_view name) const {
    for (uint32_t i = 0; i < fields.size(); ++i) {
      if (fields[i].name == name) return i;
    }
    return kNone;
  }

  absl::Status KeyOf(IndicatorValue* value, StoredKey* key);
  void Finish();
  template <typename F>
  void EachHead(const Asked& asked, F f) const;
  size_t CountUpTo(const Asked& asked, size_t limit) const;
  bool Has(uint32_t indicator, const Asked& asked) const;
};

absl::Status IndicatorSet::Builder::Index::KeyOf(IndicatorValue* value, StoredKey* key) {
  const auto wrong = [value](std::string_view why) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", ToAbsl(std::string_view(value->text).substr(0, 200)), "' ", ToAbsl(why)));
  };
  key->way = WayOf(value->type);
  switch (value->type) {
    case IndicatorType::kText:
      key->text = value->text;
      break;
    case IndicatorType::kTextAnyCase:
      AppendFolded(value->text, &key->text);
      break;
    case IndicatorType::kHash:
      if (!IsHex(value->text)) return wrong("is no hash: it has other than hexadecimal digits");
      AppendFolded(value->text, &key->text);
      break;
    case IndicatorType::kAddress: {
      std::string why;
      const std::optional<Cidr> block = ParseCidr(value->text, &why);
      if (!block.has_value()) return wrong("is no address or block: " + why);
      const BlockKey bytes = KeyOfBlock(block->v6, block->bits, block->bytes);
      key->text = TextOf(bytes);
      break;
    }
    case IndicatorType::kDomain:
    case IndicatorType::kDomainTree: {
      std::string_view name = WithoutDot(value->text);
      if (value->type == IndicatorType::kDomainTree) {
        if (name.starts_with('*')) name.remove_prefix(1);
        if (name.starts_with('.')) name.remove_prefix(1);
      }
      AppendFolded(name, &key->text);
      break;
    }
  }
  if (key->text.empty()) return wrong("is empty");
  return absl::OkStatus();
}

void IndicatorSet::Builder::Index::Finish() {
  for (size_t i = indicators.size(); i-- > 0;) {
    for (const StoredKey& key : keys[i]) {
      const auto [head, is_new] = heads.try_emplace({key.field, key.way, key.text}, kNone);
      const uint32_t next = head->second;
      head->second = static_cast<uint32_t>(links.size());
      links.push_back({static_cast<uint32_t>(i), next});
      Field& field = fields[key.field];
      if (key.way == Way::kTree) field.has_tree = true;
      if (key.way != Way::kBlock) continue;
      const Prefix prefix{key.text[0] == 6, static_cast<uint8_t>(key.text[1])};
      if (std::find(field.prefixes.begin(), field.prefixes.end(), prefix) == field.prefixes.end()) {
        field.prefixes.push_back(prefix);
      }
    }
  }
}

// Calls `f` with the first link of each key that the text has, until it gives true.
template <typename F>
void IndicatorSet::Builder::Index::EachHead(const Asked& asked, F f) const {
  const auto at = [&](Way way, std::string_view text) {
    const auto found = heads.find(Key{asked.field, way, text});
    return found != heads.end() && f(found->second);
  };
  const std::string_view name = WithoutDot(asked.folded);
  if (at(Way::kExact, asked.text) || at(Way::kFolded, asked.folded) || at(Way::kDomain, name)) {
    return;
  }
  const Field& field = fields[asked.field];
  if (field.has_tree) {
    for (std::string_view suffix = name;;) {
      if (at(Way::kTree, suffix)) return;
      const size_t dot = suffix.find('.');
      if (dot == std::string_view::npos) break;
      suffix.remove_prefix(dot + 1);
    }
  }
  bool v6 = false;
  std::array<uint8_t, 16> address;
  if (field.prefixes.empty() || !ParseAddress(asked.text, &v6, &address)) return;
  for (const Prefix& prefix : field.prefixes) {
    if (prefix.v6 != v6) continue;
    const BlockKey key = KeyOfBlock(v6, prefix.bits, address);
    if (at(Way::kBlock, TextOf(key))) return;
  }
}

size_t IndicatorSet::Builder::Index::CountUpTo(const Asked& asked, size_t limit) const {
  size_t count = 0;
  EachHead(asked, [&](uint32_t link) {
    for (; link != kNone && count < limit; link = links[link].next) ++count;
    return count >= limit;
  });
  return count;
}

bool IndicatorSet::Builder::Index::Has(uint32_t indicator, const Asked& asked) const {
  const std::string_view name = WithoutDot(asked.folded);
  for (const StoredKey& key : keys[indicator]) {
    if (key.field != asked.field) continue;
    switch (key.way) {
      case Way::kExact:
        if (key.text == asked.text) return true;
        break;
      case Way::kFolded:
        if (key.text == asked.folded) return true;
        break;
      case Way::kDomain:
        if (key.text == name) return true;
        break;
      case Way::kTree:
        if (IsWithin(name, key.text)) return true;
        break;
      case Way::kBlock: {
        bool v6 = false;
        std::array<uint8_t, 16> address;
        if (!ParseAddress(asked.text, &v6, &address) || v6 != (key.text[0] == 6)) break;
        if (key.text == TextOf(KeyOfBlock(v6, static_cast<uint8_t>(key.text[1]), address))) {
          return true;
        }
        break;
      }
    }
  }
  return false;
}

IndicatorSet::Builder::Builder() : index_(std::make_unique<Index>()) {}
IndicatorSet::Builder::~Builder() = default;
IndicatorSet::Builder::Builder(Builder&&) noexcept = default;
IndicatorSet::Builder& IndicatorSet::Builder::operator=(Builder&&) noexcept = default;

absl::Status IndicatorSet::Builder::Add(Indicator indicator) {
  if (indicator.values.empty()) return absl::InvalidArgumentError("the indicator has no value");
  std::vector<Index::StoredKey> keys(indicator.values.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    absl::Status status = index_->KeyOf(&indicator.values[i], &keys[i]);
    if (!status.ok()) return status;
  }
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string& name = indicator.values[i].field;
    keys[i].field = index_->FieldNamed(name);
    if (keys[i].field != kNone) continue;
    keys[i].field = static_cast<uint32_t>(index_->fields.size());
    index_->fields.push_back({name, {}, false});
  }
  index_->indicators.push_back(std::move(indicator));
  index_->keys.push_back(std::move(keys));
  return absl::OkStatus();
}

absl::Status IndicatorSet::Builder::Add(std::string text) {
  const IndicatorType type = GuessIndicatorType(text);
  Indicator indicator;
  indicator.values.push_back({"", std::move(text), type});
  return Add(std::move(indicator));
}

std::shared_ptr<const IndicatorSet> IndicatorSet::Builder::Build() {
  auto index = std::exchange(index_, std::make_unique<Index>());
  index->Finish();
  return std::shared_ptr<const IndicatorSet>(new IndicatorSet(std::move(index)));
}

IndicatorSet::IndicatorSet(std::unique_ptr<const Builder::Index> index)
    : index_(std::move(index)) {}
IndicatorSet::~IndicatorSet() = default;
size_t IndicatorSet::size() const { return index_->indicators.size(); }
const Indicator& IndicatorSet::indicator(size_t i) const { return index_->indicators[i]; }

int64_t IndicatorSet::Find(std::span<const IndicatorTest> tests, EventTime at,
                           std::string* scratch) const {
  constexpr size_t kMaxTests = 16;
  if (tests.empty() || tests.size() > kMaxTests) return -1;
  const Builder::Index& index = *index_;
  std::array<Asked, kMaxTests> asked;
  std::array<size_t, kMaxTests> ends;
  scratch->clear();
  for (size_t i = 0; i < tests.size(); ++i) {
    asked[i].field = index.FieldNamed(tests[i].field);
    if (asked[i].field == kNone) return -1;
    asked[i].text = tests[i].text;
    AppendFolded(tests[i].text, scratch);
    ends[i] = scratch->size();
  }
  // The scratch stays where it is from here on.
  for (size_t i = 0; i < tests.size(); ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    asked[i].folded = std::string_view(*scratch).substr(begin, ends[i] - begin);
  }
  // The rarest value gives the candidates, so that a port that every record has costs nothing.
  size_t rarest = 0;
  size_t fewest = SIZE_MAX;
  for (size_t i = 0; tests.size() > 1 && i < tests.size(); ++i) {
    const size_t count = index.CountUpTo(asked[i], fewest);
    if (count == 0) return -1;
    if (count < fewest) {
      fewest = count;
      rarest = i;
    }
  }
  int64_t best = -1;
  index.EachHead(asked[rarest], [&](uint32_t link) {
    for (; link != kNone; link = index.links[link].next) {
      const uint32_t candidate = index.links[link].indicator;
      if (best >= 0 && candidate >= best) return false;
      const EventTime until = index.indicators[candidate].valid_until;
      if (until != kNoEventTime && at != kNoEventTime && at > until) continue;
      bool all = true;
      for (size_t i = 0; all && i < tests.size(); ++i) {
        all = i == rarest || index.Has(candidate, asked[i]);
      }
      if (!all) continue;
      best = candidate;
      return false;
    }
    return false;
  });
  return best;
}

std::string_view IndicatorTypeName(IndicatorType type) {
  return kTypeNames[static_cast<size_t>(type)];
}

std::optional<IndicatorType> IndicatorTypeByName(std::string_view name) {
  const auto* const found = std::find(std::begin(kTypeNames), std::end(kTypeNames), name);
  if (found == std::end(kTypeNames)) return std::nullopt;
  return static_cast<IndicatorType>(found - std::begin(kTypeNames));
}

IndicatorType GuessIndicatorType(std::string_view text) {
  if (ParseCidr(text, nullptr).has_value()) return IndicatorType::kAddress;
  const size_t n = text.size();
  const bool digest = n == 32 || n == 40 || n == 56 || n == 64 || n == 96 || n == 128;
  if (digest && IsHex(text)) return IndicatorType::kHash;
  if (text.starts_with("*.") || text.starts_with('.')) return IndicatorType::kDomainTree;
  return IndicatorType::kText;
}

struct IndicatorSets::State {
  mutable std::mutex mutex;
  std::shared_ptr<const Map> sets = std::make_shared<const Map>();
  std::atomic<uint64_t> version{1};
};

IndicatorSets::IndicatorSets() : state_(std::make_unique<State>()) {}
IndicatorSets::~IndicatorSets() = default;

void IndicatorSets::Set(std::string name, std::shared_ptr<const IndicatorSet> set) {
  const std::scoped_lock lock(state_->mutex);
  auto sets = std::make_shared<Map>(*state_->sets);
  if (set == nullptr) {
    sets->erase(name);
  } else {
    (*sets)[std::move(name)] = std::move(set);
  }
  state_->sets = std::move(sets);
  state_->version.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<const IndicatorSets::Map> IndicatorSets::snapshot() const {
  const std::scoped_lock lock(state_->mutex);
  return state_->sets;
}

uint64_t IndicatorSets::version() const { return state_->version.load(std::memory_order_acquire); }

}  // namespace vedette::inline v0
