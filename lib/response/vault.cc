#include "vedette/response/vault.h"

#include <utility>
#include <vector>

#include "lib/response/crypto.h"

namespace vedette::inline v0 {
namespace {

constexpr size_t kHandleBytes = 16;
constexpr size_t kKeyBytes = 32;
constexpr size_t kSaltBytes = 32;

std::string LowerAscii(std::string_view s) {
  std::string out(s);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

std::string Commit(std::string_view salt, std::string_view value) {
  std::string bytes = "vedette-commitment";
  bytes.push_back('\0');
  return Sha256Hex(bytes.append(salt).append(value));
}

std::string KeyRow(const std::string& handle) { return "key/" + handle; }
std::string ValueRow(std::string_view ref) { return "value/" + std::string(ref); }

}  // namespace

absl::Status MemoryPersonalStore::Put(std::string_view key, std::string_view value) {
  rows_[std::string(key)] = std::string(value);
  return absl::OkStatus();
}

absl::Status MemoryPersonalStore::Delete(std::string_view key) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return absl::OkStatus();
  Wipe(&found->second);
  rows_.erase(found);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<std::string>> MemoryPersonalStore::Get(std::string_view key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

absl::Status MemoryPersonalStore::ForEachKey(
    std::string_view prefix, const std::function<void(std::string_view)>& visit) const {
  for (auto at = rows_.lower_bound(prefix); at != rows_.end() && at->first.starts_with(prefix);
       ++at) {
    visit(at->first);
  }
  return absl::OkStatus();
}

Vault::Vault(VaultOptions options, PersonalStore* store)
    : options_(std::move(options)), store_(store) {}

Vault::~Vault() { Wipe(&options_.key); }

absl::StatusOr<std::unique_ptr<Vault>> Vault::Open(VaultOptions options, PersonalStore* store) {
  if (options.key.size() != kKeyBytes) return absl::InvalidArgumentError("a key has 32 bytes");
  if (store == nullptr) return absl::InvalidArgumentError("a vault needs a store");
  return std::unique_ptr<Vault>(new Vault(std::move(options), store));
}

std::string Vault::RowOf(std::string_view kind, std::string_view subject) const {
  std::string bytes = "vedette-subject";
  bytes.push_back('\0');
  bytes.append(options_.tenant).push_back('\0');
  bytes.append(LowerAscii(subject));
  return std::string(kind).append("/").append(HexOf(HmacSha256(options_.key, bytes)));
}

absl::StatusOr<std::optional<std::string>> Vault::ReadRow(const std::string& row,
                                                          size_t bytes) const {
  const absl::StatusOr<std::optional<std::string>> sealed = store_->Get(row);
  if (!sealed.ok()) return sealed.status();
  if (!sealed->has_value()) return std::optional<std::string>();
  std::optional<std::string> plain = Unseal(options_.key, row, **sealed);
  if (!plain.has_value() || plain->size() != bytes) {
    return absl::DataLossError("a row of a subject is of another key, or was tampered with");
  }
  return plain;
}

absl::Status Vault::WriteRow(const std::string& row, std::string_view plain) {
  const absl::StatusOr<std::string> sealed = Seal(options_.key, row, plain);
  if (!sealed.ok()) return sealed.status();
  return store_->Put(row, *sealed);
}

absl::StatusOr<PrivateRef> Vault::Put(std::string_view subject, std::string_view value) {
  const std::string subject_row = RowOf("subject", subject);
  absl::StatusOr<std::optional<std::string>> handle = ReadRow(subject_row, kHandleBytes);
  if (!handle.ok()) return handle.status();
  absl::StatusOr<std::optional<std::string>> key = std::optional<std::string>();
  if (handle->has_value()) key = ReadRow(KeyRow(HexOf(**handle)), kKeyBytes);
  if (!key.ok()) return key.status();
  absl::StatusOr<std::string> random = RandomBytes(kHandleBytes + kKeyBytes + 8 + kSaltBytes);
  if (!random.ok()) return random.status();
  const std::string_view fresh = *random;
  if (!key->has_value()) {  // new, or an erasure was cut short: then it is somebody new as well
    *handle = std::string(fresh.substr(0, kHandleBytes));
    *key = std::string(fresh.substr(kHandleBytes, kKeyBytes));
    absl::Status status = WriteRow(KeyRow(HexOf(**handle)), **key);
    if (status.ok()) status = WriteRow(subject_row, **handle);
    if (!status.ok()) return status;
  }
  PrivateRef out;
  out.ref = HexOf(**handle) + "-" + HexOf(fresh.substr(kHandleBytes + kKeyBytes, 8));
  std::string plain(fresh.substr(kHandleBytes + kKeyBytes + 8));
  out.commitment = Commit(plain, value);
  plain.append(value);
  const std::string row = ValueRow(out.ref);
  const absl::StatusOr<std::string> sealed = Seal(**key, row, plain);
  Wipe(&plain);
  Wipe(&**key);
  Wipe(&*random);
  if (!sealed.ok()) return sealed.status();
  if (absl::Status status = store_->Put(row, *sealed); !status.ok()) return status;
  return out;
}

absl::StatusOr<std::optional<std::string>> Vault::Get(const PrivateRef& ref) const {
  const std::string row = ValueRow(ref.ref);
  const absl::StatusOr<std::optional<std::string>> sealed = store_->Get(row);
  if (!sealed.ok()) return sealed.status();
  absl::StatusOr<std::optional<std::string>> key =
      ReadRow(KeyRow(ref.ref.substr(0, ref.ref.find('-'))), kKeyBytes);
  if (!key.ok()) return key.status();
  if (!sealed->has_value() || !key->has_value()) return std::optional<std::string>();
  std::optional<std::string> plain = Unseal(**key, row, **sealed);
  Wipe(&**key);
  if (!plain.has_value() || plain->size() < kSaltBytes) {
    return absl::DataLossError("a value was tampered with");
  }
  const std::string_view all = *plain;
  if (Commit(all.substr(0, kSaltBytes), all.substr(kSaltBytes)) != ref.commitment) {
    return absl::DataLossError("a value is not the one that was committed to");
  }
  return std::optional<std::string>(plain->substr(kSaltBytes));
}

absl::StatusOr<std::optional<std::string>> Vault::HandleOf(std::string_view subject) const {
  absl::StatusOr<std::optional<std::string>> handle =
      ReadRow(RowOf("subject", subject), kHandleBytes);
  if (handle.ok() && handle->has_value()) *handle = HexOf(**handle);
  return handle;
}

absl::StatusOr<uint64_t> Vault::Erase(std::string_view subject) {
  const absl::StatusOr<bool> held = OnHold(subject);
  if (!held.ok()) return held.status();
  if (*held) return absl::FailedPreconditionError("the subject is under legal hold");
  const std::string row = RowOf("subject", subject);
  const absl::StatusOr<std::optional<std::string>> found = HandleOf(subject);
  if (!found.ok()) return found.status();
  if (!found->has_value()) return absl::NotFoundError("nothing is kept about the subject");
  const std::string& handle = **found;
  std::vector<std::string> rows;
  if (absl::Status status = store_->ForEachKey(
          "value/" + handle + "-", [&rows](std::string_view key) { rows.emplace_back(key); });
      !status.ok()) {
    return status;
  }
  // The key first: once it is gone nothing can be read, whatever becomes of the rest. The row
  // that leads here last, so that an erasure that was cut short can be asked for again.
  const uint64_t values = rows.size();
  rows.insert(rows.begin(), KeyRow(handle));
  rows.push_back(row);
  for (const std::string& key : rows) {
    if (absl::Status status = store_->Delete(key); !status.ok()) return status;
  }
  return values;
}

absl::Status Vault::Hold(std::string_view subject, std::string_view reason) {
  const std::string row = RowOf("hold", subject);
  const absl::StatusOr<std::string> sealed = Seal(options_.key, row, reason);
  if (!sealed.ok()) return sealed.status();
  return store_->Put(row, *sealed);
}

absl::Status Vault::Release(std::string_view subject) {
  return store_->Delete(RowOf("hold", subject));
}

absl::StatusOr<bool> Vault::OnHold(std::string_view subject) const {
  const absl::StatusOr<std::optional<std::string>> row = store_->Get(RowOf("hold", subject));
  if (!row.ok()) return row.status();
  return row->has_value();
}

}  // namespace vedette::inline v0
