// LoadProgram: the header, the sections, and rules with what they say about themselves.
#include "lib/program/program_load.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/base/strings.h"
#include "lib/program/byte_reader.h"
#include "lib/program/saved_format.h"
#include "vedette/saved_program.h"
#include "vedette/version.h"

namespace vedette::inline v0 {
namespace {

// The least that one of these takes, which bounds how many there can be.
constexpr size_t kLeastRule = 34;
constexpr size_t kLeastField = 2;
constexpr size_t kLeastRow = 9;

// Rows and the values of their conditions are numbered by 16 bits (Routing), and the work of
// numbering grows with prefixes times values.
constexpr size_t kMaxRows = 65535;
constexpr size_t kMaxRoutingValues = 65000;
constexpr size_t kMaxRoutingWork = size_t{1} << 24;
// Renamings and set values of all rows, which are searched one by one.
constexpr size_t kMaxRowPairs = 65536;

void LoadPairs(ByteReader* reader, std::vector<std::pair<std::string, std::string>>* out) {
  out->resize(reader->Count(2));
  for (auto& [a, b] : *out) {
    a = reader->Text();
    b = reader->Text();
  }
}

void LoadLogSource(ByteReader* reader, LogSource* out) {
  for (std::string* part : {&out->product, &out->category, &out->service}) *part = reader->Text();
}

void LoadFields(ByteReader* reader, ProgramLayout* layout) {
  const size_t count = reader->Count(kLeastField);
  layout->fields.reserve(count);
  absl::flat_hash_set<std::string> seen;  // hashed with a seed, unlike StringHash
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    const std::string_view text = reader->Text();
    if (!reader->ok()) return;
    absl::StatusOr<FieldPath> path = FieldPath::Parse(text);
    if (!path.ok()) {
      reader->Fail(ToStd(path.status().message()));
    } else if (!seen.emplace(text).second) {
      reader->Fail("a field stands twice");
    } else {
      layout->fields.push_back(*std::move(path));
    }
  }
}

void LoadLabels(ByteReader* reader, ProgramLayout* layout) {
  LoadTexts(reader, &layout->labels);
  if (layout->labels.empty() || !layout->labels[0].empty()) {
    reader->Fail("the first label is not empty");
  }
}

void LoadRules(ByteReader* reader, LoadContext* context) {
  ProgramLayout* layout = context->layout;
  const size_t count = reader->Count(kLeastRule);
  layout->rules.reserve(count);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    ProgramRule rule;
    LoadMeta(reader, &rule.meta);
    rule.root = reader->Index(layout->nodes.size(), "the condition of a rule");
    rule.fingerprint = reader->Fixed(8);
    rule.outcomes = LoadOutcomes(layout->fields.size(), reader, context);
    rule.suppress_by = LoadKeys(layout->fields.size(), reader, context);
    rule.suppress_ns = LoadDuration(reader);
    rule.silent = reader->Flag();
    layout->rules.push_back(std::move(rule));
  }
  layout->visible_rules = reader->Index(layout->rules.size() + 1, "the number of rules");
  for (size_t i = layout->visible_rules; i < layout->rules.size(); ++i) {
    if (!layout->rules[i].silent) reader->Fail("a hidden rule gives detections");
  }
}

int32_t LoadInt32(ByteReader* reader) {
  const int64_t x = reader->Zigzag();
  if (x < INT32_MIN || x > INT32_MAX) reader->Fail("a number is out of range");
  return static_cast<int32_t>(x);
}

LogSourceTable::Row LoadRow(ByteReader* reader) {
  LogSourceTable::Row row;
  row.when.resize(reader->Count(2));
  for (LogSourceTable::Condition& condition : row.when) {
    condition.field = reader->Text();
    LoadTexts(reader, &condition.values);
  }
  LoadLogSource(reader, &row.source);
  row.class_uid = LoadInt32(reader);
  for (auto* pairs : {&row.renames, &row.sets, &row.assumes}) LoadPairs(reader, pairs);
  row.line = LoadInt32(reader);
  return row;
}

// Whether Routing can number the rows and does so in a reasonable time.
bool CanRoute(const std::vector<LogSourceTable::Row>& rows) {
  size_t values = 0;
  size_t prefixes = 0;
  size_t pairs = 0;
  for (const LogSourceTable::Row& row : rows) {
    pairs += row.renames.size() + row.sets.size() + row.assumes.size();
    for (const LogSourceTable::Condition& condition : row.when) {
      values += condition.values.size();
      prefixes += static_cast<size_t>(
          std::count_if(condition.values.begin(), condition.values.end(),
                        [](const std::string& v) { return v.size() > 1 && v.ends_with('*'); }));
    }
  }
  return rows.size() <= kMaxRows && values <= kMaxRoutingValues && pairs <= kMaxRowPairs &&
         prefixes * values <= kMaxRoutingWork;
}

void LoadLogSources(ByteReader* reader, LoadContext* context) {
  const size_t count = reader->Count(kLeastRow);
  std::vector<LogSourceTable::Row> rows;
  rows.reserve(count);
  for (size_t i = 0; i < count && reader->ok(); ++i) rows.push_back(LoadRow(reader));
  if (!reader->ok()) return;
  if (!CanRoute(rows)) {
    context->Refuse(absl::ResourceExhaustedError("the saved log source table is too large"),
                    reader);
    return;
  }
  context->layout->log_sources = LogSourceTable::FromRows(std::move(rows));
  context->layout->routing = Routing(context->layout->log_sources);
}

void LoadSection(uint32_t tag, ByteReader* reader, LoadContext* context) {
  switch (tag) {
    case kProgramSection:
      context->layout->fingerprint = reader->Fixed(8);
      break;
    case kFieldSection:
      LoadFields(reader, context->layout);
      break;
    case kLabelSection:
      LoadLabels(reader, context->layout);
      break;
    case kPredicateSection:
      LoadPredicates(reader, context);
      break;
    case kNodeSection:
      LoadNodes(reader, context);
      break;
    case kRuleSection:
      LoadRules(reader, context);
      break;
    case kLogSourceSection:
      LoadLogSources(reader, context);
      break;
    case kCorrelationSection:
      LoadCorrelations(reader, context);
      break;
    default:
      break;
  }
}

std::string TagName(uint32_t tag) {
  std::string name;
  for (int i = 0; i < 4; ++i, tag >>= 8) {
    const char c = static_cast<char>(tag & 0xFF);
    name.push_back(c > 0x20 && c < 0x7F ? c : '?');
  }
  return name;
}

absl::Status Corrupt(uint32_t tag, std::string_view why) {
  return absl::InvalidArgumentError(
      absl::StrCat("the saved program is corrupt: section ", TagName(tag), ": ", ToAbsl(why)));
}

absl::Status LoadSections(std::string_view bytes, bool later_minor, LoadContext* context) {
  ByteReader reader(bytes);
  size_t next = 0;
  while (reader.left() > 0) {
    const auto tag = static_cast<uint32_t>(reader.Fixed(4));
    const uint64_t length = reader.Fixed(8);
    if (length > reader.left()) reader.Fail("it ends too early");
    const std::string_view contents = reader.Take(static_cast<size_t>(length));
    if (!reader.ok()) return Corrupt(tag, reader.error());
    if (next == kSections.size() || tag != kSections[next]) {
      const bool known = std::find(kSections.begin(), kSections.end(), tag) != kSections.end();
      if (known) return Corrupt(tag, "it stands in the wrong place");
      if (!later_minor) return Corrupt(tag, "there is no such section");
      continue;
    }
    ++next;
    ByteReader section(contents);
    LoadSection(tag, &section, context);
    if (!context->refusal.ok()) return context->refusal;
    if (!section.ok()) return Corrupt(tag, section.error());
    if (section.left() > 0) return Corrupt(tag, "something is left over");
  }
  if (next < kSections.size()) return Corrupt(kSections[next], "it is missing");
  return absl::OkStatus();
}

// What stands in the header, if it is fit to go on.
struct Header {
  uint64_t minor = 0;
  std::string_view sections;
};

absl::StatusOr<Header> ReadHeader(std::string_view bytes) {
  if (!bytes.starts_with(kSavedMagic)) {
    return absl::InvalidArgumentError("this is no saved program: it does not begin like one");
  }
  if (bytes.size() < kSavedHeaderBytes) {
    return absl::DataLossError("the saved program is cut off in its header");
  }
  ByteReader reader(bytes.substr(kSavedMagic.size()));
  const uint64_t major = reader.Fixed(2);
  Header header;
  header.minor = reader.Fixed(2);
  const uint64_t version[] = {reader.Fixed(2), reader.Fixed(2), reader.Fixed(2)};
  if (major != kSavedProgramMajor) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the saved program has form ", major, ".", header.minor, ", written by vedette ",
        version[0], ".", version[1], ".", version[2], "; this is vedette ", ToAbsl(kVersion),
        ", which reads form ", kSavedProgramMajor, ".x"));
  }
  if (reader.Fixed(2) != 0) {
    return absl::InvalidArgumentError("the saved program is corrupt: its header is malformed");
  }
  const uint64_t length = reader.Fixed(8);
  const uint64_t checksum = reader.Fixed(8);
  header.sections = bytes.substr(kSavedHeaderBytes);
  if (length > header.sections.size()) {
    return absl::DataLossError(absl::StrCat("the saved program is cut off: ", length,
                                            " bytes should follow its header, but ",
                                            header.sections.size(), " do"));
  }
  if (length < header.sections.size()) {
    return absl::InvalidArgumentError("something follows the end of the saved program");
  }
  if (checksum != SavedChecksum(bytes)) {
    return absl::DataLossError("the saved program is damaged: its checksum does not fit");
  }
  return header;
}

}  // namespace

void LoadTexts(ByteReader* reader, std::vector<std::string>* out) {
  out->resize(reader->Count(1));
  for (std::string& text : *out) text = reader->Text();
}

void LoadMeta(ByteReader* reader, RuleMeta* m) {
  for (std::string* text : {&m->id, &m->name, &m->title, &m->description, &m->status, &m->author,
                            &m->date, &m->modified, &m->license, &m->source}) {
    *text = reader->Text();
  }
  m->level = reader->Enum(Level::kCritical, "a level");
  m->line = reader->Index(size_t{UINT32_MAX} + 1, "a line");
  LoadLogSource(reader, &m->log_source);
  for (auto* list : {&m->tags, &m->references, &m->false_positives, &m->fields}) {
    LoadTexts(reader, list);
  }
  LoadPairs(reader, &m->related);
  LoadPairs(reader, &m->custom);
}

int64_t LoadDuration(ByteReader* reader) {
  const int64_t ns = reader->Zigzag();
  if (ns < 0) reader->Fail("a duration is negative");
  return ns;
}

std::vector<std::pair<std::string, CompiledExpr>> LoadOutcomes(size_t field_count,
                                                               ByteReader* reader,
                                                               LoadContext* context) {
  std::vector<std::pair<std::string, CompiledExpr>> out;
  const size_t count = reader->Count(4);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    std::string name(reader->Text());
    out.emplace_back(std::move(name), LoadExpr(field_count, reader, context));
  }
  return out;
}

std::vector<CompiledKey> LoadKeys(size_t field_count, ByteReader* reader, LoadContext* context) {
  std::vector<CompiledKey> out;
  const size_t count = reader->Count(4);
  for (size_t i = 0; i < count && reader->ok(); ++i) {
    CompiledKey key;
    key.expr = LoadExpr(field_count, reader, context);
    key.optional = reader->Flag();
    out.push_back(std::move(key));
  }
  return out;
}

absl::StatusOr<std::shared_ptr<const Program>> LoadProgram(std::string_view bytes,
                                                           const FunctionRegistry* functions) {
  const absl::StatusOr<Header> header = ReadHeader(bytes);
  if (!header.ok()) return header.status();
  auto layout = std::make_unique<ProgramLayout>();
  LoadContext context;
  context.layout = layout.get();
  context.functions = functions;
  absl::Status status =
      LoadSections(header->sections, header->minor > kSavedProgramMinor, &context);
  if (status.ok()) status = CheckFormulas(layout.get());
  if (!status.ok()) return status;
  DeriveRest(layout.get());
  return std::make_shared<const Program>(std::move(layout));
}

}  // namespace vedette::inline v0
