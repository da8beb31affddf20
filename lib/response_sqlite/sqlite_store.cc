#include "vedette/response/sqlite_store.h"

#include <sqlite3.h>

#include <climits>
#include <utility>

#include "lib/base/strings.h"
#include "lib/base/xxh64.h"

namespace vedette::inline v0 {
namespace {

constexpr int kApplicationId = 0x56445253;  // "VDRS"
constexpr int kVersion = 1;
constexpr size_t kMaxBytes = size_t{512} << 20;

class Statement {
 public:
  Statement(sqlite3* db, const char* sql) : db_(db) {
    code_ = sqlite3_prepare_v2(db, sql, -1, &statement_, nullptr);
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& Bind(int index, std::string_view bytes) {
    // An empty blob has no address; a null one would be NULL.
    const char* const data = bytes.empty() ? "" : bytes.data();
    if (code_ == SQLITE_OK) {
      code_ = sqlite3_bind_blob64(statement_, index, data, bytes.size(), SQLITE_STATIC);
    }
    return *this;
  }
  Statement& Bind(int index, int64_t number) {
    if (code_ == SQLITE_OK) code_ = sqlite3_bind_int64(statement_, index, number);
    return *this;
  }
  // True: a row; false: none is left, or an error (see code()).
  bool Step() {
    if (code_ != SQLITE_OK && code_ != SQLITE_ROW) return false;
    code_ = sqlite3_step(statement_);
    return code_ == SQLITE_ROW;
  }
  std::string_view Blob(int column) {
    const void* const data = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return {static_cast<const char*>(data), data == nullptr ? 0 : static_cast<size_t>(size)};
  }
  int64_t Number(int column) { return sqlite3_column_int64(statement_, column); }

  absl::Status status() const {
    if (code_ == SQLITE_OK || code_ == SQLITE_ROW || code_ == SQLITE_DONE) return absl::OkStatus();
    const std::string why = std::string("SQLite: ") + sqlite3_errmsg(db_);
    switch (code_ & 0xFF) {
      case SQLITE_CORRUPT:
      case SQLITE_NOTADB:
        return absl::DataLossError(ToAbsl(why));
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return absl::FailedPreconditionError(ToAbsl(why));
      default:
        return absl::UnavailableError(ToAbsl(why));
    }
  }

 private:
  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
  int code_ = SQLITE_OK;
};

int64_t Checksum(std::string_view bytes, int64_t number) {
  return static_cast<int64_t>(Xxh64(bytes, static_cast<uint64_t>(number)));
}

}  // namespace

struct SqliteStore::Database {
  sqlite3* db = nullptr;

  ~Database() { sqlite3_close(db); }

  absl::Status Run(const char* sql) {
    Statement statement(db, sql);
    while (statement.Step()) {
    }
    return statement.status();
  }

  absl::StatusOr<int64_t> Number(const char* sql) {
    Statement statement(db, sql);
    const bool row = statement.Step();
    if (absl::Status status = statement.status(); !status.ok()) return status;
    return row ? statement.Number(0) : 0;
  }

  // All of `work`, or nothing.
  template <typename F>
  absl::Status InTransaction(F work) {
    absl::Status status = Run("BEGIN IMMEDIATE");
    if (!status.ok()) return status;
    status = work();
    if (status.ok()) status = Run("COMMIT");
    if (!status.ok() && sqlite3_get_autocommit(db) == 0) Run("ROLLBACK").IgnoreError();
    return status;
  }

  absl::Status Insert(int64_t number, char kind, std::string_view bytes) {
    Statement insert(db, "INSERT INTO records (number, kind, bytes, checksum) VALUES (?, ?, ?, ?)");
    insert.Bind(1, number).Bind(2, int64_t{kind}).Bind(3, bytes).Bind(4, Checksum(bytes, number));
    insert.Step();
    return insert.status();
  }

  absl::Status Prepare() {
    for (const char* const sql : {"PRAGMA locking_mode = EXCLUSIVE", "PRAGMA journal_mode = DELETE",
                                  "PRAGMA synchronous = EXTRA", "PRAGMA secure_delete = ON",
                                  "PRAGMA trusted_schema = OFF", "PRAGMA cell_size_check = ON"}) {
      if (absl::Status status = Run(sql); !status.ok()) return status;
    }
    const absl::StatusOr<int64_t> id = Number("PRAGMA application_id");
    if (!id.ok()) return id.status();
    const absl::StatusOr<int64_t> tables = Number("SELECT count(*) FROM sqlite_master");
    if (!tables.ok()) return tables.status();
    if (*id == 0 && *tables == 0) return Create();
    if (*id != kApplicationId) return absl::DataLossError("the file is of another program");
    const absl::StatusOr<int64_t> version = Number("PRAGMA user_version");
    if (!version.ok()) return version.status();
    if (*version != kVersion) return absl::DataLossError("the file is of another version");
    Statement check(db, "PRAGMA integrity_check(1)");
    if (!check.Step()) return check.status();
    if (check.Blob(0) != "ok") return absl::DataLossError("the file is damaged");
    // Takes the lock now, so that a second process hears of it when it opens the file.
    return InTransaction([] { return absl::OkStatus(); });
  }

  absl::Status Create() {
    return InTransaction([this] {
      const std::string id = "PRAGMA application_id = " + std::to_string(kApplicationId);
      const std::string version = "PRAGMA user_version = " + std::to_string(kVersion);
      for (const char* const sql :
           {"CREATE TABLE records (number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, "
            "bytes BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT",
            "CREATE TABLE personal (key BLOB PRIMARY KEY, value BLOB NOT NULL) STRICT", id.c_str(),
            version.c_str()}) {
        if (absl::Status status = Run(sql); !status.ok()) return status;
      }
      return absl::OkStatus();
    });
  }
};

SqliteStore::SqliteStore(std::unique_ptr<Database> database) : database_(std::move(database)) {}
SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(const std::string& path) {
  auto database = std::make_unique<Database>();
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &database->db, flags, nullptr) != SQLITE_OK) {
    const std::string why =
        database->db == nullptr ? "out of memory" : sqlite3_errmsg(database->db);
    return absl::UnavailableError(ToAbsl("cannot open " + path + ": " + why));
  }
  sqlite3_extended_result_codes(database->db, 1);
  if (absl::Status status = database->Prepare(); !status.ok()) return status;
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(database)));
}

absl::Status SqliteStore::Append(std::string_view record) {
  if (record.size() > kMaxBytes) return absl::InvalidArgumentError("the record is too large");
  return database_->InTransaction([&] {
    const absl::StatusOr<int64_t> last =
        database_->Number("SELECT coalesce(max(number), 0) FROM records");
    if (!last.ok()) return last.status();
    return database_->Insert(*last + 1, 'R', record);
  });
}

absl::Status SqliteStore::Snapshot(std::string_view snapshot) {
  if (snapshot.size() > kMaxBytes) return absl::InvalidArgumentError("the snapshot is too large");
  return database_->InTransaction([&] {
    const absl::StatusOr<int64_t> last =
        database_->Number("SELECT coalesce(max(number), 0) FROM records");
    if (!last.ok()) return last.status();
    if (absl::Status status = database_->Run("DELETE FROM records"); !status.ok()) return status;
    return database_->Insert(*last + 1, 'S', snapshot);
  });
}

absl::StatusOr<StoredState> SqliteStore::Load() {
  StoredState out;
  Statement read(database_->db,
                 "SELECT number, kind, bytes, checksum FROM records ORDER BY number");
  int64_t last = 0;
  while (read.Step()) {
    const int64_t number = read.Number(0);
    const std::string_view bytes = read.Blob(2);
    if (last != 0 && number != last + 1) return absl::DataLossError("a record is missing");
    if (Checksum(bytes, number) != read.Number(3))
      return absl::DataLossError("a record is damaged");
    const bool is_snapshot = read.Number(1) == 'S';
    if (is_snapshot && last != 0) return absl::DataLossError("a snapshot stands among records");
    if (is_snapshot) {
      out.snapshot = std::string(bytes);
    } else {
      out.records.emplace_back(bytes);
    }
    last = number;
  }
  if (absl::Status status = read.status(); !status.ok()) return status;
  return out;
}

absl::Status SqliteStore::Put(std::string_view key, std::string_view value) {
  if (key.size() + value.size() > kMaxBytes) return absl::InvalidArgumentError("too large");
  Statement put(database_->db, "INSERT OR REPLACE INTO personal (key, value) VALUES (?, ?)");
  put.Bind(1, key).Bind(2, value).Step();
  return put.status();
}

absl::Status SqliteStore::Delete(std::string_view key) {
  Statement remove(database_->db, "DELETE FROM personal WHERE key = ?");
  remove.Bind(1, key).Step();
  return remove.status();
}

absl::StatusOr<std::optional<std::string>> SqliteStore::Get(std::string_view key) const {
  Statement get(database_->db, "SELECT value FROM personal WHERE key = ?");
  get.Bind(1, key);
  std::optional<std::string> out;
  if (get.Step()) out = std::string(get.Blob(0));
  if (absl::Status status = get.status(); !status.ok()) return status;
  return out;
}

absl::Status SqliteStore::ForEachKey(std::string_view prefix,
                                     const std::function<void(std::string_view)>& visit) const {
  // Blobs are ordered by their bytes, so that those of a prefix stand together.
  Statement read(database_->db, "SELECT key FROM personal WHERE key >= ? ORDER BY key");
  read.Bind(1, prefix);
  while (read.Step()) {
    if (!read.Blob(0).starts_with(prefix)) return absl::OkStatus();
    visit(read.Blob(0));
  }
  return read.status();
}

}  // namespace vedette::inline v0
