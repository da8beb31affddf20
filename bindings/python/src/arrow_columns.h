// Rows of Arrow record batches as events, read in place.
#ifndef VEDETTE_BINDINGS_PYTHON_SRC_ARROW_COLUMNS_H_
#define VEDETTE_BINDINGS_PYTHON_SRC_ARROW_COLUMNS_H_

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "bindings/python/src/arrow_abi.h"
#include "vedette/event.h"

namespace vedette::python {

// How the values of a column lie in memory.
enum class ColumnKind : uint8_t {
  kUnsupported,  // no event has such a field; named in ArrowTable::unsupported()
  kNull,
  kBool,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUint8,
  kUint16,
  kUint32,
  kUint64,
  kFloat,
  kDouble,
  kText32,
  kText64,
  kTextView,
  kTime,  // 64 bits of `unit` nanoseconds
  kDays,  // 32 bits
  kStruct,
  kList32,
  kList64,
  kFixedList,  // of `unit` elements
};

struct Column {
  std::string name;
  ColumnKind kind = ColumnKind::kUnsupported;
  int64_t unit = 0;
  std::vector<Column> children;
  std::unique_ptr<Column> dictionary;  // the values, if those of the column are indexes
};

// What is known of rows that have values in the same columns. Their trees have the same names.
struct RowForm {
  uint64_t key_bits = 0;
  uint64_t names_token = 0;
  EventShape shape = EventShape::kGeneric;
};

// A schema, and the forms of rows seen with it. Thread-safe.
class ArrowTable {
 public:
  // InvalidArgument for what is no struct of columns or nested too deeply.
  static absl::StatusOr<std::shared_ptr<ArrowTable>> Make(const ArrowSchema& schema);

  const Column& root() const { return root_; }
  // Equal for schemas that read alike.
  const std::string& signature() const { return signature_; }
  // "name (format)" of the columns that are left out.
  const std::vector<std::string>& unsupported() const { return unsupported_; }
  // The form of the row with that `pattern` (which columns have values), whose tree is `row`.
  RowForm FormOf(const std::string& pattern, const Value& row);

 private:
  Column root_;
  std::string signature_;
  std::vector<std::string> unsupported_;
  std::mutex mutex_;
  std::unordered_map<std::string, RowForm> forms_;  // guarded by mutex_; bounded
};

// A column's buffers in one batch; points into the batch and its table.
struct ColumnView {
  const Column* column = nullptr;
  int64_t offset = 0;
  int64_t length = 0;
  const uint8_t* validity = nullptr;  // null: every value is there
  const void* data = nullptr;         // fixed-size values, offsets or views
  const char* text = nullptr;
  const void* const* text_buffers = nullptr;  // of views
  const int64_t* text_sizes = nullptr;
  int64_t text_count = 0;
  std::vector<ColumnView> children;
  std::unique_ptr<ColumnView> dictionary;
};

// One batch. Immutable once made, thread-safe to read. Its buffers are let go by whoever holds the
// last reference, who must hold the interpreter's lock: the producer may be Python code.
class ArrowBatch {
 public:
  // InvalidArgument for an array that does not fit the schema.
  static absl::StatusOr<std::shared_ptr<ArrowBatch>> Make(std::shared_ptr<ArrowTable> table,
                                                          ArrowArray* array);

  int64_t rows() const { return view_.length; }
  const ColumnView& view() const { return view_; }
  const std::shared_ptr<ArrowTable>& table() const { return table_; }

 private:
  std::shared_ptr<ArrowTable> table_;
  ArrowOwned<ArrowArray> array_;
  ColumnView view_;
};

// Makes events of rows: trees whose texts are those of the batch. A null is a field that the event
// lacks; NaN is null. Times are RFC 3339 text. Thread-compatible.
class ArrowRowReader {
 public:
  // `event` is valid as long as the batch.
  void Read(const ArrowBatch& batch, int64_t row, Event* event);

 private:
  Value ReadValue(const ColumnView& view, int64_t i, ValueArena* arena, int depth);
  Value ReadStruct(const ColumnView& view, int64_t i, ValueArena* arena, bool outside_lists,
                   int depth);
  Value ReadList(const ColumnView& view, int64_t begin, int64_t end, ValueArena* arena, int depth);
  Value TimeText(int64_t time, ValueArena* arena);
  void Mark(bool present);

  std::string pattern_;  // a bit for each column outside of lists: whether it has a value
  unsigned bits_ = 0;
  int bit_count_ = 0;
  int64_t list_elements_ = 0;  // of the row so far
  std::string last_pattern_;
  std::shared_ptr<ArrowTable> last_table_;
  RowForm last_form_;
  int64_t last_day_ = INT64_MIN;
  char last_day_text_[11] = {};
};

}  // namespace vedette::python

#endif  // VEDETTE_BINDINGS_PYTHON_SRC_ARROW_COLUMNS_H_
