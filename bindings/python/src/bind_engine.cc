// Engines and what they find.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bindings/python/src/arrow_source.h"
#include "bindings/python/src/engine_core.h"
#include "bindings/python/src/errors.h"
#include "bindings/python/src/python_event.h"
#include "bindings/python/src/rules.h"

namespace py = pybind11;

namespace vedette::python {
namespace {

struct PyDetections {
  std::shared_ptr<Detections> detections = std::make_shared<Detections>();
  std::shared_ptr<FunctionErrors> errors = std::make_shared<FunctionErrors>();
};

// Looks for signals between blocks, so that Ctrl-C ends a long run.
class InterruptibleSource final : public BlockSource {
 public:
  explicit InterruptibleSource(std::unique_ptr<BlockSource> source) : source_(std::move(source)) {}

  absl::StatusOr<std::unique_ptr<Block>> Next() override {
    const Clock::time_point now = Clock::now();
    if (now - last_ > std::chrono::milliseconds(50)) {
      last_ = now;
      ThrowIfInterrupted();
    }
    while (true) {
      absl::StatusOr<std::unique_ptr<Block>> block = source_->Next();
      report_ = source_->report();
      if (!absl::IsCancelled(block.status())) return block;
      ThrowIfInterrupted();
    }
  }

 private:
  using Clock = std::chrono::steady_clock;

  static void ThrowIfInterrupted() {
    const py::gil_scoped_acquire lock;
    if (PyErr_CheckSignals() != 0) throw py::error_already_set();
  }

  std::unique_ptr<BlockSource> source_;
  Clock::time_point last_ = Clock::now();
};

// Bytes of a Python object, which stay where they are.
class Buffer {
 public:
  explicit Buffer(const py::handle& object) {
    if (PyObject_GetBuffer(object.ptr(), &view_, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  }
  ~Buffer() { PyBuffer_Release(&view_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  std::string_view bytes() const {
    return {static_cast<const char*>(view_.buf), static_cast<size_t>(view_.len)};
  }

 private:
  Py_buffer view_;
};

// An engine for one Python thread at a time.
class PyEngine {
 public:
  PyEngine(const PyProgram& program, EngineOptions options)
      : core_(std::make_shared<EngineCore>(program.program, std::move(options))) {}

  void PushBytes(PyDetections* found, const py::object& data, const std::string& name) {
    const Buffer buffer(data);
    Push(found, [&] { return NewBytesSource(buffer.bytes(), name, core_->read_options()); });
  }
  void PushFiles(PyDetections* found, const std::vector<std::string>& paths) {
    Push(found, [&]() -> absl::StatusOr<std::unique_ptr<BlockSource>> {
      if (paths.size() == 1) return NewFileSource(paths[0], core_->read_options());
      return NewMergedSource(paths, core_->read_options());
    });
  }
  void PushEvents(PyDetections* found, const py::object& iterator, const std::string& name) {
    Push(found, [&] { return NewPythonSource(iterator, name); });
  }
  // Names and formats of the columns that were left out.
  std::vector<std::string> PushArrow(PyDetections* found, const py::object& object,
                                     const std::string& name) {
    std::shared_ptr<ArrowTable> table;
    Push(found, [&] {
      return NewArrowSource(
          object, name, [this](auto made) { return core_->Known(std::move(made)); }, &table);
    });
    return table->unsupported();
  }
  void Advance(PyDetections* found, EventTime watermark) {
    Run([&] { return core_->Advance(watermark, found->errors.get(), found->detections.get()); });
  }
  void Finish(PyDetections* found) {
    Run([&] { return core_->Finish(found->errors.get(), found->detections.get()); });
  }
  py::bytes Snapshot() {
    std::string bytes;
    Run([&] {
      bytes = core_->Snapshot();
      return absl::OkStatus();
    });
    return bytes;
  }
  py::dict Restore(const py::bytes& snapshot) {
    const std::string bytes = snapshot;
    absl::StatusOr<RestoreReport> report = absl::UnknownError("");
    Run([&] {
      report = core_->Restore(bytes);
      return report.status();
    });
    py::dict out;
    out["keys"] = report->keys;
    out["kept"] = report->kept;
    out["dropped"] = report->dropped;
    out["fresh"] = report->fresh;
    return out;
  }
  void SetProgram(const PyProgram& program) {
    Run([&] {
      core_->SetProgram(program.program);
      return absl::OkStatus();
    });
  }
  py::dict Stats();

 private:
  // Runs `f` as the only user of the engine, without the interpreter's lock.
  template <typename F>
  void Run(F f) {
    const EngineLease lease(core_.get());
    if (!lease.ok()) {
      throw std::runtime_error("the engine is running: one engine serves one thread at a time");
    }
    absl::Status status;
    {
      const py::gil_scoped_release unlocked;
      status = f();
    }
    Check(status);
  }
  // `make` gives the source, or a status with it, while the interpreter's lock is held.
  template <typename Make>
  void Push(PyDetections* found, Make make) {
    absl::StatusOr<std::unique_ptr<BlockSource>> made = make();
    Check(made.status());
    InterruptibleSource source(*std::move(made));
    Run([&] { return core_->Push(&source, found->errors.get(), found->detections.get()); });
  }

  std::shared_ptr<EngineCore> core_;
};

py::dict PyEngine::Stats() {
  const EngineLease lease(core_.get());
  if (!lease.ok()) throw std::runtime_error("the engine is running");
  const ProcessorStats s = core_->stats();
  py::dict out;
  out["events"] = s.evaluation.events;
  out["matches"] = s.evaluation.matches;
  out["events_without_log_source"] = s.evaluation.events_without_log_source;
  out["events_without_rules"] = s.evaluation.events_without_rules;
  out["events_undecided"] = s.evaluation.events_undecided;
  out["events_without_time"] = s.events_without_time;
  out["suppressed"] = s.suppressed + s.correlation.suppressed;
  out["correlation_records"] = s.correlation.records;
  out["correlation_detections"] = s.correlation.detections;
  out["late_records"] = s.correlation.late_records;
  out["evicted_keys"] = s.correlation.evicted_keys;
  out["pending_records"] = s.correlation.pending_records;
  out["state_bytes"] = s.correlation.bytes;
  return out;
}

const Found& At(const PyDetections& self, size_t i) {
  if (i >= self.detections->found.size()) throw py::index_error("no such detection");
  return self.detections->found[i];
}

py::object TimeOf(EventTime time) {
  if (time == kNoEventTime) return py::none();
  return py::int_(time);
}

py::dict StatsOf(const PyDetections& self) {
  const Detections& d = *self.detections;
  py::dict out;
  out["events"] = d.report.stats.events;
  out["broken"] = d.report.stats.broken;
  out["oversized"] = d.report.stats.oversized;
  out["blank"] = d.report.stats.blank;
  out["incomplete"] = d.report.stats.incomplete;
  out["damaged"] = d.report.stats.damaged;
  out["bytes"] = d.report.stats.bytes;
  out["detections"] = d.found.size();
  out["dropped"] = d.dropped;
  out["events_undecided"] = d.undecided_events;
  out["function_errors"] = self.errors->count();
  return out;
}

py::object StreamCapsule(const PyDetections& self, const py::object& /*requested_schema*/) {
  auto stream = std::make_unique<ArrowArrayStream>();
  ExportDetections(self.detections, stream.get());
  PyObject* const capsule = PyCapsule_New(stream.get(), "arrow_array_stream", [](PyObject* object) {
    auto* const owned =
        static_cast<ArrowArrayStream*>(PyCapsule_GetPointer(object, "arrow_array_stream"));
    if (owned == nullptr) return PyErr_Clear();
    if (owned->release != nullptr) owned->release(owned);
    delete owned;
  });
  if (capsule == nullptr) {
    stream->release(stream.get());
    throw py::error_already_set();
  }
  stream.release();  // the capsule's now
  return py::reinterpret_steal<py::object>(capsule);
}

py::list BrokenOf(const PyDetections& self) {
  py::list out;
  for (const auto& [line, reason] : self.detections->report.reasons) {
    out.append(py::make_tuple(line, Text(reason)));
  }
  return out;
}

EngineOptions ToOptions(size_t threads, size_t max_detections, int64_t lateness_ns,
                        int64_t idle_timeout_ns, size_t max_state_bytes, size_t max_evidence,
                        const std::optional<std::string>& log_source,
                        const std::optional<std::string>& format,
                        const PyIndicatorSets& indicators) {
  EngineOptions options;
  options.threads = threads;
  options.max_detections = max_detections;
  options.processing.allowed_lateness_ns = lateness_ns;
  options.processing.idle_timeout_ns = idle_timeout_ns;
  options.processing.correlation.max_state_bytes = max_state_bytes;
  options.processing.correlation.max_evidence_events = max_evidence;
  if (log_source) options.log_source = Check(LogSource::Parse(*log_source));
  if (format) {
    options.format = EventFormatByName(*format);
    if (!options.format) Check(absl::InvalidArgumentError("no event format " + *format));
  }
  options.indicators = indicators.sets;
  return options;
}

void BindDetections(py::module_* m) {
  py::class_<PyDetections>(*m, "Detections")
      .def(py::init([](size_t max_found, bool number_events) {
             PyDetections made;
             made.detections->max_found = max_found;
             made.detections->number_events = number_events;
             return made;
           }),
           py::arg("max_found"), py::arg("number_events"))
      .def("__len__", [](const PyDetections& self) { return self.detections->found.size(); })
      .def(
          "json",
          [](const PyDetections& self, size_t i) {
            return Text(DetectionToJson(At(self, i).detection));
          },
          py::arg("index"))
      .def(
          "event_index",
          [](const PyDetections& self, size_t i) -> py::object {
            const int64_t index = At(self, i).event_index;
            if (index < 0) return py::none();
            return py::int_(index);
          },
          py::arg("index"))
      .def(
          "times",
          [](const PyDetections& self, size_t i) {
            const Detection& d = At(self, i).detection;
            return py::make_tuple(TimeOf(d.time), TimeOf(FirstTime(d)), TimeOf(LastTime(d)));
          },
          py::arg("index"))
      .def(
          "events", [](const PyDetections& self, size_t i) { return At(self, i).events; },
          py::arg("index"))
      .def("stats", &StatsOf)
      .def("broken", &BrokenOf)
      .def("take_function_error",
           [](const PyDetections& self) -> py::object {
             py::object error = self.errors->TakeFirst();
             if (!error) return py::none();
             return error;
           })
      .def("__arrow_c_stream__", &StreamCapsule, py::arg("requested_schema") = py::none());
}

}  // namespace

void BindEngine(py::module_* m) {
  BindDetections(m);
  py::class_<PyEngine>(*m, "Engine")
      .def(
          py::init([](const PyProgram& program, size_t threads, size_t max_detections,
                      int64_t lateness_ns, int64_t idle_timeout_ns, size_t max_state_bytes,
                      size_t max_evidence, const std::optional<std::string>& log_source,
                      const std::optional<std::string>& format, const PyIndicatorSets& indicators) {
            return std::make_unique<PyEngine>(
                program, ToOptions(threads, max_detections, lateness_ns, idle_timeout_ns,
                                   max_state_bytes, max_evidence, log_source, format, indicators));
          }),
          py::arg("program"), py::arg("threads"), py::arg("max_detections"), py::arg("lateness_ns"),
          py::arg("idle_timeout_ns"), py::arg("max_state_bytes"), py::arg("max_evidence"),
          py::arg("log_source"), py::arg("format"), py::arg("indicators"))
      .def("push_bytes", &PyEngine::PushBytes, py::arg("found"), py::arg("data"), py::arg("name"))
      .def("push_files", &PyEngine::PushFiles, py::arg("found"), py::arg("paths"))
      .def("push_events", &PyEngine::PushEvents, py::arg("found"), py::arg("iterator"),
           py::arg("name"))
      .def("push_arrow", &PyEngine::PushArrow, py::arg("found"), py::arg("table"), py::arg("name"))
      .def("advance", &PyEngine::Advance, py::arg("found"), py::arg("time_ns"))
      .def("finish", &PyEngine::Finish, py::arg("found"))
      .def("snapshot", &PyEngine::Snapshot)
      .def("restore", &PyEngine::Restore, py::arg("snapshot"))
      .def("set_program", &PyEngine::SetProgram, py::arg("program"))
      .def("stats", &PyEngine::Stats);
}

}  // namespace vedette::python
