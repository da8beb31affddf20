// State and personal values in one SQLite file: the reference implementation of StateStore and
// PersonalStore. Its own library (//:vedette_response_sqlite): the rest of the response library
// neither links SQLite nor opens files.
#ifndef VEDETTE_RESPONSE_SQLITE_STORE_H_
#define VEDETTE_RESPONSE_SQLITE_STORE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "vedette/response/state_store.h"
#include "vedette/response/vault.h"

namespace vedette::inline v0 {

// A file of records and rows. Every change is one transaction, synced to the disk before the call
// returns (journal_mode DELETE, synchronous EXTRA). Deleted rows are overwritten with zeros
// (secure_delete); copies that file systems, disks and backups keep are beyond it. One process at a
// time has the file. Movable through its pointer only; thread-compatible.
class SqliteStore : public StateStore, public PersonalStore {
 public:
  // Opens the file, or makes it. DataLoss if it is no such file, is damaged (it is checked as a
  // whole) or of another version; FailedPrecondition if another process has it; else Unavailable
  // with SQLite's words.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> Open(const std::string& path);
  ~SqliteStore() override;

  absl::Status Append(std::string_view record) override;
  absl::Status Snapshot(std::string_view snapshot) override;
  // Records are checked by their checksums: DataLoss if one does not fit.
  absl::StatusOr<StoredState> Load() override;

  absl::Status Put(std::string_view key, std::string_view value) override;
  absl::Status Delete(std::string_view key) override;
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) const override;
  absl::Status ForEachKey(std::string_view prefix,
                          const std::function<void(std::string_view)>& visit) const override;

 private:
  struct Database;
  explicit SqliteStore(std::unique_ptr<Database> database);
  std::unique_ptr<Database> database_;
};

}  // namespace vedette::inline v0

#endif  // VEDETTE_RESPONSE_SQLITE_STORE_H_
