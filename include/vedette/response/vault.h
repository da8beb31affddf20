// Personal values beside the audit log, encrypted per person, so that a person can be forgotten
// while the log stays whole: the log holds commitments only.
#ifndef VEDETTE_RESPONSE_VAULT_H_
#define VEDETTE_RESPONSE_VAULT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace vedette::inline v0 {

// Rows that the host keeps. Erasure is as good as Delete: a store must not keep the bytes of
// deleted rows (in journals, backups) for longer than the host's policy says. Thread-compatible.
class PersonalStore {
 public:
  virtual ~PersonalStore() = default;
  // Both are durable when they return ok. Deleting what is not there is ok.
  virtual absl::Status Put(std::string_view key, std::string_view value) = 0;
  virtual absl::Status Delete(std::string_view key) = 0;
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const = 0;
  // Calls `visit` with the keys that begin with `prefix`, in any order; the store is not changed
  // meanwhile.
  virtual absl::Status ForEachKey(std::string_view prefix,
                                  const std::function<void(std::string_view)>& visit) const = 0;
};

// In memory, for tests and for hosts that save it themselves. Thread-compatible.
class MemoryPersonalStore : public PersonalStore {
 public:
  absl::Status Put(std::string_view key, std::string_view value) override;
  absl::Status Delete(std::string_view key) override;
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::Status ForEachKey(std::string_view prefix,
                          const std::function<void(std::string_view)>& visit) const override;
  const std::map<std::string, std::string, std::less<>>& rows() const { return rows_; }

 private:
  std::map<std::string, std::string, std::less<>> rows_;
};

struct VaultOptions {
  std::string tenant;
  std::string key;  // 32 secret bytes of this tenant; wraps the keys of the subjects
};

// A value in the vault, as the log names it.
struct PrivateRef {
  std::string ref;  // "<subject handle>-<number>", hexadecimal; says nothing about the person
  std::string commitment;  // SHA-256 of a random salt and the value, hexadecimal
};

// Seals values under a key of the person ("subject") whom they are about. A subject is a text of
// the host, such as a user name; ASCII case does not matter. Within the log, all values of one
// subject share a random handle. Thread-compatible.
class Vault {
 public:
  // InvalidArgument if the key has not 32 bytes. The store must outlive the vault.
  static absl::StatusOr<std::unique_ptr<Vault>> Open(VaultOptions options, PersonalStore* store);
  ~Vault();

  absl::StatusOr<PrivateRef> Put(std::string_view subject, std::string_view value);
  // The value; nothing if it was erased or never was. DataLoss if a row was tampered with or does
  // not fit the commitment.
  absl::StatusOr<std::optional<std::string>> Get(const PrivateRef& ref) const;
  // The handle that the log knows the subject by, if there is one.
  absl::StatusOr<std::optional<std::string>> HandleOf(std::string_view subject) const;

  // Destroys the subject's key and rows, and what leads from the person to the handle; returns how
  // many values went. FailedPrecondition under legal hold. NotFound if the subject has none. Use
  // AuditLog::EraseSubject, which puts it on record.
  absl::StatusOr<uint64_t> Erase(std::string_view subject);

  // A hold may be set before the subject has values. `reason` is kept sealed.
  absl::Status Hold(std::string_view subject, std::string_view reason);
  absl::Status Release(std::string_view subject);
  absl::StatusOr<bool> OnHold(std::string_view subject) const;

 private:
  Vault(VaultOptions options, PersonalStore* store);
  std::string RowOf(std::string_view kind, std::string_view subject) const;
  absl::StatusOr<std::optional<std::string>> ReadRow(const std::string& row, size_t bytes) const;
  absl::Status WriteRow(const std::string& row, std::string_view plain);

  VaultOptions options_;
  PersonalStore* store_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_VAULT_H_
