#include "tests/support/corpus.h"

#include <zstd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gtest/gtest.h"

namespace vedette::testing {
namespace {

namespace fs = std::filesystem;

std::string Unzstd(const std::string& packed) {
  std::string out;
  ZSTD_DStream* stream = ZSTD_createDStream();
  ZSTD_inBuffer in{packed.data(), packed.size(), 0};
  std::string chunk(1 << 20, '\0');
  while (in.pos < in.size) {
    ZSTD_outBuffer buffer{chunk.data(), chunk.size(), 0};
    const size_t status = ZSTD_decompressStream(stream, &buffer, &in);
    if (ZSTD_isError(status) != 0) {
      ADD_FAILURE() << ZSTD_getErrorName(status);
      break;
    }
    out.append(chunk.data(), buffer.pos);
  }
  ZSTD_freeDStream(stream);
  return out;
}

// The regular files of a tar archive (ustar and GNU long names).
std::vector<RuleSource> Untar(const std::string& tar) {
  std::vector<RuleSource> files;
  std::string long_name;
  for (size_t at = 0; at + 512 <= tar.size() && tar[at] != '\0';) {
    const std::string name =
        long_name.empty() ? std::string(tar.data() + at, strnlen(tar.data() + at, 100)) : long_name;
    const std::string prefix(tar.data() + at + 345, strnlen(tar.data() + at + 345, 155));
    const size_t size = std::strtoull(tar.substr(at + 124, 12).c_str(), nullptr, 8);
    const char type = tar[at + 156];
    const std::string body = tar.substr(at + 512, size);
    at += 512 + (size + 511) / 512 * 512;
    if (type == 'L') {
      long_name = body.c_str();
      continue;
    }
    const bool whole = long_name.empty() && !prefix.empty() && prefix[0] != ' ';
    long_name.clear();
    if (type == '0' || type == '\0') files.push_back({whole ? prefix + "/" + name : name, body});
  }
  return files;
}

}  // namespace

std::string DataFolder() {
  const char* given = std::getenv("VEDETTE_DATA");
  const std::string folder = given != nullptr ? given : "../shared/data";
  return fs::exists(folder + "/sigma/sigma_rules.tar.zst") ? folder : "";
}

std::vector<RuleSource> SigmaHqRules() {
  std::vector<RuleSource> rules;
  for (RuleSource& file : Untar(ReadFile(DataFolder() + "/sigma/sigma_rules.tar.zst"))) {
    const bool active = file.name.find("/rules") != std::string::npos &&
                        file.name.find("/unsupported/") == std::string::npos &&
                        file.name.find("/deprecated/") == std::string::npos;
    if (active && file.name.ends_with(".yml")) rules.push_back(std::move(file));
  }
  std::sort(rules.begin(), rules.end(),
            [](const RuleSource& a, const RuleSource& b) { return a.name < b.name; });
  return rules;
}

std::vector<std::string> EventFiles() {
  std::vector<std::string> files;
  for (const char* folder : {"evtx", "lane", "otrf", "other"}) {
    for (const auto& entry : fs::recursive_directory_iterator(DataFolder() + "/" + folder)) {
      const std::string name = entry.path().string();
      if (name.ends_with(".jsonl.zst")) files.push_back(name);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadFile(const std::string& path) {
  std::stringstream text;
  const std::ifstream file(path, std::ios::binary);
  if (!file) ADD_FAILURE() << "cannot read " << path;
  text << file.rdbuf();
  return path.ends_with(".zst") ? Unzstd(text.str()) : text.str();
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

}  // namespace vedette::testing
