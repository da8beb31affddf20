// Detections as an Arrow stream.
#include <algorithm>
#include <cerrno>
#include <iterator>
#include <memory>
#include <new>

#include "bindings/python/src/detections.h"

namespace vedette::python {
namespace {

constexpr size_t kBatchRows = 8192;  // texts of so many stay far below 2 GiB
constexpr int64_t kNullable = 2;     // ARROW_FLAG_NULLABLE

struct ColumnSpec {
  const char* name;
  const char* format;
};
constexpr ColumnSpec kColumns[] = {{"rule_id", "u"},         {"title", "u"},
                                   {"level", "u"},           {"kind", "u"},
                                   {"event_index", "l"},     {"time", "tsn:UTC"},
                                   {"source", "u"},          {"line", "l"},
                                   {"group_key", "u"},       {"first_time", "tsn:UTC"},
                                   {"last_time", "tsn:UTC"}, {"matched", "u"},
                                   {"outcomes", "u"},        {"tags", "+l"}};
constexpr size_t kColumnCount = std::size(kColumns);

// Makes `out`, whose parts are in a holder, keep it alive: consumers may move children out and
// release the parent.
template <typename T, typename Holder>
void KeepAlive(const std::shared_ptr<Holder>& holder, T* out) {
  out->private_data = new std::shared_ptr<Holder>(holder);
  out->release = [](T* self) {
    for (int64_t i = 0; i < self->n_children; ++i) {
      T* const child = self->children[i];
      if (child->release != nullptr) child->release(child);
    }
    self->release = nullptr;
    delete static_cast<std::shared_ptr<Holder>*>(self->private_data);
  };
}

// A schema with the memory of its children.
struct SchemaHolder {
  ArrowSchema child_storage[kColumnCount];
  ArrowSchema* children[kColumnCount];
  ArrowSchema item;
  ArrowSchema* items[1];
};

void FillSchema(const char* name, const char* format, const std::shared_ptr<SchemaHolder>& holder,
                ArrowSchema* out) {
  *out = ArrowSchema{};
  out->format = format;
  out->name = name;
  out->flags = kNullable;
  KeepAlive(holder, out);
}

void ExportSchema(ArrowSchema* out) {
  const auto holder = std::make_shared<SchemaHolder>();
  for (size_t i = 0; i < kColumnCount; ++i) {
    holder->children[i] = &holder->child_storage[i];
    FillSchema(kColumns[i].name, kColumns[i].format, holder, holder->children[i]);
  }
  FillSchema("item", "u", holder, &holder->item);
  holder->items[0] = &holder->item;
  ArrowSchema& tags = holder->child_storage[kColumnCount - 1];
  tags.n_children = 1;
  tags.children = holder->items;
  FillSchema("", "+s", holder, out);
  out->flags = 0;
  out->n_children = kColumnCount;
  out->children = holder->children;
}

// One column's memory. Arrays are views of it.
class Builder {
 public:
  void AddText(std::string_view text) {
    data_.append(text);
    AddOffset(static_cast<int32_t>(data_.size()));
    AddValid(true);
  }
  void AddNullText() {
    AddOffset(static_cast<int32_t>(data_.size()));
    AddValid(false);
  }
  void AddNumber(int64_t number, bool valid) {
    numbers_.push_back(valid ? number : 0);
    AddValid(valid);
  }
  void AddList(size_t end) {
    AddOffset(static_cast<int32_t>(end));
    AddValid(true);
  }

  // The builder must live as long as the array.
  void View(const char* format, ArrowArray* out) {
    *out = ArrowArray{};
    buffers_[0] = nulls_ > 0 ? validity_.data() : nullptr;
    out->length = static_cast<int64_t>(count_);
    out->null_count = nulls_;
    out->n_buffers = 2;
    if (format[0] == 'u' || format[0] == '+') {
      if (offsets_.empty()) offsets_.push_back(0);
      buffers_[1] = offsets_.data();
      buffers_[2] = data_.data();
      if (format[0] == 'u') out->n_buffers = 3;
    } else {
      if (numbers_.empty()) numbers_.push_back(0);
      buffers_[1] = numbers_.data();
    }
    out->buffers = buffers_;
  }

 private:
  void AddOffset(int32_t end) {
    if (offsets_.empty()) offsets_.push_back(0);
    offsets_.push_back(end);
  }
  void AddValid(bool valid) {
    if (count_ % 8 == 0) validity_.push_back(0);
    if (valid) {
      validity_.back() = static_cast<uint8_t>(validity_.back() | 1U << (count_ % 8));
    } else {
      ++nulls_;
    }
    ++count_;
  }

  std::string data_;
  std::vector<int32_t> offsets_;
  std::vector<int64_t> numbers_;
  std::vector<uint8_t> validity_;
  size_t count_ = 0;
  int64_t nulls_ = 0;
  const void* buffers_[3] = {};
};

// Some rows.
struct BatchHolder {
  Builder columns[kColumnCount];
  Builder tags;
  size_t tag_count = 0;
  ArrowArray child_storage[kColumnCount];
  ArrowArray* children[kColumnCount];
  ArrowArray tag_storage;
  ArrowArray* tag_children[1];
  const void* no_buffers[1] = {nullptr};

  void Add(const Found& found);
};

void BatchHolder::Add(const Found& found) {
  const Detection& d = found.detection;
  const RuleMeta& meta = d.meta();
  const Evidence* const evidence = d.evidence.get();
  Builder* column = columns;
  const auto text = [&column](std::string_view value) { (column++)->AddText(value); };
  const auto time = [&column](EventTime t) { (column++)->AddNumber(t, t != kNoEventTime); };
  text(meta.id);
  text(meta.display_name());
  text(LevelName(meta.level));
  text(evidence != nullptr ? "correlation" : "event");
  (column++)->AddNumber(found.event_index, found.event_index >= 0);
  time(d.time);
  text(d.event_source);
  (column++)->AddNumber(static_cast<int64_t>(d.event_line), d.event_line > 0);
  if (evidence != nullptr) {
    text(PairsJson(evidence->key));
  } else {
    (column++)->AddNullText();
  }
  time(FirstTime(d));
  time(LastTime(d));
  text(MatchedJson(d));
  text(PairsJson(d.outcomes));
  for (const std::string& tag : meta.tags) tags.AddText(tag);
  tag_count += meta.tags.size();
  column->AddList(tag_count);
}

void ExportBatch(const std::vector<Found>& found, size_t begin, size_t end, ArrowArray* out) {
  const auto holder = std::make_shared<BatchHolder>();
  for (size_t i = begin; i < end; ++i) holder->Add(found[i]);
  for (size_t i = 0; i < kColumnCount; ++i) {
    holder->children[i] = &holder->child_storage[i];
    holder->columns[i].View(kColumns[i].format, holder->children[i]);
    KeepAlive(holder, holder->children[i]);
  }
  holder->tags.View("u", &holder->tag_storage);
  KeepAlive(holder, &holder->tag_storage);
  holder->tag_children[0] = &holder->tag_storage;
  ArrowArray& tags = holder->child_storage[kColumnCount - 1];
  tags.n_children = 1;
  tags.children = holder->tag_children;
  *out = ArrowArray{};
  out->length = static_cast<int64_t>(end - begin);
  out->n_buffers = 1;
  out->buffers = holder->no_buffers;
  out->n_children = kColumnCount;
  out->children = holder->children;
  KeepAlive(holder, out);
}

struct StreamHolder {
  std::shared_ptr<const Detections> detections;
  size_t next = 0;
};

// No exception may cross the interface.
template <typename F>
int Guarded(F f) {
  try {
    f();
    return 0;
  } catch (const std::bad_alloc&) {
    return ENOMEM;
  }
}

}  // namespace

void ExportDetections(std::shared_ptr<const Detections> detections, ArrowArrayStream* stream) {
  *stream = ArrowArrayStream{};
  stream->private_data = new StreamHolder{std::move(detections)};
  stream->get_schema = [](ArrowArrayStream*, ArrowSchema* out) {
    return Guarded([out] { ExportSchema(out); });
  };
  stream->get_next = [](ArrowArrayStream* self, ArrowArray* out) {
    *out = ArrowArray{};
    return Guarded([self, out] {
      auto* const holder = static_cast<StreamHolder*>(self->private_data);
      const std::vector<Found>& found = holder->detections->found;
      if (holder->next >= found.size()) return;
      const size_t begin = holder->next;
      holder->next = std::min(found.size(), begin + kBatchRows);
      ExportBatch(found, begin, holder->next, out);
    });
  };
  stream->get_last_error = [](ArrowArrayStream*) -> const char* { return nullptr; };
  stream->release = [](ArrowArrayStream* self) {
    delete static_cast<StreamHolder*>(self->private_data);
    self->release = nullptr;
  };
}

}  // namespace vedette::python
