// What the structures behind the predicate index cost, each alone, by how much they hold and how
// long the texts are. Literals and texts look like those of rules and command lines and come from a
// seed.
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "benchmark/benchmark.h"
#include "lib/base/casefold.h"
#include "lib/base/strings.h"
#include "lib/eval/address_blocks.h"
#include "lib/eval/affix_trie.h"
#include "lib/eval/literal_finder.h"
#include "lib/eval/tree_shapes.h"
#include "lib/eval/value_memo.h"
#include "vedette/json.h"

namespace {

using namespace vedette;  // NOLINT: as the rest of the benchmarks

using Random = std::mt19937;
using Literals = std::vector<std::pair<std::string_view, uint32_t>>;

// A word like those of command lines: letters by how common they are, some digits and signs.
std::string Word(Random* random, size_t size) {
  constexpr std::string_view kLetters =
      "eeeeeetttaaaooiinnssrrhhlldcumfpgwybvk.\\-/0123456789_xjqz";
  std::string out;
  while (out.size() < size) out.push_back(kLetters[(*random)() % kLetters.size()]);
  return out;
}

// A text of words with blanks between, one word in about `every` of them a literal.
std::string Text(Random* random, size_t size, const std::vector<std::string>& literals,
                 size_t every) {
  std::string out;
  while (out.size() < size) {
    const bool literal = every > 0 && !literals.empty() && (*random)() % every == 0;
    out += literal ? literals[(*random)() % literals.size()] : Word(random, 3 + (*random)() % 8);
    out.push_back(' ');
  }
  out.resize(size);
  return out;
}

// Lengths as in SigmaHQ's command lines: seven of ten have at least seven bytes.
std::vector<std::string> SomeLiterals(Random* random, size_t count) {
  constexpr std::array<size_t, 10> kLengths = {3, 4, 5, 7, 8, 10, 12, 15, 20, 30};
  std::vector<std::string> out;
  while (out.size() < count) out.push_back(Word(random, kLengths[(*random)() % kLengths.size()]));
  return out;
}

Literals Numbered(const std::vector<std::string>& texts) {
  Literals out;
  for (uint32_t i = 0; i < texts.size(); ++i) out.emplace_back(texts[i], i);
  return out;
}

void Bytes(benchmark::State& state, size_t size) {
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) * static_cast<int64_t>(size));
}

// 64 texts in turn: branches are not learnt by heart.
template <typename Work>
void OverTexts(benchmark::State& state, Random* random, const std::vector<std::string>& literals,
               size_t every, Work work) {
  const auto size = static_cast<size_t>(state.range(1));
  std::vector<std::string> texts;
  for (int i = 0; i < 64; ++i) texts.push_back(Text(random, size, literals, every));
  size_t i = 0;
  for (auto _ : state) work(texts[i++ % texts.size()]);
  Bytes(state, size);
}

void FindLiterals(benchmark::State& state, bool vectors) {
  Random random(1);
  const std::vector<std::string> literals =
      SomeLiterals(&random, static_cast<size_t>(state.range(0)));
  const LiteralFinder finder(Numbered(literals), vectors && LiteralFinder::HasVectors());
  size_t found = 0;
  OverTexts(state, &random, literals, 20,
            [&](std::string_view text) { finder.Find(text, [&found](uint32_t) { ++found; }); });
  state.counters["found"] =
      static_cast<double>(found) / static_cast<double>(std::max<int64_t>(state.iterations(), 1));
}
void LiteralFinderFind(benchmark::State& state) { FindLiterals(state, true); }
void LiteralFinderWithoutVectors(benchmark::State& state) { FindLiterals(state, false); }
BENCHMARK(LiteralFinderFind)->ArgsProduct({{10, 100, 1000, 10000}, {20, 60, 200, 850, 10000}});
BENCHMARK(LiteralFinderWithoutVectors)->ArgsProduct({{10, 100}, {200, 850}});

// What it must beat: each literal by itself.
void Memmem(benchmark::State& state) {
  Random random(1);
  const std::vector<std::string> literals =
      SomeLiterals(&random, static_cast<size_t>(state.range(0)));
  OverTexts(state, &random, literals, 20, [&](std::string_view text) {
    for (const std::string& literal : literals) {
      benchmark::DoNotOptimize(memmem(text.data(), text.size(), literal.data(), literal.size()));
    }
  });
}
BENCHMARK(Memmem)->ArgsProduct({{10, 100, 1000}, {60, 200}});

void LiteralFinderBuild(benchmark::State& state) {
  Random random(1);
  const std::vector<std::string> literals =
      SomeLiterals(&random, static_cast<size_t>(state.range(0)));
  const Literals numbered = Numbered(literals);
  for (auto _ : state) benchmark::DoNotOptimize(LiteralFinder(numbered).empty());
}
BENCHMARK(LiteralFinderBuild)->Range(10, 10000)->Unit(benchmark::kMicrosecond);

void Suffixes(benchmark::State& state) {
  Random random(2);
  std::vector<std::string> literals = SomeLiterals(&random, static_cast<size_t>(state.range(0)));
  const AffixTrie trie(AffixTrie::End::kSuffix, Numbered(literals));
  size_t found = 0;
  OverTexts(state, &random, literals, 3,
            [&](std::string_view text) { trie.Find(text, [&found](uint32_t) { ++found; }); });
}
BENCHMARK(Suffixes)->ArgsProduct({{10, 100, 1000, 10000}, {60}});

void EqualTexts(benchmark::State& state) {
  Random random(3);
  const std::vector<std::string> literals =
      SomeLiterals(&random, static_cast<size_t>(state.range(0)));
  absl::flat_hash_map<std::string, uint32_t, StringHash, StringEq> table;
  for (const auto& [text, number] : Numbered(literals)) table.emplace(text, number);
  OverTexts(state, &random, literals, 0,
            [&](std::string_view text) { benchmark::DoNotOptimize(table.find(text)); });
}
BENCHMARK(EqualTexts)->ArgsProduct({{10, 1000, 10000}, {20, 60}});

void Addresses(benchmark::State& state) {
  Random random(4);
  std::vector<std::pair<Cidr, uint32_t>> blocks;
  for (uint32_t i = 0; i < static_cast<uint32_t>(state.range(0)); ++i) {
    Cidr block;
    block.bits = static_cast<uint8_t>(8 * (1 + random() % 4));
    for (size_t k = 0; k < block.bits / 8U; ++k) block.bytes[k] = static_cast<uint8_t>(random());
    blocks.emplace_back(block, i);
  }
  const AddressBlocks index(blocks);
  size_t found = 0;
  for (auto _ : state) index.Find("203.0.113.77", [&found](uint32_t) { ++found; });
  benchmark::DoNotOptimize(found);
}
BENCHMARK(Addresses)->Range(10, 10000);

// Texts that come again, and texts that never do.
void Memo(benchmark::State& state) {
  Random random(5);
  ValueMemo memo(size_t{4} << 20);
  const std::vector<uint32_t> facts = {1, 2, 3};
  const bool fresh = state.range(0) != 0;
  uint64_t number = 0;
  size_t known = 0;
  OverTexts(state, &random, {}, 0, [&](std::string& text) {
    if (fresh) std::memcpy(text.data(), &++number, sizeof number);
    const auto key = memo.KeyOf(7, text);
    if (memo.Find(*key).has_value()) {
      ++known;
    } else {
      memo.Keep(*key, facts);
    }
  });
  state.counters["known"] =
      static_cast<double>(known) / static_cast<double>(std::max<int64_t>(state.iterations(), 1));
}
BENCHMARK(Memo)->ArgsProduct({{0, 1}, {20, 60, 200}});

void FoldAscii(benchmark::State& state) {
  Random random(6);
  std::string out(static_cast<size_t>(state.range(1)), '\0');
  OverTexts(state, &random, {}, 0, [&](std::string_view text) {
    benchmark::DoNotOptimize(FoldAsciiTo(text, out.data()));
  });
}
BENCHMARK(FoldAscii)->ArgsProduct({{0}, {20, 60, 200, 850, 10000}});

constexpr char kFlat[] =
    R"({"Channel":"Microsoft-Windows-Sysmon/Operational","EventID":1,"UtcTime":"2026-11-25 10:00:00.1",)"
    R"("Image":"C:\\Windows\\System32\\cmd.exe","ProcessId":42,"CommandLine":"cmd /c whoami",)"
    R"("ParentImage":"C:\\Windows\\explorer.exe","User":"CORP\\a"})";
constexpr char kNested[] =
    R"({"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Sysmon"}},)"
    R"("EventID":1,"Channel":"Microsoft-Windows-Sysmon/Operational"},"EventData":{)"
    R"("Image":"C:\\Windows\\System32\\cmd.exe","CommandLine":"cmd /c whoami","User":"CORP\\a"}}})";

void ParseJson(benchmark::State& state, const char* text) {
  JsonParser parser;
  Event event;
  for (auto _ : state) benchmark::DoNotOptimize(parser.Parse(text, &event).ok());
  Bytes(state, std::strlen(text));
}
BENCHMARK_CAPTURE(ParseJson, flat, kFlat);
BENCHMARK_CAPTURE(ParseJson, nested, kNested);

// Which form a tree has, by its reader's token and by its names.
void FormOf(benchmark::State& state) {
  JsonParser parser;
  Event event;
  if (!parser.Parse(kNested, &event).ok()) return state.SkipWithError("set-up failed");
  TreeShapes shapes;
  const uint64_t token = state.range(0) != 0 ? event.names_token() : 0;
  for (auto _ : state) {
    const uint32_t number = shapes.NumberOf(event.root(), token);
    benchmark::DoNotOptimize(shapes.SlotsOf(event.root(), number).size());
  }
}
BENCHMARK(FormOf)->Arg(0)->Arg(1);

}  // namespace
