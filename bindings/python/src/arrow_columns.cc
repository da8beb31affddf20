#include "bindings/python/src/arrow_columns.h"

#include <atomic>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace vedette::python {
namespace {

constexpr int kMaxDepth = 64;
constexpr size_t kMaxForms = 4096;
constexpr int64_t kMaxListElements = 1'000'000;  // of one row, as in a JSON event
constexpr int64_t kMaxColumns = 65536;
// Tokens of hosts' readers have the highest bit (Event::names_token).
constexpr uint64_t kHostToken = uint64_t{1} << 63;

std::atomic<uint64_t> next_token = 1;

absl::Status Wrong(const std::string& message) {
  return absl::InvalidArgumentError("Arrow: " + message);
}

int64_t NanosOfUnit(char unit) {
  switch (unit) {
    case 's':
      return 1'000'000'000;
    case 'm':
      return 1'000'000;
    case 'u':
      return 1'000;
    case 'n':
      return 1;
    default:
      return 0;
  }
}

void SetScalarKind(std::string_view format, Column* column) {
  constexpr std::pair<char, ColumnKind> kOneLetter[] = {
      {'n', ColumnKind::kNull},   {'b', ColumnKind::kBool},   {'c', ColumnKind::kInt8},
      {'C', ColumnKind::kUint8},  {'s', ColumnKind::kInt16},  {'S', ColumnKind::kUint16},
      {'i', ColumnKind::kInt32},  {'I', ColumnKind::kUint32}, {'l', ColumnKind::kInt64},
      {'L', ColumnKind::kUint64}, {'f', ColumnKind::kFloat},  {'g', ColumnKind::kDouble},
      {'u', ColumnKind::kText32}, {'z', ColumnKind::kText32}, {'U', ColumnKind::kText64},
      {'Z', ColumnKind::kText64}};
  if (format.size() == 1) {
    for (const auto& [letter, kind] : kOneLetter) {
      if (format[0] == letter) column->kind = kind;
    }
  } else if (format == "vu" || format == "vz") {
    column->kind = ColumnKind::kTextView;
  } else if (format == "tdD") {
    column->kind = ColumnKind::kDays;
  } else if (format == "tdm") {
    column->kind = ColumnKind::kTime;
    column->unit = NanosOfUnit('m');
  } else if (format.size() >= 4 && format.starts_with("ts") && format[3] == ':') {
    column->unit = NanosOfUnit(format[2]);
    if (column->unit != 0) column->kind = ColumnKind::kTime;
  }
}

bool IsIndexKind(ColumnKind kind) {
  return kind >= ColumnKind::kInt8 && kind <= ColumnKind::kUint64;
}

bool IsNested(ColumnKind kind) { return kind >= ColumnKind::kStruct; }

// Reads a schema into columns.
class SchemaReader {
 public:
  explicit SchemaReader(std::vector<std::string>* unsupported) : unsupported_(unsupported) {}

  absl::Status Read(const ArrowSchema& schema, const std::string& path, int depth, Column* column) {
    if (schema.release == nullptr) return Wrong("the schema was released");
    if (schema.format == nullptr) return Wrong("a column without a format");
    if (depth > kMaxDepth) return Wrong("columns nested deeper than 64 levels");
    if (++columns_ > kMaxColumns) return Wrong("more than 65,536 columns");
    if (schema.name != nullptr) column->name = schema.name;
    const std::string_view format = schema.format;
    if (absl::Status s = SetKind(schema, format, path, depth, column); !s.ok()) return s;
    if (column->kind == ColumnKind::kUnsupported) {
      unsupported_->push_back(path + " (" + std::string(format) + ")");
    }
    return absl::OkStatus();
  }

 private:
  absl::Status SetKind(const ArrowSchema& schema, std::string_view format, const std::string& path,
                       int depth, Column* column) {
    int64_t wanted = 1;
    if (format == "+s") {
      column->kind = ColumnKind::kStruct;
      wanted = schema.n_children;
    } else if (format == "+l") {
      column->kind = ColumnKind::kList32;
    } else if (format == "+L") {
      column->kind = ColumnKind::kList64;
    } else if (format.starts_with("+w:")) {
      column->unit = std::strtoll(schema.format + 3, nullptr, 10);
      if (column->unit >= 0) column->kind = ColumnKind::kFixedList;
    } else {
      SetScalarKind(format, column);
    }
    if (schema.dictionary != nullptr) return ReadDictionary(*schema.dictionary, depth, column);
    if (!IsNested(column->kind)) return absl::OkStatus();
    if (schema.n_children != wanted || wanted < 0 || wanted > kMaxColumns ||
        (wanted > 0 && schema.children == nullptr)) {
      return Wrong("column '" + path + "' has a wrong number of children");
    }
    column->children.resize(static_cast<size_t>(wanted));
    for (size_t i = 0; i < column->children.size(); ++i) {
      const ArrowSchema* const child = schema.children[i];
      if (child == nullptr) return Wrong("column '" + path + "' lacks a child");
      const std::string name = child->name == nullptr ? "" : child->name;
      const absl::Status s =
          Read(*child, path.empty() ? name : path + "." + name, depth + 1, &column->children[i]);
      if (!s.ok()) return s;
    }
    return absl::OkStatus();
  }

  // Of scalars only.
  absl::Status ReadDictionary(const ArrowSchema& schema, int depth, Column* column) {
    auto values = std::make_unique<Column>();
    if (!IsIndexKind(column->kind) || schema.format == nullptr || depth > kMaxDepth) {
      return Wrong("a dictionary's indexes must be integers");
    }
    SetScalarKind(schema.format, values.get());
    if (schema.dictionary != nullptr || values->kind == ColumnKind::kUnsupported) {
      column->kind = ColumnKind::kUnsupported;
      return absl::OkStatus();
    }
    column->dictionary = std::move(values);
    return absl::OkStatus();
  }

  std::vector<std::string>* unsupported_;
  int64_t columns_ = 0;
};

void AppendSignature(const Column& column, std::string* out) {
  out->append(std::to_string(column.name.size())).append(":").append(column.name);
  out->append(std::to_string(static_cast<int>(column.kind))).append("/");
  out->append(std::to_string(column.unit)).append("(");
  for (const Column& child : column.children) AppendSignature(child, out);
  if (column.dictionary != nullptr) AppendSignature(*column.dictionary, out);
  out->append(")");
}

// Binds columns to the buffers of an array, and checks all that can be checked without reading
// them.
absl::Status BindColumn(const Column& column, const ArrowArray& array, ColumnView* view) {
  const std::string name = "column '" + column.name + "'";
  view->column = &column;
  view->offset = array.offset;
  view->length = array.length;
  if (array.length < 0 || array.offset < 0) return Wrong(name + " has a negative length or offset");
  if (array.length > INT64_MAX / 64 - array.offset) return Wrong(name + " is too long");
  if (column.kind == ColumnKind::kUnsupported || column.kind == ColumnKind::kNull) {
    return absl::OkStatus();
  }
  const bool views = column.kind == ColumnKind::kTextView;
  const bool has_text = column.kind == ColumnKind::kText32 || column.kind == ColumnKind::kText64;
  const bool no_data = column.kind == ColumnKind::kStruct || column.kind == ColumnKind::kFixedList;
  const int64_t buffers = has_text || views ? 3 : no_data ? 1 : 2;
  if (array.buffers == nullptr ||
      (views ? array.n_buffers < buffers : array.n_buffers != buffers)) {
    return Wrong(name + " has a wrong number of buffers");
  }
  if (array.null_count != 0) view->validity = static_cast<const uint8_t*>(array.buffers[0]);
  if (!no_data) view->data = array.buffers[1];
  if (has_text) view->text = static_cast<const char*>(array.buffers[2]);
  if (views) {
    view->text_count = array.n_buffers - 3;
    view->text_buffers = array.buffers + 2;
    view->text_sizes = static_cast<const int64_t*>(array.buffers[array.n_buffers - 1]);
    if (view->text_count > 0 && view->text_sizes == nullptr) return Wrong(name + " lacks a buffer");
  }
  if (!no_data && view->data == nullptr && array.length > 0) return Wrong(name + " lacks a buffer");
  if (array.n_children != static_cast<int64_t>(column.children.size()) ||
      (array.n_children > 0 && array.children == nullptr)) {
    return Wrong(name + " has a wrong number of children");
  }
  const int64_t end = array.offset + array.length;
  int64_t child_rows = 0;  // that are surely needed
  if (column.kind == ColumnKind::kStruct) child_rows = end;
  if (column.kind == ColumnKind::kFixedList && column.unit > 0) {
    if (end > INT64_MAX / column.unit) return Wrong(name + " is too long");
    child_rows = end * column.unit;
  }
  view->children.resize(column.children.size());
  for (size_t i = 0; i < column.children.size(); ++i) {
    const ArrowArray* const child = array.children[i];
    if (child == nullptr || child->length < child_rows) {
      return Wrong("a child of " + name + " is too short");
    }
    const absl::Status s = BindColumn(column.children[i], *child, &view->children[i]);
    if (!s.ok()) return s;
  }
  if (column.dictionary != nullptr) {
    if (array.dictionary == nullptr) return Wrong(name + " lacks its dictionary");
    view->dictionary = std::make_unique<ColumnView>();
    return BindColumn(*column.dictionary, *array.dictionary, view->dictionary.get());
  }
  return absl::OkStatus();
}

bool BitAt(const void* bits, int64_t i) {
  return (static_cast<const uint8_t*>(bits)[i >> 3] >> (i & 7) & 1) != 0;
}

bool IsNull(const ColumnView& view, int64_t i) {
  return view.validity != nullptr && !BitAt(view.validity, view.offset + i);
}

template <typename T>
T At(const ColumnView& view, int64_t i) {
  T value;  // buffers need not be aligned
  std::memcpy(&value, static_cast<const char*>(view.data) + (view.offset + i) * int64_t{sizeof(T)},
              sizeof(T));
  return value;
}

// The ends of the i-th text or list; false if they make no sense.
template <typename T>
bool EndsAt(const ColumnView& view, int64_t i, int64_t* begin, int64_t* end) {
  *begin = At<T>(view, i);
  *end = At<T>(view, i + 1);
  return *begin >= 0 && *begin <= *end;
}

template <typename T>
Value TextAt(const ColumnView& view, int64_t i) {
  int64_t begin = 0;
  int64_t end = 0;
  if (!EndsAt<T>(view, i, &begin, &end)) return Value();
  if (begin == end) return Value::String("");
  if (view.text == nullptr) return Value();
  return Value::String({view.text + begin, static_cast<size_t>(end - begin)});
}

Value ViewTextAt(const ColumnView& view, int64_t i) {
  constexpr int32_t kInline = 12;
  const char* const entry = static_cast<const char*>(view.data) + (view.offset + i) * 16;
  int32_t parts[4];
  std::memcpy(parts, entry, sizeof parts);
  const int32_t size = parts[0];
  if (size < 0) return Value();
  if (size <= kInline) return Value::String({entry + 4, static_cast<size_t>(size)});
  const int32_t buffer = parts[2];
  const int32_t offset = parts[3];
  if (buffer < 0 || buffer >= view.text_count || offset < 0 ||
      int64_t{offset} + size > view.text_sizes[buffer] || view.text_buffers[buffer] == nullptr) {
    return Value();
  }
  return Value::String(
      {static_cast<const char*>(view.text_buffers[buffer]) + offset, static_cast<size_t>(size)});
}

// NaN is no value.
Value Number(double d) { return d != d ? Value() : Value::Double(d); }

// Bools, numbers and texts. `i` is within the view.
Value ScalarAt(const ColumnView& view, int64_t i) {
  switch (view.column->kind) {
    case ColumnKind::kBool:
      return Value::Bool(BitAt(view.data, view.offset + i));
    case ColumnKind::kInt8:
      return Value::Int(At<int8_t>(view, i));
    case ColumnKind::kInt16:
      return Value::Int(At<int16_t>(view, i));
    case ColumnKind::kInt32:
      return Value::Int(At<int32_t>(view, i));
    case ColumnKind::kInt64:
      return Value::Int(At<int64_t>(view, i));
    case ColumnKind::kUint8:
      return Value::Int(At<uint8_t>(view, i));
    case ColumnKind::kUint16:
      return Value::Int(At<uint16_t>(view, i));
    case ColumnKind::kUint32:
      return Value::Int(At<uint32_t>(view, i));
    case ColumnKind::kUint64:
      return Value::Uint(At<uint64_t>(view, i));
    case ColumnKind::kFloat:
      return Number(At<float>(view, i));
    case ColumnKind::kDouble:
      return Number(At<double>(view, i));
    case ColumnKind::kText32:
      return TextAt<int32_t>(view, i);
    case ColumnKind::kText64:
      return TextAt<int64_t>(view, i);
    case ColumnKind::kTextView:
      return ViewTextAt(view, i);
    default:
      return Value();
  }
}

// Whether ticks of `unit` nanoseconds are a time; `*time` in nanoseconds.
bool ScaleTime(int64_t ticks, int64_t unit, int64_t* time) {
  return !__builtin_mul_overflow(ticks, unit, time) && *time != kNoEventTime;
}

void AppendDigits(int64_t value, int digits, std::string* out) {
  char text[9];
  for (int i = digits; i-- > 0; value /= 10) text[i] = static_cast<char>('0' + value % 10);
  out->append(text, static_cast<size_t>(digits));
}

}  // namespace

absl::StatusOr<std::shared_ptr<ArrowTable>> ArrowTable::Make(const ArrowSchema& schema) {
  auto table = std::make_shared<ArrowTable>();
  SchemaReader reader(&table->unsupported_);
  if (absl::Status s = reader.Read(schema, "", 0, &table->root_); !s.ok()) return s;
  if (table->root_.kind != ColumnKind::kStruct) {
    return Wrong("events are rows of a table or of a struct array, not of one column");
  }
  AppendSignature(table->root_, &table->signature_);
  return table;
}

RowForm ArrowTable::FormOf(const std::string& pattern, const Value& row) {
  {
    const std::scoped_lock lock(mutex_);
    if (const auto it = forms_.find(pattern); it != forms_.end()) return it->second;
  }
  RowForm form;
  for (const Member& member : row.members()) form.key_bits |= KeyBit(member.name);
  form.shape = DetectShape(row);
  const std::scoped_lock lock(mutex_);
  if (forms_.size() >= kMaxForms) return form;
  const auto [it, is_new] = forms_.try_emplace(pattern, form);
  if (is_new) it->second.names_token = kHostToken | next_token++;
  return it->second;
}

absl::StatusOr<std::shared_ptr<ArrowBatch>> ArrowBatch::Make(std::shared_ptr<ArrowTable> table,
                                                             ArrowArray* array) {
  if (array->release == nullptr) return Wrong("the array was released");
  auto batch = std::make_shared<ArrowBatch>();
  batch->table_ = std::move(table);
  batch->array_.Take(array);
  const absl::Status s = BindColumn(batch->table_->root(), *batch->array_.get(), &batch->view_);
  if (!s.ok()) return s;
  return batch;
}

void ArrowRowReader::Mark(bool present) {
  bits_ = bits_ << 1 | (present ? 1U : 0U);
  if (++bit_count_ == 8) {
    pattern_.push_back(static_cast<char>(bits_));
    bits_ = 0;
    bit_count_ = 0;
  }
}

Value ArrowRowReader::TimeText(int64_t time, ValueArena* arena) {
  constexpr int64_t kSecond = 1'000'000'000;
  constexpr int64_t kDay = 86400 * kSecond;
  int64_t day = time / kDay;
  int64_t rest = time % kDay;
  if (rest < 0) {
    rest += kDay;
    --day;
  }
  if (day != last_day_) {  // most rows are of the day of the row before
    const std::string text = FormatEventTime(time);
    if (text.size() < 11 || text[10] != 'T') return Value::String(arena->CopyString(text));
    last_day_ = day;
    std::memcpy(last_day_text_, text.data(), sizeof last_day_text_);
  }
  std::string& text = arena->Scratch();
  text.append(last_day_text_, sizeof last_day_text_);
  const int64_t seconds = rest / kSecond;
  AppendDigits(seconds / 3600, 2, &text);
  text.push_back(':');
  AppendDigits(seconds / 60 % 60, 2, &text);
  text.push_back(':');
  AppendDigits(seconds % 60, 2, &text);
  if (const int64_t fraction = rest % kSecond; fraction != 0) {
    text.push_back('.');
    AppendDigits(fraction, 9, &text);
    while (text.back() == '0') text.pop_back();
  }
  text.push_back('Z');
  return Value::String(arena->CopyString(text));
}

Value ArrowRowReader::ReadList(const ColumnView& view, int64_t begin, int64_t end,
                               ValueArena* arena, int depth) {
  const ColumnView& elements = view.children[0];
  list_elements_ += end - begin;
  if (end > elements.length || list_elements_ > kMaxListElements) return Value();
  const std::span<Value> items = arena->NewValues(static_cast<size_t>(end - begin));
  for (int64_t i = begin; i < end; ++i) {
    const Value v = ReadValue(elements, i, arena, depth + 1);
    items[static_cast<size_t>(i - begin)] = v.absent() ? Value::Null() : v;
  }
  return Value::List(items);
}

Value ArrowRowReader::ReadStruct(const ColumnView& view, int64_t i, ValueArena* arena,
                                 bool outside_lists, int depth) {
  const std::span<Member> members = arena->NewMembers(view.children.size());
  size_t count = 0;
  bool spaced = false;
  for (const ColumnView& child : view.children) {
    const int64_t at = view.offset + i;
    Value v;
    if (!IsNull(child, at)) {
      if (child.column->kind == ColumnKind::kStruct) {
        // The marks of what is in it follow its own.
        if (outside_lists) Mark(true);
        v = ReadStruct(child, at, arena, outside_lists, depth + 1);
      } else {
        v = ReadValue(child, at, arena, depth + 1);
        if (outside_lists) Mark(!v.absent());
      }
    } else if (outside_lists) {
      Mark(false);
    }
    if (v.absent()) continue;
    spaced |= child.column->name.find(' ') != std::string::npos;
    members[count++] = {child.column->name, v};
  }
  return Value::Object(members.first(count), spaced);
}

Value ArrowRowReader::ReadValue(const ColumnView& view, int64_t i, ValueArena* arena, int depth) {
  if (depth > kMaxDepth || IsNull(view, i)) return Value();
  if (view.dictionary != nullptr) {
    const Value index = ScalarAt(view, i);
    const ColumnView& values = *view.dictionary;
    if (index.kind() != ValueKind::kInt || index.integer() < 0 ||
        index.integer() >= values.length) {
      return Value();
    }
    return ReadValue(values, index.integer(), arena, depth + 1);
  }
  int64_t begin = 0;
  int64_t end = 0;
  int64_t time = 0;
  switch (view.column->kind) {
    case ColumnKind::kStruct:
      return ReadStruct(view, i, arena, /*outside_lists=*/false, depth);
    case ColumnKind::kList32:
      return EndsAt<int32_t>(view, i, &begin, &end) ? ReadList(view, begin, end, arena, depth)
                                                    : Value();
    case ColumnKind::kList64:
      return EndsAt<int64_t>(view, i, &begin, &end) ? ReadList(view, begin, end, arena, depth)
                                                    : Value();
    case ColumnKind::kFixedList:
      begin = (view.offset + i) * view.column->unit;
      return ReadList(view, begin, begin + view.column->unit, arena, depth);
    case ColumnKind::kTime:
      return ScaleTime(At<int64_t>(view, i), view.column->unit, &time) ? TimeText(time, arena)
                                                                       : Value();
    case ColumnKind::kDays:
      return ScaleTime(At<int32_t>(view, i), int64_t{86400} * 1'000'000'000, &time)
                 ? TimeText(time, arena)
                 : Value();
    default:
      return ScalarAt(view, i);
  }
}

void ArrowRowReader::Read(const ArrowBatch& batch, int64_t row, Event* event) {
  event->Clear();
  list_elements_ = 0;
  pattern_.clear();
  bits_ = 0;
  bit_count_ = 0;
  const Value root = IsNull(batch.view(), row)
                         ? Value::Object({})
                         : ReadStruct(batch.view(), row, &event->arena(), true, 0);
  // The number of marks follows from the marks: padding cannot make two rows alike.
  pattern_.push_back(static_cast<char>(bits_));
  if (last_table_ != batch.table() || last_pattern_ != pattern_) {
    last_form_ = batch.table()->FormOf(pattern_, root);
    last_table_ = batch.table();
    last_pattern_ = pattern_;
  }
  event->set_root(root, last_form_.key_bits, last_form_.shape, last_form_.names_token);
}

}  // namespace vedette::python
