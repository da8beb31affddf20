#include "bindings/python/src/arrow_source.h"

#include <algorithm>
#include <utility>

namespace py = pybind11;

namespace vedette::python {
namespace {

constexpr int64_t kRows = 2048;  // of a block

// Batches are let go with the interpreter's lock held: their producers may be Python code.
std::shared_ptr<ArrowBatch> ReleasedWithLock(std::shared_ptr<ArrowBatch> batch) {
  ArrowBatch* const raw = batch.get();
  return {raw, [batch = std::move(batch)](ArrowBatch*) mutable {
            const py::gil_scoped_acquire lock;
            batch.reset();
          }};
}

class RowsBlock final : public Block {
 public:
  RowsBlock(std::shared_ptr<ArrowBatch> batch, int64_t begin, int64_t end, uint64_t first_number,
            std::string_view name)
      : batch_(std::move(batch)),
        begin_(begin),
        end_(end),
        first_number_(first_number),
        name_(name) {}

  void Read(BlockReaders* readers, ReadReport* report, const VisitEvent& visit) override {
    Event& event = readers->event();
    for (int64_t row = begin_; row < end_; ++row) {
      readers->arrow().Read(*batch_, row, &event);
      event.set_ref(name_, first_number_ + static_cast<uint64_t>(row - begin_));
      visit(event);
    }
    report->stats.events += static_cast<uint64_t>(end_ - begin_);
    event.Clear();  // it has views of the batch
  }

 private:
  const std::shared_ptr<ArrowBatch> batch_;
  const int64_t begin_;
  const int64_t end_;
  const uint64_t first_number_;
  const std::string_view name_;
};

class ArrowSource final : public BlockSource {
 public:
  ArrowSource(std::shared_ptr<ArrowTable> table, std::string_view name)
      : table_(std::move(table)), name_(name) {}
  ~ArrowSource() override {
    const py::gil_scoped_acquire lock;
    batch_.reset();
    stream_.Reset();
  }

  void TakeStream(ArrowArrayStream* stream) { stream_.Take(stream); }
  absl::Status TakeArray(ArrowArray* array) {
    absl::StatusOr<std::shared_ptr<ArrowBatch>> batch = ArrowBatch::Make(table_, array);
    if (!batch.ok()) return batch.status();
    batch_ = ReleasedWithLock(*std::move(batch));
    row_ = 0;
    return absl::OkStatus();
  }

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    while (batch_ == nullptr || row_ == batch_->rows()) {
      const absl::StatusOr<bool> more = NextBatch();
      if (!more.ok()) return more.status();
      if (!*more) return nullptr;
    }
    const int64_t end = std::min(batch_->rows(), row_ + kRows);
    auto block = std::make_unique<RowsBlock>(batch_, row_, end, number_, name_);
    number_ += static_cast<uint64_t>(end - row_);
    row_ = end;
    return block;
  }

 private:
  absl::StatusOr<bool> NextBatch() {
    const py::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
    batch_.reset();
    if (stream_.empty()) return false;
    ArrowArray array{};
    const int error = stream_->get_next(stream_.get(), &array);
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    if (error != 0) {
      const char* const message =
          stream_->get_last_error != nullptr ? stream_->get_last_error(stream_.get()) : nullptr;
      return absl::UnknownError(std::string("Arrow stream: ") +
                                (message != nullptr ? message : "error without a message"));
    }
    if (array.release == nullptr) return false;
    const absl::Status taken = TakeArray(&array);
    if (!taken.ok()) return taken;
    return true;
  }

  const std::shared_ptr<ArrowTable> table_;
  const std::string_view name_;
  ArrowOwned<ArrowArrayStream> stream_;
  std::shared_ptr<ArrowBatch> batch_;
  int64_t row_ = 0;
  uint64_t number_ = 1;
};

// What a capsule of that name points at; throws a ValueError if it is another object, and gives
// InvalidArgument if it was released.
template <typename T>
absl::StatusOr<T*> Contents(const py::handle& capsule, const char* name) {
  void* const pointer = PyCapsule_GetPointer(capsule.ptr(), name);
  if (pointer == nullptr) {
    PyErr_Clear();
    return absl::InvalidArgumentError(std::string("Arrow: no capsule called ") + name);
  }
  T* const contents = static_cast<T*>(pointer);
  if (contents->release == nullptr) {
    return absl::InvalidArgumentError(std::string("Arrow: the capsule ") + name +
                                      " was used before");
  }
  return contents;
}

absl::StatusOr<std::unique_ptr<BlockSource>> OfStream(const py::object& capsule,
                                                      std::string_view name,
                                                      const KnownTable& known,
                                                      std::shared_ptr<ArrowTable>* table) {
  const absl::StatusOr<ArrowArrayStream*> stream =
      Contents<ArrowArrayStream>(capsule, "arrow_array_stream");
  if (!stream.ok()) return stream.status();
  ArrowSchema raw{};
  if ((*stream)->get_schema(*stream, &raw) != 0 || raw.release == nullptr) {
    if (PyErr_Occurred() != nullptr) throw py::error_already_set();
    return absl::InvalidArgumentError("Arrow: the stream has no schema");
  }
  ArrowOwned<ArrowSchema> schema;
  schema.Take(&raw);
  absl::StatusOr<std::shared_ptr<ArrowTable>> made = ArrowTable::Make(*schema.get());
  if (!made.ok()) return made.status();
  *table = *std::move(made);
  auto source = std::make_unique<ArrowSource>(known(*table), name);
  source->TakeStream(*stream);
  return source;
}

absl::StatusOr<std::unique_ptr<BlockSource>> OfArray(const py::object& capsules,
                                                     std::string_view name, const KnownTable& known,
                                                     std::shared_ptr<ArrowTable>* table) {
  if (PyTuple_Check(capsules.ptr()) == 0 || PyTuple_GET_SIZE(capsules.ptr()) != 2) {
    return absl::InvalidArgumentError("Arrow: __arrow_c_array__ gave no two capsules");
  }
  const py::handle first = PyTuple_GET_ITEM(capsules.ptr(), 0);
  const py::handle second = PyTuple_GET_ITEM(capsules.ptr(), 1);
  const absl::StatusOr<ArrowSchema*> schema = Contents<ArrowSchema>(first, "arrow_schema");
  if (!schema.ok()) return schema.status();
  const absl::StatusOr<ArrowArray*> array = Contents<ArrowArray>(second, "arrow_array");
  if (!array.ok()) return array.status();
  absl::StatusOr<std::shared_ptr<ArrowTable>> made = ArrowTable::Make(**schema);
  if (!made.ok()) return made.status();
  *table = *std::move(made);
  auto source = std::make_unique<ArrowSource>(known(*table), name);
  const absl::Status taken = source->TakeArray(*array);
  if (!taken.ok()) return taken;
  return source;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlockSource>> NewArrowSource(const py::object& object,
                                                            std::string_view name,
                                                            const KnownTable& known,
                                                            std::shared_ptr<ArrowTable>* table) {
  if (py::hasattr(object, "__arrow_c_stream__")) {
    return OfStream(object.attr("__arrow_c_stream__")(), name, known, table);
  }
  return OfArray(object.attr("__arrow_c_array__")(), name, known, table);
}

}  // namespace vedette::python
