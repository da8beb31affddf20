// The bytes of a saved program: a header, then sections. All numbers are little endian.
//
//   0   8 bytes  magic
//   8   u16 u16  major and minor number of the form
//   12  3 x u16  version of the library that wrote it, u16 zero
//   20  u64      bytes after the header
//   28  u64      XXH64 of everything after the header, seeded by that (seed 0) of bytes 0 to 27
//   36  sections, each u32 tag, u64 length, contents
//
// Known sections stand once each, in the order of kSections. In contents, numbers are varints
// (seven bits a byte, the lowest first, as short as can be) unless said otherwise, signed ones
// zigzag; texts and lists have their length before them. program_save.cc says what follows what.
#ifndef VEDETTE_LIB_PROGRAM_SAVED_FORMAT_H_
#define VEDETTE_LIB_PROGRAM_SAVED_FORMAT_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "lib/base/xxh64.h"
#include "lib/program/program_layout.h"

namespace vedette::inline v0 {

// The first byte is no text, and what changes line ends breaks the rest, as in PNG.
inline constexpr std::string_view kSavedMagic("\x89VPK\r\n\x1a\n", 8);
inline constexpr size_t kSavedChecksumAt = 28;
inline constexpr size_t kSavedHeaderBytes = 36;

constexpr uint32_t SectionTag(std::string_view name) {
  uint32_t tag = 0;
  for (size_t i = 4; i-- > 0;) tag = tag << 8 | static_cast<unsigned char>(name[i]);
  return tag;
}
inline constexpr uint32_t kProgramSection = SectionTag("PROG");
inline constexpr uint32_t kFieldSection = SectionTag("FLDS");
inline constexpr uint32_t kLabelSection = SectionTag("LABL");
inline constexpr uint32_t kPredicateSection = SectionTag("PRED");
inline constexpr uint32_t kNodeSection = SectionTag("NODE");
inline constexpr uint32_t kRuleSection = SectionTag("RULE");
inline constexpr uint32_t kLogSourceSection = SectionTag("LOGS");
inline constexpr uint32_t kCorrelationSection = SectionTag("CORR");
inline constexpr std::array kSections = {kProgramSection,   kFieldSection,      kLabelSection,
                                         kPredicateSection, kNodeSection,       kRuleSection,
                                         kLogSourceSection, kCorrelationSection};

// Before the name of an aggregate of the host, where others have theirs.
inline constexpr std::string_view kSavedHostAggregate = "host ";

// How constants and the like stand in an expression.
enum class SavedExprNode : uint8_t {
  kNull,
  kFalse,
  kTrue,
  kInt,     // zigzag
  kDouble,  // u64, the bits
  kText,
  kField,  // place in the expression's fields
  kCall,   // name, whether case is ignored, number of arguments
  kHostCall,
};

// Compiled regular expressions of one loaded program, and the budget of one.
inline constexpr int64_t kMaxLoadedRegexBytes = int64_t{64} << 20;
// And of those that are compiled when they are needed, by their bounds.
inline constexpr int64_t kMaxLateRegexBytes = int64_t{64} << 20;
inline constexpr size_t kMaxRegexSource = size_t{1} << 20;
// Evaluation recurses, so deeper conditions are refused (CompilerOptions::max_condition_depth is
// 128).
inline constexpr size_t kMaxLoadedDepth = 256;

// Members of the run side's enums stand as their numbers. Whoever changes one of these changes the
// form: see kSavedProgramMajor.
static_assert(static_cast<int>(CompiledPredicate::Op::kHolds) == 12);
static_assert(static_cast<int>(CompiledPredicate::Op::kRegex) == 8);
static_assert(static_cast<int>(CompiledPredicate::TimePart::kYear) == 6);
static_assert(static_cast<int>(CompiledPredicate::Compare::kContains) == 3);
static_assert(static_cast<int>(ProgramNode::Kind::kEach) == 6);
static_assert(static_cast<int>(ProgramNode::Quantifier::kNone) == 3);
static_assert(static_cast<int>(TextMatcher::Kind::kWildcard) == 5);
static_assert(static_cast<int>(TextMatcher::Piece::Kind::kDash) == 3);
static_assert(static_cast<int>(Level::kCritical) == 5);
static_assert(static_cast<int>(ProgramCorrelation::Shape::kLineage) == 6);
static_assert(static_cast<int>(ProgramCorrelation::Window::kSession) == 2);
static_assert(static_cast<int>(ProgramCorrelation::Select::kAll) == 2);
static_assert(static_cast<int>(ProgramCorrelation::Rearm::kNever) == 5);
static_assert(static_cast<int>(CorrelationInput::Role::kTrack) == 3);
static_assert(static_cast<int>(CorrelationSlot::Kind::kTest) == 3);
static_assert(static_cast<int>(CompiledColumn::Kind::kFormula) == 2);

// The checksum of a saved program of at least kSavedHeaderBytes.
inline uint64_t SavedChecksum(std::string_view bytes) {
  const uint64_t header = Xxh64(bytes.substr(0, kSavedChecksumAt));
  return Xxh64(bytes.substr(kSavedHeaderBytes), header);
}

inline void AppendFixed(uint64_t x, int bytes, std::string* out) {
  for (int i = 0; i < bytes; ++i) out->push_back(static_cast<char>(x >> (8 * i) & 0xFF));
}
inline void AppendVarint(uint64_t x, std::string* out) {
  for (; x >= 0x80; x >>= 7) out->push_back(static_cast<char>(x | 0x80));
  out->push_back(static_cast<char>(x));
}
inline void AppendZigzag(int64_t x, std::string* out) {
  AppendVarint(static_cast<uint64_t>(x) << 1 ^ static_cast<uint64_t>(x >> 63), out);
}
inline void AppendText(std::string_view text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text);
}
template <typename E>
void AppendEnum(E e, std::string* out) {
  out->push_back(static_cast<char>(e));
}

}  // namespace vedette::inline v0

#endif  // VEDETTE_LIB_PROGRAM_SAVED_FORMAT_H_
